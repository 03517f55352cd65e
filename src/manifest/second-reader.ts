import {
  isAlias,
  isCollection,
  isMap,
  isScalar,
  type ParsedNode,
  parseAllDocuments,
  type Scalar,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import { keyText, type RawDocument } from './compose.ts';
import { quotedIn, refuseOddBreaks } from './line-breaks.ts';
import type { AliasNode, MapEntry, MapNode, Node, ScalarNode, ScalarStyle, SeqItem, SeqNode } from './node.ts';
import { resolvePlain, resolveTagged } from './scalar.ts';
import { skipTrivia } from './trivia.ts';
import { depthLimit, duplicateKey, YamlFault } from './yaml-fault.ts';

type Anchors = Map<string, Exclude<Node, AliasNode>>;

const styles: Record<string, ScalarStyle> = {
  PLAIN: 'plain',
  QUOTE_SINGLE: 'single',
  QUOTE_DOUBLE: 'double',
  BLOCK_LITERAL: 'literal',
  BLOCK_FOLDED: 'folded',
};

/**
 * Reads YAML by the package `yaml`: slower, but it takes what the first reader refuses and Kubernetes does not,
 * such as a flow sequence whose `]` is at the column of the parent's key.
 *
 * @throws YamlFault
 */
export function readSecond(text: string): RawDocument[] {
  // Its own check for keys that occur twice takes the square of their number; `convertMap` has another.
  const parsed = parseAllDocuments(text, {
    schema: 'failsafe',
    uniqueKeys: false,
    merge: false,
    logLevel: 'silent',
    prettyErrors: false,
  });
  if (!Array.isArray(parsed)) return [];
  const documents: RawDocument[] = [];
  for (const document of parsed) {
    const [fault] = document.errors;
    if (fault) throw new YamlFault(fault.message.replace(/ at line \d+[\s\S]*$/, ''), fault.pos[0]);
    const anchors = new Map() as Anchors;
    const [rangeStart, , rangeEnd] = document.range;
    const contents = document.contents as ParsedNode | null;
    const emptyAt = contents?.range[0] ?? rangeStart;
    const root = contents ? convert(contents, text, anchors, 0) : emptyScalar(emptyAt);
    documents.push({ start: documents.length === 0 ? 0 : rangeStart, end: rangeEnd, root });
  }
  refuseOddBreaks(text, () => documents.flatMap(({ root }) => quotedIn(root)));
  return documents.map((document, index) => ({ ...document, end: documents[index + 1]?.start ?? text.length }));
}

function convert(node: ParsedNode, text: string, anchors: Anchors, depth: number): Node {
  if (depth > depthLimit) throw new YamlFault(`nesting exceeds ${depthLimit} levels`, node.range[0]);
  const [start, end] = node.range;
  if (isAlias(node)) {
    const target = anchors.get(node.source);
    if (!target) throw new YamlFault(`alias *${node.source} has no anchor`, start);
    return { kind: 'alias', outerStart: start, start, end, anchor: undefined, target };
  }
  const converted: Exclude<Node, AliasNode> = isScalar(node)
    ? convertScalar(node as Scalar.Parsed, text)
    : isMap(node)
      ? convertMap(node as YAMLMap.Parsed, text, anchors, depth)
      : convertSeq(node as YAMLSeq.Parsed, text, anchors, depth);
  if (converted.anchor !== undefined) anchors.set(converted.anchor, converted);
  return converted;
}

function convertScalar(node: Scalar.Parsed, text: string): ScalarNode {
  const [start, end] = node.range;
  const isEmpty = start === end;
  const style = isEmpty ? 'empty' : (styles[node.type ?? 'PLAIN'] ?? 'plain');
  const source = String(node.value ?? '');
  const isPlain = style === 'plain' || style === 'empty';
  const value =
    node.tag !== undefined && hasTag(text, start)
      ? resolveTagged(node.tag, source)
      : isPlain
        ? resolvePlain(source)
        : source;
  const indent = style === 'literal' || style === 'folded' ? blockIndent(text, start, end) : -1;
  return {
    kind: 'scalar',
    outerStart: outerStartOf(text, start),
    start,
    end,
    anchor: node.anchor,
    style,
    value,
    indent,
  };
}

function convertMap(node: YAMLMap.Parsed, text: string, anchors: Anchors, depth: number): MapNode {
  const [start] = node.range;
  const entries: MapEntry[] = [];
  const seen = new Set<string>();
  for (const { key, value } of node.items) {
    const keyNode = convert(key as ParsedNode, text, anchors, depth + 1);
    const colon = skipTrivia(text, keyNode.end);
    const emptyAt = text[colon] === ':' ? colon + 1 : keyNode.end;
    const name = keyText(keyNode, text);
    const merge = name === '<<' && keyNode.kind === 'scalar' && keyNode.style === 'plain';
    if (!merge && seen.has(name)) throw duplicateKey(name, keyNode);
    seen.add(name);
    entries.push({
      key: name,
      keyNode,
      value: value ? convert(value as ParsedNode, text, anchors, depth + 1) : emptyScalar(emptyAt),
      merge,
    });
  }
  const flow = node.flow === true;
  const end = flow ? node.range[1] : (entries.at(-1)?.value.end ?? start);
  return { kind: 'map', outerStart: outerStartOf(text, start), start, end, anchor: node.anchor, flow, entries };
}

function convertSeq(node: YAMLSeq.Parsed, text: string, anchors: Anchors, depth: number): SeqNode {
  const [start] = node.range;
  const flow = node.flow === true;
  const items: SeqItem[] = [];
  let cursor = start;
  for (const item of node.items) {
    if (!isCollection(item) && !isScalar(item) && !isAlias(item))
      throw new YamlFault('a flow sequence holds a pair without braces', start);
    const value = convert(item as ParsedNode, text, anchors, depth + 1);
    const dash = flow ? value.outerStart : skipTrivia(text, cursor);
    items.push({ dash, value });
    cursor = value.end;
  }
  const end = flow ? node.range[1] : (items.at(-1)?.value.end ?? start);
  return { kind: 'seq', outerStart: outerStartOf(text, start), start, end, anchor: node.anchor, flow, items };
}

function emptyScalar(at: number): ScalarNode {
  return {
    kind: 'scalar',
    outerStart: at,
    start: at,
    end: at,
    anchor: undefined,
    style: 'empty',
    value: null,
    indent: -1,
  };
}

/** An anchor or a tag is before the content, on its line or the one before. */
function outerStartOf(text: string, start: number): number {
  const properties = /(?:^|[\s,[{:-])((?:[&!][^\s,[\]{}]*\s+)+)$/.exec(text.slice(Math.max(0, start - 200), start));
  return properties ? start - properties[1]!.length : start;
}

function hasTag(text: string, start: number): boolean {
  return text.slice(outerStartOf(text, start), start).includes('!');
}

/** Spaces before the lines of a block scalar, from its indicator or its first line that is not blank. */
function blockIndent(text: string, start: number, end: number): number {
  const lines = text.slice(start, end).split('\n').slice(1);
  const first = lines.find((line) => line.trim() !== '') ?? '';
  return first.length - first.trimStart().length;
}
