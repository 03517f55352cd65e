import {
  type Json,
  type JsonObject,
  type MapEntry,
  type Node,
  type ScalarStyle,
  type SeqItem,
  setOwn,
} from '../node.ts';

/**
 * What is made of the parts of a document as they are read, the innermost first. `T` is the type of any of them, `M` and
 * `S` those of a mapping and a sequence that are not complete yet.
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

/** A mapping whose nodes are being made. */
interface OpenMap {
  readonly entries: MapEntry[];
  /** The keys of a long one, where a search through the entries takes too long. */
  keys?: Set<string>;
}

/** From here on a set of keys is worth its making. */
const longMap = 16;

function hasKey(map: OpenMap, key: string): boolean {
  const { entries } = map;
  if (entries.length < longMap) return entries.some((entry) => entry.key === key);
  map.keys ??= new Set(entries.map((entry) => entry.key));
  return map.keys.has(key);
}

/** Makes the nodes of a document. */
export const nodes: Builder<Node, OpenMap, SeqItem[]> = {
  scalar: (start, end, style, value, indent) => {
    return { kind: 'scalar', outerStart: start, start, end, anchor: undefined, style, value, indent };
  },
  map: () => ({ entries: [] }),
  hasKey,
  entry: ({ entries, keys }, key, keyNode, value) => {
    entries.push({ key, keyNode, value, merge: false });
    keys?.add(key);
  },
  endMap: ({ entries }, start, end, flow) => {
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
