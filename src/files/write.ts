import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  copyFileSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, resolve } from 'node:path';
import { InputError, printable } from '../errors.ts';
import { guarded, removeFile } from './guarded.ts';
import { isInside, realPath } from './input.ts';
import { holdSignals, type Interruption } from './interruption.ts';
import { openLocks, temporaryFor } from './lock.ts';

/** A file to be written: a text, a copy of another file, or a link. */
export interface Writing {
  readonly target: string;
  /** The text, the path of the file to copy byte for byte, or where the link leads from its own folder. */
  readonly content: { readonly text: string } | { readonly copyOf: string } | { readonly linkTo: string };
  /** The file whose mode the new one takes. */
  readonly modeOf: string | undefined;
  /** What may be written to, links followed: nothing outside of it. */
  readonly within: string;
  /** For a file that is edited where it is: the text that was read there, null where nothing was. Its owner stays. */
  readonly read?: string | null;
}

/** A writing whose text is ready beside its target. */
interface Prepared {
  readonly writing: Writing;
  readonly temporary: string;
  isRenamed: boolean;
  readonly isNew: boolean;
  /** Another name of what is at the target now, to bring it back. */
  backup: string | undefined;
}

/** What is to be removed when the run does not come to its end. */
interface Progress {
  readonly prepared: Prepared[];
  readonly created: string[];
}

/** So many files are prepared before signals are let in. */
const between = 32;
/** So many names of files are shown. */
const shown = 20;

/**
 * Writes files all or none: each one is prepared under another name in its folder, and only when all are, and all can be
 * renamed, they are renamed. A link at the target is replaced, not followed. A signal ends the process before the first file
 * is renamed, or after the last.
 *
 * @param leftovers - what earlier runs may have left, to be removed
 * @returns what earlier runs had left, and is removed
 * @throws InputError when a file cannot be written; nothing is written then, unless the error says what is
 */
export async function writeAll(
  writings: readonly Writing[],
  leftovers: readonly string[] = [],
): Promise<readonly string[]> {
  if (writings.length === 0 && leftovers.length === 0) return [];
  refuseTwice(writings);
  const interruption = holdSignals();
  try {
    const { removed, signal } = await writeUninterrupted(writings, leftovers, interruption);
    if (signal) interruption.endBy(signal, 'nothing was written');
    const late = await interruption.poll();
    if (late) interruption.endBy(late, `all was written before: ${namesOf(writings)}`);
    return removed;
  } finally {
    interruption.release();
  }
}

function namesOf(writings: readonly Writing[]): string {
  const names = writings.slice(0, shown).map(({ target }) => printable(target));
  return `${names.join(', ')}${writings.length > shown ? ` and ${writings.length - shown} more` : ''}`;
}

function refuseTwice(writings: readonly Writing[]): void {
  const seen = new Set<string>();
  for (const { target } of writings) {
    const path = resolve(target);
    if (seen.has(path)) throw new InputError('would be written twice', { place: { file: target } });
    seen.add(path);
  }
}

async function writeUninterrupted(
  writings: readonly Writing[],
  leftovers: readonly string[],
  interruption: Interruption,
): Promise<{ removed: readonly string[]; signal: NodeJS.Signals | undefined }> {
  const locks = openLocks();
  const progress: Progress = { prepared: [], created: [] };
  try {
    for (const { target, within } of writings) makeFolder(target, within, progress);
    for (const { target } of writings) locks.take(target);
    const removed = locks.sweep(new Set(writings.map(({ target }) => dirname(target))), leftovers);
    const signal = await prepareAll(writings, progress, interruption);
    if (signal) removeFolders(progress);
    else renameAll(progress.prepared);
    return { removed, signal };
  } catch (error) {
    removeFolders(progress);
    throw error;
  } finally {
    for (const { temporary, isRenamed, backup } of progress.prepared) {
      if (!isRenamed) removeFile(temporary);
      if (backup !== undefined) removeFile(backup);
    }
    locks.release();
  }
}

function makeFolder(target: string, within: string, { created }: Progress): void {
  const folder = dirname(target);
  const made = guarded(folder, () => mkdirSync(folder, { recursive: true }));
  if (made !== undefined) created.push(made);
  if (!isInside(realPath(folder) ?? folder, realPath(within) ?? within))
    throw new InputError('leads out of the folder by a link', { place: { file: target } });
}

/** Removes the folders that were made. What others have put into them meanwhile stays. */
function removeFolders({ created }: Progress): void {
  for (const folder of created.reverse()) rmSync(folder, { recursive: true, force: true });
}

/** Makes all ready; returns the signal that ended it. */
async function prepareAll(
  writings: readonly Writing[],
  { prepared }: Progress,
  { poll }: Interruption,
): Promise<NodeJS.Signals | undefined> {
  for (const [index, writing] of writings.entries()) {
    const signal = index % between === 0 ? await poll() : undefined;
    if (signal) return signal;
    prepare(writing, prepared);
  }
  return poll();
}

function prepare(writing: Writing, prepared: Prepared[]): void {
  const { target, content, modeOf, read } = writing;
  const present = lstatSync(target, { throwIfNoEntry: false });
  if (present?.isDirectory()) throw new InputError('a folder is in the way', { place: { file: target } });
  if (present && !present.isFile() && !present.isSymbolicLink())
    throw new InputError('a device or a pipe is in the way', { place: { file: target } });
  refuseChanged(writing);
  if (present?.isFile()) refuseProtected(target, present, read !== undefined);
  const one: Prepared = {
    writing,
    temporary: temporaryFor(target),
    isRenamed: false,
    isNew: !present,
    backup: undefined,
  };
  prepared.push(one);
  guarded(target, () => {
    const mode = modeOf === undefined ? undefined : statSync(modeOf).mode & 0o7777;
    if ('linkTo' in content) return symlinkSync(content.linkTo, one.temporary);
    // Nobody else may read it before it has its mode.
    if ('text' in content)
      writeFileSync(one.temporary, content.text, { flag: 'wx', ...(mode !== undefined && { mode: 0o600 }) });
    else copyFileSync(content.copyOf, one.temporary, constants.COPYFILE_EXCL);
    if (present && read !== undefined) keepOwner(target, one.temporary, present);
    if (mode !== undefined) chmodSync(one.temporary, mode);
  });
  if (present?.isFile()) one.backup = backupOf(target);
}

/** @throws InputError when a file is not what was read */
function refuseChanged({ target, read }: Writing): void {
  if (read === undefined) return;
  const present = lstatSync(target, { throwIfNoEntry: false });
  const isSame =
    read === null
      ? !present
      : present?.isFile() && guarded(target, () => readFileSync(target)).equals(Buffer.from(read));
  if (isSame) return;
  const what = read === null ? 'is there since the run began' : present ? 'has changed since it was read' : 'is gone';
  throw new InputError(what, { place: { file: target }, hint: 'nothing was written; run again' });
}

/** Finds out before anything is renamed what would fail then. */
function refuseProtected(target: string, present: Stats, isEdited: boolean): void {
  const place = { place: { file: target } };
  if (isEdited && present.nlink > 1) {
    const hint = 'edit a copy, or turn it into a file of its own: cp FILE COPY && mv COPY FILE';
    throw new InputError(`has ${present.nlink} hard links, and the edit would reach only one of them`, {
      ...place,
      hint,
    });
  }
  try {
    closeSync(openSync(target, constants.O_WRONLY | constants.O_NOFOLLOW));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // A file that may only be read can still be replaced; one that nobody may change cannot.
    if (code === 'EPERM') throw new InputError('is protected by the file system (lsattr shows how)', place);
    if (code === 'EROFS') throw new InputError('the file system is read-only', place);
  }
  const folder = statSync(dirname(target));
  const user = process.geteuid?.() ?? 0;
  const isSticky = (folder.mode & 0o1000) !== 0;
  if (isSticky && user !== 0 && user !== folder.uid && user !== present.uid)
    throw new InputError('belongs to another user, and its folder lets only owners replace files', place);
}

/** A file that is edited stays with its owner and group. */
function keepOwner(target: string, temporary: string, { uid, gid }: Stats): void {
  const made = statSync(temporary);
  if (made.uid === uid && made.gid === gid) return;
  try {
    chownSync(temporary, uid, gid);
  } catch {
    throw new InputError('belongs to another user or group, which the edit would change', {
      place: { file: target },
      hint: 'run as its owner',
    });
  }
}

/** Another name of a file, from which it can be brought back; undefined where the file system has no hard links. */
function backupOf(target: string): string | undefined {
  const backup = temporaryFor(target);
  try {
    linkSync(target, backup);
    return backup;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EXDEV' && code !== 'EBUSY') return undefined;
    throw new InputError('is a mount of its own, which cannot be replaced', { place: { file: target } });
  }
}

function renameAll(prepared: readonly Prepared[]): void {
  const done: Prepared[] = [];
  try {
    for (const one of prepared) {
      refuseChanged(one.writing);
      guarded(one.writing.target, () => renameSync(one.temporary, one.writing.target));
      one.isRenamed = true;
      done.push(one);
    }
  } catch (error) {
    const left = done.reverse().filter((one) => !undo(one));
    if (!(error instanceof InputError) || left.length === 0) throw error;
    const { message, place } = error;
    const hint = `these files are written already: ${namesOf(left.map(({ writing }) => writing))}`;
    throw new InputError(message, { ...(place && { place }), hint });
  }
}

/** Brings back what was at a target; false when that cannot be. */
function undo({ writing: { target, content }, isNew, backup }: Prepared): boolean {
  try {
    // Somebody else's file by now.
    if ('text' in content && !readFileSync(target).equals(Buffer.from(content.text))) return false;
    if (backup !== undefined) renameSync(backup, target);
    else if (isNew) rmSync(target);
    return isNew || backup !== undefined;
  } catch {
    return false;
  }
}
