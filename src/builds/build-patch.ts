import { relative, resolve } from 'node:path';
import { type Document, isObject, type Json, type JsonObject } from '../manifest/node.ts';
import { jsonPath, pointer } from '../manifest/pointer.ts';
import { readDocuments } from '../manifest/read.ts';
import { at, listAt, stringAt } from '../mesh/read.ts';
import type { Resource } from '../mesh/resource.ts';
import type { Kustomization } from './kustomization.ts';

/** A string of the input that holds a path into a resource, such as `/spec/http/1/route`. */
export interface PathText {
  readonly document: Document;
  /** Pointer inside the document to the string, or to the YAML text that holds it. */
  readonly pointer: string;
  /** Pointer to the string inside that YAML text. */
  readonly inner?: string;
  readonly form: 'pointer' | 'dotted';
  readonly text: string;
}

/** What a build does to resources after they are read: a patch, a replacement, or Argo CD's ignored differences. */
export interface BuildPatch {
  /** How messages name it: `overlays/prod/kustomization.yaml (patches[1])`. */
  readonly name: string;
  /** The kustomization that lists it; undefined for what another tool does. */
  readonly by: Kustomization | undefined;
  readonly target: Target;
  /** A merge patch, or RFC 6902 operations; undefined for what only points at fields. */
  readonly body: JsonObject | readonly Json[] | undefined;
  readonly paths: readonly PathText[];
  /** True where the paths are of fields that a replacement fills. */
  readonly isFilled?: boolean;
}

/** Which resources a patch is for; what is undefined holds for all. */
export interface Target {
  readonly group: string | undefined;
  readonly kind: string | undefined;
  readonly name: string | undefined;
  readonly namespace: string | undefined;
  /** True where names are regular expressions. */
  readonly isPattern: boolean;
}

/** A YAML text that a kustomization lists: the document that it is, or that holds it at `pointer`. */
interface Listed {
  readonly name: string;
  readonly document: Document;
  readonly pointer: string;
  readonly isInline: boolean;
  readonly values: readonly { readonly value: Json; readonly document: Document }[];
}

/** Documents by the absolute path of their file. */
export type Files = ReadonlyMap<string, readonly Document[]>;

/** The patches that a kustomization lists, and the documents that they are. */
export function patchesOf(by: Kustomization, files: Files): { patches: BuildPatch[]; documents: Document[] } {
  const patches: BuildPatch[] = [];
  const documents: Document[] = [];
  const take = (listed: Listed, target: Json | undefined): void => {
    if (!listed.isInline) documents.push(...listed.values.map(({ document }) => document));
    for (const { value, document } of listed.values) {
      const body = isObject(value) || Array.isArray(value) ? value : undefined;
      if (body)
        patches.push({
          name: listed.name,
          by,
          target: targetOf(target, body),
          body,
          paths: paths(listed, document, body),
        });
    }
  };
  for (const field of ['patches', 'patchesJson6902', 'patchesStrategicMerge'])
    for (const [index, entry] of listAt(by.value, field).entries()) {
      const listed = listedAt(by, files, [field, index], entry, 'patch');
      if (listed) take(listed, at(entry, 'target'));
    }
  for (const [index, entry] of listAt(by.value, 'replacements').entries()) {
    const listed = listedAt(by, files, ['replacements', index], entry, undefined);
    if (!listed)
      patches.push(
        ...replacement(by, nameIn(by, ['replacements', index]), by.document, pointer('replacements', index), entry),
      );
    else {
      documents.push(...listed.values.map(({ document }) => document));
      for (const { value, document } of listed.values)
        patches.push(...replacement(by, listed.name, document, '', value));
    }
  }
  return { patches, documents };
}

function listedAt(
  by: Kustomization,
  files: Files,
  where: readonly (string | number)[],
  entry: Json,
  inlineField: string | undefined,
): Listed | undefined {
  const text = typeof entry === 'string' ? entry : inlineField && stringAt(entry, inlineField);
  const path = typeof entry === 'string' ? entry : stringAt(entry, 'path');
  const documents = path === undefined ? undefined : files.get(resolve(by.folder, path));
  const [first] = documents ?? [];
  if (documents && first) {
    const values = documents.map((document) => ({ value: document.value, document }));
    return { name: shownPath(first.file.path), document: first, pointer: '', isInline: false, values };
  }
  if (text === undefined || text === '') return undefined;
  const at = pointer(...where, ...(typeof entry === 'string' || !inlineField ? [] : [inlineField]));
  const values = valuesOf(text).map((value) => ({ value, document: by.document }));
  return { name: nameIn(by, where), document: by.document, pointer: at, isInline: true, values };
}

function valuesOf(text: string): Json[] {
  try {
    return readDocuments({ path: 'patch', text }).map(({ value }) => value);
  } catch {
    return []; // kustomize says so itself
  }
}

function nameIn({ document }: Kustomization, where: readonly (string | number)[]): string {
  return `${jsonPath(pointer(...where))} of ${shownPath(document.file.path)}`;
}

/** A path as messages have it. */
export function shownPath(path: string): string {
  return relative('.', path) || path;
}

/** The paths of RFC 6902 operations. */
function paths(listed: Listed, document: Document, body: JsonObject | readonly Json[]): PathText[] {
  if (!Array.isArray(body)) return [];
  return body.flatMap((operation: Json, index) =>
    ['path', 'from'].flatMap((field): PathText[] => {
      const text = stringAt(operation, field);
      if (text === undefined) return [];
      const inside = pointer(index, field);
      return listed.isInline
        ? [{ document, pointer: listed.pointer, inner: inside, form: 'pointer', text }]
        : [{ document, pointer: inside, form: 'pointer', text }];
    }),
  );
}

function targetOf(target: Json | undefined, body: JsonObject | readonly Json[]): Target {
  if (isObject(target)) return { ...selectorOf(target), isPattern: true };
  const value = isObject(body) ? body : {};
  const apiVersion = stringAt(value, 'apiVersion') ?? '';
  return {
    group: apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '',
    kind: stringAt(value, 'kind'),
    name: stringAt(value, 'metadata', 'name'),
    namespace: stringAt(value, 'metadata', 'namespace'),
    isPattern: false,
  };
}

function selectorOf(select: JsonObject): Omit<Target, 'isPattern'> {
  return {
    group: stringAt(select, 'group'),
    kind: stringAt(select, 'kind'),
    name: stringAt(select, 'name'),
    namespace: stringAt(select, 'namespace'),
  };
}

/** The field paths of a replacement, or of a list of them. */
function replacement(by: Kustomization, name: string, document: Document, base: string, value: Json): BuildPatch[] {
  if (Array.isArray(value))
    return value.flatMap((each, index) => replacement(by, name, document, base + pointer(index), each));
  const source = at(value, 'source');
  const found: BuildPatch[] = [];
  const add = (select: Json | undefined, where: string, text: Json | undefined, isFilled: boolean): void => {
    if (typeof text !== 'string') return;
    const target = { ...selectorOf(isObject(select) ? select : {}), isPattern: true };
    found.push({
      name,
      by,
      target,
      body: undefined,
      paths: [{ document, pointer: base + where, form: 'dotted', text }],
      isFilled,
    });
  };
  add(source, pointer('source', 'fieldPath'), at(source, 'fieldPath'), false);
  for (const [index, target] of listAt(value, 'targets').entries())
    for (const [each, path] of listAt(target, 'fieldPaths').entries())
      add(at(target, 'select'), pointer('targets', index, 'fieldPaths', each), path, true);
  return found;
}

/**
 * What Argo CD does not compare.
 *
 * @see https://argo-cd.readthedocs.io/en/stable/user-guide/diffing/
 */
export function ignoredDifferences(resource: Resource): BuildPatch[] {
  const { kind, group, name, document } = resource;
  if (group !== 'argoproj.io' || !document || (kind !== 'Application' && kind !== 'ApplicationSet')) return [];
  const spec = kind === 'Application' ? ['spec'] : ['spec', 'template', 'spec'];
  return listAt(resource.value, ...spec, 'ignoreDifferences').flatMap((entry, index): BuildPatch[] => {
    const where = [...spec, 'ignoreDifferences', index];
    const texts = listAt(entry, 'jsonPointers').flatMap((text, each): PathText[] => {
      if (typeof text !== 'string') return [];
      return [{ document, pointer: resource.base + pointer(...where, 'jsonPointers', each), form: 'pointer', text }];
    });
    const target = { ...selectorOf(isObject(entry) ? entry : {}), isPattern: false };
    return [
      {
        name: `${jsonPath(pointer(...where))} of ${kind} ${name}`,
        by: undefined,
        target,
        body: undefined,
        paths: texts,
      },
    ];
  });
}

/** True when a patch is for a resource, or may be. */
export function isFor({ target, by }: BuildPatch, resource: Resource): boolean {
  const matches = (wanted: string | undefined, found: string): boolean => {
    if (wanted === undefined || wanted === '' || wanted === '*') return true;
    return wanted === found || (target.isPattern && isPatternOf(wanted, found));
  };
  const isNamed =
    matches(target.name, resource.name) || (by?.isRenaming === true && target.name?.includes(resource.name) === true);
  const isOfNamespace =
    resource.namespace === undefined || by !== undefined || matches(target.namespace, resource.namespace);
  return matches(target.group, resource.group) && matches(target.kind, resource.kind) && isNamed && isOfNamespace;
}

/** Kustomize's targets are regular expressions; one that is not plain is taken to match, since an edit may then do harm. */
function isPatternOf(wanted: string, found: string): boolean {
  const prefix = /^\^?[\w-]*/.exec(wanted)?.[0].replace('^', '') ?? '';
  const isPlain = /^\^?[\w-]*\$?$/.test(wanted);
  return isPlain ? prefix === found : true;
}
