import type { Node } from '../node.ts';
import { contentEnd, lineEndOf } from '../position.ts';
import { skipTrivia } from '../trivia.ts';
import { commentsEnd } from './chunk.ts';
import type { Rendering } from './rendering.ts';

/** Inserts lines below the last entry of a block mapping, whose keys are at a column. */
export function insertLines(rendering: Rendering, last: Node, lines: readonly string[], column: number): void {
  if (lines.length === 0) return;
  const { text, layout, edits } = rendering;
  if (!keepsTrailingLines(text, last)) {
    insertAt(rendering, commentsEnd(text, lineEndOf(text, contentEnd(text, last)), text.length, column), lines);
    return;
  }
  const { lineBreak } = layout();
  const isClosed = text[last.end - 1] === '\n';
  const inserted = lines.join(lineBreak);
  edits.push({ start: last.end, end: last.end, text: isClosed ? inserted + lineBreak : lineBreak + inserted });
}

/** Inserts lines behind the end of a line. */
export function insertAt({ layout, edits }: Rendering, offset: number, lines: readonly string[]): void {
  edits.push({ start: offset, end: offset, text: lines.map((line) => layout().lineBreak + line).join('') });
}

/** True below a `|+`, whose trailing blank lines are part of the value. */
function keepsTrailingLines(text: string, node: Node): boolean {
  if (node.kind === 'map') return !node.flow && keepsTrailingLines(text, node.entries.at(-1)!.value);
  if (node.kind === 'seq') return !node.flow && keepsTrailingLines(text, node.items.at(-1)!.value);
  return node.kind === 'scalar' && node.indent !== -1 && /^[|>]\d?\+/.test(text.slice(node.start, node.start + 3));
}

/**
 * Inserts members behind the last one of a flow collection.
 *
 * @param end - where the last one ends
 * @param column - where each begins a line of its own; -1 for all on one line
 * @param isCutBehind - true when further ones behind the last are removed, with their commas
 */
export function insertInFlow(
  { text, layout, edits }: Rendering,
  end: number,
  printed: readonly string[],
  column: number,
  isCutBehind = false,
): void {
  if (printed.length === 0) return;
  const separator = column === -1 ? ' ' : layout().lineBreak + ' '.repeat(column);
  const body = printed.map((item) => separator + item).join(',');
  const next = skipTrivia(text, end);
  const hasComma = !isCutBehind && text[next] === ',';
  const from = hasComma ? next + 1 : end;
  const lineEnd = column === -1 ? from : lineEndOf(text, from);
  const hasComment = /^[ \t]*#/.test(text.slice(from, lineEnd)) && /\s/.test(text[from] ?? '');
  if (hasComment && !hasComma) edits.push({ start: end, end, text: ',' });
  const offset = hasComment ? lineEnd : from;
  const comma = hasComma || hasComment ? '' : ',';
  edits.push({ start: offset, end: offset, text: `${comma}${body}${hasComma ? ',' : ''}` });
}
