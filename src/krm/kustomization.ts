import { existsSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { kustomizationNames } from '../builds/kustomization.ts';
import { configKind } from '../config/config.ts';
import { InputError } from '../errors.ts';
import { isFolder, readManifest, realPath } from '../files/input.ts';
import { isObject, type Json } from '../manifest/node.ts';
import { readDocuments } from '../manifest/read.ts';
import { listAt, objectAt, stringAt } from '../mesh/read.ts';
import { type Resource, resourcesOf } from '../mesh/resource.ts';
import { type FunctionConfig, readFunctionConfig } from './function-config.ts';

const roles = { generators: 'generator', transformers: 'transformer', validators: 'validator' } as const;
type Role = (typeof roles)[keyof typeof roles];

/** A kustomization's use of meshmend. */
export interface BuildFunction extends FunctionConfig {
  readonly role: Role;
  /** Where the config is, as the user would name it. */
  readonly file: string;
  /** True below a base: the function saw that base's resources only. */
  readonly isOfBase: boolean;
  /** What is renamed after it has run; one for each way to it that renames anything. */
  readonly renamings: readonly Renaming[];
}

/** The fields of one kustomization, or of several one after the other, that give resources other names. */
export interface Renaming {
  readonly prefix: string;
  readonly suffix: string;
  readonly namespace?: string;
  /** The fields as they are written: `namePrefix: blue-`. */
  readonly text: string;
}

export interface BuildFunctions {
  readonly functions: readonly BuildFunction[];
  /** What the kustomization takes from elsewhere, and what is therefore not looked into. */
  readonly unread: readonly string[];
  /** The resources of its own files; their marks, such as those of an earlier build's output, prove no function. */
  readonly sources: readonly Resource[];
}

/** The file that makes a folder a kustomization; undefined when it is none. */
export function kustomizationOf(folder: string): string | undefined {
  return kustomizationNames.map((name) => join(folder, name)).find((path) => existsSync(path));
}

/** How a kustomization is come to. */
interface Way {
  readonly isOfBase: boolean;
  /** What those above it rename. */
  readonly above: Renaming;
}

const unrenamed: Renaming = { prefix: '', suffix: '', text: '' };

/** Kustomizations that refer to each other in a circle, renaming all the time, are kustomize's to refuse. */
const mostVisits = 10_000;

/** What a kustomization renames, and after it those above. */
function renamingOf(kustomization: Json, above: Renaming): Renaming {
  const [prefix = '', suffix = '', namespace = ''] = ['namePrefix', 'nameSuffix', 'namespace'].map((field) =>
    stringAt(kustomization, field),
  );
  const own = Object.entries({ namePrefix: prefix, nameSuffix: suffix, namespace }).flatMap(([field, value]) =>
    value === '' ? [] : [`\`${field}: ${value}\``],
  );
  const last = above.namespace ?? (namespace === '' ? undefined : namespace);
  return {
    prefix: above.prefix + prefix,
    suffix: suffix + above.suffix,
    ...(last !== undefined && { namespace: last }),
    text: [...own, ...(above.text === '' ? [] : [above.text])].join(' and '),
  };
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
  const sources = new Map<string, readonly Resource[]>();
  visit(folder, { isOfBase: false, above: unrenamed });
  return { functions: [...functions.values()], unread: [...unread], sources: [...sources.values()].flat() };

  function visit(here: string, way: Way): void {
    const real = realPath(here) ?? resolve(here);
    // A base that several others use is renamed by each of them.
    const key = `${real} ${way.above.text}`;
    if (seen.has(key) || seen.size > mostVisits) return;
    seen.add(key);
    const kustomization = readKustomization(here);
    const below = { ...way, above: renamingOf(kustomization, way.above) };
    // Generators run before the names are changed, the others after.
    for (const [field, role] of Object.entries(roles))
      for (const config of configsOf(here, kustomization, field))
        collect(config, role, role === 'generator' ? below : way);
    for (const entry of listAt(kustomization, 'components')) enter(here, entry, below);
    for (const field of ['resources', 'bases'])
      for (const entry of listAt(kustomization, field)) enter(here, entry, { ...below, isOfBase: true });
  }

  function collect({ value, file }: { value: Json; file: string }, role: Role, { isOfBase, above }: Way): void {
    const asked = functionConfigOf(value);
    const key = `${realPath(file) ?? file} ${asked?.title} ${role}`;
    if (!asked) return;
    const known = functions.get(key) ?? { ...asked, role, file, isOfBase, renamings: [] };
    functions.set(key, { ...known, renamings: above.text === '' ? known.renamings : [...known.renamings, above] });
  }

  function enter(here: string, entry: Json, way: Way): void {
    if (typeof entry !== 'string') return;
    const path = join(here, entry);
    if (!existsSync(path)) unread.add(entry);
    else if (isFolder(path)) visit(path, way);
    else if (!sources.has(path)) sources.set(path, sourcesIn(path));
  }

  function sourcesIn(path: string): readonly Resource[] {
    const { text } = readManifest(path, true);
    try {
      return readDocuments({ path, text }).flatMap(resourcesOf);
    } catch (error) {
      // kustomize may read what we do not; nothing but a proof is lost by it.
      if (!(error instanceof InputError)) throw error;
      unread.add(path);
      return [];
    }
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
