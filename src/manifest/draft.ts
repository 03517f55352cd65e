import jsonpatch from 'fast-json-patch';
import {
  type AliasNode,
  copyOf,
  entryOf,
  type Json,
  type JsonObject,
  type MapEntry,
  type MapNode,
  type Node,
  resolved,
  type SeqItem,
  type SeqNode,
  setOwn,
} from './node.ts';
import { nodeValue } from './node-value.ts';
import type { Operation } from './operation.ts';
import { pointer, segmentsOf } from './pointer.ts';

/**
 * A part of a document under change. Untouched parts remain the nodes that were parsed; a collection is opened to a
 * draft only on the way to a change; what is new is plain values. Printing then touches only what differs.
 */
export type Slot = Node | DraftMap | DraftSeq | Fresh;

export interface DraftMap {
  readonly kind: 'draft-map';
  readonly node: MapNode;
  readonly entries: DraftEntry[];
}
export interface DraftEntry extends Holder {
  readonly key: string;
  readonly source: MapEntry | undefined;
}
export interface DraftSeq {
  readonly kind: 'draft-seq';
  readonly node: SeqNode;
  readonly items: DraftItem[];
}
export interface DraftItem extends Holder {
  readonly source: SeqItem | undefined;
}
export interface Fresh {
  readonly kind: 'fresh';
  value: Json;
}

/** What a slot is in: an entry, an item, or the document. */
export interface Holder {
  slot: Slot;
}

/** Why an edit cannot be made in the text; `node` is where. */
export class EditFault extends Error {
  readonly node: Node;
  constructor(message: string, node: Node) {
    super(message);
    this.node = node;
  }
}

/** A document under change. */
export interface Draft {
  readonly original: Node;
  readonly root: Holder;
  /** What became of an original node; an untouched one is absent. */
  readonly became: Map<Node, Slot>;
  /** The aliases whose meaning was written out, because something below them changes. */
  readonly writtenOut: { readonly alias: AliasNode; readonly fresh: Fresh; readonly holder: Holder }[];
}

/** Opens a document for changes. */
export function openDraft(original: Node): Draft {
  return { original, root: { slot: original }, became: new Map(), writtenOut: [] };
}

/** Makes a change. The operation must be valid: fast-json-patch has applied it to the value. */
export function applyToDraft(draft: Draft, operation: Operation): void {
  const path = segmentsOf(operation.path);
  if (operation.op === 'add') set(draft, path, operation.value, true);
  else if (operation.op === 'replace') set(draft, path, operation.value, false);
  else if (operation.op === 'remove') take(draft, path);
  else if (operation.op === 'move') move(draft, segmentsOf(operation.from), path);
}

/**
 * Sets the value at a path: a key, a list's index or `-`, or the document itself.
 *
 * @param isInserted - true when a list gets one more item, false when the item at the index is replaced
 */
function set(draft: Draft, path: readonly string[], value: Json, isInserted: boolean): void {
  const last = path.at(-1);
  if (last === undefined) {
    draft.root.slot = fresh(value);
    return;
  }
  const parent = parentOf(draft, path);
  if (parent.kind === 'fresh') {
    const inner = pointer(...pathInFresh(draft, path));
    patchFresh(parent, { op: isInserted ? 'add' : 'replace', path: inner, value: copyOf(value) });
  } else if (parent.kind === 'draft-seq') {
    const index = indexIn(parent.items, last);
    if (isInserted) parent.items.splice(index, 0, { source: undefined, slot: fresh(value) });
    else replaceSlot(draft, parent.items[index]!, value);
  } else {
    const own = ownEntry(parent, last);
    if (own) replaceSlot(draft, own, value);
    else parent.entries.push({ key: last, source: undefined, slot: fresh(value) });
  }
}

function replaceSlot(draft: Draft, holder: Holder, value: Json): void {
  const replaced = fresh(value);
  if ('start' in holder.slot) draft.became.set(holder.slot, replaced);
  holder.slot = replaced;
}

/** Takes out what is at a path. */
function take(draft: Draft, path: readonly string[]): DraftEntry | DraftItem {
  const last = path.at(-1)!;
  const parent = parentOf(draft, path);
  if (parent.kind === 'fresh') {
    const removed = patchFresh(parent, { op: 'remove', path: pointer(...pathInFresh(draft, path)) });
    return { source: undefined, slot: fresh(removed) };
  }
  if (parent.kind === 'draft-seq') return parent.items.splice(Number(last), 1)[0]!;
  const own = ownEntry(parent, last);
  if (!own)
    throw new EditFault(`"${last}" comes from a mapping that << merges, and cannot be removed here`, parent.node);
  parent.entries.splice(parent.entries.indexOf(own), 1);
  return own;
}

function move(draft: Draft, from: readonly string[], path: readonly string[]): void {
  const taken = take(draft, from);
  const parent = parentOf(draft, path);
  if (parent.kind === 'draft-seq') parent.items.splice(indexIn(parent.items, path.at(-1)!), 0, taken as DraftItem);
  else set(draft, path, slotValue(taken.slot), true);
}

/** The collection that holds the last segment of a path, opened; or the new value that the path leads into. */
function parentOf(draft: Draft, path: readonly string[]): DraftMap | DraftSeq | Fresh {
  let current = opened(draft, draft.root);
  for (const segment of path.slice(0, -1)) {
    if (current.kind === 'fresh') return current;
    current = openChild(draft, current, segment);
  }
  return current;
}

function openChild(draft: Draft, parent: DraftMap | DraftSeq, segment: string): DraftMap | DraftSeq | Fresh {
  const holder = parent.kind === 'draft-seq' ? parent.items[Number(segment)] : ownOrMerged(parent, segment);
  if (!holder) throw new EditFault(`there is nothing at ${segment}`, parent.node);
  return opened(draft, holder);
}

/** What a holder has, opened for changes. */
function opened(draft: Draft, holder: Holder): DraftMap | DraftSeq | Fresh {
  const { slot } = holder;
  if (slot.kind === 'draft-map' || slot.kind === 'draft-seq' || slot.kind === 'fresh') return slot;
  const open = openNode(slot);
  draft.became.set(slot, open);
  if (slot.kind === 'alias') draft.writtenOut.push({ alias: slot, fresh: open as Fresh, holder });
  holder.slot = open;
  return open;
}

/** The part of a path that lies inside the new value at which `parentOf` stopped. */
function pathInFresh(draft: Draft, path: readonly string[]): readonly string[] {
  let current = draft.root.slot;
  for (const [depth, segment] of path.entries()) {
    if (current.kind === 'fresh') return path.slice(depth);
    const open = current as DraftMap | DraftSeq;
    const holder: Holder | undefined =
      open.kind === 'draft-seq' ? open.items[Number(segment)] : open.entries.find((entry) => entry.key === segment);
    current = holder!.slot;
  }
  return [];
}

/** A map's own entry for a key; not one that `<<` merges. */
function ownEntry(map: DraftMap, key: string): DraftEntry | undefined {
  return map.entries.find((entry) => entry.key === key && !entry.source?.merge);
}

/** The same, or a new entry that copies what a merged mapping gives, so that it can be changed here alone. */
function ownOrMerged(map: DraftMap, key: string): DraftEntry | undefined {
  const own = ownEntry(map, key);
  if (own) return own;
  const merged = entryOf(map.node, key);
  if (!merged?.merged) return undefined;
  const copy: DraftEntry = { key, source: undefined, slot: fresh(nodeValue(resolved(merged.entry.value))) };
  map.entries.push(copy);
  return copy;
}

/** A node as a collection whose entries can change; a scalar or an alias as its value. */
export function openNode(node: Node): DraftMap | DraftSeq | Fresh {
  if (node.kind === 'map') {
    const entries = node.entries.map((source) => ({ key: source.key, source, slot: source.value }));
    return { kind: 'draft-map', node, entries };
  }
  if (node.kind === 'seq')
    return { kind: 'draft-seq', node, items: node.items.map((source) => ({ source, slot: source.value })) };
  return { kind: 'fresh', value: nodeValue(node) };
}

/** A new value, which shares nothing with the given one. */
export function fresh(value: Json): Fresh {
  return { kind: 'fresh', value: copyOf(value) };
}

function indexIn(items: readonly unknown[], segment: string): number {
  return segment === '-' ? items.length : Number(segment);
}

/** What a slot means now. */
export function slotValue(slot: Slot): Json {
  switch (slot.kind) {
    case 'fresh':
      return slot.value;
    case 'draft-seq':
      return slot.items.map((item) => slotValue(item.slot));
    case 'draft-map':
      return mapValue(slot);
    default:
      return nodeValue(slot);
  }
}

function mapValue({ node, entries }: DraftMap): JsonObject {
  const object: JsonObject = {};
  for (const { key, slot, source } of entries) if (!source?.merge) setOwn(object, key, slotValue(slot));
  if (!entries.some(({ source }) => source?.merge)) return object;
  for (const [key, value] of Object.entries(nodeValue(node) as JsonObject))
    if (!Object.hasOwn(object, key) && entryOf(node, key)?.merged) setOwn(object, key, value);
  return object;
}

/** Changes a value that is in no text yet, and gives what the operation removed. */
function patchFresh(slot: Fresh, operation: Operation): Json {
  const { newDocument, removed } = jsonpatch.applyOperation(slot.value, operation);
  slot.value = newDocument as Json;
  return (removed ?? null) as Json;
}
