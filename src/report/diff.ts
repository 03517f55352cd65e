import { sortEdits, splice, type TextEdit } from '../manifest/splice.ts';

/** A file's change: `before` is undefined for a new file, which has no edits. */
export interface FileChange {
  /** Relative to the folder in which the patch will be applied, with `/` between names. */
  readonly path: string;
  readonly before: string | undefined;
  readonly after: string;
  /** Sorted or not, not overlapping, in offsets of `before`. */
  readonly edits: readonly TextEdit[];
}

/** Lines of the old file, from `start`, that give way to other lines; every line keeps its line break. */
interface Block {
  start: number;
  readonly removed: string[];
  readonly added: string[];
}

const context = 3;

/**
 * Writes a change as a unified diff that `git apply` and `patch -p1` take. It is made of the known edits, so it
 * takes linear time. There is no `diff --git` line: with one, git would take paths from the top of the repository.
 *
 * @see https://www.gnu.org/software/diffutils/manual/html_node/Detailed-Unified.html
 */
export function unifiedDiff({ path, before, after, edits }: FileChange): string {
  const isNew = before === undefined;
  const lines = linesOf(before ?? '');
  const blocks = isNew ? [{ start: 0, removed: [], added: linesOf(after) }] : blocksOf(before, edits);
  const changes = blocks.filter(({ removed, added }) => removed.length > 0 || added.length > 0);
  if (changes.length === 0) return '';
  const from = isNew ? '/dev/null' : headerPath(`a/${path}`);
  let text = `--- ${from}\n+++ ${headerPath(`b/${path}`)}\n`;
  let shift = 0;
  for (const hunk of hunksOf(changes)) {
    text += hunkText(hunk, lines, shift);
    for (const { removed, added } of hunk) shift += added.length - removed.length;
  }
  return text;
}

/** The smallest single edit that turns one text into another. */
export function editBetween(before: string, after: string): TextEdit[] {
  if (before === after) return [];
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before[start] === after[start]) start++;
  let tail = 0;
  while (tail < shorter - start && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail++;
  return [{ start, end: before.length - tail, text: after.slice(start, after.length - tail) }];
}

function linesOf(text: string): string[] {
  const lines: string[] = [];
  let start = 0;
  for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', start)) {
    lines.push(text.slice(start, end + 1));
    start = end + 1;
  }
  if (start < text.length) lines.push(text.slice(start));
  return lines;
}

/** Widens edits to whole lines, joins those that share a line, and drops the lines that stay as they are. */
function blocksOf(before: string, edits: readonly TextEdit[]): Block[] {
  const sorted = sortEdits(edits);
  const blocks: Block[] = [];
  let line = 0;
  let counted = 0;
  for (let next = 0; next < sorted.length; ) {
    const from = before.lastIndexOf('\n', (sorted[next] as TextEdit).start - 1) + 1;
    let to = from;
    const group: TextEdit[] = [];
    for (let edit = sorted[next]; edit !== undefined && (group.length === 0 || edit.start < to); edit = sorted[next]) {
      group.push(edit);
      to = Math.max(to, endOfLines(before, edit, from));
      next++;
    }
    // What starts where the group ends may need the line break that the group's last line lacks.
    while (to === before.length && next < sorted.length) group.push(sorted[next++] as TextEdit);
    for (let at = before.indexOf('\n', counted); at !== -1 && at < from; at = before.indexOf('\n', at + 1)) line++;
    counted = from;
    blocks.push(trimmed(line, linesOf(before.slice(from, to)), linesOf(splice(before, group, from, to))));
  }
  return blocks;
}

function endOfLines(text: string, { start, end, text: added }: TextEdit, from: number): number {
  const isWholeLines = end === lineStart(text, end) && start === from && (added === '' || added.endsWith('\n'));
  if (isWholeLines) return end;
  const newline = text.indexOf('\n', end);
  return newline === -1 ? text.length : newline + 1;
}

function lineStart(text: string, offset: number): number {
  return offset === 0 ? 0 : text.lastIndexOf('\n', offset - 1) + 1;
}

function trimmed(start: number, removed: string[], added: string[]): Block {
  const shorter = Math.min(removed.length, added.length);
  let head = 0;
  while (head < shorter && removed[head] === added[head]) head++;
  let tail = 0;
  while (tail < shorter - head && removed.at(-1 - tail) === added.at(-1 - tail)) tail++;
  return {
    start: start + head,
    removed: removed.slice(head, removed.length - tail),
    added: added.slice(head, added.length - tail),
  };
}

/** Joins blocks whose lines of context would meet. */
function hunksOf(blocks: readonly Block[]): Block[][] {
  const hunks: Block[][] = [];
  let end = 0;
  for (const block of blocks) {
    const last = hunks.at(-1);
    if (last && block.start - end <= 2 * context) last.push(block);
    else hunks.push([block]);
    end = block.start + block.removed.length;
  }
  return hunks;
}

function hunkText(hunk: readonly Block[], lines: readonly string[], shift: number): string {
  const first = hunk[0] as Block;
  const start = Math.max(0, first.start - context);
  let body = '';
  let position = start;
  let grown = 0;
  for (const { start: at, removed, added } of hunk) {
    for (; position < at; position++) body += lineText(' ', lines[position] as string);
    for (const line of removed) body += lineText('-', line);
    for (const line of added) body += lineText('+', line);
    position += removed.length;
    grown += added.length - removed.length;
  }
  const end = Math.min(lines.length, position + context);
  for (; position < end; position++) body += lineText(' ', lines[position] as string);
  const length = end - start;
  return `@@ -${range(start, length)} +${range(start + shift, length + grown)} @@\n${body}`;
}

/** Lines count from 1; an empty range is given by the line before it. */
function range(start: number, length: number): string {
  const first = length === 0 ? start : start + 1;
  return length === 1 ? `${first}` : `${first},${length}`;
}

function lineText(mark: string, line: string): string {
  return line.endsWith('\n') ? mark + line : `${mark}${line}\n\\ No newline at end of file\n`;
}

/** Quotes a path as git does; a tab ends one that holds spaces. */
function headerPath(path: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must be quoted
  if (/["\\\u0000-\u001f\u007f]/.test(path)) return `${quoted(path)}`;
  return /\s/.test(path) ? `${path}\t` : path;
}

function quoted(path: string): string {
  const escaped = [...path].map((char) => {
    if (char === '"' || char === '\\') return `\\${char}`;
    const code = char.charCodeAt(0);
    return code < 32 || code === 127 ? `\\${code.toString(8).padStart(3, '0')}` : char;
  });
  return `"${escaped.join('')}"`;
}
