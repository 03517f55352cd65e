import { createHash, randomUUID } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { InputError } from '../errors.ts';
import { guarded, removeFile } from './guarded.ts';

/**
 * The names beside a file that is written: `.a.yaml.meshmend-lock` is there while a run writes it, and only then are there
 * `.a.yaml.meshmend-…`, its temporary files.
 */
const temporaryName = /^(\..+\.meshmend-)(?!lock$)[0-9a-z-]+$/;

/** A name of a temporary file for a target that no other run has. */
export function temporaryFor(target: string): string {
  return `${stem(target)}${randomUUID()}`;
}

/** True for the names of locks and temporary files. */
export function isOwnTemporary(name: string): boolean {
  return temporaryName.test(name) || /^\..+\.meshmend-lock$/.test(name);
}

function lockOf(target: string): string {
  return `${stem(target)}lock`;
}

function stem(target: string): string {
  const name = basename(target);
  // Most file systems take 255 bytes.
  const short = Buffer.byteLength(name) > 180 ? createHash('sha256').update(name).digest('hex') : name;
  return join(dirname(target), `.${short}.meshmend-`);
}

/** The locks of a run. */
export interface Locks {
  /**
   * Takes the lock of a file.
   *
   * @throws InputError when another run has it
   */
  take(target: string): void;
  /** Removes what runs that have died left in these folders and under these names; returns what it removed. */
  sweep(folders: Iterable<string>, leftovers: readonly string[]): string[];
  release(): void;
}

export function openLocks(): Locks {
  const taken = new Set<string>();
  return {
    take(target) {
      const lock = lockOf(target);
      if (take(lock)) taken.add(lock);
      else
        throw new InputError('another run of meshmend is writing this file', {
          place: { file: target },
          hint: `run again when it is done, or remove ${lock} when that run is gone`,
        });
    },
    sweep(folders, leftovers) {
      const found = new Set(leftovers);
      for (const folder of folders)
        for (const name of guarded(folder, () => readdirSync(folder)))
          if (temporaryName.test(name)) found.add(join(folder, name));
      return [...found].filter((path) => removeLeftover(path, taken));
    },
    release() {
      for (const lock of taken) removeFile(lock);
      taken.clear();
    },
  };
}

/** Temporary files are there only while their lock is: what has none, or that of a dead run, is left over. */
function removeLeftover(path: string, taken: ReadonlySet<string>): boolean {
  const prefix = temporaryName.exec(basename(path))?.[1];
  const lock = join(dirname(path), prefix === undefined ? basename(path) : `${prefix}lock`);
  const isOurs = taken.has(lock);
  if (!isOurs && !take(lock)) return false;
  try {
    if (!lstatSync(path, { throwIfNoEntry: false })) return false;
    if (path !== lock) removeFile(path);
    return true;
  } finally {
    if (!isOurs) removeFile(lock);
  }
}

/** Takes a lock, also one that a dead run has left; false when a living run has it. */
function take(lock: string): boolean {
  for (let tries = 0; tries < 3; tries++) {
    if (guarded(dirname(lock), () => make(lock))) return true;
    if (!isLeft(lock)) return false;
    removeFile(lock);
  }
  return false;
}

/** Makes a lock; false when there is one. */
function make(lock: string): boolean {
  const owner = identity(process.pid);
  try {
    // A link is made whole or not at all, so that its owner can always be read.
    symlinkSync(owner, lock);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    // Not every file system has links, and Windows has rights for them.
    if (!['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP'].includes(code ?? '')) throw error;
  }
  try {
    writeFileSync(lock, owner, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function ownerOf(lock: string): string {
  const kind = lstatSync(lock, { throwIfNoEntry: false });
  return read(() => (kind?.isSymbolicLink() ? readlinkSync(lock) : readFileSync(lock, 'utf8')));
}

/** After so long a lock is left over when its owner is of another machine or container, where nobody can be asked. */
const longestWriteMs = 60_000;

function isLeft(lock: string): boolean {
  const owner = ownerOf(lock);
  const [pid = '', , ...place] = owner.split(' ');
  const [, , ...here] = identity(process.pid).split(' ');
  if (/^\d+$/.test(pid) && place.join(' ') === here.join(' ')) return identity(Number(pid)) !== owner;
  const age = Date.now() - (lstatSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? 0);
  return age > longestWriteMs;
}

/**
 * What tells a process from all others: its id, when it started, its namespace of ids and the boot of its machine.
 * Process ids alone come again: in containers each is 1.
 */
function identity(pid: number): string {
  return [pid, startOf(pid), read(() => readlinkSync('/proc/self/ns/pid')), read(bootId)].join(' ');
}

/** In ticks since the boot; `-` for a process that is not there. */
function startOf(pid: number): string {
  const text = read(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  // The second field is the name of the program, in parentheses, and may hold anything.
  const start = text.slice(text.lastIndexOf(')') + 2).split(' ')[19];
  if (start !== undefined) return start;
  try {
    process.kill(pid, 0);
    return '0';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' ? '0' : '-';
  }
}

function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}

function read(from: () => string): string {
  try {
    return from();
  } catch {
    return '-';
  }
}
