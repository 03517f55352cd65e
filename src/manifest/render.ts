import { type Chunk, chunksOf, commentsEnd } from './chunk.ts';
import type { DraftItem, DraftMap, DraftSeq, Slot } from './draft.ts';
import { slotValue } from './draft.ts';
import { skipTrivia } from './events.ts';
import { isObject, type Json, type MapEntry, type Node, type SeqItem, type SeqNode } from './node.ts';
import { isBlank, lineEndOf, lineStartOf } from './position.ts';
import {
  indented,
  isBlock,
  isLiteralText,
  type Layout,
  layoutOf,
  printBlock,
  printEntry,
  printFlow,
  printItem,
  printKey,
  printScalar,
} from './print.ts';
import { lineEdits, splice, type TextEdit } from './splice.ts';

/** What is around a node: where a value on the same line may go, and how far in the parent stands. */
interface Surroundings {
  readonly inFlow: boolean;
  /** Offset just after the `:` or `-` that the value belongs to. */
  readonly after: number;
  /** Column of the key or dash; -1 at the document's root. */
  readonly parentColumn: number;
  readonly isItem: boolean;
}

/** The text edits that turn a document into its draft. */
export function renderEdits(text: string, original: Node, root: Slot): TextEdit[] {
  const edits: TextEdit[] = [];
  let found: Layout | undefined;
  const layout = (): Layout => {
    found ??= layoutOf(text, original);
    return found;
  };
  render(root, original, { inFlow: false, after: original.outerStart, parentColumn: -1, isItem: false }, edits);
  return edits;

  function render(slot: Slot, node: Node, around: Surroundings, into: TextEdit[]): void {
    if (slot === node) return;
    if (slot.kind === 'draft-map') renderMap(slot, around, into);
    else if (slot.kind === 'draft-seq') renderSeq(slot, around, into);
    else replaceNode(node, slotValue(slot), around, into);
  }

  function renderMap(draft: DraftMap, around: Surroundings, into: TextEdit[]): void {
    const { node } = draft;
    const kept = draft.entries.filter((entry) => entry.source !== undefined);
    const isBare = node.flow && text[node.start] !== '{'; // `[a: 1]`: a mapping without braces
    const isResized = kept.length !== draft.entries.length || kept.length !== node.entries.length;
    const last = kept.at(-1);
    if (last === undefined || (isBare && isResized)) {
      replaceNode(node, slotValue(draft), around, into);
      return;
    }

    for (const { source, slot } of kept)
      render(slot, source!.value, aroundValue(source!, node.flow || around.inFlow), into);
    const fresh = draft.entries.filter((entry) => entry.source === undefined);
    const json = last.source!.keyNode.kind === 'scalar' && last.source!.keyNode.style === 'double';
    if (node.flow) {
      removeRuns(
        node.entries,
        kept.map((entry) => entry.source!),
        (entry) => entry.keyNode.outerStart,
        (entry) => entry.value.end,
        into,
      );
      const column = ownLineColumn(last.source!.keyNode.outerStart);
      const padded = text[node.start + 1] === ' ';
      const printed = fresh.map(
        ({ key, slot }) => `${printKey(key, json)}: ${printFlowAt(slotValue(slot), json, padded, column)}`,
      );
      const isCutBehind = node.entries.at(-1) !== last.source;
      insertInFlow(last.source!.value.end, printed, column, into, isCutBehind);
      return;
    }
    removeEntries(
      node.entries,
      kept.map(({ source }) => source!),
      into,
    );
    const column = columnOf(node.start);
    const lines = fresh.flatMap(({ key, slot }) => printEntry(printKey(key, json), slotValue(slot), layout()));
    insertLines(
      last.source!.value,
      lines.map((line) => indented(line, column)),
      column,
      into,
    );
  }

  function renderSeq(draft: DraftSeq, around: Surroundings, into: TextEdit[]): void {
    const { node, items } = draft;
    const isInPlace =
      items.length === node.items.length && items.every((item, index) => item.source === node.items[index]);
    const inFlow = node.flow || around.inFlow;
    if (isInPlace) {
      for (const { source, slot } of items) render(slot, source!.value, aroundItem(source!, inFlow), into);
      return;
    }
    if (!items.some((item) => item.source)) {
      replaceNode(node, slotValue(draft), around, into);
      return;
    }

    if (node.flow && node.items.every((source, index) => items[index]?.source === source)) {
      appendInFlow(node, items, inFlow, into);
      return;
    }
    const chunks = chunksOf(text, node);
    const first = chunks[0]!;
    const region = { start: first.start, end: chunks.at(-1)!.end };
    const order = items.map(({ source }) => (source ? node.items.indexOf(source) : -1));
    const kept = order.filter((index) => index !== -1);
    // Where nothing moves, comments between items stay even if an item beside them goes.
    const isInOrder = !node.flow && kept.every((index, position) => position === 0 || kept[position - 1]! < index);
    const margin = text.slice(lineStartOf(text, first.start), first.start);
    const above = isInOrder && isBlank(margin) ? commentsBetween(0, kept[0]!, chunks) : '';
    // They are lines of their own, which begin with a line break here.
    if (above !== '') region.start -= margin.length;
    let rebuilt = above === '' ? '' : above.replace(/^\r?\n/, '') + layout().lineBreak + margin;
    for (const [index, item] of items.entries()) {
      const [before, here] = [order[index - 1] ?? -1, order[index]!];
      if (index > 0 && isInOrder && before !== -1 && here !== -1) rebuilt += gapBetween(before, here, chunks);
      else if (index > 0) rebuilt += gapBefore(index, chunks, node);
      rebuilt += chunkText(item, chunks, node, inFlow);
      if (isInOrder && here === kept.at(-1)) rebuilt += commentsBetween(here, chunks.length - 1, chunks);
    }
    into.push(...lineEdits(region.start, text.slice(region.start, region.end), rebuilt));
  }

  function appendInFlow(node: SeqNode, items: readonly DraftItem[], inFlow: boolean, into: TextEdit[]): void {
    for (const { source, slot } of items) if (source) render(slot, source.value, aroundItem(source, inFlow), into);
    const { value } = node.items.at(-1)!;
    const column = ownLineColumn(value.outerStart);
    const printed = items
      .slice(node.items.length)
      .map((item) => printFlowAt(slotValue(item.slot), isJson(node), false, column));
    insertInFlow(value.end, printed, column, into);
  }

  function chunkText(item: DraftItem, chunks: readonly Chunk[], node: SeqNode, inFlow: boolean): string {
    if (!item.source) {
      const value = slotValue(item.slot);
      if (node.flow) return printFlowAt(value, isJson(node), false, -1);
      const column = columnOf(node.items[0]!.dash);
      return hanging(printItem(value, layout()), column);
    }
    const chunk = chunks[node.items.indexOf(item.source)]!;
    const inner: TextEdit[] = [];
    render(item.slot, item.source.value, aroundItem(item.source, inFlow), inner);
    return splice(text, inner, chunk.start, chunk.end);
  }

  /** What stands between two items, with the comments from between those that stood between them. */
  function gapBetween(before: number, after: number, chunks: readonly Chunk[]): string {
    const gaps = gapsOf(before, after, chunks);
    const last = gaps.findLast((gap) => gap.includes('#'));
    if (last === undefined) return gaps[0]!;
    return commentsBetween(before, after, chunks) + last.slice(last.search(/\r?\n[^\n]*$/));
  }

  /** The lines of comments that stand between items and belong to none, each behind its line break. */
  function commentsBetween(from: number, to: number, chunks: readonly Chunk[]): string {
    const commented = gapsOf(from, to, chunks).filter((gap) => gap.includes('#'));
    return commented.map((gap) => gap.replace(/\r?\n[^\n]*$/, '')).join('');
  }

  function gapsOf(from: number, to: number, chunks: readonly Chunk[]): string[] {
    return chunks.slice(from, to).map(({ end }, index) => text.slice(end, chunks[from + index + 1]!.start));
  }

  /** Separators keep their places: only items move. One more item gets one like the last, without its comments. */
  function gapBefore(index: number, chunks: readonly Chunk[], node: SeqNode): string {
    if (index < chunks.length) return text.slice(chunks[index - 1]!.end, chunks[index]!.start);
    const last = chunks.length - 1;
    const gap = last > 0 ? text.slice(chunks[last - 1]!.end, chunks[last]!.start) : '';
    if (gap !== '' && !gap.includes('#')) return gap;
    if (node.flow) return ', ';
    return layout().lineBreak + ' '.repeat(columnOf(node.items[0]!.dash));
  }

  function replaceNode(node: Node, value: Json, around: Surroundings, into: TextEdit[]): void {
    const isScalar = node.kind === 'scalar';
    // A tag would say of the new value what was true of the old; an anchor stays for those who refer to it.
    const start = /^!/.test(text.slice(node.outerStart)) ? node.outerStart : node.start;
    if (isScalar && node.style === 'empty') {
      fillEmpty(node, value, around, into);
      return;
    }
    if (isScalar && typeof value === 'string') {
      const multiline =
        node.style === 'literal'
          ? literalEdits(node.start, node.end, node.indent, String(node.value), value)
          : undefined;
      if (multiline) {
        into.push(...multiline);
        return;
      }
    }
    if (around.inFlow || node.kind === 'alias' || (isCollection(node) && node.flow)) {
      if (!around.inFlow && isBlock(value) && isRoomy(node, value)) {
        replaceByBlock(node, value, around, into);
        return;
      }
      const json = isJson(node) || (around.inFlow && isJsonDocument());
      const multiline = text.slice(node.start, node.end).includes('\n');
      const column =
        multiline && isCollection(node) ? columnOf(lineStartOf(text, node.start) + leadingSpaces(node.start)) : -1;
      into.push({ start, end: node.end, text: printFlowAt(value, json, text[node.start + 1] === ' ', column) });
      return;
    }
    if (isBlock(value)) {
      replaceByBlock(node, value, around, into);
      return;
    }
    const quote = isScalar && (node.style === 'single' || node.style === 'double') ? node.style : 'plain';
    const printed = isObject(value) || Array.isArray(value) ? printFlow(value) : printScalar(value, quote);
    if (isScalar && node.indent === -1) into.push({ start, end: node.end, text: printed });
    else replaceLines(node, ` ${printed}`, [], around, into);
  }

  /** A value for a key or dash that had none; a comment on its line stays there. */
  function fillEmpty(node: Node, value: Json, around: Surroundings, into: TextEdit[]): void {
    if (around.inFlow) {
      const colon = text[node.start - 1] === ':' || around.isItem ? ' ' : ': ';
      into.push({
        start: node.start,
        end: node.start,
        text: `${colon}${printFlow(value, isJsonDocument())}`,
      });
    } else if (!isBlock(value)) {
      const [head, ...rest] = printEntry('', value, layout());
      into.push({ start: node.start, end: node.start, text: head!.slice(1) });
      const lines = rest.map((line) => indented(line, around.parentColumn));
      if (lines.length > 0) insertAt(lineEndOf(text, node.start), lines, into);
    } else if (around.isItem && isBlank(text.slice(node.start, lineEndOf(text, node.start)))) {
      const printed = hanging(printBlock(value, layout()), around.parentColumn + 2);
      into.push({ start: node.start, end: node.start, text: ` ${printed}` });
    } else {
      const column = around.isItem ? around.parentColumn + 2 : childColumn(value, around);
      insertAt(
        lineEndOf(text, node.start),
        printBlock(value, layout()).map((line) => indented(line, column)),
        into,
      );
    }
  }

  function replaceByBlock(node: Node, value: Json, around: Surroundings, into: TextEdit[]): void {
    if (around.isItem || around.parentColumn === -1) {
      const column = columnOf(node.start);
      const end = contentEnd(node);
      const comment = text.slice(end, lineEndOf(text, end)).trim();
      // A comment behind the last line could become part of a block scalar there, so it goes before the first.
      const lines = [...(comment === '' ? [] : [comment]), ...printBlock(value, layout())];
      const printed = hanging(lines, column);
      into.push({ start: node.start, end: comment === '' ? end : lineEndOf(text, end), text: printed });
      return;
    }
    const column = childColumn(value, around);
    replaceLines(
      node,
      '',
      printBlock(value, layout()).map((line) => indented(line, column)),
      around,
      into,
    );
  }

  /** Puts `head` on the key's line and `lines` below it, in the place of a node; the line's comment stays. */
  function replaceLines(
    node: Node,
    head: string,
    lines: readonly string[],
    around: Surroundings,
    into: TextEdit[],
  ): void {
    const keyLineEnd = lineEndOf(text, around.after);
    const anchor = node.anchor === undefined ? '' : ` &${node.anchor}`;
    const isOnKeyLine = node.start <= keyLineEnd;
    const end = contentEnd(node);
    const onLine = isOnKeyLine ? text.slice(around.after, node.start).trimEnd() : '';
    const comment = isOnKeyLine
      ? text.slice(Math.min(end, keyLineEnd), keyLineEnd)
      : text.slice(around.after, keyLineEnd);
    const body = lines.map((line) => layout().lineBreak + line).join('');
    const isWithinLine = end <= keyLineEnd;
    const keepsAnchor = onLine !== '' || comment.includes(`&${node.anchor}`);
    const middle = isWithinLine || !isOnKeyLine ? comment : blockHeaderComment(node);
    into.push({
      start: around.after,
      end: isOnKeyLine ? Math.max(end, keyLineEnd) : lineEndOf(text, end),
      text: `${keepsAnchor ? onLine : anchor}${head}${middle}${body}`,
    });
  }

  /** A comment behind a block scalar's `|`. */
  function blockHeaderComment(node: Node): string {
    return /^[|>][-+0-9]*([ \t]+#.*)?/.exec(text.slice(node.start, lineEndOf(text, node.start)))?.[1] ?? '';
  }

  function literalEdits(
    start: number,
    end: number,
    indent: number,
    before: string,
    after: string,
  ): TextEdit[] | undefined {
    // The header says how the text ends, and how far it stands in when it begins with a blank.
    const isAsHeaderSays = lineBreaksAtEnd(before) === lineBreaksAtEnd(after);
    const beginsOtherwise = /^[ \n]/.test(after) && !/^[ \n]/.test(before);
    if (!isAsHeaderSays || after.trim() === '' || beginsOtherwise || !isLiteralText(after)) return undefined;
    const bodyStart = text.indexOf('\n', start) + 1;
    const bodyEnd = trimmedEnd(bodyStart, end);
    const { lineBreak } = layout();
    const rebuilt: string[] = [];
    const rawLines = text.slice(bodyStart, bodyEnd).split(lineBreak);
    const used = new Map<string, string>();
    for (const raw of rawLines) used.set(raw.slice(indent), raw); // keeps blanks at the end of lines that stay
    for (const line of after.replace(/\n+$/, '').split('\n')) rebuilt.push(used.get(line) ?? indented(line, indent));
    return lineEdits(bodyStart, text.slice(bodyStart, bodyEnd), rebuilt.join(lineBreak));
  }

  function insertLines(last: Node, lines: readonly string[], column: number, into: TextEdit[]): void {
    if (lines.length === 0) return;
    if (keepsTrailingLines(last)) {
      const { lineBreak } = layout();
      const isClosed = text[last.end - 1] === '\n';
      into.push({
        start: last.end,
        end: last.end,
        text: isClosed ? lines.join(lineBreak) + lineBreak : lineBreak + lines.join(lineBreak),
      });
    } else insertAt(commentsEnd(text, lineEndOf(text, contentEnd(last)), text.length, column), lines, into);
  }

  function insertAt(offset: number, lines: readonly string[], into: TextEdit[]): void {
    into.push({ start: offset, end: offset, text: lines.map((line) => layout().lineBreak + line).join('') });
  }

  /** True below a `|+`, whose trailing blank lines are part of the value. */
  function keepsTrailingLines(node: Node): boolean {
    if (node.kind === 'map') return !node.flow && keepsTrailingLines(node.entries.at(-1)!.value);
    if (node.kind === 'seq') return !node.flow && keepsTrailingLines(node.items.at(-1)!.value);
    return node.kind === 'scalar' && node.indent !== -1 && /^[|>]\d?\+/.test(text.slice(node.start, node.start + 3));
  }

  /** Where a node's content ends, without the line breaks that a block scalar at its end takes in. */
  function contentEnd(node: Node): number {
    return trimmedEnd(node.start, node.end);
  }

  function trimmedEnd(start: number, end: number): number {
    let offset = end;
    while (offset > start && /\s/.test(text[offset - 1]!)) offset--;
    return offset;
  }

  /** Removes entries with their lines and the comments on these; comments on lines of their own stay. */
  function removeEntries(all: readonly MapEntry[], kept: readonly MapEntry[], into: TextEdit[]): void {
    if (kept.length === all.length) return;
    const endOf = ({ keyNode, value }: MapEntry): number => lineEndOf(text, Math.max(contentEnd(value), keyNode.end));
    const firstKept = all.indexOf(kept[0]!);
    const first = all[0]!.keyNode.outerStart;
    const isBehindDash = firstKept > 0 && !isBlank(text.slice(lineStartOf(text, first), first));
    if (isBehindDash) {
      const next = kept[0]!.keyNode.outerStart;
      const comments = all
        .slice(0, firstKept)
        .map((entry, index) => text.slice(endOf(entry), all[index + 1]!.keyNode.outerStart));
      into.push({
        start: first,
        end: next,
        text: comments
          .filter((between) => !isBlank(between))
          .join('')
          .trimStart(),
      });
    }
    for (const [index, entry] of all.entries()) {
      if (kept.includes(entry) || (isBehindDash && index < firstKept)) continue;
      const lineStart = lineStartOf(text, entry.keyNode.outerStart);
      const end = endOf(entry);
      // The line break before goes too, rather than the one after, so that a last line without one stays so.
      const before = lineStart - (text[lineStart - 2] === '\r' ? 2 : 1);
      if (index >= firstKept) into.push({ start: before, end, text: '' });
      else into.push({ start: lineStart, end: text.indexOf('\n', end) + 1, text: '' });
    }
  }

  function removeRuns<T>(
    all: readonly T[],
    kept: readonly T[],
    startOf: (item: T) => number,
    endOf: (item: T) => number,
    into: TextEdit[],
  ): void {
    for (let index = 0; index < all.length; index++) {
      if (kept.includes(all[index]!)) continue;
      let last = index;
      while (last + 1 < all.length && !kept.includes(all[last + 1]!)) last++;
      const before = all[index - 1];
      const next = all[last + 1];
      if (before !== undefined) into.push({ start: endOf(before), end: endOf(all[last]!), text: '' });
      else if (next !== undefined) into.push({ start: startOf(all[index]!), end: startOf(next), text: '' });
      index = last;
    }
  }

  function insertInFlow(
    end: number,
    printed: readonly string[],
    column: number,
    into: TextEdit[],
    isCutBehind = false,
  ): void {
    if (printed.length === 0) return;
    const separator = column === -1 ? ' ' : layout().lineBreak + ' '.repeat(column);
    const next = skipTrivia(text, end);
    const hasComma = !isCutBehind && text[next] === ',';
    const from = hasComma ? next + 1 : end;
    const lineEnd = lineEndOf(text, from);
    const hasComment = column !== -1 && /^[ \t]*#/.test(text.slice(from, lineEnd)) && /\s/.test(text[from] ?? '');
    const body = printed.map((item) => separator + item).join(',');
    if (hasComment && !hasComma) into.push({ start: end, end, text: ',' });
    const offset = hasComment ? lineEnd : from;
    into.push({
      start: offset,
      end: offset,
      text: `${hasComma || hasComment ? '' : ','}${body}${hasComma ? ',' : ''}`,
    });
  }

  /** A value in flow style; over several lines, from `column`, where its neighbours stand so. */
  function printFlowAt(value: Json, json: boolean, padded: boolean, column: number): string {
    if (column === -1 || !json || !isBlock(value)) return printFlow(value, json, padded);
    return hanging(JSON.stringify(value, null, flowStep() ?? layout().step).split('\n'), column);
  }

  /** The indentation of a JSON file, from its first inner line. */
  function flowStep(): number | undefined {
    const [, spaces] = /[{[]\r?\n( +)\S/.exec(text.slice(original.start)) ?? [];
    return spaces?.length;
  }

  function aroundValue(entry: MapEntry, inFlow: boolean): Surroundings {
    const colon = skipTrivia(text, entry.keyNode.end);
    const after = text[colon] === ':' ? colon + 1 : entry.keyNode.end;
    return { inFlow, after, parentColumn: columnOf(entry.keyNode.outerStart), isItem: false };
  }

  function aroundItem(item: SeqItem, inFlow: boolean): Surroundings {
    return { inFlow, after: inFlow ? item.dash : item.dash + 1, parentColumn: columnOf(item.dash), isItem: true };
  }

  function childColumn(value: Json, around: Surroundings): number {
    return around.parentColumn + (Array.isArray(value) ? layout().dashOffset : layout().step);
  }

  function isJson(node: Node): boolean {
    if (node.kind === 'map') return node.entries.length > 0 ? isQuoted(node.entries[0]!.keyNode) : isJsonDocument();
    if (node.kind === 'seq')
      return node.flow && (node.items.length > 0 ? isJson(node.items[0]!.value) : isJsonDocument());
    return node.kind === 'scalar' && node.style === 'double' && isJsonDocument();
  }

  /** True for a document that is written as JSON: its first key is in double quotes. */
  function isJsonDocument(): boolean {
    return (
      original.kind === 'map' && original.flow && original.entries.length > 0 && isQuoted(original.entries[0]!.keyNode)
    );
  }

  function isQuoted(node: Node): boolean {
    return node.kind === 'scalar' && node.style === 'double';
  }

  /** True when a flow collection had better become a block one: it was empty, or gets nested values. */
  function isRoomy(node: Node, value: Json): boolean {
    if (isJson(node) || text.slice(node.end, lineEndOf(text, node.end)).includes('#')) return false;
    const isEmptyNow = isCollection(node) && (node.kind === 'map' ? node.entries : node.items).length === 0;
    return (
      (isEmptyNow || node.kind === 'alias') &&
      Object.values(value as object).some((item) => typeof item === 'object' && item !== null)
    );
  }

  /** Lines of which the first stands where there is text already, and the others at a column. */
  function hanging(lines: readonly string[], column: number): string {
    return lines.map((line, index) => (index === 0 ? line : indented(line, column))).join(layout().lineBreak);
  }

  /** The column of what is first on its line; -1 when something stands before it. */
  function ownLineColumn(offset: number): number {
    return isBlank(text.slice(lineStartOf(text, offset), offset)) ? columnOf(offset) : -1;
  }

  function columnOf(offset: number): number {
    const start = lineStartOf(text, offset);
    return offset - start - (text.charCodeAt(start) === 0xfeff ? 1 : 0);
  }

  function leadingSpaces(offset: number): number {
    const line = text.slice(lineStartOf(text, offset));
    return line.length - line.trimStart().length;
  }
}

function isCollection(node: Node): node is Extract<Node, { flow: boolean }> {
  return node.kind === 'map' || node.kind === 'seq';
}

function lineBreaksAtEnd(text: string): number {
  return text.length - text.replace(/\n+$/, '').length;
}
