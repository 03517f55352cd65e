import { InputError, type Place } from '../errors.ts';
import type { Change } from '../finding.ts';
import { groupByEach } from '../group-by.ts';
import { locate } from '../manifest/locate.ts';
import { type Document, isObject, isSame, type Json, type JsonObject } from '../manifest/node.ts';
import type { Operation } from '../manifest/operation.ts';
import { jsonPath, pointer, segmentsOf } from '../manifest/pointer.ts';
import { placeAt } from '../manifest/position.ts';
import { readDocuments, readTree } from '../manifest/read.ts';
import type { TextEdit } from '../manifest/splice.ts';
import { type Mesh, meshOf } from '../mesh/mesh.ts';
import { at, listAt } from '../mesh/read.ts';
import {
  inNamespace,
  isKubernetesObject,
  namespaceOf,
  type Resource,
  resourceFrom,
  resourcesOf,
} from '../mesh/resource.ts';
import { operationsBetween } from '../operations.ts';
import { applyOperations, type DocumentPatch, patchDocuments, patchText } from '../patch.ts';
import type { Emission, Patch } from '../step.ts';
import { renderEmission } from './template.ts';

/** A resource with all that a run has done to it. */
interface Account {
  current: Resource;
  /** Relative to the resource, in order. */
  readonly operations: Operation[];
  /** Text of a document that the run adds; undefined for a resource of a file. */
  text?: string;
  readonly remedy?: string;
  /** The parts of the value that are this run's own, which further patches may change in place. */
  readonly own: WeakSet<object>;
}

/** What a patch or an emission came to. */
export interface Entry {
  readonly resource: Resource;
  /** Empty when everything was so already. */
  readonly change: readonly Change[];
}

export interface Emitted {
  readonly remedy: string;
  readonly text: string;
  readonly resource: Resource;
}

/** Keeps account of what a run does to its resources. A resource of an earlier mesh means what became of it. */
export interface Ledger {
  /** The resources as they are by now. */
  mesh(): Mesh;
  patch(patch: Patch): Entry;
  /** What a patch would come to, if it were made. */
  preview(step: { patch?: Patch; emit?: Emission }): readonly Change[];
  /** The text edits that each group of patches of one resource would take if it were the only one; or why it cannot be made. */
  editsFor(groups: readonly (readonly Patch[])[]): (readonly TextEdit[] | InputError)[];
  /** Adds a resource, or brings the one of that kind, namespace and name to what it should be. */
  emit(remedy: string, emission: Emission): Entry;
  /** The resources of the input that were changed, as they are by now. */
  changed(): Resource[];
  /**
   * What is to be done to each changed document, and what its value becomes.
   *
   * @param further - what else is to be done to documents, after all that was done to their resources
   */
  patches(further?: ReadonlyMap<Document, readonly Operation[]>): DocumentPatch[];
  emitted(): Emitted[];
}

/**
 * @param namespaceFor - the namespace that a build gives the resources of a file, by its path
 */
export function openLedger(
  documents: readonly Document[],
  namespaceFor?: (path: string) => string | undefined,
): Ledger {
  const accounts = documents
    .flatMap(resourcesOf)
    .map((resource) => inNamespace(resource, namespaceFor?.(resource.document?.file.path ?? '')))
    .map(accountOf);
  const values = documents.flatMap(valuesOf).map(accountOf);
  const owners = new Map<Resource, Account>([...accounts, ...values].map((account) => [account.current, account]));
  let mesh: Mesh | undefined;
  let byName: Map<string, Account> | undefined;

  function named(): Map<string, Account> {
    byName ??= new Map(accounts.map((account) => [nameOf(account.current), account]));
    return byName;
  }

  function patches(further: ReadonlyMap<Document, readonly Operation[]> = new Map()): DocumentPatch[] {
    const byDocument = groupByEach([...accounts, ...values], ({ current: { document }, operations }) =>
      document && operations.length > 0 ? [document] : [],
    );
    for (const document of further.keys()) if (!byDocument.has(document)) byDocument.set(document, []);
    return [...byDocument].map(([document, changed]) => {
      const more = further.get(document) ?? [];
      const [only] = changed;
      if (only && changed.length === 1 && only.current.base === '' && more.length === 0) {
        return { document, operations: only.operations, expected: only.current.value };
      }
      const rebasedAll = changed.flatMap(({ current, operations }) =>
        operations.map((each) => rebased(each, current.base)),
      );
      const operations = [...rebasedAll, ...more];
      return { document, operations, expected: applyOperations(document.value, operations) };
    });
  }

  /** The account that a patch is for, and its operations as they are reported and as they are made. */
  function prepare({ resource, operations, within }: Patch) {
    const account = owners.get(resource);
    if (!account) throw new Error(`${resource.kind} ${resource.name} is not a resource of this run`);
    const before = account.current.value;
    const change = operations.map((operation) => changeOf(operation, before, within));
    const whole = (): readonly Operation[] =>
      within === undefined ? operations : embeddedOperations(account.current, within, operations);
    return { account, change, whole };
  }

  function draftAlone(patches: readonly Patch[]): DocumentPatch | InputError {
    const [first] = patches;
    const account = first && owners.get(first.resource);
    const { document, base = '' } = account?.current ?? {};
    if (!account || !document) throw new Error(`${first?.resource.name} is not in a file`);
    let resource = account.current;
    const own = new WeakSet<object>();
    const made: Operation[] = [];
    try {
      for (const { operations, within } of patches) {
        const whole = within === undefined ? operations : embeddedOperations(resource, within, operations);
        resource = { ...resource, value: applyOperations(resource.value, whole, own) as JsonObject };
        made.push(...whole);
      }
      const operations = made.map((operation) => rebased(operation, base));
      return { document, operations, expected: applyOperations(document.value, operations) };
    } catch (error) {
      if (error instanceof InputError) return error;
      throw error;
    }
  }

  function patch(wanted: Patch): Entry {
    const { account, change, whole: make } = prepare(wanted);
    const { file } = account.current.document ?? {};
    if (file?.isOutside) throw new InputError(`${file.path} is outside of what was named`, { hint: 'name it, too' });
    const before = account.current.value;
    const whole = make();
    const value = applyOperations(before, whole, account.own) as JsonObject;
    account.operations.push(...whole);
    if (account.text !== undefined) account.text = patchText(account.text, whole);
    account.current = { ...account.current, value };
    owners.set(account.current, account);
    mesh = undefined;
    return { resource: account.current, change };
  }

  /** What an emission says, and what it comes to where a resource of that name is there already. */
  function rendered(emission: Emission) {
    const text = renderEmission(emission);
    const value = readDocuments({ path: emission.template, text })[0]!.value as JsonObject;
    const resource = resourceFrom(value) ?? valuesResource(value);
    const existing = named().get(nameOf(resource))?.current;
    const update = existing && { resource: existing, operations: updates(existing.value, value) };
    return { text, value, resource, update };
  }

  return {
    mesh() {
      mesh ??= meshOf(
        accounts.map(({ current }) => current),
        values.map(({ current }) => current),
      );
      return mesh;
    },
    patch,
    preview({ patch, emit }) {
      if (patch) return prepare(patch).change;
      if (!emit) return [];
      const { value, update } = rendered(emit);
      return update ? prepare(update).change : [{ op: 'emit', path: '', proposedValue: value }];
    },
    editsFor(wanted) {
      const drafts = wanted.map((each) => draftAlone(each));
      const edits = patchDocuments(drafts.flatMap((draft) => (draft instanceof InputError ? [] : draft)));
      return drafts.map((draft) => (draft instanceof InputError ? draft : edits.shift()!));
    },
    emit(remedy, emission) {
      const { text, value, resource, update } = rendered(emission);
      if (update) return update.operations.length > 0 ? patch(update) : { resource: update.resource, change: [] };
      const account: Account = { ...accountOf(resource), text, remedy };
      (resource.kind === '' ? values : accounts).push(account);
      if (resource.kind !== '') named().set(nameOf(resource), account);
      owners.set(resource, account);
      mesh = undefined;
      return { resource, change: [{ op: 'emit', path: '', proposedValue: value }] };
    },
    changed: () =>
      accounts
        .filter(({ current, operations }) => current.document && operations.length > 0)
        .map(({ current }) => current),
    patches,
    emitted: () =>
      [...accounts, ...values].flatMap(({ current, text, remedy }) =>
        text === undefined || remedy === undefined ? [] : [{ remedy, text, resource: current }],
      ),
  };
}

function accountOf(current: Resource): Account {
  return { current, operations: [], own: new WeakSet() };
}

function rebased(operation: Operation, base: string): Operation {
  if (operation.op === 'move') return { ...operation, from: base + operation.from, path: base + operation.path };
  return { ...operation, path: base + operation.path };
}

/**
 * The operations that edit a YAML text inside a resource; what holds the text is made where it is missing.
 *
 * @throws InputError with the place of the text, when it is not YAML or cannot be edited, or of what cannot hold it
 */
function embeddedOperations(resource: Resource, within: string, operations: readonly Operation[]): Operation[] {
  const { value } = resource;
  const segments = segmentsOf(within);
  const found = at(value, ...indexed(segments));
  if (typeof found === 'string')
    return [{ op: 'replace', path: within, value: patchEmbedded(resource, within, found, operations) }];
  const text = patchText('', operations);
  for (let depth = 1; depth < segments.length; depth++) {
    const holder = at(value, ...indexed(segments.slice(0, depth)));
    if (isObject(holder) || (Array.isArray(holder) && /^\d+$/.test(segments[depth] ?? ''))) continue;
    if (Array.isArray(holder)) {
      const path = pointer(...segments.slice(0, depth));
      throw new InputError(
        `${jsonPath(path)} of ${resource.kind} ${resource.name} is not a mapping`,
        placeIn(resource, path),
      );
    }
    const missing = segments.slice(depth).reduceRight<Json>((inner, segment) => ({ [segment]: inner }), text);
    return [{ op: 'add', path: pointer(...segments.slice(0, depth)), value: missing }];
  }
  return [{ op: 'add', path: within, value: text }];
}

function patchEmbedded(resource: Resource, within: string, text: string, operations: readonly Operation[]): string {
  try {
    return patchText(text, operations);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const { line, column } = error.place ?? {};
    const inner = line === undefined ? '' : ` (line ${line}, column ${column} of the text)`;
    const message = `${jsonPath(within)} of ${resource.kind} ${resource.name}: ${error.message}${inner}`;
    throw new InputError(message, { ...placeIn(resource, within), ...(error.hint ? { hint: error.hint } : {}) });
  }
}

function placeIn({ document, base }: Resource, path: string): { place?: Place } {
  return document ? { place: placeAt(document.file, locate(readTree(document), segmentsOf(base + path))) } : {};
}

function indexed(segments: readonly string[]): (string | number)[] {
  return segments.map((segment) => (/^\d+$/.test(segment) ? Number(segment) : segment));
}

function changeOf(operation: Operation, before: JsonObject, within: string | undefined): Change {
  const { op, path } = operation;
  const whole = (within ?? '') + path;
  if (op === 'move') return { op, from: (within ?? '') + operation.from, path: whole };
  if (op === 'test') return { op: 'replace', path: whole };
  const current = within === undefined && op !== 'add' ? at(before, ...indexed(segmentsOf(path))) : undefined;
  return {
    op,
    path: whole,
    ...(current === undefined ? {} : { currentValue: current }),
    ...(op === 'remove' ? {} : { proposedValue: operation.value }),
  };
}

/** Documents without kind and apiVersion, which may be Helm values. */
function valuesOf(document: Document): Resource[] {
  const { value } = document;
  return isObject(value) && !isKubernetesObject(value) ? [valuesResource(value, document)] : [];
}

function valuesResource(value: JsonObject, document?: Document): Resource {
  return { apiVersion: '', kind: '', group: '', name: '', value, document, base: '' };
}

function nameOf(resource: Resource): string {
  return [resource.group, resource.kind, namespaceOf(resource), resource.name].join('/');
}

/** The smallest operations that give `before` all that an emission says; what only `before` has stays outside `spec`. */
function updates(before: JsonObject, { apiVersion, kind, ...after }: JsonObject): Operation[] {
  return operationsBetween(before, withOwnPatches(before, after), ([field]) => field !== 'spec');
}

/**
 * An emission with the `configPatches` that people added to the EnvoyFilter of that name: those that it does not have, where
 * it has all others. Where it matches other things than before, it is another one, and replaces all of them.
 */
function withOwnPatches(before: JsonObject, after: JsonObject): JsonObject {
  const spec = after['spec'];
  const wanted = listAt(after, 'spec', 'configPatches');
  const present = listAt(before, 'spec', 'configPatches');
  const places = wanted.map(placeOfPatch);
  const isClear = wanted.length > 0 && new Set(places).size === wanted.length;
  if (!isClear || present.length <= wanted.length || !isObject(spec)) return after;
  const patches = [...present];
  for (const [index, patch] of wanted.entries()) {
    const same = present.findIndex((each) => isSame(each, patch));
    const here = same === -1 ? present.findIndex((each) => placeOfPatch(each) === places[index]) : same;
    if (here === -1) return after;
    patches[here] = patch;
  }
  return { ...after, spec: { ...spec, configPatches: patches } };
}

/** What a patch of an EnvoyFilter is for. */
function placeOfPatch(patch: Json): string {
  return JSON.stringify([at(patch, 'applyTo') ?? null, at(patch, 'match') ?? null]);
}
