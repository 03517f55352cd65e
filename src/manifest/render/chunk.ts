import type { SeqItem, SeqNode } from '../node.ts';
import { isBlank, lineEndOf, lineStartOf } from '../position.ts';

/** A list item as it moves: the comments above it, its lines, and the comments below that are indented further than its dash. */
export interface Chunk {
  readonly start: number;
  readonly end: number;
}

/** The items of a sequence as they move; what lies between them stays where it is. */
export function chunksOf(text: string, node: SeqNode): Chunk[] {
  if (node.flow) return node.items.map(({ value }) => ({ start: value.outerStart, end: value.end }));
  const first = node.items[0]!.dash;
  const dashColumn = first - lineStartOf(text, first);
  const chunks: Chunk[] = [];
  for (const [index, item] of node.items.entries()) {
    const isOnOwnLine = isBlank(text.slice(lineStartOf(text, item.dash), item.dash));
    const start = isOnOwnLine ? commentsBefore(text, item.dash, chunks.at(-1)?.end ?? 0, dashColumn) : item.dash;
    chunks.push({ start, end: chunkEnd(text, item, node.items[index + 1]?.dash ?? text.length, dashColumn) });
  }
  return chunks;
}

/**
 * Where the comment lines directly above an item begin. Those indented further belong to what is above; those
 * indented less, often items that were commented out, belong to no item and stay where they are.
 */
function commentsBefore(text: string, dash: number, floor: number, dashColumn: number): number {
  let start = dash;
  let lineStart = lineStartOf(text, dash);
  while (lineStart > 0) {
    const previous = lineStartOf(text, lineStart - 1);
    if (previous < floor) break;
    const comment = commentColumn(text, previous);
    if (comment !== dashColumn) break;
    start = previous + comment;
    lineStart = previous;
  }
  return start;
}

function chunkEnd(text: string, { dash, value }: SeqItem, limit: number, dashColumn: number): number {
  let end = Math.max(value.end, dash + 1);
  while (end > dash + 1 && /\s/.test(text[end - 1]!)) end--;
  return commentsEnd(text, lineEndOf(text, end), limit, dashColumn);
}

/** The end of a line, or of the last of the comment lines right below it that are indented further than a column. */
export function commentsEnd(text: string, lineEnd: number, limit: number, column: number): number {
  let end = lineEnd;
  for (;;) {
    const nextLine = text.indexOf('\n', end) + 1;
    if (nextLine === 0 || nextLine >= limit) return end;
    const comment = commentColumn(text, nextLine);
    if (comment === undefined || comment <= column) return end;
    end = lineEndOf(text, nextLine);
  }
}

/** The column of the `#` of a line that holds a comment only. */
function commentColumn(text: string, lineStart: number): number | undefined {
  const [, blanks, mark] = /^([ \t]*)(#?)/.exec(text.slice(lineStart, lineEndOf(text, lineStart))) ?? [];
  return mark === '#' ? blanks!.length : undefined;
}
