import { CHOMPING_MODE, EVENT_ID, getScalarValue, SCALAR_STYLE, type ScalarStyle as StyleCode } from 'js-yaml';
import type { Json, ScalarStyle } from '../node.ts';
import { resolvePlain } from '../scalar.ts';
import { APOSTROPHE, BACKSLASH, CR, LF, QUOTE } from './characters.ts';
import { type Reader, type Scanner, uncommon } from './reader.ts';

/** The escapes of double-quoted text that are known. */
const escapes = /\\(?:[0abtnvfre "/\\N_LP]|x[\da-fA-F]{2}|u[\da-fA-F]{4})/g;

/** Makes a scalar, and remembers it as the last one. */
export function scalar<T, M, S>(
  reader: Reader<T, M, S>,
  start: number,
  end: number,
  style: ScalarStyle,
  value: Json,
  indent = -1,
): T {
  reader.lastStart = start;
  reader.lastEnd = end;
  reader.lastStyle = style;
  reader.lastValue = value;
  return reader.build.scalar(start, end, style, value, indent);
}

export function plainScalar<T, M, S>(reader: Reader<T, M, S>, start: number, end: number): T {
  return scalar(reader, start, end, 'plain', resolvePlain(reader.text.slice(start, end)));
}

export function emptyScalar<T, M, S>(reader: Reader<T, M, S>, at: number): T {
  return scalar(reader, at, at, 'empty', null);
}

export function quotedScalar<T, M, S>(reader: Reader<T, M, S>, start: number): T {
  const { text } = reader;
  const end = quotedEnd(reader, start);
  const raw = text.slice(start + 1, end - 1);
  if (text.charCodeAt(start) === APOSTROPHE)
    return scalar(reader, start, end, 'single', raw.includes("'") ? raw.replace(/''/g, "'") : raw);
  if (!raw.includes('\\')) return scalar(reader, start, end, 'double', raw);
  if (raw.replace(escapes, '').includes('\\')) throw uncommon;
  return scalar(reader, start, end, 'double', decoded(text, start + 1, end - 1, SCALAR_STYLE.DOUBLE_QUOTED));
}

/** True for what begins a quoted scalar. */
export function isQuote(code: number): boolean {
  return code === QUOTE || code === APOSTROPHE;
}

/** Offset just behind the closing quote; a quoted scalar that goes over its line is not common. */
export function quotedEnd({ text, to }: Scanner, start: number): number {
  const quote = text.charCodeAt(start);
  for (let at = start + 1; at < to; at++) {
    const code = text.charCodeAt(at);
    if (code === LF || code === CR) break;
    if (code === BACKSLASH && quote === QUOTE) at++;
    else if (code === quote) {
      if (quote === QUOTE || text.charCodeAt(at + 1) !== APOSTROPHE) return at + 1;
      at++;
    }
  }
  throw uncommon;
}

/** The scalar that was read last as a key: as written when plain, for `on:` is the key "on". */
export function lastKey({ text, lastStart, lastEnd, lastStyle, lastValue }: Scanner): string {
  if (typeof lastValue === 'string') return lastValue;
  return lastStyle === 'plain' ? text.slice(lastStart, lastEnd) : String(lastValue);
}

/** What js-yaml makes of a scalar's text. */
export function decoded(
  text: string,
  valueStart: number,
  valueEnd: number,
  style: StyleCode,
  chomping: 1 | 2 | 3 = CHOMPING_MODE.CLIP,
  indent = -1,
): string {
  const none = { anchorStart: -1, anchorEnd: -1, tagStart: -1, tagEnd: -1, fast: false };
  try {
    return getScalarValue(text, { type: EVENT_ID.SCALAR, valueStart, valueEnd, style, chomping, indent, ...none });
  } catch {
    throw uncommon;
  }
}
