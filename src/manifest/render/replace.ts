import { isObject, type Json, type Node } from '../node.ts';
import { columnOf, contentEnd, isBlank, lineEndOf, lineStartOf } from '../position.ts';
import { indented, isBlock, printBlock, printEntry, printFlow, printScalar } from '../print.ts';
import { isJsonDocument, isWrittenAsJson, printFlowAs } from './flow.ts';
import { insertAt } from './insert.ts';
import { literalEdits } from './literal.ts';
import { hanging, type Rendering, type Surroundings } from './rendering.ts';

/** Writes a value in the place of a node. */
export function replaceNode(rendering: Rendering, node: Node, value: Json, around: Surroundings): void {
  if (node.kind === 'scalar' && node.style === 'empty') {
    fillEmpty(rendering, node, value, around);
    return;
  }
  const isText = node.kind === 'scalar' && node.style === 'literal' && typeof value === 'string';
  const kept = isText ? literalEdits(rendering, node, value) : undefined;
  if (kept) rendering.edits.push(...kept);
  else if (around.inFlow || node.kind === 'alias' || (isCollection(node) && node.flow))
    replaceFlow(rendering, node, value, around);
  else if (isBlock(value)) replaceByBlock(rendering, node, value, around);
  else replaceByInline(rendering, node, value, around);
}

/** Replaces a node that is, or is inside of, a flow collection. */
function replaceFlow(rendering: Rendering, node: Node, value: Json, around: Surroundings): void {
  const { text, original, edits } = rendering;
  if (!around.inFlow && isBlock(value) && isBetterAsBlock(rendering, node, value)) {
    replaceByBlock(rendering, node, value, around);
    return;
  }
  const isJson = isWrittenAsJson(node, original) || (around.inFlow && isJsonDocument(original));
  const isOverLines = isCollection(node) && text.slice(node.start, node.end).includes('\n');
  const column = isOverLines ? indentationAt(text, node.start) : -1;
  const printed = printFlowAs(rendering, value, { isJson, isPadded: text[node.start + 1] === ' ', column });
  edits.push({ start: startWithTag(text, node), end: node.end, text: printed });
}

/** Replaces a node of a block collection by a value on the line of its key or dash. */
function replaceByInline(rendering: Rendering, node: Node, value: Json, around: Surroundings): void {
  const isQuoted = node.kind === 'scalar' && (node.style === 'single' || node.style === 'double');
  const printed =
    isObject(value) || Array.isArray(value) ? printFlow(value) : printScalar(value, isQuoted ? node.style : 'plain');
  if (node.kind === 'scalar' && node.indent === -1)
    rendering.edits.push({ start: startWithTag(rendering.text, node), end: node.end, text: printed });
  else replaceLines(rendering, node, ` ${printed}`, [], around);
}

/** A tag would say of the new value what was true of the old; an anchor stays for those who refer to it. */
function startWithTag(text: string, node: Node): number {
  return text[node.outerStart] === '!' ? node.outerStart : node.start;
}

/** A value for a key or dash that had none; a comment on its line stays there. */
function fillEmpty(rendering: Rendering, node: Node, value: Json, around: Surroundings): void {
  const { text, original, layout, edits } = rendering;
  const at = node.start;
  if (around.inFlow) {
    const colon = text[at - 1] === ':' || around.isItem ? ' ' : ': ';
    edits.push({ start: at, end: at, text: `${colon}${printFlow(value, isJsonDocument(original))}` });
  } else if (!isBlock(value)) {
    const [head, ...rest] = printEntry('', value, layout());
    edits.push({ start: at, end: at, text: head!.slice(1) });
    const lines = rest.map((line) => indented(line, around.parentColumn));
    if (lines.length > 0) insertAt(rendering, lineEndOf(text, at), lines);
  } else if (around.isItem && isBlank(text.slice(at, lineEndOf(text, at)))) {
    const printed = hanging(rendering, printBlock(value, layout()), around.parentColumn + 2);
    edits.push({ start: at, end: at, text: ` ${printed}` });
  } else {
    const column = around.isItem ? around.parentColumn + 2 : childColumn(rendering, value, around);
    const lines = printBlock(value, layout()).map((line) => indented(line, column));
    insertAt(rendering, lineEndOf(text, at), lines);
  }
}

/** Replaces a node by a value on lines of its own. */
function replaceByBlock(rendering: Rendering, node: Node, value: Json, around: Surroundings): void {
  const { text, layout, edits } = rendering;
  if (!around.isItem && around.parentColumn !== -1) {
    const column = childColumn(rendering, value, around);
    const lines = printBlock(value, layout()).map((line) => indented(line, column));
    replaceLines(rendering, node, '', lines, around);
    return;
  }
  const end = contentEnd(text, node);
  const comment = text.slice(end, lineEndOf(text, end)).trim();
  // A comment behind the last line could become part of a block scalar there, so it goes before the first.
  const lines = [...(comment === '' ? [] : [comment]), ...printBlock(value, layout())];
  const printed = hanging(rendering, lines, columnOf(text, node.start));
  edits.push({ start: node.start, end: comment === '' ? end : lineEndOf(text, end), text: printed });
}

/** Puts `head` on the key's line and `lines` below it, in the place of a node; the line's comment stays. */
function replaceLines(
  { text, layout, edits }: Rendering,
  node: Node,
  head: string,
  lines: readonly string[],
  { after }: Surroundings,
): void {
  const keyLineEnd = lineEndOf(text, after);
  const end = contentEnd(text, node);
  const isOnKeyLine = node.start <= keyLineEnd;
  const before = isOnKeyLine ? text.slice(after, node.start).trimEnd() : '';
  const behind = isOnKeyLine ? text.slice(Math.min(end, keyLineEnd), keyLineEnd) : text.slice(after, keyLineEnd);
  const hasAnchor = before !== '' || behind.includes(`&${node.anchor}`);
  const anchor = node.anchor === undefined ? '' : ` &${node.anchor}`;
  const comment = end <= keyLineEnd || !isOnKeyLine ? behind : blockHeaderComment(text, node);
  const body = lines.map((line) => layout().lineBreak + line).join('');
  edits.push({
    start: after,
    end: isOnKeyLine ? Math.max(end, keyLineEnd) : lineEndOf(text, end),
    text: `${hasAnchor ? before : anchor}${head}${comment}${body}`,
  });
}

/** A comment behind a block scalar's `|`. */
function blockHeaderComment(text: string, node: Node): string {
  return /^[|>][-+0-9]*([ \t]+#.*)?/.exec(text.slice(node.start, lineEndOf(text, node.start)))?.[1] ?? '';
}

function childColumn({ layout }: Rendering, value: Json, { parentColumn }: Surroundings): number {
  return parentColumn + (Array.isArray(value) ? layout().dashOffset : layout().step);
}

/** True when a flow collection had better become a block one: it was empty, or gets nested values. */
function isBetterAsBlock({ text, original }: Rendering, node: Node, value: Json): boolean {
  if (isWrittenAsJson(node, original) || text.slice(node.end, lineEndOf(text, node.end)).includes('#')) return false;
  const isEmptyNow = isCollection(node) && (node.kind === 'map' ? node.entries : node.items).length === 0;
  const isNested = Object.values(value as object).some((item) => typeof item === 'object' && item !== null);
  return isNested && (isEmptyNow || node.kind === 'alias');
}

function isCollection(node: Node): node is Extract<Node, { flow: boolean }> {
  return node.kind === 'map' || node.kind === 'seq';
}

/** How far the line of an offset is indented. */
function indentationAt(text: string, offset: number): number {
  const lineStart = lineStartOf(text, offset);
  const line = text.slice(lineStart);
  return columnOf(text, lineStart + line.length - line.trimStart().length);
}
