import { blockScalar } from './block-scalar.ts';
import { COLON, CR, DASH, GREATER, indicators, LF, PIPE, QUESTION, TAB } from './characters.ts';
import { flowCollection, isFlowStart } from './flow.ts';
import {
  behindSpaces,
  depthLimit,
  endLine,
  isBreakOrBlank,
  isComment,
  isDash,
  isLineBreak,
  isLineEnd,
  type Reader,
  type Scanner,
  uncommon,
  withoutSpaces,
} from './reader.ts';
import { emptyScalar, isQuote, lastKey, plainScalar, quotedEnd, quotedScalar } from './scalar.ts';

/** The keys and plain values of most lines, which the engine finds faster than a loop that is not compiled yet. */
const simpleKey = /[A-Za-z_][\w./-]*:(?=[ \n])/y;
const simpleValue = /\w[\w./-]*(?=\n)/y;

/** The block collection that begins at the reader's position, the first on its line. */
export function blockCollection<T, M, S>(reader: Reader<T, M, S>, depth: number): T {
  if (depth > depthLimit) throw uncommon;
  const { position, column } = reader;
  return isDash(reader, position) ? blockSeq(reader, column, depth) : blockMap(reader, column, depth);
}

function blockSeq<T, M, S>(reader: Reader<T, M, S>, at: number, depth: number): T {
  const { build } = reader;
  const start = reader.position;
  const items = build.seq();
  let end = start;
  while (reader.column === at && isDash(reader, reader.position)) {
    const dash = reader.position;
    build.item(items, dash, itemValue(reader, dash, at, depth));
    end = reader.lastEnd;
  }
  if (reader.column > at) throw uncommon;
  reader.lastEnd = end;
  return build.endSeq(items, start, end, false);
}

function itemValue<T, M, S>(reader: Reader<T, M, S>, dash: number, at: number, depth: number): T {
  const inner = behindSpaces(reader.text, dash + 1);
  if (isLineEnd(reader, inner)) {
    endLine(reader, dash + 1);
    return reader.column > at ? blockCollection(reader, depth + 1) : emptyScalar(reader, dash + 1);
  }
  reader.position = inner;
  const isSeq = isDash(reader, inner);
  if (!isSeq && keyEnd(reader, inner) === -1) return inlineValue(reader, at, depth + 1);
  if (depth > depthLimit) throw uncommon;
  const column = at + inner - dash;
  reader.column = column;
  return isSeq ? blockSeq(reader, column, depth + 1) : blockMap(reader, column, depth + 1);
}

function blockMap<T, M, S>(reader: Reader<T, M, S>, at: number, depth: number): T {
  const { build } = reader;
  const start = reader.position;
  const entries = build.map();
  let end = start;
  while (reader.column === at && !isDash(reader, reader.position)) {
    const colon = keyEnd(reader, reader.position);
    if (colon === -1) throw uncommon;
    const keyNode = keyScalar(reader, reader.position, colon);
    const key = lastKey(reader);
    if (key === '<<' || build.hasKey(entries, key)) throw uncommon;
    build.entry(entries, key, keyNode, entryValue(reader, colon + 1, at, depth + 1));
    end = reader.lastEnd;
  }
  if (reader.column > at || end === start) throw uncommon;
  reader.lastEnd = end;
  return build.endMap(entries, start, end, false);
}

/** The value behind a colon, on its line or below; a sequence below may begin at the column of its key. */
function entryValue<T, M, S>(reader: Reader<T, M, S>, after: number, at: number, depth: number): T {
  const inner = behindSpaces(reader.text, after);
  if (!isLineEnd(reader, inner)) {
    reader.position = inner;
    return inlineValue(reader, at, depth);
  }
  endLine(reader, after);
  const { column, position } = reader;
  const isBelow = column > at || (column === at && isDash(reader, position));
  return isBelow ? blockCollection(reader, depth) : emptyScalar(reader, after);
}

/** Offset of the colon behind the key that begins at `at`; -1 when none begins there. */
function keyEnd(scanner: Scanner, at: number): number {
  const { text, to } = scanner;
  simpleKey.lastIndex = at;
  if (simpleKey.test(text) && simpleKey.lastIndex <= to) return simpleKey.lastIndex - 1;
  const first = text.charCodeAt(at);
  if (isQuote(first)) {
    const end = behindSpaces(text, quotedEnd(scanner, at));
    return text.charCodeAt(end) === COLON && isBreakOrBlank(scanner, end + 1) ? end : -1;
  }
  if (indicators.has(first) || isIndicatorAlone(scanner, at)) return -1;
  for (let end = at; end < to; end++) {
    const code = text.charCodeAt(end);
    if (code === COLON && isBreakOrBlank(scanner, end + 1)) return end;
    if (code === LF || code === CR || code === TAB || isComment(text, end)) break;
  }
  return -1;
}

function keyScalar<T, M, S>(reader: Reader<T, M, S>, at: number, colon: number): T {
  const { text } = reader;
  if (isQuote(text.charCodeAt(at))) return quotedScalar(reader, at);
  return plainScalar(reader, at, withoutSpaces(text, at, colon));
}

/** A value that begins on the line of its key or dash, which is at column `at`. */
export function inlineValue<T, M, S>(reader: Reader<T, M, S>, at: number, depth: number): T {
  const start = reader.position;
  const first = reader.text.charCodeAt(start);
  if (first === PIPE || first === GREATER) return blockScalar(reader, start, at);
  let value: T;
  if (isQuote(first)) value = quotedScalar(reader, start);
  else if (isFlowStart(first)) value = flowCollection(reader, start, at, depth);
  else if (indicators.has(first)) throw uncommon;
  else value = plainScalar(reader, start, plainEnd(reader, start));
  endLine(reader, reader.lastEnd, true); // a plain scalar has the `#` behind it in itself
  if (reader.column > at) throw uncommon; // the scalar goes on, or something is wrong
  return value;
}

/** The end of a plain scalar in a block collection, on its own line. */
function plainEnd(scanner: Scanner, start: number): number {
  const { text, to } = scanner;
  simpleValue.lastIndex = start;
  if (simpleValue.test(text) && simpleValue.lastIndex <= to) return simpleValue.lastIndex;
  if (isIndicatorAlone(scanner, start)) throw uncommon;
  let at = start;
  for (; at < to; at++) {
    const code = text.charCodeAt(at);
    if (isLineBreak(text, at) || isComment(text, at)) break;
    if (code === TAB || code === CR || (code === COLON && isBreakOrBlank(scanner, at + 1))) throw uncommon;
  }
  return withoutSpaces(text, start, at);
}

/** True at a `-`, `?` or `:` with a blank or nothing behind it. */
function isIndicatorAlone(scanner: Scanner, at: number): boolean {
  const code = scanner.text.charCodeAt(at);
  return (code === DASH || code === QUESTION || code === COLON) && isBreakOrBlank(scanner, at + 1);
}
