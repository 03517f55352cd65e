import { InputError, printableLines } from '../errors.ts';

/**
 * Ends the process as a run ends: a user's error is reported as such, ours with its stack.
 *
 * @param end - what is done with the code of a run that came to its end: unless said otherwise, the process goes on
 *   until all is written
 */
export function exitWith(run: Promise<0 | 1 | 2>, end: (code: 0 | 1 | 2) => void = setCode): void {
  run.then(end, (error: unknown) => {
    process.stderr.write(faultText(error));
    process.exitCode = 2;
  });
}

/** Ends the process where its output does. A reader that has seen enough (`| head`) closes the pipe: that is not an error. */
export function endWithOutput(): void {
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') return;
      // Where stderr itself fails, nothing can be reported.
      if (stream === process.stdout) process.stderr.write(faultText(error));
      process.exit(2);
    });
}

/** Writing to files is guarded, so a write that fails here is one to standard output, such as onto a full disk. */
function faultText(error: unknown): string {
  if (error instanceof InputError) return error.report();
  const { syscall, code, message, stack } = error as NodeJS.ErrnoException;
  if (syscall === 'write') return `standard output: ${code === 'ENOSPC' ? 'no space left' : message}\n`;
  return `${printableLines(stack ?? String(error)).join('\n')}\n`;
}

function setCode(code: 0 | 1 | 2): void {
  process.exitCode = code;
}
