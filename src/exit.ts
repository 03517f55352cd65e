import { InputError } from './errors.ts';

/**
 * Ends the process as a run ends: the user's fault is told as such, ours with its stack.
 *
 * @param end - what is done with the code of a run that came to its end: unless said otherwise, the process goes on
 *   until all is written
 */
export function exitWith(run: Promise<0 | 1 | 2>, end: (code: 0 | 1 | 2) => void = setCode): void {
  run.then(end, (error: unknown) => {
    process.stderr.write(error instanceof InputError ? error.report() : `${(error as Error).stack ?? error}\n`);
    process.exitCode = 2;
  });
}

function setCode(code: 0 | 1 | 2): void {
  process.exitCode = code;
}
