import { COLLECTION_STYLE, EVENT_ID, type Event, getScalarValue, SCALAR_STYLE } from 'js-yaml';
import { type Quoted, refuseOddBreaks } from './line-breaks.ts';
import {
  type AliasNode,
  type Json,
  type MapEntry,
  type Node,
  resolved,
  type ScalarNode,
  type ScalarStyle,
  type SeqItem,
} from './node.ts';
import { resolvePlain, resolveTagged } from './scalar.ts';
import { isMarker, skipTrivia } from './trivia.ts';
import { duplicateKey, YamlFault } from './yaml-fault.ts';

/** A document's root and the offsets that bound the document. */
export interface RawDocument {
  readonly start: number;
  readonly end: number;
  readonly root: Node;
}

type ScalarEvent = Extract<Event, { valueStart: number }>;
type AliasEvent = Extract<Event, { anchorStart: number }>;
type Properties = Pick<ScalarEvent, 'anchorStart' | 'anchorEnd' | 'tagStart' | 'tagEnd'>;
type CollectionEvent = Event & Properties & { readonly start: number; readonly style: number };

const styles: Record<number, ScalarStyle> = {
  [SCALAR_STYLE.PLAIN]: 'plain',
  [SCALAR_STYLE.SINGLE_QUOTED]: 'single',
  [SCALAR_STYLE.DOUBLE_QUOTED]: 'double',
  [SCALAR_STYLE.LITERAL_BLOCK]: 'literal',
  [SCALAR_STYLE.FOLDED_BLOCK]: 'folded',
};

/** Where the making of nodes has got to. */
interface Composer {
  readonly text: string;
  readonly events: readonly Event[];
  /** Index of the next event. */
  next: number;
  /** Offset behind the token that was read last. */
  cursor: number;
  /** Of the document that is being read. */
  anchors: Map<string, Exclude<Node, AliasNode>>;
}

/**
 * Makes the nodes of a text from js-yaml's events. These lack some ends (of collections, of block scalars' headers),
 * which are found by a walk over the trivia between tokens.
 *
 * @throws YamlFault
 */
export function composeDocuments(text: string, events: readonly Event[]): RawDocument[] {
  refuseOddBreaks(text, () => quotedBy(events));
  const documents: RawDocument[] = [];
  const cursor = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  const composer: Composer = { text, events, next: 0, cursor, anchors: new Map() };
  let start = 0;
  while (composer.next < events.length) {
    const { explicitStart } = events[composer.next++] as Extract<Event, { explicitStart: boolean }>;
    const gap = scanGap(text, composer.cursor, explicitStart);
    const before = documents.at(-1);
    if (before) {
      start = gap.boundary;
      documents[documents.length - 1] = { ...before, end: start };
    }
    composer.cursor = gap.content;
    composer.anchors = new Map();
    documents.push({ start, end: text.length, root: compose(composer, gap.content) });
    composer.next++; // the document's own POP
  }
  return documents;
}

/** The quoted scalars, without their quotes. */
function quotedBy(events: readonly Event[]): Quoted[] {
  return events.flatMap((event) => {
    if (event.type !== EVENT_ID.SCALAR) return [];
    const { style, valueStart, valueEnd } = event as ScalarEvent;
    const isQuoted = style === SCALAR_STYLE.SINGLE_QUOTED || style === SCALAR_STYLE.DOUBLE_QUOTED;
    return isQuoted ? [{ start: valueStart, end: valueEnd }] : [];
  });
}

/** Makes the node that the next event begins; `emptyAt` is where it is when it is empty. */
function compose(composer: Composer, emptyAt: number): Node {
  const event = composer.events[composer.next++]!;
  switch (event.type) {
    case EVENT_ID.SCALAR:
      return composeScalar(composer, event as ScalarEvent, emptyAt);
    case EVENT_ID.ALIAS:
      return composeAlias(composer, event as AliasEvent);
    case EVENT_ID.SEQUENCE:
    case EVENT_ID.MAPPING:
      return composeCollection(composer, event as CollectionEvent);
    default:
      throw new Error(`unexpected event ${event.type}`);
  }
}

function composeAlias(composer: Composer, { anchorStart, anchorEnd }: AliasEvent): AliasNode {
  const name = composer.text.slice(anchorStart, anchorEnd);
  const start = anchorStart - 1;
  const target = composer.anchors.get(name);
  if (!target) throw new YamlFault(`alias *${name} has no anchor`, start);
  composer.cursor = anchorEnd;
  return { kind: 'alias', outerStart: start, start, end: anchorEnd, anchor: undefined, target };
}

function composeCollection(composer: Composer, event: CollectionEvent): Node {
  const { text } = composer;
  const { start } = event;
  const flow = event.style === COLLECTION_STYLE.FLOW;
  const outerStart = outerStartOf(event, start);
  const anchor = anchorOf(text, event);
  composer.cursor = start;
  const isSequence = event.type === EVENT_ID.SEQUENCE;
  const node: Node = isSequence
    ? {
        kind: 'seq',
        outerStart,
        start,
        anchor,
        flow,
        items: composeItems(composer, flow),
        end: endOf(composer, flow, ']'),
      }
    : {
        kind: 'map',
        outerStart,
        start,
        anchor,
        flow,
        entries: composeEntries(composer, flow),
        end: endOf(composer, flow && text[start] === '{', '}'),
      };
  if (anchor !== undefined) composer.anchors.set(anchor, node);
  return node;
}

function composeItems(composer: Composer, flow: boolean): SeqItem[] {
  const { text, events } = composer;
  const items: SeqItem[] = [];
  if (flow) composer.cursor++;
  while (events[composer.next]!.type !== EVENT_ID.POP) {
    const dash = memberStart(text, composer.cursor, flow);
    composer.cursor = flow ? dash : dash + 1;
    const value = compose(composer, composer.cursor);
    items.push({ dash: flow ? value.outerStart : dash, value });
  }
  composer.next++;
  return items;
}

function composeEntries(composer: Composer, flow: boolean): MapEntry[] {
  const { text, events } = composer;
  const entries: MapEntry[] = [];
  const seen = new Set<string>();
  if (flow && text[composer.cursor] === '{') composer.cursor++;
  while (events[composer.next]!.type !== EVENT_ID.POP) {
    composer.cursor = memberStart(text, composer.cursor, flow);
    const { tagStart } = events[composer.next] as ScalarEvent;
    const keyNode = compose(composer, composer.cursor);
    const key = keyText(keyNode, text);
    const merge = key === '<<' && keyNode.kind === 'scalar' && keyNode.style === 'plain' && tagStart === -1;
    if (!merge && seen.has(key)) throw duplicateKey(key, keyNode);
    seen.add(key);
    const colon = skipTrivia(text, composer.cursor);
    if (text[colon] === ':') composer.cursor = colon + 1;
    entries.push({ key, keyNode, value: compose(composer, composer.cursor), merge });
  }
  composer.next++;
  return entries;
}

/** Where the next entry or item begins: behind a comma, in flow style. */
function memberStart(text: string, from: number, flow: boolean): number {
  const start = skipTrivia(text, from);
  return flow && text[start] === ',' ? skipTrivia(text, start + 1) : start;
}

/** Goes behind the bracket that closes a collection; one without brackets ends where its last member does. */
function endOf(composer: Composer, isBracketed: boolean, bracket: ']' | '}'): number {
  if (!isBracketed) return composer.cursor;
  const close = memberStart(composer.text, composer.cursor, true);
  if (composer.text[close] !== bracket) throw new YamlFault(`no ${bracket} where one is expected`, close);
  composer.cursor = close + 1;
  return composer.cursor;
}

function composeScalar(composer: Composer, event: ScalarEvent, emptyAt: number): ScalarNode {
  const { text } = composer;
  const anchor = anchorOf(text, event);
  const style = event.valueStart === -1 ? 'empty' : styles[event.style]!;
  const [start, end] = boundsOf(composer, event, style, emptyAt);
  const node: ScalarNode = {
    kind: 'scalar',
    outerStart: outerStartOf(event, start),
    start,
    end,
    anchor,
    style,
    value: scalarValue(text, event, style),
    indent: style === 'literal' || style === 'folded' ? event.indent : -1,
  };
  if (anchor !== undefined) composer.anchors.set(anchor, node);
  composer.cursor = end;
  return node;
}

/** Where a scalar begins and ends, with its quotes or its header. */
function boundsOf(
  { text, cursor }: Composer,
  event: ScalarEvent,
  style: ScalarStyle,
  emptyAt: number,
): [number, number] {
  const { valueStart, valueEnd, anchorEnd, tagEnd } = event;
  const propertiesEnd = Math.max(anchorEnd, tagEnd);
  switch (style) {
    case 'empty': {
      const at = Math.max(emptyAt, propertiesEnd);
      return [at, at];
    }
    case 'single':
    case 'double':
      return [valueStart - 1, valueEnd + 1];
    case 'literal':
    case 'folded':
      return [headerOf(text, Math.max(cursor, propertiesEnd)), valueEnd];
    default:
      return [valueStart, valueEnd];
  }
}

function scalarValue(text: string, event: ScalarEvent, style: ScalarStyle): Json {
  const { valueStart, valueEnd, tagStart, tagEnd } = event;
  let source = '';
  if (style !== 'empty') source = event.fast ? text.slice(valueStart, valueEnd) : getScalarValue(text, event);
  if (tagStart !== -1) return resolveTagged(text.slice(tagStart, tagEnd), source);
  return style === 'plain' || style === 'empty' ? resolvePlain(source) : source;
}

function anchorOf(text: string, { anchorStart, anchorEnd }: Properties): string | undefined {
  return anchorStart === -1 ? undefined : text.slice(anchorStart, anchorEnd);
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

/**
 * Reads what is between two documents: comments, `...`, directives and the `---` of the next.
 *
 * @returns where the next document begins and where its content may
 */
function scanGap(text: string, from: number, explicit: boolean): { boundary: number; content: number } {
  let boundary: number | undefined;
  let line = isLineStart(text, from) ? from : behindLine(text, from);
  for (let next = line; line < text.length; line = next) {
    next = behindLine(text, line);
    if (explicit && isMarker(text, line, '---')) return { boundary: boundary ?? line, content: line + 3 };
    if (isMarker(text, line, '...')) boundary = next;
    else if (!explicit && /^[ \t]*[^#\s]/.test(text.slice(line, next))) break;
  }
  if (explicit) throw new YamlFault('no `---` where one is expected', from);
  return { boundary: boundary ?? from, content: boundary ?? from };
}

function isLineStart(text: string, offset: number): boolean {
  return offset === 0 || text[offset - 1] === '\n' || text.charCodeAt(offset - 1) === 0xfeff;
}

/** The start of the next line, or the end of the text. */
function behindLine(text: string, offset: number): number {
  return text.indexOf('\n', offset) + 1 || text.length;
}
