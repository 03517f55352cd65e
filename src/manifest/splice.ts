/** Replaces `[start, end)` of a text, in UTF-16 code units, by `text`. */
export interface TextEdit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/**
 * Applies edits to the part `[from, to)` of a text.
 *
 * @throws Error when edits overlap: that is a fault of ours
 */
export function splice(text: string, edits: readonly TextEdit[], from = 0, to = text.length): string {
  let result = '';
  let position = from;
  for (const edit of sortEdits(edits)) {
    if (edit.start < position || edit.end > to) throw new Error(`edit [${edit.start}, ${edit.end}) overlaps another`);
    result += text.slice(position, edit.start) + edit.text;
    position = edit.end;
  }
  return result + text.slice(position, to);
}

/** Edits in order of their place; insertions at one place keep their order. */
export function sortEdits(edits: readonly TextEdit[]): TextEdit[] {
  return [...edits].sort((a, b) => a.start - b.start || a.end - b.end);
}

/** Above this many line pairs the search for common lines costs more than it is worth. */
const comparisonLimit = 4_000_000;

/**
 * The edits that turn `before`, which is at `offset`, into `after`, line by line: lines that both have stay
 * untouched, so that a moved list item shows as one removal and one insertion.
 */
export function lineEdits(offset: number, before: string, after: string): TextEdit[] {
  const a = before.split(/(?<=\n)/);
  const b = after.split(/(?<=\n)/);
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head++;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail++;
  const pairs = commonLines(a.slice(head, a.length - tail), b.slice(head, b.length - tail));

  const starts = [offset];
  for (const line of a) starts.push(starts.at(-1)! + line.length);
  const edits: TextEdit[] = [];
  let [fromA, fromB] = [head, head];
  for (const [pairA, pairB] of [
    ...pairs.map(([x, y]) => [x + head, y + head] as const),
    [a.length - tail, b.length - tail] as const,
  ]) {
    const text = b.slice(fromB, pairB).join('');
    if (pairA > fromA || text !== '') edits.push({ start: starts[fromA]!, end: starts[pairA]!, text });
    [fromA, fromB] = [pairA + 1, pairB + 1];
  }
  return edits;
}

/** A longest common subsequence of lines, as pairs of indices. */
function commonLines(a: readonly string[], b: readonly string[]): [number, number][] {
  if (a.length * b.length > comparisonLimit) return [];
  const width = b.length + 1;
  const lengths = new Uint32Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      lengths[i * width + j] =
        a[i] === b[j]
          ? lengths[(i + 1) * width + j + 1]! + 1
          : Math.max(lengths[(i + 1) * width + j]!, lengths[i * width + j + 1]!);
    }
  }
  const pairs: [number, number][] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    if (a[i] === b[j]) pairs.push([i++, j++]);
    else if (lengths[(i + 1) * width + j]! >= lengths[i * width + j + 1]!) i++;
    else j++;
  }
  return pairs;
}
