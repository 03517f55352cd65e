import { COLLECTION_STYLE, EVENT_ID, type Event, getScalarValue, parseEvents, SCALAR_STYLE } from 'js-yaml';
import {
  type AliasNode,
  type MapEntry,
  type Node,
  resolved,
  type ScalarNode,
  type ScalarStyle,
  type SeqItem,
} from './node.ts';
import { resolvePlain, resolveTagged } from './scalar.ts';

/** How deep collections may nest; Kubernetes manifests stay far below. */
export const depthLimit = 500;

/** A document's root and the offsets that bound the document. */
export interface RawDocument {
  readonly start: number;
  readonly end: number;
  readonly root: Node;
}

/** A syntax fault at an offset of the text. */
export class YamlFault extends Error {
  readonly offset: number;
  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

type ScalarEvent = Extract<Event, { valueStart: number }>;
type Properties = Pick<ScalarEvent, 'anchorStart' | 'anchorEnd' | 'tagStart' | 'tagEnd'>;

const styles: Record<number, ScalarStyle> = {
  [SCALAR_STYLE.PLAIN]: 'plain',
  [SCALAR_STYLE.SINGLE_QUOTED]: 'single',
  [SCALAR_STYLE.DOUBLE_QUOTED]: 'double',
  [SCALAR_STYLE.LITERAL_BLOCK]: 'literal',
  [SCALAR_STYLE.FOLDED_BLOCK]: 'folded',
};

/**
 * Reads YAML by js-yaml's event parser, which is many times as fast as a document parser. Its events lack some
 * ends (of collections, of block scalars' headers); those are found by a walk over the trivia between tokens.
 *
 * @throws YamlFault, or js-yaml's own exception
 */
export function readByEvents(text: string): RawDocument[] {
  return composeDocuments(text, parseEvents(text, { maxDepth: depthLimit }));
}

/** How many characters may be read again and again on behalf of under-indented lines: each such line costs a parse. */
const rereadLimit = 12_000_000;
/** How far such a line is moved in: further than the keys of manifests stand. */
const padding = ' '.repeat(100);

/**
 * Reads YAML whose flow collections and quoted scalars go on in lines that are indented too little, which js-yaml
 * refuses and go-yaml does not mind (inside of brackets and quotes its scanner asks for no indentation). Such lines are
 * moved in for the parser, and the offsets of its events moved back.
 *
 * @throws js-yaml's own exception when that does not help, or takes too long
 */
export function readPaddingLines(text: string): RawDocument[] {
  const lineStarts: number[] = [];
  let padded = text;
  for (let reread = 0; ; ) {
    try {
      const events = parseEvents(padded, { maxDepth: depthLimit });
      return composeDocuments(
        text,
        events.map((event) => unpadded(event, lineStarts)),
      );
    } catch (error) {
      const { reason, mark } = error as { reason?: string; mark?: { position: number } };
      if (reason !== 'deficient indentation' || !mark) throw error;
      const lineStart = padded.lastIndexOf('\n', mark.position - 1) + 1;
      reread += mark.position;
      const isHopeless = padded.startsWith(padding, lineStart) || isDocumentBoundary(padded, lineStart);
      if (isHopeless || reread > rereadLimit) throw error;
      // Faults come in the order of the text, so all lines that are moved already stand before.
      lineStarts.push(lineStart - lineStarts.length * padding.length);
      padded = padded.slice(0, lineStart) + padding + padded.slice(lineStart);
    }
  }
}

const offsets = ['start', 'valueStart', 'valueEnd', 'anchorStart', 'anchorEnd', 'tagStart', 'tagEnd'] as const;

/** An event as it would be had no lines been moved in. */
function unpadded(event: Event, lineStarts: readonly number[]): Event {
  const moved: Event & { [Name in (typeof offsets)[number]]?: number } = { ...event };
  for (const name of offsets) {
    let offset = moved[name];
    if (offset === undefined) continue;
    for (const lineStart of lineStarts) {
      if (offset <= lineStart) break;
      offset = Math.max(offset - padding.length, lineStart);
    }
    moved[name] = offset;
  }
  return moved;
}

/** True for a `---` or `...`, which ends a document even inside of brackets and quotes. */
function isDocumentBoundary(text: string, offset: number): boolean {
  return isMarker(text, offset, '---') || isMarker(text, offset, '...');
}

function composeDocuments(text: string, events: readonly Event[]): RawDocument[] {
  const documents: RawDocument[] = [];
  let next = 0;
  let cursor = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  let anchors = new Map<string, Exclude<Node, AliasNode>>();
  let start = 0;

  while (next < events.length) {
    const event = events[next++] as Extract<Event, { explicitStart: boolean }>;
    const gap = scanGap(text, cursor, event.explicitStart);
    if (documents.length > 0) start = gap.boundary;
    cursor = gap.content;
    anchors = new Map();
    const root = compose(cursor);
    if (documents.length > 0) documents[documents.length - 1] = { ...documents.at(-1)!, end: start };
    documents.push({ start: start, end: text.length, root });
    next++; // the document's own POP
  }
  return documents;

  function compose(emptyAt: number): Node {
    const event = events[next++]!;
    switch (event.type) {
      case EVENT_ID.SCALAR:
        return composeScalar(event as ScalarEvent, emptyAt);
      case EVENT_ID.ALIAS: {
        const { anchorStart, anchorEnd } = event as Extract<Event, { anchorStart: number }>;
        const target = anchors.get(text.slice(anchorStart, anchorEnd));
        if (!target) throw new YamlFault(`alias *${text.slice(anchorStart, anchorEnd)} has no anchor`, anchorStart - 1);
        cursor = anchorEnd;
        const start = anchorStart - 1;
        return { kind: 'alias', outerStart: start, start, end: anchorEnd, anchor: undefined, target };
      }
      case EVENT_ID.SEQUENCE:
      case EVENT_ID.MAPPING: {
        const collection = event as Properties & { start: number; style: number };
        const flow = collection.style === COLLECTION_STYLE.FLOW;
        const outerStart = outerStartOf(collection, collection.start);
        const anchor = anchorOf(collection);
        cursor = collection.start;
        const start = collection.start;
        const node: Node =
          event.type === EVENT_ID.SEQUENCE
            ? { kind: 'seq', outerStart, start, anchor, flow, items: composeItems(flow), end: closeFlow(flow, 0x5d) }
            : {
                kind: 'map',
                outerStart,
                start,
                anchor,
                flow,
                entries: composeEntries(flow, collection.start),
                end: closeFlow(flow && text[collection.start] === '{', 0x7d),
              };
        if (anchor !== undefined) anchors.set(anchor, node);
        return node;
      }
      default:
        throw new Error(`unexpected event ${event.type}`);
    }
  }

  function composeItems(flow: boolean): SeqItem[] {
    const items: SeqItem[] = [];
    if (flow) cursor++;
    while (events[next]!.type !== EVENT_ID.POP) {
      let dash = skipTrivia(text, cursor);
      if (flow && text.charCodeAt(dash) === 0x2c) dash = skipTrivia(text, dash + 1);
      cursor = flow ? dash : dash + 1;
      const value = compose(cursor);
      items.push({ dash: flow ? value.outerStart : dash, value });
    }
    next++;
    return items;
  }

  function composeEntries(flow: boolean, start: number): MapEntry[] {
    const entries: MapEntry[] = [];
    const seen = new Set<string>();
    if (flow && text[start] === '{') cursor++;
    while (events[next]!.type !== EVENT_ID.POP) {
      let keyAt = skipTrivia(text, cursor);
      if (flow && text.charCodeAt(keyAt) === 0x2c) keyAt = skipTrivia(text, keyAt + 1);
      cursor = keyAt;
      const event = events[next] as ScalarEvent;
      const keyNode = compose(keyAt);
      const keyEnd = cursor;
      const key = keyText(keyNode, text);
      const merge = key === '<<' && keyNode.kind === 'scalar' && keyNode.style === 'plain' && event.tagStart === -1;
      if (!merge && seen.has(key)) throw duplicateKey(key, keyNode);
      seen.add(key);
      const colon = skipTrivia(text, keyEnd);
      cursor = text.charCodeAt(colon) === 0x3a ? colon + 1 : keyEnd;
      entries.push({ key, keyNode, value: compose(cursor), merge });
    }
    next++;
    return entries;
  }

  function closeFlow(flow: boolean, bracket: number): number {
    if (!flow) return cursor;
    let close = skipTrivia(text, cursor);
    if (text.charCodeAt(close) === 0x2c) close = skipTrivia(text, close + 1);
    if (text.charCodeAt(close) !== bracket) throw new Error(`no closing bracket at offset ${close}`);
    cursor = close + 1;
    return cursor;
  }

  function composeScalar(event: ScalarEvent, emptyAt: number): ScalarNode {
    const anchor = anchorOf(event);
    const isEmpty = event.valueStart === -1;
    const style = isEmpty ? 'empty' : styles[event.style]!;
    const propertiesEnd = Math.max(event.anchorEnd, event.tagEnd);
    let start = event.valueStart;
    let end = event.valueEnd;
    if (isEmpty) start = end = Math.max(emptyAt, propertiesEnd);
    else if (style === 'single' || style === 'double') [start, end] = [start - 1, end + 1];
    else if (style === 'literal' || style === 'folded') start = headerOf(text, Math.max(cursor, propertiesEnd));
    const source = isEmpty
      ? ''
      : event.fast
        ? text.slice(event.valueStart, event.valueEnd)
        : getScalarValue(text, event);
    const tag = event.tagStart === -1 ? undefined : text.slice(event.tagStart, event.tagEnd);
    const isPlain = style === 'plain' || style === 'empty';
    const value = tag !== undefined ? resolveTagged(tag, source) : isPlain ? resolvePlain(source) : source;
    const node: ScalarNode = {
      kind: 'scalar',
      outerStart: outerStartOf(event, start),
      start: start,
      end: end,
      anchor,
      style,
      value,
      indent: style === 'literal' || style === 'folded' ? event.indent : -1,
    };
    if (anchor !== undefined) anchors.set(anchor, node);
    cursor = end;
    return node;
  }

  function anchorOf({ anchorStart, anchorEnd }: Properties): string | undefined {
    return anchorStart === -1 ? undefined : text.slice(anchorStart, anchorEnd);
  }
}

/**
 * The text of a key: its source when plain, so that `on:` and `1:` stay the keys that people wrote.
 *
 * @throws YamlFault for a collection, such as an unquoted `{{ .Value }}` of a template: go-yaml refuses it as "invalid
 *   map key" (`mapping` in its decode.go)
 */
export function keyText(node: Node, text: string): string {
  const key = resolved(node);
  if (key.kind !== 'scalar')
    throw new YamlFault(`a ${key.kind === 'map' ? 'mapping' : 'list'} cannot be a key`, node.start);
  if (key.style === 'plain') return text.slice(key.start, key.end);
  return key.value === null ? '' : String(key.value);
}

/** The fault of a key that stands twice in one mapping: parsers differ on which of them counts. */
export function duplicateKey(key: string, { start }: Node): YamlFault {
  return new YamlFault(`key ${JSON.stringify(key)} stands twice in one mapping`, start);
}

function outerStartOf({ anchorStart, tagStart }: Properties, start: number): number {
  let outer = start;
  if (anchorStart !== -1) outer = Math.min(outer, anchorStart - 1);
  if (tagStart !== -1) outer = Math.min(outer, tagStart);
  return outer;
}

/** Offset of the `|` or `>` that opens a block scalar, from the end of the token before it. */
function headerOf(text: string, from: number): number {
  let offset = skipTrivia(text, from);
  while (offset < text.length && text[offset] !== '|' && text[offset] !== '>') offset = skipTrivia(text, offset + 1);
  return offset;
}

/** Skips white space, line breaks and comments. */
export function skipTrivia(text: string, from: number): number {
  let offset = from;
  for (;;) {
    const code = text.charCodeAt(offset);
    if (code === 0x20 || code === 0x09 || code === 0x0a || code === 0x0d || code === 0xfeff) offset++;
    else if (code === 0x23) {
      const newline = text.indexOf('\n', offset);
      offset = newline === -1 ? text.length : newline;
    } else return offset;
  }
}

/**
 * Reads what lies between two documents: comments, `...`, directives and the `---` of the next.
 *
 * @returns where the next document begins and where its content may
 */
function scanGap(text: string, from: number, explicit: boolean): { boundary: number; content: number } {
  let boundary: number | undefined;
  let offset = from;
  while (offset < text.length) {
    const isLineStart = offset === 0 || text[offset - 1] === '\n' || text.charCodeAt(offset - 1) === 0xfeff;
    const newline = text.indexOf('\n', offset);
    const end = newline === -1 ? text.length : newline + 1;
    if (isLineStart) {
      if (explicit && isMarker(text, offset, '---')) return { boundary: boundary ?? offset, content: offset + 3 };
      if (isMarker(text, offset, '...')) boundary = end;
      else if (!explicit && /^[ \t]*[^#\s]/.test(text.slice(offset, end))) break;
    }
    offset = end;
  }
  // js-yaml takes a carriage return alone for a line break, and so sees a `---` behind one.
  if (explicit) throw new YamlFault('a line ends with a carriage return alone; end lines with a line feed', from);
  return { boundary: boundary ?? from, content: boundary ?? from };
}

function isMarker(text: string, offset: number, marker: string): boolean {
  if (!text.startsWith(marker, offset)) return false;
  const after = text.charCodeAt(offset + 3);
  return Number.isNaN(after) || after === 0x20 || after === 0x09 || after === 0x0a || after === 0x0d;
}
