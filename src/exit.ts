import { InputError } from './errors.ts';

/** Ends the process as a run ends: the user's fault is told as such, ours with its stack. */
export function exitWith(run: Promise<0 | 1 | 2>): void {
  run.then(
    (code) => {
      process.exitCode = code;
    },
    (error: unknown) => {
      process.stderr.write(error instanceof InputError ? error.report() : `${(error as Error).stack ?? error}\n`);
      process.exitCode = 2;
    },
  );
}
