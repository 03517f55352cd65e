import type { Chunk } from './chunk.ts';

/** What is between two items that were apart, with the comments from between those that were between them. */
export function gapBetween(text: string, chunks: readonly Chunk[], before: number, after: number): string {
  const gaps = gapsOf(text, chunks, before, after);
  const last = gaps.findLast((gap) => gap.includes('#'));
  if (last === undefined) return gaps[0]!;
  return commentsBetween(text, chunks, before, after) + last.slice(last.search(/\r?\n[^\n]*$/));
}

/** The lines of comments between items that belong to none of them, each behind its line break. */
export function commentsBetween(text: string, chunks: readonly Chunk[], from: number, to: number): string {
  const commented = gapsOf(text, chunks, from, to).filter((gap) => gap.includes('#'));
  return commented.map((gap) => gap.replace(/\r?\n[^\n]*$/, '')).join('');
}

/** What was before the item at an index; undefined for the first of further items whose neighbours show nothing. */
export function gapBefore(text: string, chunks: readonly Chunk[], index: number): string | undefined {
  if (index < chunks.length) return text.slice(chunks[index - 1]!.end, chunks[index]!.start);
  const [last] = gapsOf(text, chunks, Math.max(chunks.length - 2, 0), chunks.length - 1);
  return last === undefined || last === '' || last.includes('#') ? undefined : last;
}

/** The texts between neighbouring items, from one index to another. */
function gapsOf(text: string, chunks: readonly Chunk[], from: number, to: number): string[] {
  return chunks.slice(from, to).map(({ end }, index) => text.slice(end, chunks[from + index + 1]!.start));
}
