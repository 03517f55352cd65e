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
  const indent = indentOf(reader, valueStart, at);
  const end = bodyEnd(reader, valueStart, indent);
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

/** How far the lines of a text are indented: as far as the first that is not blank, and further than `at`. */
function indentOf(scanner: Scanner, from: number, at: number): number {
  let widest = 0; // of the blank lines before
  for (let line = from; line < scanner.to; line = lineAfter(scanner, line)) {
    const inner = behindSpaces(scanner.text, line);
    const spaces = inner - line;
    if (isBlankFrom(scanner, inner)) widest = Math.max(widest, spaces);
    else if (spaces > at && spaces >= widest) return spaces;
    else throw uncommon;
  }
  throw uncommon;
}

/** Where the last line of a text ends. */
function bodyEnd(scanner: Scanner, from: number, indent: number): number {
  const { text, to } = scanner;
  let line = from;
  while (line < to) {
    const inner = behindSpaces(text, line);
    if (inner >= to && inner > line) throw uncommon; // parsers differ on where it ends
    const code = text.charCodeAt(inner);
    if (!isBlankFrom(scanner, inner)) {
      if (code === TAB || code === CR) throw uncommon;
      if (inner - line < indent) break;
    }
    line = lineAfter(scanner, line);
  }
  return line;
}

function isBlankFrom({ text, to }: Scanner, inner: number): boolean {
  return inner >= to || isLineBreak(text, inner);
}
