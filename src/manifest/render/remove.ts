import type { MapEntry } from '../node.ts';
import { contentEnd, isBlank, lineEndOf, lineStartOf } from '../position.ts';
import type { Rendering } from './rendering.ts';

/** Removes entries of a block mapping with their lines and the comments on these; comments on lines of their own stay. */
export function removeEntries(rendering: Rendering, all: readonly MapEntry[], kept: readonly MapEntry[]): void {
  if (kept.length === all.length) return;
  const { text } = rendering;
  const firstKept = all.indexOf(kept[0]!);
  const first = all[0]!.keyNode.outerStart;
  const isBehindDash = firstKept > 0 && !isBlank(text.slice(lineStartOf(text, first), first));
  if (isBehindDash) removeBehindDash(rendering, all.slice(0, firstKept + 1));
  for (const [index, entry] of all.entries()) {
    if (kept.includes(entry) || (isBehindDash && index < firstKept)) continue;
    removeEntry(rendering, entry, index > firstKept);
  }
}

/** Removes all entries but the last, which takes the place of the first behind its dash. */
function removeBehindDash({ text, edits }: Rendering, entries: readonly MapEntry[]): void {
  const between = entries.slice(0, -1).map((entry, index) => {
    return text.slice(lastLineEnd(text, entry), entries[index + 1]!.keyNode.outerStart);
  });
  const comments = between.filter((each) => !isBlank(each)).join('');
  const [start, end] = [entries[0]!.keyNode.outerStart, entries.at(-1)!.keyNode.outerStart];
  edits.push({ start, end, text: comments.trimStart() });
}

function removeEntry({ text, edits }: Rendering, entry: MapEntry, isBehindKept: boolean): void {
  const lineStart = lineStartOf(text, entry.keyNode.outerStart);
  const end = lastLineEnd(text, entry);
  // The line break before goes too, rather than the one after, so that a last line without one stays so.
  if (isBehindKept) edits.push({ start: lineStart - (text[lineStart - 2] === '\r' ? 2 : 1), end, text: '' });
  else edits.push({ start: lineStart, end: text.indexOf('\n', end) + 1, text: '' });
}

function lastLineEnd(text: string, { keyNode, value }: MapEntry): number {
  return lineEndOf(text, Math.max(contentEnd(text, value), keyNode.end));
}

/** Removes entries of a flow mapping, each run of them with the comma before or, at the start, behind it. */
export function removeInFlow({ edits }: Rendering, all: readonly MapEntry[], kept: readonly MapEntry[]): void {
  for (let index = 0; index < all.length; index++) {
    if (kept.includes(all[index]!)) continue;
    let last = index;
    while (last + 1 < all.length && !kept.includes(all[last + 1]!)) last++;
    const before = all[index - 1];
    const next = all[last + 1];
    if (before) edits.push({ start: before.value.end, end: all[last]!.value.end, text: '' });
    else if (next) edits.push({ start: all[index]!.keyNode.outerStart, end: next.keyNode.outerStart, text: '' });
    index = last;
  }
}
