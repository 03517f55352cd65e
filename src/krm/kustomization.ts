import { existsSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { configKind } from '../config/config.ts';
import { InputError } from '../errors.ts';
import { isFolder, readManifest, realPath } from '../files/input.ts';
import { isObject, type Json } from '../manifest/node.ts';
import { readDocuments } from '../manifest/read.ts';
import { listAt, objectAt, stringAt } from '../mesh/read.ts';
import { resourcesOf } from '../mesh/resource.ts';
import { type FunctionConfig, readFunctionConfig } from './function-config.ts';
import { markAnnotation, marksOf } from './mark.ts';

const roles = { generators: 'generator', transformers: 'transformer', validators: 'validator' } as const;
type Role = (typeof roles)[keyof typeof roles];

/** A kustomization's use of meshmend. */
export interface BuildFunction extends FunctionConfig {
  readonly role: Role;
  /** Where the config is, as the user would name it. */
  readonly file: string;
  /** True below a base: the function saw that base's resources only. */
  readonly isOfBase: boolean;
}

export interface BuildFunctions {
  readonly functions: readonly BuildFunction[];
  /** What the kustomization takes from elsewhere, and what is therefore not looked into. */
  readonly unread: readonly string[];
  /** The marks that its own sources carry, such as output of an earlier build: no proof that a function ran. */
  readonly marked: ReadonlySet<string>;
}

/** @see https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/ */
const fileNames = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'];

/** The file that makes a folder a kustomization; undefined when it is none. */
export function kustomizationOf(folder: string): string | undefined {
  return fileNames.map((name) => join(folder, name)).find((path) => existsSync(path));
}

/**
 * Finds the uses of meshmend in a kustomization, its bases and components.
 *
 * @param folder - the kustomization's folder
 * @throws InputError when there is none, or a config cannot be used
 */
export function functionsOf(folder: string): BuildFunctions {
  const functions = new Map<string, BuildFunction>();
  const unread = new Set<string>();
  const seen = new Set<string>();
  const marked = new Set<string>();
  visit(folder, false);
  return { functions: [...functions.values()], unread: [...unread], marked };

  function visit(here: string, isOfBase: boolean): void {
    const real = realPath(here) ?? resolve(here);
    if (seen.has(real)) return;
    seen.add(real);
    const kustomization = readKustomization(here);
    for (const [field, role] of Object.entries(roles))
      for (const config of configsOf(here, kustomization, field)) collect(config, role, isOfBase);
    for (const entry of listAt(kustomization, 'components')) enter(here, entry, isOfBase);
    for (const field of ['resources', 'bases'])
      for (const entry of listAt(kustomization, field)) enter(here, entry, true);
  }

  function collect({ value, file }: { value: Json; file: string }, role: Role, isOfBase: boolean): void {
    const asked = functionConfigOf(value);
    const key = `${realPath(file) ?? file} ${asked?.title} ${role}`;
    if (asked && !functions.has(key)) functions.set(key, { ...asked, role, file, isOfBase });
  }

  function enter(here: string, entry: Json, isOfBase: boolean): void {
    if (typeof entry !== 'string') return;
    const path = join(here, entry);
    if (!existsSync(path)) unread.add(entry);
    else if (isFolder(path)) visit(path, isOfBase);
    else for (const mark of marksOfFile(path)) marked.add(mark);
  }

  /** The documents that a list of configs names: files, folders, or YAML in place. */
  function configsOf(here: string, kustomization: Json, field: string): { value: Json; file: string }[] {
    return listAt(kustomization, field).flatMap((entry) => {
      if (typeof entry !== 'string') return [];
      if (/\n|^\s*\{/.test(entry)) return valuesIn(entry, kustomizationOf(here) ?? here);
      const path = join(here, entry);
      if (!existsSync(path)) {
        unread.add(entry);
        return [];
      }
      if (isFolder(path)) return configsOf(path, readKustomization(path), 'resources');
      return valuesIn(readManifest(path, true).text, path);
    });
  }
}

function valuesIn(text: string, file: string): { value: Json; file: string }[] {
  return readDocuments({ path: file, text }).map(({ value }) => ({ value, file }));
}

function marksOfFile(path: string): string[] {
  const { text } = readManifest(path, true);
  if (!text.includes(markAnnotation)) return [];
  return readDocuments({ path, text })
    .flatMap(resourcesOf)
    .flatMap(({ value }) => marksOf(value));
}

function readKustomization(folder: string): Json {
  const path = kustomizationOf(folder);
  if (path === undefined) throw new InputError('no kustomization.yaml is there', { place: { file: folder } });
  return valuesIn(readManifest(path, true).text, path)[0]?.value ?? null;
}

/** Reads a config that is ours; undefined for those of other plugins. */
function functionConfigOf(value: Json): FunctionConfig | undefined {
  if (!isObject(value)) return undefined;
  if (value['kind'] === configKind) return readFunctionConfig(value);
  const annotations = objectAt(value, 'metadata', 'annotations');
  const functionSpec =
    stringAt(annotations, 'config.kubernetes.io/function') ?? stringAt(annotations, 'config.k8s.io/function');
  if (value['kind'] !== 'ConfigMap' || functionSpec === undefined) return undefined;
  try {
    return readFunctionConfig(value);
  } catch (error) {
    // The ConfigMap of some other function, unless it calls us.
    if (error instanceof InputError && !functionSpec.includes('meshmend')) return undefined;
    throw error;
  }
}

/** How messages name a function: `transformer shop (overlay/meshmend.yaml)`. */
export function nameOfFunction({ role, name, file }: BuildFunction): string {
  return `${role} ${name} (${relative('.', file) || dirname(file)})`;
}
