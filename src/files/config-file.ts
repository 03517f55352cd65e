import { lstatSync, realpathSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { InputError } from '../errors.ts';
import { guarded } from './guarded.ts';
import { configName, isFolder, isInside, type ReadFile, readManifest, realPath } from './input.ts';
import { stdinPath } from './stdin.ts';

/**
 * Finds the config that holds for what the user named: the one named by `-f`, else one among the PATHs, else the nearest
 * one in the folder of a PATH or above it inside its repository. Outside of a repository only a folder that is named
 * itself counts, since whose the folders above are is not known.
 *
 * @param named - the file of `-f`
 * @returns undefined when there is none
 * @throws InputError when it cannot be read, leads out of the repository by a link, or two of them hold for different PATHs
 */
export function findConfig(paths: readonly string[], named: string | undefined): ReadFile | undefined {
  if (named !== undefined) return readManifest(named, true);
  const given = paths.filter((path) => path !== stdinPath && basename(path) === configName && !isFolder(path));
  const found = given.length > 0 ? given : paths.flatMap((path) => nearestConfig(path) ?? []);
  const byPlace = new Map(found.map((path) => [guarded(path, () => realpathSync(path)), path]));
  const [first, second] = [...byPlace.values()];
  if (first === undefined) return undefined;
  if (second !== undefined)
    throw new InputError(`${first} and ${second} are both there`, { hint: 'name one of them by -f' });
  return readManifest(first, true);
}

function nearestConfig(path: string): string | undefined {
  const isNamed = path !== stdinPath && isFolder(path);
  const folder = realPath(isNamed ? path : path === stdinPath ? '.' : dirname(path)) as string;
  const root = repositoryOf(folder) ?? (isNamed ? folder : undefined);
  if (root === undefined) return undefined;
  for (const here of foldersUpTo(root, folder)) {
    const config = join(here, configName);
    const kind = lstatSync(config, { throwIfNoEntry: false });
    if (!kind || kind.isDirectory()) continue;
    const shown = here === folder && isNamed ? join(path, configName) : relative('.', config);
    if (kind.isSymbolicLink()) refuseLinkOut(shown, root);
    return shown;
  }
  return undefined;
}

/** What an error quotes of a config would otherwise be of a file that is none of the repository's. */
function refuseLinkOut(path: string, root: string): void {
  const real = guarded(path, () => realpathSync(path));
  if (!isInside(real, root)) throw new InputError('is a link out of the repository', { place: { file: path } });
}

/** The folder of the repository that a folder is in; undefined outside of one. */
function repositoryOf(folder: string): string | undefined {
  for (const here of foldersUpTo(resolve('/'), folder))
    if (lstatSync(join(here, '.git'), { throwIfNoEntry: false })) return here;
  return undefined;
}

/** A folder and those above it, up to one of them. */
function* foldersUpTo(top: string, folder: string): Iterable<string> {
  for (let here = folder; ; here = dirname(here)) {
    yield here;
    if (here === top || here === dirname(here)) return;
  }
}
