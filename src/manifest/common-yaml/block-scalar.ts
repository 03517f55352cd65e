import { CHOMPING_MODE, SCALAR_STYLE } from 'js-yaml';
import { CR, DASH, PIPE, PLUS, TAB } from './characters.ts';
import {
  behindSpaces,
  isBreakOrBlank,
  isLineBreak,
  lineAfter,
  nextLine,
  type Reader,
  type Scanner,
  uncommon,
} from './reader.ts';
import { decoded, scalar } from './scalar.ts';

/** A literal or folded scalar whose key or dash is at column `at`. */
export function blockScalar<T, M, S>(reader: Reader<T, M, S>, start: number, at: number): T {
  const { text } = reader;
  const isLiteral = text.charCodeAt(start) === PIPE;
  const chomping = chompingOf(text.charCodeAt(start + 1));
  const valueStart = headerEnd(reader, chomping === CHOMPING_MODE.CLIP ? start + 1 : start + 2);
  const { indent, end } = bodyOf(reader, valueStart, at);
  const style = isLiteral ? SCALAR_STYLE.LITERAL_BLOCK : SCALAR_STYLE.FOLDED_BLOCK;
  const value = decoded(text, valueStart, end, style, chomping, indent);
  nextLine(reader, end);
  if (reader.column > at) throw uncommon;
  return scalar(reader, start, end, isLiteral ? 'literal' : 'folded', value, indent);
}

function chompingOf(mark: number): 1 | 2 | 3 {
  if (mark === PLUS) return CHOMPING_MODE.KEEP;
  return mark === DASH ? CHOMPING_MODE.STRIP : CHOMPING_MODE.CLIP;
}

/** Where the first line of the text begins. */
function headerEnd(scanner: Scanner, from: number): number {
  const { text, to } = scanner;
  if (!isBreakOrBlank(scanner, from) || from >= to) throw uncommon;
  const lineEnd = text.indexOf('\n', from);
  const isInside = lineEnd !== -1 && lineEnd < to;
  if (!isInside || !/^ *( #[^\r\n]*)?\r?$/.test(text.slice(from, lineEnd))) throw uncommon;
  return lineEnd + 1;
}

/** How far the lines of a text are indented, and where the last of them ends. */
function bodyOf(scanner: Scanner, from: number, at: number): { readonly indent: number; readonly end: number } {
  const { text, to } = scanner;
  let indent = -1;
  let widest = 0; // of the blank lines before the first that has content
  let line = from;
  for (; line < to; line = lineAfter(scanner, line)) {
    const inner = behindSpaces(text, line);
    const spaces = inner - line;
    if (inner >= to || isLineBreak(text, inner)) {
      if (inner >= to && spaces > 0) throw uncommon; // parsers differ on where it ends
      if (indent === -1) widest = Math.max(widest, spaces);
      continue;
    }
    const code = text.charCodeAt(inner);
    if (code === TAB || code === CR) throw uncommon;
    if (indent !== -1 && spaces < indent) break;
    if (indent === -1 && (spaces <= at || widest > spaces)) throw uncommon;
    if (indent === -1) indent = spaces;
  }
  if (indent === -1) throw uncommon;
  return { indent, end: line };
}
