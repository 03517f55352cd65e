import { type Dirent, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { InputError } from '../errors.ts';
import { isMarkedGenerated, looksLikeManifest, looksLikeTemplate } from '../manifest/likeness.ts';
import type { InputFile } from '../run/remediate.ts';
import { decoded } from './decode.ts';
import { type Exclude, excludedBy } from './exclude.ts';
import { guarded } from './guarded.ts';
import { isOwnTemporary } from './lock.ts';
import { stdinBytes, stdinPath } from './stdin.ts';

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
  /** The `meshmend.yaml` files that were named, or are below a folder named. */
  readonly configs: readonly ReadFile[];
  readonly folders: readonly Folder[];
  /** Files below the folders that by their names are not manifests; paths as the user would name them. */
  readonly others: readonly string[];
  /** Links that lead to another place of the folders; what they lead to is read there. */
  readonly links: readonly string[];
  /** Links that lead nowhere or out of the folders; nothing is read or written through them. */
  readonly strayLinks: readonly string[];
  /** Files that an interrupted run has left. */
  readonly leftovers: readonly string[];
  readonly skipped: readonly Skipped[];
}

/** What was left out, and why. */
export interface Skipped {
  readonly path: string;
  readonly why: string;
  /** True for what looks like a manifest, which people should know of. */
  readonly isNoted?: boolean;
  /** True for what a glob leaves out. */
  readonly isExcluded?: boolean;
}

interface Found {
  readonly manifests: string[];
  readonly others: string[];
  readonly links: string[];
  readonly strayLinks: string[];
  readonly leftovers: string[];
  readonly skipped: Skipped[];
}

/** Folders that hold what other people wrote, or what is not for a cluster. */
const ignoredFolders = new Set(['.git', 'node_modules', '.terraform', '.venv', '.github', 'vendor']);
/** Those of them in which no manifest for a cluster is. */
export const foreignFolders: ReadonlySet<string> = new Set(['.git', 'node_modules']);
/** Those of them that belong to a tree, and so are copied with it. */
const copiedFolders = new Set(['.github', 'vendor']);
const manifestName = /\.(ya?ml|json)$/i;
/** The name of a config that is found without being named. */
export const configName = 'meshmend.yaml';
/** Where new documents go in a folder. */
export const resourcesName = 'meshmend-resources.yaml';
export const valuesName = 'meshmend-values.yaml';
/** New documents that no kustomization may list. */
export const unlistedName = 'meshmend-unlisted.yaml';

/** What is not read of what the user named. */
export interface Unread {
  /** The folder that the output goes to. */
  readonly output?: string | undefined;
  /** The config, wherever it is. */
  readonly config?: ReadFile | undefined;
  /** Files and folders below those named; what is named itself is read. */
  readonly exclude?: readonly string[] | undefined;
  /** Names of folders that are left out unless they are named. */
  readonly ignored?: ReadonlySet<string>;
}

/**
 * Reads the files and folders that the user named.
 *
 * @throws InputError for what is missing, unreadable, named and no UTF-8, or a link out of the named folders
 */
export function readInput(
  paths: readonly string[],
  { output, config, exclude = [], ignored = ignoredFolders }: Unread = {},
): Input {
  const excluded = output === undefined ? undefined : realPath(output);
  const configReal = config?.real;
  const folders = paths.filter(isFolder).map((path) => ({ path, real: realpathSync(path) }));
  const found = { others: [], links: [], strayLinks: [], leftovers: [], skipped: [] };
  const gathered: Gathered = { ...found, files: new Map(), configs: [], configReal };
  for (const path of paths) {
    const folder = folders.find((candidate) => candidate.path === path);
    // Globs are as people see the files: from the folder named, from where they are, or from the config's folder.
    const seenFrom = [folder?.real, realPath('.'), configReal && dirname(configReal)].filter(
      (each) => each !== undefined,
    );
    const globs = { globs: exclude, folders: seenFrom };
    const limits = { folders, excluded, exclude: globs, ignored, isTree: output !== undefined };
    if (folder) readFolder(folder, limits, gathered);
    else readNamedPath(path, gathered);
  }
  const { files, configs, others, links, strayLinks, leftovers, skipped } = gathered;
  return {
    files: [...files.values()],
    configs,
    folders,
    others: [...new Set(others)],
    links,
    strayLinks,
    leftovers,
    skipped,
  };
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
    const isOurs = [valuesName, resourcesName].includes(basename(inside));
    const file = readManifest(join(folder.path, inside), isOurs);
    const isConfig = basename(inside) === configName;
    if (isConfig) configs.push(file);
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
  // A device or a pipe may have no end.
  if (!guarded(path, () => statSync(path)).isFile())
    throw new InputError('is not a regular file', { place: { file: path } });
  const bytes = guarded(path, () => readFileSync(path));
  const file = { path, named, real: guarded(path, () => realpathSync(path)) };
  try {
    const text = decoded(path, bytes);
    return { ...file, text, ...(isMarkedGenerated(text) && { isGenerated: true }) };
  } catch (fault) {
    if (named || !(fault instanceof InputError)) throw fault;
    const lossy = bytes.toString();
    if (looksLikeManifest(lossy) && !looksLikeTemplate(lossy)) throw fault;
    return { ...file, text: '', fault };
  }
}

function readNamed(path: string): ReadFile {
  const kind = guarded(path, () => statSync(path));
  if (kind.isFile()) return readManifest(path, true);
  if (!kind.isFIFO() && !kind.isSocket() && resolve(path) !== '/dev/null')
    throw new InputError('is not a file, a folder or a pipe', { place: { file: path } });
  // A pipe such as /dev/fd/63 has no path of its own.
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
    text: decoded('standard input', stdinBytes()),
    named: true,
    real: '',
  };
}

function walk(folder: Folder, inside: string, limits: Limits, found: Found): void {
  const here = join(folder.path, inside);
  for (const entry of guarded(here, () => readdirSync(here, { withFileTypes: true }))) {
    const path = join(here, entry.name);
    const child = inside === '' ? entry.name : `${inside}/${entry.name}`;
    if (entry.isDirectory()) {
      const glob = excludingGlob(folder, child, limits);
      const why = reasonToSkip(path, entry.name, limits) ?? glob;
      if (why === undefined) walk(folder, child, limits, found);
      else found.skipped.push({ path, why, isExcluded: why === glob });
      if (why !== undefined && (copiedFolders.has(entry.name) || why === glob) && limits.isTree)
        walk(folder, child, { ...limits, isCopied: true }, found);
    } else if (isOwnTemporary(entry.name)) found.leftovers.push(path);
    else if (entry.isSymbolicLink()) link(folder, child, entry, limits, found);
    else if (!entry.isFile()) found.skipped.push({ path, why: 'not a regular file' });
    else if (!limits.isCopied && manifestName.test(entry.name)) findManifest(folder, child, limits, found);
    else found.others.push(path);
  }
}

function findManifest(folder: Folder, child: string, limits: Limits, found: Found): void {
  const why = excludingGlob(folder, child, limits);
  if (why === undefined) return void found.manifests.push(child);
  const path = join(folder.path, child);
  found.skipped.push({ path, why, isExcluded: true });
  if (limits.isTree) found.others.push(path);
}

/** Why a glob leaves something out; undefined when none does. */
function excludingGlob(folder: Folder, child: string, { exclude, isCopied }: Limits): string | undefined {
  const glob = isCopied ? undefined : excludedBy(join(folder.real, child), exclude);
  return glob === undefined ? undefined : `excluded by ${glob}`;
}

function reasonToSkip(path: string, name: string, { excluded, ignored, isCopied }: Limits): string | undefined {
  if (!isCopied && ignored.has(name)) return 'such folders are not read unless they are named';
  return excluded !== undefined && realPath(path) === excluded ? 'the output goes there' : undefined;
}

interface Limits {
  readonly folders: readonly Folder[];
  readonly excluded: string | undefined;
  readonly exclude: Exclude;
  /** Names of folders that are not walked. */
  readonly ignored: ReadonlySet<string>;
  /** True when the whole tree is to be written elsewhere. */
  readonly isTree: boolean;
  /** True below a folder that is copied without being read. */
  readonly isCopied?: boolean;
}

/** A link is followed to a file inside the named folders; a linked folder is read where it really is. */
function link(folder: Folder, child: string, entry: Dirent, limits: Limits, found: Found): void {
  const path = join(folder.path, child);
  const isManifest = !limits.isCopied && manifestName.test(entry.name);
  const real = realPath(path);
  const isDirectory = real !== undefined && guarded(path, () => statSync(path)).isDirectory();
  const isStray = real === undefined || !limits.folders.some((folder) => isInside(real, folder.real));
  if (isStray) {
    const why = real === undefined ? 'link leads nowhere' : 'link leads out of the folder';
    found.strayLinks.push(path);
    return void found.skipped.push({ path, why, isNoted: isManifest || isDirectory });
  }
  if (isDirectory || (manifestName.test(real) && (isManifest || isWalked(real, limits)))) {
    found.links.push(path);
    found.skipped.push({ path, why: `linked ${isDirectory ? 'folder' : 'file'} is read where it is` });
  } else if (isManifest) findManifest(folder, child, limits, found);
  else found.others.push(path);
}

/** True for a file that a folder's walk comes to, so that a link to it may stay one. */
function isWalked(real: string, { folders, excluded, ignored }: Limits): boolean {
  return folders.some((folder) => {
    const isIgnored = relative(folder.real, real)
      .split(sep)
      .some((name) => ignored.has(name));
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

function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
