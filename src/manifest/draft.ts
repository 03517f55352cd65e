import jsonpatch from 'fast-json-patch';
import {
  type AliasNode,
  copyOf,
  entryOf,
  isSame,
  type Json,
  type JsonObject,
  type MapEntry,
  type MapNode,
  mergedMaps,
  type Node,
  resolved,
  type SeqItem,
  type SeqNode,
  setOwn,
} from './node.ts';
import type { Operation } from './operation.ts';
import { pointer } from './pointer.ts';
import { nodeValue } from './read.ts';

/**
 * A document under change. Untouched parts stay the nodes that were parsed; a collection is opened to a draft
 * only on the way to a change; what is new is plain values. Printing then touches only what differs.
 */
export type Slot = Node | DraftMap | DraftSeq | Fresh;

export interface DraftMap {
  readonly kind: 'draft-map';
  readonly node: MapNode;
  readonly entries: DraftEntry[];
}
export interface DraftEntry {
  readonly key: string;
  readonly source: MapEntry | undefined;
  slot: Slot;
}
export interface DraftSeq {
  readonly kind: 'draft-seq';
  readonly node: SeqNode;
  readonly items: DraftItem[];
}
export interface DraftItem {
  readonly source: SeqItem | undefined;
  slot: Slot;
}
export interface Fresh {
  readonly kind: 'fresh';
  value: Json;
}

/** Why an edit cannot be made in the text; `node` is where. */
export class EditFault extends Error {
  readonly node: Node;
  constructor(message: string, node: Node) {
    super(message);
    this.node = node;
  }
}

export interface Draft {
  readonly root: Slot;
  /** Sets the value at a path: a new key, a list's index to insert at or `-`, or the document itself. */
  add(path: readonly string[], value: Json): void;
  replace(path: readonly string[], value: Json): void;
  remove(path: readonly string[]): void;
  move(from: readonly string[], path: readonly string[]): void;
  /** Lets aliases stand where they still mean the right thing, and writes the others out. Call once, at the end. */
  settleAliases(): void;
}

/** Opens a document for changes. The operations must be valid: fast-json-patch has applied them to the value. */
export function openDraft(node: Node): Draft {
  /** What became of an original node; absent while it is untouched. */
  const became = new Map<Node, Slot>();
  const expanded: { readonly alias: AliasNode; readonly fresh: Fresh; restore(): void }[] = [];
  /** Aliases that are to mean what their anchor means now. */
  const settled = new Set<AliasNode>();
  /** Nodes that stand before the one that `writeOutStale` looks at. */
  const passed = new Set<Node>();
  const draft = { root: node as Slot };

  function opened(slot: Slot, store: (slot: Slot) => void): DraftMap | DraftSeq | Fresh {
    if (slot.kind === 'draft-map' || slot.kind === 'draft-seq' || slot.kind === 'fresh') return slot;
    const open = openNode(slot);
    became.set(slot, open);
    if (slot.kind === 'alias') expanded.push({ alias: slot, fresh: open as Fresh, restore: () => store(slot) });
    store(open);
    return open;
  }

  /** The collection that holds the last segment of a path, opened. */
  function parentOf(path: readonly string[]): DraftMap | DraftSeq | Fresh {
    let current = opened(draft.root, (slot) => {
      draft.root = slot;
    });
    for (const segment of path.slice(0, -1)) {
      if (current.kind === 'fresh') return current;
      current = openChild(current, segment);
    }
    return current;
  }

  function openChild(parent: DraftMap | DraftSeq, segment: string): DraftMap | DraftSeq | Fresh {
    const holder = parent.kind === 'draft-seq' ? parent.items[Number(segment)] : ownOrMerged(parent, segment);
    if (!holder) throw new EditFault(`nothing stands at ${segment}`, parent.node);
    return opened(holder.slot, (slot) => {
      holder.slot = slot;
    });
  }

  return {
    get root() {
      return draft.root;
    },
    add(path, value) {
      if (path.length === 0) draft.root = fresh(value);
      else put(path, value, true);
    },
    replace(path, value) {
      if (path.length === 0) draft.root = fresh(value);
      else put(path, value, false);
    },
    remove(path) {
      take(path);
    },
    move(from, path) {
      const taken = take(from);
      const parent = parentOf(path);
      const last = path.at(-1)!;
      if (parent.kind === 'draft-seq') parent.items.splice(indexIn(parent.items, last), 0, taken as DraftItem);
      else put(path, slotValue(taken.slot), true);
    },
    settleAliases() {
      for (const { alias, fresh, restore } of expanded) {
        if (!isSame(fresh.value, currentValue(alias.target))) continue;
        restore();
        settled.add(alias);
      }
      if (hasAlias(node)) draft.root = writeOutStale(draft.root);
    },
  };

  function put(path: readonly string[], value: Json, insert: boolean): void {
    const last = path.at(-1)!;
    const parent = parentOf(path);
    if (parent.kind === 'fresh') {
      patchFresh(parent, { op: insert ? 'add' : 'replace', path: pointer(...freshPath(path)), value: copyOf(value) });
    } else if (parent.kind === 'draft-seq') {
      const index = indexIn(parent.items, last);
      if (insert) parent.items.splice(index, 0, { source: undefined, slot: fresh(value) });
      else replaceSlot(parent.items[index]!, value);
    } else {
      const own = parent.entries.find((entry) => entry.key === last && !entry.source?.merge);
      if (own) replaceSlot(own, value);
      else parent.entries.push({ key: last, source: undefined, slot: fresh(value) });
    }
  }

  function replaceSlot(holder: { slot: Slot }, value: Json): void {
    const replaced = fresh(value);
    if ('start' in holder.slot) became.set(holder.slot, replaced);
    holder.slot = replaced;
  }

  function take(path: readonly string[]): DraftEntry | DraftItem {
    const last = path.at(-1)!;
    const parent = parentOf(path);
    if (parent.kind === 'fresh') {
      const removed = patchFresh(parent, { op: 'remove', path: pointer(...freshPath(path)) });
      return { source: undefined, slot: fresh(removed) };
    }
    if (parent.kind === 'draft-seq') return parent.items.splice(Number(last), 1)[0]!;
    const index = parent.entries.findIndex((entry) => entry.key === last && !entry.source?.merge);
    if (index === -1)
      throw new EditFault(`"${last}" comes from a mapping that << merges, and cannot be removed here`, parent.node);
    return parent.entries.splice(index, 1)[0]!;
  }

  /** The part of a path that lies inside the fresh value at which `parentOf` stopped. */
  function freshPath(path: readonly string[]): readonly string[] {
    let current: Slot = draft.root;
    for (const [depth, segment] of path.entries()) {
      if (current.kind === 'fresh') return path.slice(depth);
      const holders: DraftMap | DraftSeq = current as DraftMap | DraftSeq;
      const holder: DraftEntry | DraftItem | undefined =
        holders.kind === 'draft-seq'
          ? holders.items[Number(segment)]
          : holders.entries.find((entry) => entry.key === segment);
      current = holder!.slot;
    }
    return [];
  }

  function currentValue(original: Node): Json {
    const slot = became.get(original);
    return slot ? slotValue(slot) : nodeValue(original);
  }

  /** Replaces by its meaning every alias whose anchor no longer means what it meant, or now stands below it. */
  function writeOutStale(slot: Slot): Slot {
    if (slot.kind === 'alias') {
      if (!passed.has(slot.target))
        return fresh(settled.has(slot) ? currentValue(slot.target) : nodeValue(slot.target));
      return !settled.has(slot) && hasChanged(slot.target) ? fresh(nodeValue(slot.target)) : slot;
    }
    if (slot.kind !== 'fresh') passed.add('start' in slot ? slot : slot.node);
    if (became.size === 0 || slot.kind === 'fresh' || slot.kind === 'scalar') return slot;
    const open = 'start' in slot ? (openNode(slot) as DraftMap | DraftSeq) : slot;
    const before = open.kind === 'draft-map' ? open.entries.length : 0;
    if (open.kind === 'draft-map') keepMerged(open);
    let isChanged = open.kind === 'draft-map' && open.entries.length !== before;
    const holders: readonly (DraftEntry | DraftItem)[] = open.kind === 'draft-seq' ? open.items : open.entries;
    for (const holder of holders) {
      if (isMerge(holder)) continue;
      const next = writeOutStale(holder.slot);
      if (next !== holder.slot) isChanged = true;
      holder.slot = next;
    }
    return isChanged ? open : slot;
  }

  /** Writes into a map what it merged and would lose, because the merged mapping changes elsewhere. */
  function keepMerged(map: DraftMap): void {
    for (const source of mergedMaps(map.node)) {
      if (!hasChanged(source)) continue;
      const now = currentValue(source) as JsonObject;
      for (const [key, value] of Object.entries(nodeValue(source) as JsonObject)) {
        const isOwn = map.entries.some((entry) => entry.key === key && !isMerge(entry));
        if (!isOwn && !isSame(now[key], value)) map.entries.push({ key, source: undefined, slot: fresh(value) });
      }
    }
  }

  function hasChanged(target: Node): boolean {
    return isStale(target) && !isSame(nodeValue(target), currentValue(target));
  }

  function isStale(target: Node): boolean {
    if (became.has(target)) return true;
    if (target.kind === 'map') return target.entries.some((entry) => isStale(entry.value));
    if (target.kind === 'seq') return target.items.some((item) => isStale(item.value));
    return target.kind === 'alias' && isStale(target.target);
  }
}

function hasAlias(node: Node): boolean {
  if (node.kind === 'map') return node.entries.some((entry) => hasAlias(entry.value));
  if (node.kind === 'seq') return node.items.some((item) => hasAlias(item.value));
  return node.kind === 'alias';
}

function isMerge({ source }: DraftEntry | DraftItem): boolean {
  return source !== undefined && 'merge' in source && source.merge;
}

function openNode(node: Node): DraftMap | DraftSeq | Fresh {
  if (node.kind === 'map') {
    const entries = node.entries.map((source) => ({ key: source.key, source, slot: source.value }));
    return { kind: 'draft-map', node, entries };
  }
  if (node.kind === 'seq')
    return { kind: 'draft-seq', node, items: node.items.map((source) => ({ source, slot: source.value })) };
  return { kind: 'fresh', value: nodeValue(node) };
}

/** A map's own entry, or a new one that copies what a merged mapping gives, so that it can be changed here alone. */
function ownOrMerged(map: DraftMap, key: string): DraftEntry | undefined {
  const own = map.entries.find((entry) => entry.key === key && !entry.source?.merge);
  if (own) return own;
  const merged = entryOf(map.node, key);
  if (!merged?.merged) return undefined;
  const copy: DraftEntry = { key, source: undefined, slot: fresh(nodeValue(resolved(merged.entry.value))) };
  map.entries.push(copy);
  return copy;
}

function fresh(value: Json): Fresh {
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
    case 'draft-map': {
      const object: JsonObject = {};
      for (const { key, slot: value, source } of slot.entries) {
        if (!source?.merge) setOwn(object, key, slotValue(value));
      }
      const merged = nodeValue(slot.node) as JsonObject;
      for (const { source } of slot.entries) {
        if (!source?.merge) continue;
        for (const key of Object.keys(merged))
          if (!Object.hasOwn(object, key) && entryOf(slot.node, key)?.merged) setOwn(object, key, merged[key]!);
      }
      return object;
    }
    default:
      return nodeValue(slot);
  }
}

/** Changes a value that stands in no text yet, and gives what the operation removed. */
function patchFresh(slot: Fresh, operation: Operation): Json {
  const { newDocument, removed } = jsonpatch.applyOperation(slot.value, operation);
  slot.value = newDocument as Json;
  return (removed ?? null) as Json;
}
