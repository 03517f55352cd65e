import type { Place } from '../errors.ts';
import type { Node, SourceFile } from './node.ts';

const lineStarts = new WeakMap<SourceFile, Uint32Array>();

/** The place of an offset in a file; lines and columns count from 1, a byte-order mark is not counted. */
export function placeAt(file: SourceFile, offset: number): Place {
  const starts = lineStartsOf(file);
  let [low, high] = [0, starts.length];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (starts[middle]! <= offset) low = middle;
    else high = middle;
  }
  return { file: file.path, line: low + 1, column: Math.max(offset - starts[low]!, 0) + 1 };
}

function lineStartsOf(file: SourceFile): Uint32Array {
  const known = lineStarts.get(file);
  if (known) return known;
  const { text } = file;
  let starts = new Uint32Array(1024);
  let count = 0;
  for (
    let next = text.charCodeAt(0) === 0xfeff ? 1 : 0;
    next !== 0 || count === 0;
    next = text.indexOf('\n', next) + 1
  ) {
    if (count === starts.length) {
      const longer = new Uint32Array(2 * count);
      longer.set(starts);
      starts = longer;
    }
    starts[count++] = next;
  }
  const found = starts.subarray(0, count);
  lineStarts.set(file, found);
  return found;
}

/** Offset of the first character of the line that holds `offset`. */
export function lineStartOf(text: string, offset: number): number {
  return offset === 0 ? 0 : text.lastIndexOf('\n', offset - 1) + 1;
}

/** Offset of the line break (or the end of the text) that ends the line of `offset`; a carriage return counts to the break. */
export function lineEndOf(text: string, offset: number): number {
  const newline = text.indexOf('\n', offset);
  if (newline === -1) return text.length;
  return newline > offset && text[newline - 1] === '\r' ? newline - 1 : newline;
}

/** True for text of blanks and line breaks only; a byte-order mark counts as none. */
export function isBlank(text: string): boolean {
  return text.trim() === '';
}

/** The column of an offset, from 0; a byte-order mark is not counted. */
export function columnOf(text: string, offset: number): number {
  const start = lineStartOf(text, offset);
  return offset - start - (text.charCodeAt(start) === 0xfeff ? 1 : 0);
}

/** The column of what is first on its line; -1 when something is before it. */
export function ownLineColumn(text: string, offset: number): number {
  let start = offset; // only blanks are searched: a line may be the whole file
  while (start > 0 && text[start - 1] !== '\n' && /\s/.test(text[start - 1]!)) start--;
  return start === 0 || text[start - 1] === '\n' ? columnOf(text, offset) : -1;
}

/** Where a node's content ends, without the line breaks that a block scalar at its end takes in. */
export function contentEnd(text: string, { start, end }: Node): number {
  return trimmedEnd(text, start, end);
}

/** The end of a part of the text, without white space at its end. */
export function trimmedEnd(text: string, start: number, end: number): number {
  let offset = end;
  while (offset > start && /\s/.test(text[offset - 1]!)) offset--;
  return offset;
}
