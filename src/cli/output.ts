import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { kustomizationNames } from '../builds/kustomization.ts';
import { InputError } from '../errors.ts';
import {
  isFolder,
  type ReadFile,
  readManifest,
  realPath,
  resourcesName,
  unlistedName,
  valuesName,
} from '../files/input.ts';
import { stdinPath } from '../files/stdin.ts';
import { appendix, closed } from '../files/stream.ts';
import { groupBy } from '../group-by.ts';
import { isObject } from '../manifest/node.ts';
import type { Operation } from '../manifest/operation.ts';
import { pointer } from '../manifest/pointer.ts';
import { readDocuments } from '../manifest/read.ts';
import { patchText } from '../patch.ts';
import { editBetween, type FileChange } from '../report/diff.ts';
import type { EmittedDocument, Remediation } from '../run/remediate.ts';

/** A file as the run leaves it; `path` as the user would name it. */
export interface OutputFile extends FileChange {
  /** Where it really is; undefined for a new file. */
  readonly real: string | undefined;
  /** Why its bytes are not text: it stays as it is. */
  readonly fault?: InputError | undefined;
}

/** Where new documents go when files are written. */
export interface EmissionTargets {
  readonly folder: string;
  readonly resources: string;
  readonly values: string;
}

/** New documents go to the first folder named; to the end of the file when one YAML file is all that was named. */
export function emissionTargets(paths: readonly string[]): EmissionTargets {
  const first = paths.find((path) => path !== stdinPath && isFolder(path));
  const [only = '.'] = paths;
  const folder = first ?? (only === stdinPath ? '.' : dirname(only));
  const isAppended = first === undefined && paths.length === 1 && !/\.json$/i.test(only);
  return { folder, resources: isAppended ? only : join(folder, resourcesName), values: join(folder, valuesName) };
}

/** The files that new documents will be added to and that were not named: they must be read to be kept up to date. */
export function companionsOf(targets: EmissionTargets, files: readonly ReadFile[]): ReadFile[] {
  const known = new Set(files.map(({ real }) => real));
  return [targets.resources, targets.values]
    .filter((path) => path !== stdinPath && existsSync(path))
    .map((path) => readManifest(path, true))
    .filter(({ real }) => !known.has(real));
}

/** All files of a run as they will be written, changed or not, and the new ones. */
export function planOutput(
  remediation: Remediation,
  files: readonly ReadFile[],
  targets: EmissionTargets,
): OutputFile[] {
  const realOf = new Map(files.map(({ path, real }) => [path, real]));
  const outputs = remediation.files.map(({ file, edits, text }) => ({
    path: file.path,
    before: file.text,
    after: text,
    edits,
    real: realOf.get(file.path),
    fault: file.fault,
  }));
  const { emitted } = remediation;
  const values = emitted.filter(({ resource }) => resource === undefined).map(({ text }) => text);
  let all = appended(outputs, targets.values, values);
  const added = emitted.filter(({ resource }) => resource !== undefined);
  for (const [path, documents] of groupBy(added, (each) => targetOf(each, targets))) {
    all = appended(
      all,
      path,
      documents.map(({ text }) => text),
    );
    if (basename(path) === resourcesName) all = withKustomization(all, dirname(path));
  }
  return all;
}

function targetOf({ home }: EmittedDocument, { resources, folder }: EmissionTargets): string {
  if (!home) return resources;
  return home.moves === undefined ? join(home.folder, resourcesName) : join(folder, unlistedName);
}

/** What to say of new files that no kustomization lists, although there are some. */
export function unlistedLines({ emitted }: Remediation, targets: EmissionTargets): string[] {
  const path = join(targets.folder, unlistedName);
  const moved = emitted.flatMap(({ home }) => (home?.moves === undefined ? [] : [home]));
  const [first] = moved;
  if (!first) return [];
  return [
    `${path}: no kustomization lists it, because \`namespace: ${first.moves}\` of ${first.folder} would move what it holds; apply it by itself`,
  ];
}

export function isChanged({ before, after }: OutputFile): boolean {
  return before !== after;
}

function appended(outputs: readonly OutputFile[], path: string, documents: readonly string[]): OutputFile[] {
  if (documents.length === 0) return [...outputs];
  const existing = findByPath(outputs, path);
  if (!existing)
    return [...outputs, { path, before: undefined, after: appendix('', documents), edits: [], real: undefined }];
  const { before = '', after } = existing;
  const ready = closed(after);
  const text = appendix(ready, documents);
  if (ready !== after) {
    const whole = ready + text;
    const changed = { ...existing, after: whole, edits: editBetween(before, whole) };
    return outputs.map((output) => (output === existing ? changed : output));
  }
  const edits = [...existing.edits, { start: before.length, end: before.length, text }];
  return outputs.map((output) => (output === existing ? { ...existing, after: after + text, edits } : output));
}

function withKustomization(outputs: readonly OutputFile[], folder: string): OutputFile[] {
  const path = kustomizationNames.map((name) => join(folder, name)).find((candidate) => existsSync(candidate));
  if (path === undefined) return [...outputs];
  const existing = findByPath(outputs, path) ?? outputOf(readManifest(path, true));
  const after = withResource(existing.path, existing.after);
  const before = existing.before ?? '';
  const updated = { ...existing, after, edits: editBetween(before, after) };
  return [...outputs.filter(({ path: other }) => other !== existing.path), updated];
}

function outputOf({ path, text, real }: ReadFile): OutputFile {
  return { path, before: text, after: text, edits: [], real };
}

/** Adds the file of new resources to a kustomization's `resources`, unless it is there. */
function withResource(path: string, text: string): string {
  const [document, second] = readDocuments({ path, text });
  const root = document?.value ?? null;
  if (second || (root !== null && !isObject(root)))
    throw new InputError('is not a kustomization', { place: { file: path } });
  const resources = root?.['resources'] ?? null;
  if (resources !== null && !Array.isArray(resources))
    throw new InputError('resources is not a list', { place: { file: path } });
  if (resources?.some((entry) => entry === resourcesName || entry === `./${resourcesName}`)) return text;
  const operation: Operation = resources
    ? { op: 'add', path: pointer('resources', '-'), value: resourcesName }
    : {
        op: root && Object.hasOwn(root, 'resources') ? 'replace' : 'add',
        path: pointer('resources'),
        value: [resourcesName],
      };
  return patchText(text, [operation], path);
}

/**
 * The file that something is to be added to. The same file may be named in two ways: `a.yaml`, `./a.yaml`.
 *
 * @throws InputError when its bytes are not text
 */
function findByPath(outputs: readonly OutputFile[], path: string): OutputFile | undefined {
  const real = realPath(path);
  const found = outputs.find((output) => output.path === path || (real !== undefined && output.real === real));
  if (found?.fault) throw found.fault;
  return found;
}
