import { unlinkSync } from 'node:fs';
import { InputError } from '../errors.ts';

const faults: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or folder',
  ENOTDIR: 'no such file or folder',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ELOOP: 'links lead in a circle',
  EISDIR: 'is a folder',
  ENOSPC: 'no space left',
  EROFS: 'the file system is read-only',
  EEXIST: 'exists already',
  ENAMETOOLONG: 'the name is too long',
};

/** Runs a file operation; its failure is the user's to fix, so it becomes an InputError. */
export function guarded<T>(path: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined || error instanceof InputError) throw error;
    const hint = code === 'ENOENT' && path.startsWith('-') ? { hint: `write ./${path} for a file of that name` } : {};
    throw new InputError(faults[code] ?? (error as Error).message, { place: { file: path }, ...hint });
  }
}

/** Removes a file, if it is there. */
export function removeFile(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
