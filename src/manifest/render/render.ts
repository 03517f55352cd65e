import type { DraftEntry, DraftItem, DraftMap, DraftSeq, Slot } from '../draft.ts';
import { slotValue } from '../draft.ts';
import type { MapEntry, MapNode, Node, SeqItem, SeqNode } from '../node.ts';
import { columnOf, isBlank, lineStartOf, ownLineColumn } from '../position.ts';
import { indented, printEntry, printItem, printKey } from '../print.ts';
import { lineEdits, splice, type TextEdit } from '../splice.ts';
import { skipTrivia } from '../trivia.ts';
import { type Chunk, chunksOf } from './chunk.ts';
import { isDoubleQuoted, isWrittenAsJson, printFlowAs } from './flow.ts';
import { commentsBetween, gapBefore, gapBetween } from './gaps.ts';
import { insertInFlow, insertLines } from './insert.ts';
import { removeEntries, removeInFlow } from './remove.ts';
import { hanging, type Rendering, type Surroundings, startRendering } from './rendering.ts';
import { replaceNode } from './replace.ts';

/** The text edits that turn a document into its draft. */
export function renderEdits(text: string, original: Node, root: Slot): TextEdit[] {
  const rendering = startRendering(text, original);
  render(rendering, root, original, { inFlow: false, after: original.outerStart, parentColumn: -1, isItem: false });
  return rendering.edits;
}

function render(rendering: Rendering, slot: Slot, node: Node, around: Surroundings): void {
  if (slot === node) return;
  if (slot.kind === 'draft-map') renderMap(rendering, slot, around);
  else if (slot.kind === 'draft-seq') renderSeq(rendering, slot, around);
  else replaceNode(rendering, node, slotValue(slot), around);
}

/** An entry or item of the draft that the text has already. */
type Kept<T extends DraftEntry | DraftItem> = T & { readonly source: NonNullable<T['source']> };

function isKept<T extends DraftEntry | DraftItem>(member: T): member is Kept<T> {
  return member.source !== undefined;
}

function renderMap(rendering: Rendering, draft: DraftMap, around: Surroundings): void {
  const { node, entries } = draft;
  const kept = entries.filter(isKept);
  const fresh = entries.filter((entry) => !isKept(entry));
  const isBare = node.flow && rendering.text[node.start] !== '{'; // `[a: 1]`: a mapping without braces
  const isResized = fresh.length > 0 || kept.length !== node.entries.length;
  if (kept.length === 0 || (isBare && isResized)) {
    replaceNode(rendering, node, slotValue(draft), around);
    return;
  }
  const inFlow = node.flow || around.inFlow;
  for (const { source, slot } of kept)
    render(rendering, slot, source.value, aroundValue(rendering.text, source, inFlow));
  const sources = kept.map(({ source }) => source);
  if (node.flow) resizeFlowMap(rendering, node, sources, fresh);
  else resizeBlockMap(rendering, node, sources, fresh);
}

function resizeFlowMap(
  rendering: Rendering,
  node: MapNode,
  kept: readonly MapEntry[],
  fresh: readonly DraftEntry[],
): void {
  removeInFlow(rendering, node.entries, kept);
  const { text } = rendering;
  const last = kept.at(-1)!;
  const isJson = isDoubleQuoted(last.keyNode);
  const column = ownLineColumn(text, last.keyNode.outerStart);
  const style = { isJson, isPadded: text[node.start + 1] === ' ', column };
  const printed = fresh.map(
    ({ key, slot }) => `${printKey(key, isJson)}: ${printFlowAs(rendering, slotValue(slot), style)}`,
  );
  insertInFlow(rendering, last.value.end, printed, column, node.entries.at(-1) !== last);
}

function resizeBlockMap(
  rendering: Rendering,
  node: MapNode,
  kept: readonly MapEntry[],
  fresh: readonly DraftEntry[],
): void {
  removeEntries(rendering, node.entries, kept);
  const last = kept.at(-1)!;
  const isJson = isDoubleQuoted(last.keyNode);
  const column = columnOf(rendering.text, node.start);
  const lines = fresh.flatMap(({ key, slot }) =>
    printEntry(printKey(key, isJson), slotValue(slot), rendering.layout()).map((line) => indented(line, column)),
  );
  insertLines(rendering, last.value, lines, column);
}

function renderSeq(rendering: Rendering, draft: DraftSeq, around: Surroundings): void {
  const { node, items } = draft;
  const inFlow = node.flow || around.inFlow;
  const keepsOrder = node.items.every((source, index) => items[index]?.source === source);
  if (keepsOrder && items.length === node.items.length) renderItems(rendering, items, inFlow);
  else if (!items.some(isKept)) replaceNode(rendering, node, slotValue(draft), around);
  else if (keepsOrder && node.flow) {
    renderItems(rendering, items, inFlow);
    appendInFlow(rendering, node, items.slice(node.items.length));
  } else rebuildSeq(rendering, draft, inFlow);
}

/** Writes the changes inside of items that stay where they are. */
function renderItems(rendering: Rendering, items: readonly DraftItem[], inFlow: boolean): void {
  for (const { source, slot } of items.filter(isKept))
    render(rendering, slot, source.value, aroundItem(rendering.text, source, inFlow));
}

function appendInFlow(rendering: Rendering, node: SeqNode, fresh: readonly DraftItem[]): void {
  const { text, original } = rendering;
  const { value } = node.items.at(-1)!;
  const column = ownLineColumn(text, value.outerStart);
  const style = { isJson: isWrittenAsJson(node, original), isPadded: false, column };
  const printed = fresh.map(({ slot }) => printFlowAs(rendering, slotValue(slot), style));
  insertInFlow(rendering, value.end, printed, column);
}

/** A list in which items were added, removed or moved. */
interface Rebuilt {
  readonly node: SeqNode;
  readonly items: readonly DraftItem[];
  readonly inFlow: boolean;
  /** How its items move, by the index that they had. */
  readonly chunks: readonly Chunk[];
  /** The index that each item had; -1 for a new one. */
  readonly order: readonly number[];
  /** True when no item of a block list moves: comments between items stay then, even if an item beside them goes. */
  readonly isInOrder: boolean;
}

/** Writes a list anew in which items were added, removed or moved: those that were there go as they are. */
function rebuildSeq(rendering: Rendering, { node, items }: DraftSeq, inFlow: boolean): void {
  const { text, layout, edits } = rendering;
  const chunks = chunksOf(text, node);
  const places = new Map(node.items.map((item, index) => [item, index]));
  const order = items.map(({ source }) => (source ? places.get(source)! : -1));
  const kept = order.filter((index) => index !== -1);
  const isInOrder = !node.flow && kept.every((index, position) => position === 0 || kept[position - 1]! < index);
  const first = chunks[0]!.start;
  const margin = text.slice(lineStartOf(text, first), first);
  const above = isInOrder && isBlank(margin) ? commentsBetween(text, chunks, 0, kept[0]!) : '';
  // They are lines of their own, which begin with a line break here.
  const start = above === '' ? first : first - margin.length;
  const head = above === '' ? '' : above.replace(/^\r?\n/, '') + layout().lineBreak + margin;
  const rebuilt = head + itemTexts(rendering, { node, items, inFlow, chunks, order, isInOrder });
  edits.push(...lineEdits(start, text.slice(start, chunks.at(-1)!.end), rebuilt));
}

/** The items with what is between them. */
function itemTexts(rendering: Rendering, rebuilt: Rebuilt): string {
  const { text } = rendering;
  const { node, items, inFlow, chunks, order, isInOrder } = rebuilt;
  const lastKept = order.findLast((index) => index !== -1);
  let texts = '';
  for (const [index, item] of items.entries()) {
    const here = order[index]!;
    if (index > 0) texts += gapTo(rendering, rebuilt, index);
    texts += isKept(item) ? keptText(rendering, item, chunks[here]!, inFlow) : freshText(rendering, item, node);
    if (isInOrder && here === lastKept) texts += commentsBetween(text, chunks, here, chunks.length - 1);
  }
  return texts;
}

/** What is between an item and the one before it. */
function gapTo(rendering: Rendering, { node, chunks, order, isInOrder }: Rebuilt, index: number): string {
  const { text } = rendering;
  const [before, here] = [order[index - 1]!, order[index]!];
  if (isInOrder && before !== -1 && here !== -1) return gapBetween(text, chunks, before, here);
  return gapBefore(text, chunks, index) ?? newGap(rendering, node);
}

/** What goes before one more item when no other shows it. */
function newGap({ text, layout }: Rendering, node: SeqNode): string {
  return node.flow ? ', ' : layout().lineBreak + ' '.repeat(columnOf(text, node.items[0]!.dash));
}

/** An item's own text, with the changes inside of it. */
function keptText(rendering: Rendering, { source, slot }: Kept<DraftItem>, chunk: Chunk, inFlow: boolean): string {
  const { text } = rendering;
  const inner: Rendering = { ...rendering, edits: [] };
  render(inner, slot, source.value, aroundItem(text, source, inFlow));
  return splice(text, inner.edits, chunk.start, chunk.end);
}

function freshText(rendering: Rendering, { slot }: DraftItem, node: SeqNode): string {
  const { text, original, layout } = rendering;
  const value = slotValue(slot);
  if (node.flow)
    return printFlowAs(rendering, value, { isJson: isWrittenAsJson(node, original), isPadded: false, column: -1 });
  return hanging(rendering, printItem(value, layout()), columnOf(text, node.items[0]!.dash));
}

function aroundValue(text: string, entry: MapEntry, inFlow: boolean): Surroundings {
  const colon = skipTrivia(text, entry.keyNode.end);
  const after = text[colon] === ':' ? colon + 1 : entry.keyNode.end;
  // In flow style the column is of no use, and takes a search over all of a line that may be the whole file.
  return { inFlow, after, parentColumn: inFlow ? -1 : columnOf(text, entry.keyNode.outerStart), isItem: false };
}

function aroundItem(text: string, { dash }: SeqItem, inFlow: boolean): Surroundings {
  if (inFlow) return { inFlow, after: dash, parentColumn: -1, isItem: true };
  return { inFlow, after: dash + 1, parentColumn: columnOf(text, dash), isItem: true };
}
