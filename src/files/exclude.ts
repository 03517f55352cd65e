import { relative, sep } from 'node:path';
import { matchesPath } from '../glob.ts';

/** Globs of what is not read, and the folders from which they are seen. */
export interface Exclude {
  readonly globs: readonly string[];
  /** Without links. */
  readonly folders: readonly string[];
}

/**
 * The glob that leaves a path out; undefined when none does.
 *
 * @param path - absolute, without links
 */
export function excludedBy(path: string, { globs, folders }: Exclude): string | undefined {
  const ways = globs.length === 0 ? [] : folders.map((folder) => relative(folder, path).split(sep).join('/'));
  const inside = ways.filter((way) => way !== '' && !way.startsWith('../'));
  return globs.find((glob) => inside.some((way) => matchesPath(glob, way)));
}
