import { openSync, statSync, writeSync } from 'node:fs';
import { resolve } from 'node:path';
import { guarded } from './guarded.ts';

/**
 * True for a device or a pipe, such as `/dev/null`, `/dev/stdout` or the shell's `>(jq)`, which is written to and never
 * replaced. A descriptor counts as one also where the shell has led it to a file.
 */
export function isDevice(path: string): boolean {
  if (descriptorOf(path) !== undefined) return true;
  const present = guarded(path, () => statSync(path, { throwIfNoEntry: false }));
  return present !== undefined && !present.isFile() && !present.isDirectory();
}

/**
 * Writes to a device or a pipe, as the shell's `>` does.
 *
 * @throws InputError when it does not take the text
 */
export function writeDevice(path: string, text: string): void {
  guarded(path, () => {
    // What a descriptor leads to may have no path, and has a position of its own.
    const descriptor = descriptorOf(path) ?? openSync(path, 'w');
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; ) {
      try {
        at += writeSync(descriptor, bytes, at);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error; // a full pipe that does not block
      }
    }
  });
}

function descriptorOf(path: string): number | undefined {
  const match = /^(?:\/dev\/(stdout|stderr)|\/(?:dev|proc\/self)\/fd\/(\d+))$/.exec(resolve(path));
  if (!match) return undefined;
  return match[1] === undefined ? Number(match[2]) : match[1] === 'stdout' ? 1 : 2;
}
