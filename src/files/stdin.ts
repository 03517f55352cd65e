import { fstatSync, readSync, type Stats } from 'node:fs';
import { guarded } from './guarded.ts';

/** How the command line names standard input. */
export const stdinPath = '-';

/**
 * What is read when the user names no PATH: what is piped in, else the current folder.
 *
 * @param isWritten - true for a mode that writes files, which standard input is not
 */
export function defaultPaths(isWritten: boolean): readonly string[] {
  const kind = isWritten ? undefined : kindOfStdin();
  if (kind?.isFIFO()) return [stdinPath];
  // Node gives its children a socket as standard input also when it has nothing to say.
  if (kind?.isSocket() && stdinBytes().length > 0) return [stdinPath];
  return ['.'];
}

function kindOfStdin(): Stats | undefined {
  try {
    return fstatSync(0);
  } catch {
    return undefined; // closed
  }
}

let bytesOfStdin: Buffer | undefined;

/** Standard input can be read only once. */
export function stdinBytes(): Buffer {
  bytesOfStdin ??= guarded(stdinPath, readAllOfStdin);
  return bytesOfStdin;
}

/**
 * Reads standard input to its end. Who writes into it may be slow, and a pipe that does not block (whose other end, or
 * Node's own stream, has set it so) then has nothing yet instead of waiting.
 */
function readAllOfStdin(): Buffer {
  const chunks: Buffer[] = [];
  for (;;) {
    const chunk = Buffer.allocUnsafe(65_536);
    try {
      const length = readSync(0, chunk);
      if (length === 0) return Buffer.concat(chunks);
      chunks.push(chunk.subarray(0, length));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EOF') return Buffer.concat(chunks); // Windows: the other end has closed
      if (code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}
