import {
  type Draft,
  type DraftEntry,
  type DraftItem,
  type DraftMap,
  type DraftSeq,
  fresh,
  openNode,
  type Slot,
  slotValue,
} from './draft.ts';
import { type AliasNode, isSame, type Json, type JsonObject, mergedMaps, type Node } from './node.ts';
import { nodeValue } from './node-value.ts';

/** A draft whose aliases are being looked at, in the order of the text. */
interface Settling {
  readonly draft: Draft;
  /** Aliases that are to mean what their anchor means now. */
  readonly settled: ReadonlySet<AliasNode>;
  /** Nodes before the one that is looked at. */
  readonly passed: Set<Node>;
}

/**
 * Keeps aliases where they still mean the right thing, and replaces the others by their meaning. Call once, after all
 * changes.
 */
export function settleAliases(draft: Draft): void {
  const settled = new Set<AliasNode>();
  for (const { alias, fresh, holder } of draft.writtenOut) {
    if (!isSame(fresh.value, currentValue(draft, alias.target))) continue;
    holder.slot = alias;
    settled.add(alias);
  }
  const settling = { draft, settled, passed: new Set<Node>() };
  if (hasAlias(draft.original)) draft.root.slot = writeOutStale(settling, draft.root.slot);
}

/** Replaces by its meaning every alias whose anchor no longer means what it meant, or is below it now. */
function writeOutStale(settling: Settling, slot: Slot): Slot {
  if (slot.kind === 'alias') return settledAlias(settling, slot);
  if (slot.kind !== 'fresh') settling.passed.add('start' in slot ? slot : slot.node);
  if (settling.draft.became.size === 0 || slot.kind === 'fresh' || slot.kind === 'scalar') return slot;
  const open = 'start' in slot ? (openNode(slot) as DraftMap | DraftSeq) : slot;
  const hasMore = open.kind === 'draft-map' && keepMerged(settling.draft, open);
  const isWritten = writeOutBelow(settling, open.kind === 'draft-seq' ? open.items : open.entries);
  return hasMore || isWritten ? open : slot;
}

function settledAlias({ draft, settled, passed }: Settling, alias: AliasNode): Slot {
  const { target } = alias;
  if (!passed.has(target)) return fresh(settled.has(alias) ? currentValue(draft, target) : nodeValue(target));
  return !settled.has(alias) && hasChanged(draft, target) ? fresh(nodeValue(target)) : alias;
}

/** @returns true when something was replaced */
function writeOutBelow(settling: Settling, holders: readonly (DraftEntry | DraftItem)[]): boolean {
  let isChanged = false;
  for (const holder of holders) {
    if (isMerge(holder)) continue;
    const next = writeOutStale(settling, holder.slot);
    if (next !== holder.slot) isChanged = true;
    holder.slot = next;
  }
  return isChanged;
}

/**
 * Writes into a map what it merged and would lose, because the merged mapping changes elsewhere.
 *
 * @returns true when there was something
 */
function keepMerged(draft: Draft, map: DraftMap): boolean {
  const before = map.entries.length;
  for (const source of mergedMaps(map.node)) {
    if (!hasChanged(draft, source)) continue;
    const now = currentValue(draft, source) as JsonObject;
    for (const [key, value] of Object.entries(nodeValue(source) as JsonObject)) {
      const isOwn = map.entries.some((entry) => entry.key === key && !isMerge(entry));
      if (!isOwn && !isSame(now[key], value)) map.entries.push({ key, source: undefined, slot: fresh(value) });
    }
  }
  return map.entries.length > before;
}

/** What an original node means now. */
function currentValue(draft: Draft, original: Node): Json {
  const slot = draft.became.get(original);
  return slot ? slotValue(slot) : nodeValue(original);
}

function hasChanged(draft: Draft, target: Node): boolean {
  return isTouched(draft, target) && !isSame(nodeValue(target), currentValue(draft, target));
}

function isTouched(draft: Draft, target: Node): boolean {
  if (draft.became.has(target)) return true;
  if (target.kind === 'map') return target.entries.some((entry) => isTouched(draft, entry.value));
  if (target.kind === 'seq') return target.items.some((item) => isTouched(draft, item.value));
  return target.kind === 'alias' && isTouched(draft, target.target);
}

function hasAlias(node: Node): boolean {
  if (node.kind === 'map') return node.entries.some((entry) => hasAlias(entry.value));
  if (node.kind === 'seq') return node.items.some((item) => hasAlias(item.value));
  return node.kind === 'alias';
}

function isMerge({ source }: DraftEntry | DraftItem): boolean {
  return source !== undefined && 'merge' in source && source.merge;
}
