import {
  BRACE,
  BRACE_END,
  CLOSE,
  COLON,
  COMMA,
  CR,
  DASH,
  HASH,
  indicators,
  LF,
  OPEN,
  QUESTION,
  SPACE,
  TAB,
} from './characters.ts';
import {
  behindSpaces,
  depthLimit,
  isBreakOrBlank,
  isComment,
  isLineBreak,
  isLineEnd,
  lineAfter,
  type Reader,
  type Scanner,
  uncommon,
  withoutSpaces,
} from './reader.ts';
import { emptyScalar, isQuote, lastKey, plainScalar, quotedScalar } from './scalar.ts';

/** A flow collection; lines below the first must be indented further than `at`. Leaves `position` alone. */
export function flowCollection<T, M, S>(reader: Reader<T, M, S>, start: number, at: number, depth: number): T {
  if (depth > depthLimit) throw uncommon;
  return reader.text.charCodeAt(start) === OPEN ? flowSeq(reader, start, at, depth) : flowMap(reader, start, at, depth);
}

/** True for what begins a flow collection. */
export function isFlowStart(code: number): boolean {
  return code === OPEN || code === BRACE;
}

function flowSeq<T, M, S>(reader: Reader<T, M, S>, start: number, at: number, depth: number): T {
  const { text, build } = reader;
  const items = build.seq();
  let next = flowGap(reader, start + 1, at);
  while (text.charCodeAt(next) !== CLOSE) {
    build.item(items, next, flowValue(reader, next, at, depth));
    next = nextMember(reader, at, CLOSE);
  }
  reader.lastEnd = next + 1;
  return build.endSeq(items, start, next + 1, true);
}

function flowMap<T, M, S>(reader: Reader<T, M, S>, start: number, at: number, depth: number): T {
  const { text, build } = reader;
  const entries = build.map();
  let next = flowGap(reader, start + 1, at);
  while (text.charCodeAt(next) !== BRACE_END) {
    if (isFlowStart(text.charCodeAt(next))) throw uncommon;
    const keyNode = flowValue(reader, next, at, depth);
    const key = lastKey(reader);
    if (key === '<<' || build.hasKey(entries, key)) throw uncommon;
    build.entry(entries, key, keyNode, flowEntryValue(reader, at, depth));
    next = nextMember(reader, at, BRACE_END);
  }
  reader.lastEnd = next + 1;
  return build.endMap(entries, start, next + 1, true);
}

/** What is behind the key that was read last. */
function flowEntryValue<T, M, S>(reader: Reader<T, M, S>, at: number, depth: number): T {
  const { text, lastEnd } = reader;
  const colon = flowGap(reader, lastEnd, at);
  if (text.charCodeAt(colon) !== COLON) return emptyScalar(reader, lastEnd);
  const next = flowGap(reader, colon + 1, at);
  const code = text.charCodeAt(next);
  const isEmpty = code === COMMA || code === BRACE_END;
  return isEmpty ? emptyScalar(reader, colon + 1) : flowValue(reader, next, at, depth);
}

/** Goes over the comma behind the member that was read last, to the next one or the closing bracket. */
function nextMember(reader: Scanner, at: number, closing: number): number {
  const next = flowGap(reader, reader.lastEnd, at);
  const code = reader.text.charCodeAt(next);
  if (code === COMMA) return flowGap(reader, next + 1, at);
  if (code !== closing) throw uncommon;
  return next;
}

function flowValue<T, M, S>(reader: Reader<T, M, S>, start: number, at: number, depth: number): T {
  const { text, to } = reader;
  const first = text.charCodeAt(start);
  if (isQuote(first)) return quotedScalar(reader, start);
  if (isFlowStart(first)) return flowCollection(reader, start, at, depth + 1);
  if (indicators.has(first) || first === QUESTION || first === COLON || start >= to) throw uncommon;
  if (first === DASH && (isBreakOrBlank(reader, start + 1) || indicators.has(text.charCodeAt(start + 1))))
    throw uncommon;
  const end = plainEnd(reader, start);
  // On the next line the scalar could go on, and a `[` or `{` in it is too odd to judge here.
  const next = text.charCodeAt(flowGap(reader, end, at));
  if (next !== COMMA && next !== CLOSE && next !== BRACE_END && next !== COLON) throw uncommon;
  return plainScalar(reader, start, end);
}

/** The end of a plain scalar on its own line. */
function plainEnd(scanner: Scanner, start: number): number {
  const { text, to } = scanner;
  let end = start;
  for (; end < to; end++) {
    const code = text.charCodeAt(end);
    if (isFlowIndicator(code) || code === LF || code === CR) break;
    if (code === TAB) throw uncommon;
    if (isComment(text, end)) break;
    if (code === COLON && (isBreakOrBlank(scanner, end + 1) || isFlowIndicator(text.charCodeAt(end + 1)))) break;
  }
  return withoutSpaces(text, start, end);
}

function isFlowIndicator(code: number): boolean {
  return code === COMMA || code === OPEN || code === CLOSE || code === BRACE || code === BRACE_END;
}

/** Skips blanks, line breaks and comments inside a flow collection. */
function flowGap(scanner: Scanner, from: number, at: number): number {
  const { text, to } = scanner;
  let offset = from;
  for (;;) {
    const code = text.charCodeAt(offset);
    if (offset >= to || code === TAB) throw uncommon;
    if (code === SPACE) offset++;
    else if (code === HASH) offset = commentEnd(scanner, offset);
    else if (isLineBreak(text, offset)) offset = nextFlowLine(scanner, offset, at);
    else return offset;
  }
}

/** From a line break to what is first on the next line, which may be a line break again. */
function nextFlowLine(scanner: Scanner, offset: number, at: number): number {
  const lineStart = lineAfter(scanner, offset);
  const inner = behindSpaces(scanner.text, lineStart);
  if (!isLineEnd(scanner, inner) && inner - lineStart <= at) throw uncommon;
  // A comment at a line's first column has no blank before it.
  return scanner.text.charCodeAt(inner) === HASH ? commentEnd(scanner, inner) : inner;
}

/** The line break behind a comment, or the document's end. */
function commentEnd({ text, to }: Scanner, offset: number): number {
  const newline = text.indexOf('\n', offset);
  return newline === -1 ? to : newline;
}
