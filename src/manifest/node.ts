/** What a manifest can hold once parsed: the values of JSON. */
export type Json = null | boolean | number | string | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json;
}

export type ScalarStyle = 'plain' | 'single' | 'double' | 'literal' | 'folded' | 'empty';

/**
 * A piece of YAML with its place in the text. Offsets are UTF-16 code units from the start of the file.
 * `start` and `end` bound the content: quotes, brackets and a block scalar's header belong to it, an anchor
 * and a tag come before it, from `outerStart`. A block collection ends where its last child ends; a block
 * scalar ends after its last line break.
 */
export type Node = ScalarNode | MapNode | SeqNode | AliasNode;

interface NodeBase {
  readonly outerStart: number;
  readonly start: number;
  readonly end: number;
  readonly anchor: string | undefined;
}
export interface ScalarNode extends NodeBase {
  readonly kind: 'scalar';
  readonly style: ScalarStyle;
  readonly value: Json;
  /** Spaces before each line of a literal or folded scalar; -1 for other styles. */
  readonly indent: number;
}
export interface MapEntry {
  readonly key: string;
  readonly keyNode: Node;
  readonly value: Node;
  /** `<<`: the value's own entries count as this map's, unless it has them itself. */
  readonly merge: boolean;
}
export interface MapNode extends NodeBase {
  readonly kind: 'map';
  readonly flow: boolean;
  readonly entries: readonly MapEntry[];
}
export interface SeqItem {
  /** Offset of the item's `-`; of the value itself in flow style. */
  readonly dash: number;
  readonly value: Node;
}
export interface SeqNode extends NodeBase {
  readonly kind: 'seq';
  readonly flow: boolean;
  readonly items: readonly SeqItem[];
}
export interface AliasNode extends NodeBase {
  readonly kind: 'alias';
  readonly target: Exclude<Node, AliasNode>;
}

/** A file as it was read: `text` is all of it, a byte-order mark and carriage returns included. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
  /** True when a program wrote it and says so: its next run undoes edits. */
  readonly isGenerated?: boolean;
  /** True when it is read for what it says, and not to be edited. */
  readonly isOutside?: boolean;
}

/** One YAML document of a file: `[start, end)` bounds it, its `---` and directives included. */
export interface Document {
  readonly file: SourceFile;
  /** Position among the file's documents, from 0. */
  readonly index: number;
  readonly start: number;
  readonly end: number;
  /** Where its `---` or its first line of content may begin: comments before belong to the document too. */
  readonly content: number;
  readonly value: Json;
}

/** True for what JSON calls an object. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A copy that shares nothing with the value; many times as fast as `structuredClone`. */
export function copyOf<T extends Json>(value: T): T;
export function copyOf(value: Json): Json {
  if (Array.isArray(value)) return value.map((item) => copyOf(item));
  if (!isObject(value)) return value;
  const copy: JsonObject = {};
  for (const key of Object.keys(value)) setOwn(copy, key, copyOf(value[key]!));
  return copy;
}

/** True when two values are the same; many times as fast as Node's own comparison, also before it is compiled. */
export function isSame(a: Json | undefined, b: Json | undefined): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a)) return Array.isArray(b) && hasSameItems(a, b);
  return !Array.isArray(b) && hasSameEntries(a, b);
}

function hasSameItems(a: readonly Json[], b: readonly Json[]): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index++) if (!isSame(a[index], b[index])) return false;
  return true;
}

function hasSameEntries(a: JsonObject, b: JsonObject): boolean {
  const keys = Object.keys(a);
  const others = Object.keys(b);
  if (keys.length !== others.length) return false;
  for (let index = 0; index < keys.length; index++) {
    const key = keys[index]!;
    if (others[index] !== key && !Object.hasOwn(b, key)) return false;
    if (!isSame(a[key], b[key])) return false;
  }
  return true;
}

/** Sets an own property, also for a key such as `__proto__`. */
export function setOwn(object: JsonObject, key: string, value: Json): void {
  if (key === '__proto__')
    Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
  else object[key] = value;
}

/** Follows an alias to the node of its anchor. */
export function resolved(node: Node): Exclude<Node, AliasNode> {
  return node.kind === 'alias' ? node.target : node;
}

/** The entry that gives a map's `key` its value: its own, else the first merged one. */
export function entryOf(map: MapNode, key: string): { entry: MapEntry; merged: boolean } | undefined {
  for (const entry of map.entries) if (!entry.merge && entry.key === key) return { entry, merged: false };
  for (const source of mergedMaps(map)) {
    const found = entryOf(source, key);
    if (found) return { entry: found.entry, merged: true };
  }
  return undefined;
}

/** The maps that `<<` merges into a map, the strongest first. */
export function mergedMaps(map: MapNode): MapNode[] {
  const maps: MapNode[] = [];
  for (const entry of map.entries) {
    if (!entry.merge) continue;
    const value = resolved(entry.value);
    const sources = value.kind === 'seq' ? value.items.map((item) => resolved(item.value)) : [value];
    for (const source of sources) if (source.kind === 'map') maps.push(source);
  }
  return maps;
}
