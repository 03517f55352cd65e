import {
  chmodSync,
  copyFileSync,
  lstatSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { InputError } from '../errors.ts';
import { guarded, isInside, realPath } from './input.ts';

/** A file to be written: a text, a copy of another file, or a link. */
export interface Writing {
  readonly target: string;
  /** The text, the path of the file to copy byte for byte, or where the link leads from its own folder. */
  readonly content: { readonly text: string } | { readonly copyOf: string } | { readonly linkTo: string };
  /** The file whose mode the new one takes. */
  readonly modeOf: string | undefined;
  /** What may be written to, links followed: nothing outside of it. */
  readonly within: string;
}

interface Prepared {
  readonly temporary: string;
  readonly target: string;
}

/**
 * Writes files all or none: each one is prepared under another name in its folder, and only when all are, they are
 * renamed. A link at the target is replaced, not followed.
 *
 * @throws InputError when a file cannot be written
 */
export function writeAll(writings: readonly Writing[]): void {
  const prepared: Prepared[] = [];
  const created: string[] = [];
  try {
    for (const writing of writings) prepared.push(prepare(writing, created));
  } catch (error) {
    for (const { temporary } of prepared) rmSync(temporary, { force: true });
    for (const folder of created.reverse()) rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  for (const [index, { temporary, target }] of prepared.entries()) {
    try {
      guarded(target, () => renameSync(temporary, target));
    } catch (error) {
      for (const { temporary: left } of prepared.slice(index)) rmSync(left, { force: true });
      throw error;
    }
  }
}

function prepare({ target, content, modeOf, within }: Writing, created: string[]): Prepared {
  const folder = dirname(target);
  const made = guarded(folder, () => mkdirSync(folder, { recursive: true }));
  if (made !== undefined) created.push(made);
  if (!isInside(realPath(folder) ?? folder, realPath(within) ?? within))
    throw new InputError('leads out of the folder by a link', { place: { file: target } });
  if (isDirectory(target)) throw new InputError('a folder is in the way', { place: { file: target } });
  const temporary = join(folder, `.${basename(target)}.meshmend-${process.pid}`);
  return guarded(target, () => {
    try {
      if ('text' in content) writeFileSync(temporary, content.text, { flag: 'wx' });
      else if ('copyOf' in content) copyFileSync(content.copyOf, temporary);
      else symlinkSync(content.linkTo, temporary);
      if (modeOf !== undefined) chmodSync(temporary, statSync(modeOf).mode & 0o7777);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
    return { temporary, target };
  });
}

function isDirectory(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
