import { CHOMPING_MODE, EVENT_ID, getScalarValue, SCALAR_STYLE, type ScalarStyle as StyleCode } from 'js-yaml';
import {
  type Json,
  type JsonObject,
  type MapEntry,
  type Node,
  type ScalarStyle,
  type SeqItem,
  setOwn,
} from './node.ts';
import { resolvePlain } from './scalar.ts';

/** Thrown, without a stack, where a document leaves the common part of YAML. */
const uncommon = Symbol('uncommon YAML');

const [TAB, LF, CR, SPACE, QUOTE, HASH, APOSTROPHE, COMMA, DASH, COLON] = [9, 10, 13, 32, 34, 35, 39, 44, 45, 58];
const [QUESTION, OPEN, CLOSE, BACKSLASH, PIPE, GREATER, BRACE, BRACE_END] = [63, 91, 93, 92, 124, 62, 123, 125];

/** What cannot begin a plain scalar, or means more than this reader knows: `, [ ] { } # & * ! | > ' " % @` and the backtick. */
const indicators = new Set([...',[]{}#&*!|>\'"%@`'].map((character) => character.charCodeAt(0)));

/** The escapes of double-quoted text that are known. */
const escapes = /\\(?:[0abtnvfre "/\\N_LP]|x[\da-fA-F]{2}|u[\da-fA-F]{4})/g;

/** The keys and plain values that most lines hold, which the engine finds faster than a loop that is not compiled yet. */
const simpleKey = /[A-Za-z_][\w./-]*:(?=[ \n])/y;
const simpleValue = /\w[\w./-]*(?=\n)/y;

/**
 * What is made of the parts of a document as they are read, the innermost first. `T` stands for any of them, `M` and
 * `S` for a mapping and a sequence that are not complete yet.
 */
export interface Builder<T, M, S> {
  scalar(start: number, end: number, style: ScalarStyle, value: Json, indent: number): T;
  map(): M;
  hasKey(map: M, key: string): boolean;
  entry(map: M, key: string, keyNode: T, value: T): void;
  endMap(map: M, start: number, end: number, flow: boolean): T;
  seq(): S;
  item(seq: S, dash: number, value: T): void;
  endSeq(seq: S, start: number, end: number, flow: boolean): T;
}

/** Makes the nodes of a document. */
export const nodes: Builder<Node, MapEntry[], SeqItem[]> = {
  scalar: (start, end, style, value, indent) => {
    return { kind: 'scalar', outerStart: start, start, end, anchor: undefined, style, value, indent };
  },
  map: () => [],
  hasKey: (entries, key) => entries.some((entry) => entry.key === key),
  entry: (entries, key, keyNode, value) => {
    entries.push({ key, keyNode, value, merge: false });
  },
  endMap: (entries, start, end, flow) => {
    return { kind: 'map', outerStart: start, start, end, anchor: undefined, flow, entries };
  },
  seq: () => [],
  item: (items, dash, value) => {
    items.push({ dash, value });
  },
  endSeq: (items, start, end, flow) => {
    return { kind: 'seq', outerStart: start, start, end, anchor: undefined, flow, items };
  },
};

/** Makes only the value of a document, which is all that most documents are asked for. */
export const plainValues: Builder<Json, JsonObject, Json[]> = {
  scalar: (_start, _end, _style, value) => value,
  map: () => ({}),
  hasKey: (object, key) => Object.hasOwn(object, key),
  entry: (object, key, _keyNode, value) => setOwn(object, key, value),
  endMap: (object) => object,
  seq: () => [],
  item: (list, _dash, value) => {
    list.push(value);
  },
  endSeq: (list) => list,
};

/** How deep collections may nest here; deeper ones are for the whole parser. */
const depthLimit = 60;

/**
 * Reads one document of the part of YAML that nearly all manifests are written in: block mappings and sequences,
 * scalars on one line, block scalars, flow collections, comments. Several times as fast as a parser for all of YAML,
 * and never in doubt: whatever is unusual (anchors, tags, scalars over several lines, odd indentation, any fault) is
 * left to that parser, and the tests hold the two against each other node by node.
 *
 * @param from - the start of a line; a `---` there belongs to the document
 * @returns undefined when the document is not of that part, null when there is neither `---` nor content
 */
export function readCommon<T, M, S>(
  text: string,
  from: number,
  to: number,
  build: Builder<T, M, S>,
): { readonly root: T } | undefined | null {
  let position = from;
  /** Column of the next line that holds content, whose first character is at `position`; -1 at the end. */
  let column = -1;
  /** Where the part that was read last ends. */
  let lastEnd = from;
  /** The scalar that was read last. */
  let lastStart = from;
  let lastStyle: ScalarStyle = 'empty';
  let lastValue: Json = null;

  try {
    const isExplicit = text.startsWith('---', from);
    if (isExplicit) endLine(from + 3);
    else nextLine(from);
    if (column === -1) return isExplicit ? { root: emptyScalar(from + 3) } : null;
    const first = text.charCodeAt(position);
    const root = first === OPEN || first === BRACE ? inlineValue(column - 1, 0) : blockCollection(0);
    return column === -1 ? { root } : undefined;
  } catch (error) {
    if (error === uncommon) return undefined;
    throw error;
  }

  /** Goes to the first line from `offset`, a line's start, that is neither blank nor a comment. */
  function nextLine(offset: number): void {
    let at = offset;
    while (at < to) {
      const lineStart = at;
      let code = text.charCodeAt(at);
      while (code === SPACE) code = text.charCodeAt(++at);
      if (at >= to) break;
      if (code === CR && text.charCodeAt(at + 1) === LF) code = text.charCodeAt(++at);
      if (code === LF) at++;
      else if (code === HASH) at = lineAfter(at);
      else if (code === TAB || code === CR) throw uncommon;
      else {
        position = at;
        column = at - lineStart;
        return;
      }
    }
    position = to;
    column = -1;
  }

  function lineAfter(at: number): number {
    const newline = text.indexOf('\n', at);
    return newline === -1 || newline >= to ? to : newline + 1;
  }

  /**
   * Skips the blanks and the comment that may stand behind a value, and goes on to the next line of content.
   *
   * @param isClosed - true behind a quote or a bracket, where a comment needs no blank before it, as go-yaml reads
   */
  function endLine(at: number, isClosed = false): void {
    let end = at;
    let code = text.charCodeAt(end);
    while (code === SPACE) code = text.charCodeAt(++end);
    if (end >= to) nextLine(to);
    else if (code === LF) nextLine(end + 1);
    else if (code === CR && text.charCodeAt(end + 1) === LF) nextLine(end + 2);
    else if (code === HASH && (end > at || isClosed)) nextLine(lineAfter(end));
    else throw uncommon;
  }

  function isBreakOrBlank(at: number): boolean {
    const code = text.charCodeAt(at);
    return at >= to || code === SPACE || code === LF || code === CR || code === TAB;
  }

  function blockCollection(depth: number): T {
    if (depth > depthLimit) throw uncommon;
    if (text.charCodeAt(position) === DASH && isBreakOrBlank(position + 1)) return blockSeq(column, depth);
    return blockMap(column, depth);
  }

  function blockSeq(at: number, depth: number): T {
    const start = position;
    const items = build.seq();
    let end = start;
    while (column === at && text.charCodeAt(position) === DASH && isBreakOrBlank(position + 1)) {
      const dash = position;
      let inner = dash + 1;
      while (text.charCodeAt(inner) === SPACE) inner++;
      let value: T;
      if (isLineEnd(inner)) {
        endLine(dash + 1);
        value = column > at ? blockCollection(depth + 1) : emptyScalar(dash + 1);
      } else {
        const innerColumn = at + inner - dash;
        const isSeq = text.charCodeAt(inner) === DASH && isBreakOrBlank(inner + 1);
        position = inner;
        if (isSeq || keyEnd(inner) !== -1) {
          column = innerColumn;
          value = isSeq
            ? nested(() => blockSeq(innerColumn, depth + 1))
            : nested(() => blockMap(innerColumn, depth + 1));
        } else value = inlineValue(at, depth + 1);
      }
      build.item(items, dash, value);
      end = lastEnd;
    }
    if (column > at) throw uncommon;
    lastEnd = end;
    return build.endSeq(items, start, end, false);

    function nested(read: () => T): T {
      if (depth > depthLimit) throw uncommon;
      return read();
    }
  }

  function blockMap(at: number, depth: number): T {
    const start = position;
    const entries = build.map();
    let end = start;
    while (column === at) {
      if (text.charCodeAt(position) === DASH && isBreakOrBlank(position + 1)) break;
      const colon = keyEnd(position);
      if (colon === -1) throw uncommon;
      const keyNode = keyScalar(position, colon);
      const key = lastKey();
      if (key === '<<' || build.hasKey(entries, key)) throw uncommon;
      let inner = colon + 1;
      while (text.charCodeAt(inner) === SPACE) inner++;
      let value: T;
      if (isLineEnd(inner)) {
        endLine(colon + 1);
        const isSeqHere = column === at && text.charCodeAt(position) === DASH && isBreakOrBlank(position + 1);
        value = column > at || isSeqHere ? blockCollection(depth + 1) : emptyScalar(colon + 1);
      } else {
        position = inner;
        value = inlineValue(at, depth + 1);
      }
      build.entry(entries, key, keyNode, value);
      end = lastEnd;
    }
    if (column > at || end === start) throw uncommon;
    lastEnd = end;
    return build.endMap(entries, start, end, false);
  }

  /** True at a line break, at the end, or at a comment. */
  function isLineEnd(at: number): boolean {
    const code = text.charCodeAt(at);
    return at >= to || code === LF || code === HASH || (code === CR && text.charCodeAt(at + 1) === LF);
  }

  /** Offset of the colon behind the key that begins at `at`; -1 when none begins there. */
  function keyEnd(at: number): number {
    simpleKey.lastIndex = at;
    if (simpleKey.test(text) && simpleKey.lastIndex <= to) return simpleKey.lastIndex - 1;
    const first = text.charCodeAt(at);
    if (first === QUOTE || first === APOSTROPHE) {
      let end = quotedEnd(at);
      while (text.charCodeAt(end) === SPACE) end++;
      return text.charCodeAt(end) === COLON && isBreakOrBlank(end + 1) ? end : -1;
    }
    if (indicators.has(first) || ((first === DASH || first === QUESTION || first === COLON) && isBreakOrBlank(at + 1)))
      return -1;
    for (let end = at; end < to; end++) {
      const code = text.charCodeAt(end);
      if (code === COLON && isBreakOrBlank(end + 1)) return end;
      if (code === LF || code === CR || code === TAB || (code === HASH && text.charCodeAt(end - 1) === SPACE))
        return -1;
    }
    return -1;
  }

  function keyScalar(at: number, colon: number): T {
    const first = text.charCodeAt(at);
    if (first === QUOTE || first === APOSTROPHE) return quotedScalar(at, quotedEnd(at));
    return plainScalar(at, trimmed(at, colon));
  }

  /** The scalar that was read last as a key: as written when plain, for `on:` is the key "on". */
  function lastKey(): string {
    if (typeof lastValue === 'string') return lastValue;
    return lastStyle === 'plain' ? text.slice(lastStart, lastEnd) : String(lastValue);
  }

  function trimmed(start: number, end: number): number {
    let at = end;
    while (at > start && text.charCodeAt(at - 1) === SPACE) at--;
    return at;
  }

  /** A value that begins on the line of its key or dash, which stands at column `at`. */
  function inlineValue(at: number, depth: number): T {
    const start = position;
    const first = text.charCodeAt(start);
    let value: T;
    if (first === PIPE || first === GREATER) return blockScalar(start, at);
    if (first === QUOTE || first === APOSTROPHE) value = quotedScalar(start, quotedEnd(start));
    else if (first === OPEN || first === BRACE) value = flowCollection(start, at, depth);
    else if (indicators.has(first)) throw uncommon;
    else value = plainScalar(start, plainEnd(start));
    endLine(lastEnd, true); // a plain scalar has the `#` behind it in itself
    if (column > at) throw uncommon; // the scalar goes on, or something is wrong
    return value;
  }

  /** The end of a plain scalar in a block collection, on its own line. */
  function plainEnd(start: number): number {
    simpleValue.lastIndex = start;
    if (simpleValue.test(text) && simpleValue.lastIndex <= to) return simpleValue.lastIndex;
    const first = text.charCodeAt(start);
    if ((first === DASH || first === QUESTION || first === COLON) && isBreakOrBlank(start + 1)) throw uncommon;
    let at = start;
    for (; at < to; at++) {
      const code = text.charCodeAt(at);
      if (code === LF || (code === HASH && text.charCodeAt(at - 1) === SPACE)) break;
      if (code === CR && text.charCodeAt(at + 1) === LF) break;
      if (code === TAB || code === CR || (code === COLON && isBreakOrBlank(at + 1))) throw uncommon;
    }
    return trimmed(start, at);
  }

  /** Offset just behind the closing quote; a quoted scalar that goes over its line is not common. */
  function quotedEnd(start: number): number {
    const quote = text.charCodeAt(start);
    for (let at = start + 1; at < to; at++) {
      const code = text.charCodeAt(at);
      if (code === LF || code === CR) break;
      if (code === BACKSLASH && quote === QUOTE) at++;
      else if (code === quote) {
        if (quote === APOSTROPHE && text.charCodeAt(at + 1) === APOSTROPHE) at++;
        else return at + 1;
      }
    }
    throw uncommon;
  }

  function quotedScalar(start: number, end: number): T {
    const isDouble = text.charCodeAt(start) === QUOTE;
    const raw = text.slice(start + 1, end - 1);
    if (!isDouble) return scalar(start, end, 'single', raw.includes("'") ? raw.replace(/''/g, "'") : raw);
    if (!raw.includes('\\')) return scalar(start, end, 'double', raw);
    if (raw.replace(escapes, '').includes('\\')) throw uncommon;
    const value = decode(start + 1, end - 1, SCALAR_STYLE.DOUBLE_QUOTED);
    return scalar(start, end, 'double', value);
  }

  function plainScalar(start: number, end: number): T {
    return scalar(start, end, 'plain', resolvePlain(text.slice(start, end)));
  }

  function emptyScalar(at: number): T {
    return scalar(at, at, 'empty', null);
  }

  function scalar(start: number, end: number, style: ScalarStyle, value: Json, indent = -1): T {
    lastStart = start;
    lastEnd = end;
    lastStyle = style;
    lastValue = value;
    return build.scalar(start, end, style, value, indent);
  }

  function decode(
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

  /** A literal or folded scalar whose key or dash stands at column `at`. */
  function blockScalar(start: number, at: number): T {
    let inner = start + 1;
    const mark = text.charCodeAt(inner);
    const chomping = mark === 43 ? CHOMPING_MODE.KEEP : mark === DASH ? CHOMPING_MODE.STRIP : CHOMPING_MODE.CLIP;
    if (chomping !== CHOMPING_MODE.CLIP) inner++;
    if (!isBreakOrBlank(inner) || inner >= to) throw uncommon;
    const lineEnd = text.indexOf('\n', inner);
    if (lineEnd === -1 || lineEnd >= to || !/^ *( #[^\r\n]*)?\r?$/.test(text.slice(inner, lineEnd))) throw uncommon;
    const valueStart = lineEnd + 1;
    let indent = -1;
    let line = valueStart;
    let widest = 0;
    while (line < to) {
      let spaces = 0;
      while (text.charCodeAt(line + spaces) === SPACE) spaces++;
      const code = text.charCodeAt(line + spaces);
      const isBlank = line + spaces >= to || code === LF || (code === CR && text.charCodeAt(line + spaces + 1) === LF);
      if (isBlank && line + spaces >= to && spaces > 0) throw uncommon; // parsers differ on where it ends
      if (isBlank) widest = Math.max(widest, indent === -1 ? spaces : 0);
      else {
        if (code === TAB || code === CR) throw uncommon;
        if (indent === -1) {
          if (spaces <= at || widest > spaces) throw uncommon;
          indent = spaces;
        } else if (spaces < indent) break;
      }
      line = lineAfter(line);
    }
    if (indent === -1) throw uncommon;
    const style = text.charCodeAt(start) === PIPE ? SCALAR_STYLE.LITERAL_BLOCK : SCALAR_STYLE.FOLDED_BLOCK;
    const value = decode(valueStart, line, style, chomping, indent);
    nextLine(line);
    if (column > at) throw uncommon;
    return scalar(start, line, text.charCodeAt(start) === PIPE ? 'literal' : 'folded', value, indent);
  }

  /** A flow collection; lines below the first must stand further in than `at`. Leaves `position` alone. */
  function flowCollection(start: number, at: number, depth: number): T {
    if (depth > depthLimit) throw uncommon;
    return text.charCodeAt(start) === OPEN ? flowSeq(start, at, depth) : flowMap(start, at, depth);
  }

  function flowSeq(start: number, at: number, depth: number): T {
    const items = build.seq();
    let next = flowGap(start + 1, at);
    while (text.charCodeAt(next) !== CLOSE) {
      build.item(items, next, flowValue(next, at, depth));
      next = flowGap(lastEnd, at);
      if (text.charCodeAt(next) === COMMA) next = flowGap(next + 1, at);
      else if (text.charCodeAt(next) !== CLOSE) throw uncommon;
    }
    lastEnd = next + 1;
    return build.endSeq(items, start, lastEnd, true);
  }

  function flowMap(start: number, at: number, depth: number): T {
    const entries = build.map();
    let next = flowGap(start + 1, at);
    while (text.charCodeAt(next) !== BRACE_END) {
      const first = text.charCodeAt(next);
      if (first === OPEN || first === BRACE) throw uncommon;
      const keyNode = flowValue(next, at, depth);
      const key = lastKey();
      if (key === '<<' || build.hasKey(entries, key)) throw uncommon;
      const colon = flowGap(lastEnd, at);
      let value: T;
      if (text.charCodeAt(colon) === COLON) {
        next = flowGap(colon + 1, at);
        const code = text.charCodeAt(next);
        value = code === COMMA || code === BRACE_END ? emptyScalar(colon + 1) : flowValue(next, at, depth);
      } else value = emptyScalar(lastEnd);
      build.entry(entries, key, keyNode, value);
      next = flowGap(lastEnd, at);
      if (text.charCodeAt(next) === COMMA) next = flowGap(next + 1, at);
      else if (text.charCodeAt(next) !== BRACE_END) throw uncommon;
    }
    lastEnd = next + 1;
    return build.endMap(entries, start, lastEnd, true);
  }

  function flowValue(start: number, at: number, depth: number): T {
    const first = text.charCodeAt(start);
    if (first === QUOTE || first === APOSTROPHE) return quotedScalar(start, quotedEnd(start));
    if (first === OPEN || first === BRACE) return flowCollection(start, at, depth + 1);
    if (indicators.has(first) || first === QUESTION || first === COLON || start >= to) throw uncommon;
    if (first === DASH && (isBreakOrBlank(start + 1) || indicators.has(text.charCodeAt(start + 1)))) throw uncommon;
    let end = start;
    for (; end < to; end++) {
      const code = text.charCodeAt(end);
      if (
        code === COMMA ||
        code === CLOSE ||
        code === BRACE_END ||
        code === OPEN ||
        code === BRACE ||
        code === LF ||
        code === CR
      )
        break;
      if (code === TAB) throw uncommon;
      if (code === HASH && text.charCodeAt(end - 1) === SPACE) break;
      if (code === COLON) {
        const after = text.charCodeAt(end + 1);
        if (
          isBreakOrBlank(end + 1) ||
          after === COMMA ||
          after === CLOSE ||
          after === BRACE_END ||
          after === OPEN ||
          after === BRACE
        )
          break;
      }
    }
    const valueEnd = trimmed(start, end);
    // On the next line the scalar could go on, and a `[` or `{` in it is too odd to judge here.
    const next = text.charCodeAt(flowGap(valueEnd, at));
    if (next !== COMMA && next !== CLOSE && next !== BRACE_END && next !== COLON) throw uncommon;
    return plainScalar(start, valueEnd);
  }

  /** Skips blanks, line breaks and comments inside a flow collection. */
  function flowGap(from: number, at: number): number {
    let offset = from;
    for (;;) {
      const code = text.charCodeAt(offset);
      if (offset >= to || code === TAB) throw uncommon;
      if (code === SPACE) offset++;
      else if (code === HASH) offset = text.indexOf('\n', offset) === -1 ? to : text.indexOf('\n', offset);
      else if (code === LF || (code === CR && text.charCodeAt(offset + 1) === LF)) {
        const lineStart = lineAfter(offset);
        let inner = lineStart;
        while (text.charCodeAt(inner) === SPACE) inner++;
        const isBlank = isLineEnd(inner);
        if (!isBlank && inner - lineStart <= at) throw uncommon;
        offset = inner;
        // A comment at a line's first column has no blank before it.
        if (text.charCodeAt(inner) === HASH)
          offset = lineAfter(inner) - (text.charCodeAt(lineAfter(inner) - 1) === LF ? 1 : 0);
      } else return offset;
    }
  }
}
