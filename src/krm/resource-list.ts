import { InputError } from '../errors.ts';
import type { Finding } from '../finding.ts';
import { type Document, entryOf, isObject, isSame, type Json, type JsonObject, resolved } from '../manifest/node.ts';
import type { Operation } from '../manifest/operation.ts';
import { pointer } from '../manifest/pointer.ts';
import { readDocuments, readTree } from '../manifest/read.ts';
import { at, stringAt } from '../mesh/read.ts';
import { isOfBuild } from './mark.ts';
import { resultsOf } from './result.ts';

/** What kustomize, kpt and others exchange with a function. */
export interface ResourceList {
  readonly document: Document;
  readonly functionConfig: Json | undefined;
  readonly items: readonly Json[];
  /** True when no resource came in: kustomize then puts a copy of the functionConfig into the empty list. */
  readonly isEmpty: boolean;
  /** True when a kustomize build asks, and not `fn run` or kpt, which write into the user's own files. */
  readonly isBuild: boolean;
}

/**
 * Reads standard input as the one ResourceList that a function gets.
 *
 * @throws InputError when it is anything else: nothing may come out then, since kustomize deletes what is missing
 * @see https://github.com/kubernetes-sigs/kustomize/blob/master/cmd/config/docs/api-conventions/functions-spec.md
 */
export function readResourceList(path: string, text: string): ResourceList {
  const [document, second] = readDocuments({ path, text }, { nodes: true });
  const value = document?.value;
  if (!document || value === null) throw notThat('is empty');
  if (!isObject(value) || value['kind'] !== 'ResourceList') throw notThat('holds something else');
  if (second) throw notThat('holds more than one document');
  if (!/^config\.kubernetes\.io\/v1/.test(stringAt(value, 'apiVersion') ?? ''))
    throw new InputError(`ResourceList of apiVersion ${JSON.stringify(value['apiVersion'] ?? null)} is not known`, {
      hint: 'config.kubernetes.io/v1 is',
    });
  const items = value['items'] ?? [];
  if (!Array.isArray(items)) throw new InputError('items of the ResourceList is not a list');
  const functionConfig = value['functionConfig'];
  const isEmpty = items.every((item) => isCopyOf(item, functionConfig));
  return { document, functionConfig, items, isEmpty, isBuild: isEmpty || items.some(isOfBuild) };
}

function notThat(what: string): InputError {
  return new InputError(`standard input ${what}; a function reads one ResourceList`, {
    hint: 'this is for kustomize, kpt and the like; meshmend rewrite reads manifests',
  });
}

/** The text of a plain scalar among the data of the functionConfig, a ConfigMap. */
export function settingText({ document }: ResourceList, key: string): string | undefined {
  let node = resolved(readTree(document));
  for (const segment of ['functionConfig', 'data', key]) {
    const found = node.kind === 'map' ? entryOf(node, segment) : undefined;
    if (!found) return undefined;
    node = resolved(found.entry.value);
  }
  return node.kind === 'scalar' ? document.file.text.slice(node.start, node.end) : undefined;
}

/** The copy differs from the functionConfig in annotations only. */
function isCopyOf(item: Json, functionConfig: Json | undefined): boolean {
  if (!isObject(functionConfig) || stringAt(functionConfig, 'kind') === undefined) return false;
  return (
    at(item, 'metadata', 'annotations', 'config.kubernetes.io/local-config') === 'true' &&
    ['apiVersion', 'kind', 'spec', 'data'].every((key) => isSame(at(item, key), functionConfig[key])) &&
    at(item, 'metadata', 'name') === at(functionConfig, 'metadata', 'name')
  );
}

/** The operations that put new resources and the results into a list. */
export function completion(
  list: ResourceList,
  added: readonly JsonObject[],
  findings: readonly Finding[],
): readonly Operation[] {
  return [...appended(list, 'items', added), ...appended(list, 'results', resultsOf(list, findings))];
}

function appended({ document }: ResourceList, field: string, values: readonly JsonObject[]): Operation[] {
  if (values.length === 0) return [];
  const current = at(document.value, field);
  if (Array.isArray(current) && current.length > 0)
    return values.map((value) => ({ op: 'add', path: pointer(field, '-'), value }));
  return [{ op: current === undefined ? 'add' : 'replace', path: pointer(field), value: [...values] }];
}
