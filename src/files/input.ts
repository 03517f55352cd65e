import { type Dirent, readdirSync, readFileSync, readSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { InputError } from '../errors.ts';
import { placeAt } from '../manifest/position.ts';
import type { InputFile } from '../run/remediate.ts';

/** How the command line names standard input. */
export const stdinPath = '-';

/** A file of the input, and what writing it back takes. */
export interface ReadFile extends InputFile {
  /** The file itself, links followed; empty for standard input. */
  readonly real: string;
}

/** A folder that the user named. */
export interface Folder {
  readonly path: string;
  readonly real: string;
}

export interface Input {
  /** In the order of the PATHs; sorted by path inside a folder. No config is among them. */
  readonly files: readonly ReadFile[];
  /** The `meshmend.yaml` files that were named, or are in a folder named. */
  readonly configs: readonly ReadFile[];
  readonly folders: readonly Folder[];
  /** Files below the folders that by their names are not manifests; paths as the user would name them. */
  readonly others: readonly string[];
  /** Links that lead to another place of the folders; what they lead to is read there. */
  readonly links: readonly string[];
  /** What was left out, and why. */
  readonly skipped: readonly { readonly path: string; readonly why: string }[];
}

interface Found {
  readonly manifests: string[];
  readonly others: string[];
  readonly links: string[];
  readonly skipped: { path: string; why: string }[];
}

const ignoredFolders = new Set(['.git', 'node_modules']);
const manifestName = /\.(ya?ml|json)$/i;
const configName = 'meshmend.yaml';
/** Where new documents go in a folder. */
export const resourcesName = 'meshmend-resources.yaml';
export const valuesName = 'meshmend-values.yaml';

/**
 * Reads the files and folders that the user named.
 *
 * @param exclude - a folder that is not walked: the one that the output goes to
 * @param config - a file that is a config, wherever it is
 * @throws InputError for what is missing, unreadable, named and no UTF-8, or a link out of the named folders
 */
export function readInput(paths: readonly string[], exclude?: string, config?: string): Input {
  const excluded = exclude === undefined ? undefined : realPath(exclude);
  const configReal = config === undefined ? undefined : realPath(config);
  const folders = paths.filter(isFolder).map((path) => ({ path, real: realpathSync(path) }));
  const gathered: Gathered = { files: new Map(), configs: [], others: [], links: [], skipped: [], configReal };
  for (const path of paths) {
    const folder = folders.find((candidate) => candidate.path === path);
    if (folder) readFolder(folder, { folders, excluded }, gathered);
    else readNamedPath(path, gathered);
  }
  const { files, configs, others, links, skipped } = gathered;
  return { files: [...files.values()], configs, folders, others: [...new Set(others)], links, skipped };
}

/** What is read so far. */
interface Gathered extends Omit<Found, 'manifests'> {
  /** By where they really are. */
  readonly files: Map<string, ReadFile>;
  readonly configs: ReadFile[];
  /** Where the config of this run really is: no manifest, wherever it is. */
  readonly configReal: string | undefined;
}

function readNamedPath(path: string, { files, configs, others, configReal }: Gathered): void {
  const file = path === stdinPath ? readStdin() : readNamed(path);
  const isConfig = basename(path) === configName;
  if (isConfig) configs.push(file);
  if (isConfig || file.real === configReal) others.push(path);
  else files.set(file.real, { ...(files.get(file.real) ?? file), named: true });
}

function readFolder(folder: Folder, limits: Limits, gathered: Gathered): void {
  const { files, configs, others, configReal } = gathered;
  const found: Found = { ...gathered, manifests: [] };
  walk(folder, '', limits, found);
  for (const inside of found.manifests.sort(byCodeUnits)) {
    // Helm values do not look like manifests, but those we wrote must be kept up to date.
    const file = readManifest(join(folder.path, inside), basename(inside) === valuesName || inside === configName);
    const isConfig = basename(inside) === configName;
    if (inside === configName && file.real !== configReal) configs.push(file);
    if (isConfig || file.real === configReal) others.push(file.path);
    else if (!files.has(file.real)) files.set(file.real, file);
  }
}

/**
 * Reads one manifest or config by its path.
 *
 * @param named - false for what a folder holds by chance: bytes that are not text are not an error of the run then
 */
export function readManifest(path: string, named: boolean): ReadFile {
  const bytes = guarded(path, () => readFileSync(path));
  const file = { path, named, real: guarded(path, () => realpathSync(path)) };
  try {
    return { ...file, text: decoded(path, bytes) };
  } catch (fault) {
    if (named || !(fault instanceof InputError)) throw fault;
    return { ...file, text: '', fault };
  }
}

function readNamed(path: string): ReadFile {
  const kind = guarded(path, () => statSync(path));
  // A pipe such as /dev/fd/63 has no path of its own.
  if (kind.isFile()) return readManifest(path, true);
  return {
    path,
    text: decoded(
      path,
      guarded(path, () => readFileSync(path)),
    ),
    named: true,
    real: resolve(path),
  };
}

function readStdin(): ReadFile {
  return {
    path: stdinPath,
    text: decoded('standard input', guarded(stdinPath, readAllOfStdin)),
    named: true,
    real: '',
  };
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

function walk(folder: Folder, inside: string, limits: Limits, found: Found): void {
  const here = join(folder.path, inside);
  for (const entry of guarded(here, () => readdirSync(here, { withFileTypes: true }))) {
    const path = join(here, entry.name);
    const child = inside === '' ? entry.name : `${inside}/${entry.name}`;
    if (entry.isDirectory()) {
      const why = reasonToSkip(path, entry.name, limits);
      if (why === undefined) walk(folder, child, limits, found);
      else found.skipped.push({ path, why });
    } else if (entry.isSymbolicLink()) link(path, child, entry, limits, found);
    else if (!entry.isFile()) found.skipped.push({ path, why: 'not a regular file' });
    else if (manifestName.test(entry.name)) found.manifests.push(child);
    else found.others.push(path);
  }
}

function reasonToSkip(path: string, name: string, { excluded }: Limits): string | undefined {
  if (ignoredFolders.has(name)) return 'folder is never read';
  return excluded !== undefined && realPath(path) === excluded ? 'the output goes there' : undefined;
}

interface Limits {
  readonly folders: readonly Folder[];
  readonly excluded: string | undefined;
}

/** A link is followed to a file inside the named folders; a linked folder is read where it really is. */
function link(path: string, child: string, entry: Dirent, limits: Limits, found: Found): void {
  const isManifest = manifestName.test(entry.name);
  const real = isManifest ? guarded(path, () => realpathSync(path)) : realPath(path);
  if (real === undefined) return void found.skipped.push({ path, why: 'link leads nowhere' });
  const isDirectory = guarded(path, () => statSync(path)).isDirectory();
  if (!limits.folders.some((folder) => isInside(real, folder.real))) {
    if (!isManifest && !isDirectory) return void found.skipped.push({ path, why: 'link leads out of the folder' });
    const hint = 'name the place that it leads to, or remove the link';
    throw new InputError('link leads out of the folder', { place: { file: path }, hint });
  }
  if (isDirectory || (manifestName.test(real) && (isManifest || isWalked(real, limits)))) {
    found.links.push(path);
    found.skipped.push({ path, why: `linked ${isDirectory ? 'folder' : 'file'} is read where it is` });
  } else if (isManifest) found.manifests.push(child);
  else found.others.push(path);
}

/** True for a file that a folder's walk comes to, so that a link to it may stay one. */
function isWalked(real: string, { folders, excluded }: Limits): boolean {
  return folders.some((folder) => {
    const isIgnored = relative(folder.real, real)
      .split(sep)
      .some((name) => ignoredFolders.has(name));
    return isInside(real, folder.real) && !isIgnored && (excluded === undefined || !isInside(real, excluded));
  });
}

/** True when a path is a folder or something below it; both without links. */
export function isInside(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && way !== path);
}

/** The deepest folder that holds all that the user named. */
export function commonFolder(paths: readonly string[]): string {
  const [first = '.', ...rest] = paths.map((path) => resolve(isFolder(path) ? path : dirname(path)));
  let common = first;
  for (const path of rest) while (!isInside(path, common)) common = dirname(common);
  return common;
}

/** True for an existing folder. */
export function isFolder(path: string): boolean {
  return path !== stdinPath && guarded(path, () => statSync(path)).isDirectory();
}

/** Where a path really is; undefined when nothing is there. */
export function realPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

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

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Decodes UTF-8 and nothing else: what is not UTF-8 would not come out as it went in. */
export function decoded(file: string, bytes: Uint8Array): string {
  let text: string;
  try {
    text = strict.decode(bytes);
  } catch {
    throw new InputError('not valid UTF-8', { place: firstInvalid(file, bytes), hint: 'save the file as UTF-8' });
  }
  const nul = text.indexOf('\0');
  if (nul === -1) return text;
  throw new InputError('NUL character: this is not text', { place: placeAt({ path: file, text }, nul) });
}

function firstInvalid(file: string, bytes: Uint8Array): { file: string; line: number; column: number } {
  const lossy = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  const again = Buffer.from(lossy);
  let at = 0;
  while (at < bytes.length && bytes[at] === again[at]) at++;
  const before = Buffer.from(bytes.buffer, bytes.byteOffset, at);
  const line = before.reduce((count, byte) => count + (byte === 10 ? 1 : 0), 1);
  const column = before.subarray(before.lastIndexOf(10) + 1).toString().length + 1;
  return { file, line, column };
}

function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
