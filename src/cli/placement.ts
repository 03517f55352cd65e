import { readlinkSync, type Stats, statSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { InputError } from '../errors.ts';
import { guarded } from '../files/guarded.ts';
import { commonFolder, type Folder, type Input, isFolder, isInside, realPath } from '../files/input.ts';
import { stdinPath } from '../files/stdin.ts';
import type { Writing } from '../files/write.ts';
import type { OutputFile } from './output.ts';

/** What `rewrite` does with what comes out. */
export type RewriteMode = 'stdout' | 'diff' | 'check' | 'in-place' | 'tree';

/**
 * Refuses places that cannot be read from and written to together.
 *
 * @throws InputError for a mode that standard input or the output folder does not go with
 */
export function checkPlaces(
  mode: RewriteMode,
  paths: readonly string[],
  output: string | undefined,
  report: string | undefined,
): void {
  if (report === stdinPath) throw new InputError('--report needs a file: stdout is for the manifests');
  if (mode !== 'stdout') for (const path of paths) refusePipe(path);
  const writesFiles = mode === 'in-place' || mode === 'tree';
  if (writesFiles && paths.includes(stdinPath))
    throw new InputError('standard input cannot be written back', {
      hint: 'leave the flag out: the result goes to stdout',
    });
  if (output === undefined) return;
  const isInput = paths.some((path) => isFolder(path) && realPath(path) === realPath(output));
  if (isInput) throw new InputError(`${output} is the folder that is read`, { hint: 'edit in place with -i' });
  const kind = statSync(output, { throwIfNoEntry: false });
  if (kind && !kind.isDirectory()) throw new InputError('is not a folder', { place: { file: output } });
}

/** What can be read only once, and not written back. */
function refusePipe(path: string): void {
  const kind = path === stdinPath ? undefined : guarded(path, () => statSync(path));
  if (!kind || kind.isFile() || kind.isDirectory()) return;
  throw new InputError('is not a file or a folder', {
    place: { file: path },
    hint: `name files, or ${stdinPath} for standard input`,
  });
}

/** The path of a file in a diff: below the current folder, else from the root. */
export function diffPath(path: string): string {
  if (path === stdinPath) return 'stdin';
  const absolute = resolve(path);
  const way = isInside(absolute, process.cwd()) ? relative(process.cwd(), absolute) : absolute.slice(1);
  return way.split(sep).join('/');
}

/** The writings of `-i`: each file where it really is, if that is inside of what was named. */
export function inPlaceWritings(outputs: readonly OutputFile[], folders: readonly Folder[]): Writing[] {
  return outputs.map(({ path, real, before = null, after }) => {
    const target = real ?? path;
    const folder = folders.find((candidate) => isInside(resolve(target), candidate.real));
    return { target, content: { text: after }, modeOf: real, within: folder?.real ?? dirname(path), read: before };
  });
}

/** The writings of `-o`: the tree below the deepest folder that holds all that was named. */
export function treeWritings(
  outputs: readonly OutputFile[],
  { others, links, strayLinks }: Pick<Input, 'others' | 'links' | 'strayLinks'>,
  paths: readonly string[],
  output: string,
): Writing[] {
  const base = commonFolder(paths);
  const inputs = new Set([...outputs.map(({ real }) => real), ...others.map(realPath)]);
  const targetOf = (path: string): string => {
    const target = join(output, relative(base, resolve(path)));
    const real = realPath(target);
    if (real === undefined || !inputs.has(real)) return target;
    throw new InputError('is read from and would be overwritten', {
      place: { file: target },
      hint: 'edit in place with -i',
    });
  };
  const written = new Set(outputs.map(({ path }) => path));
  return [
    ...outputs.map(
      ({ path, real, after, fault }): Writing => ({
        target: targetOf(path),
        content: fault ? { copyOf: path } : { text: after },
        modeOf: real,
        within: output,
      }),
    ),
    ...others
      .filter((path) => !written.has(path))
      .map((path): Writing => ({ target: targetOf(path), content: { copyOf: path }, modeOf: path, within: output })),
    // A link leads to the same place of the new tree.
    ...links.map((path): Writing => {
      const target = targetOf(path);
      const aim = join(output, relative(realPath(base) ?? base, realPath(path) as string));
      return { target, content: { linkTo: relative(dirname(target), aim) }, modeOf: undefined, within: output };
    }),
    ...strayLinks.map((path): Writing => {
      const linkTo = guarded(path, () => readlinkSync(path));
      return { target: targetOf(path), content: { linkTo }, modeOf: undefined, within: output };
    }),
  ];
}

/**
 * The writing of `--report`. A link there is followed: the user named it.
 *
 * @param inputs - what the run reads
 * @throws InputError for a file that the run reads
 */
export function reportWriting(
  path: string,
  text: string,
  inputs: readonly { readonly real: string | undefined }[],
): Writing {
  const present = guarded(path, () => statSync(path, { throwIfNoEntry: false }));
  const target = realPath(path) ?? path;
  if (present && inputs.some(({ real }) => real !== undefined && isSameFile(real, present)))
    throw new InputError('is read by this run, and the report would overwrite it', { place: { file: path } });
  return { target, content: { text }, modeOf: present && target, within: dirname(target) };
}

function isSameFile(path: string, { dev, ino }: Stats): boolean {
  const other = path === '' ? undefined : statSync(path, { throwIfNoEntry: false });
  return other?.dev === dev && other.ino === ino;
}
