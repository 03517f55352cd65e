import { isObject, isSame, type Json } from './manifest/node.ts';
import type { Operation } from './manifest/operation.ts';
import { pointer } from './manifest/pointer.ts';

type Path = readonly (string | number)[];

/** What it takes to set something: nothing, some operations, or it cannot be done and `reason` says why. */
export type Setting =
  | { readonly outcome: 'same' }
  | { readonly outcome: 'change'; readonly operations: readonly Operation[]; readonly path: string }
  | { readonly outcome: 'cannot'; readonly reason: string };

/** True for an object that keeps the keys which only it has, by where it is. */
type Keeps = (path: Path) => boolean;

/**
 * The smallest operations after which `root` holds `value` at `path`.
 *
 * An object is reached key by key: keys that it must not have are removed, and what is right already is left.
 * Missing and null parents are made. `root` null or undefined counts as an empty object.
 *
 * @param path - keys and indexes from `root`, the indexes of items that are there; pointers start at `root` too
 */
export function operationsToSet(root: Json | undefined, path: Path, value: Json): Setting {
  const there = existingPart(root ?? {}, path);
  const key = path[there.length];
  const current = valueAt(root ?? {}, there);
  if (key !== undefined && current !== null && !canHold(current, key)) {
    const place = there.length === 0 ? 'the text' : `\`${pointer(...there)}\``;
    return { outcome: 'cannot', reason: `${place} is not a ${typeof key === 'number' ? 'list' : 'mapping'}` };
  }
  const operations = [...put(root ?? {}, path, value, () => false)];
  const [first] = operations;
  if (!first) return { outcome: 'same' };
  return { outcome: 'change', operations, path: key === undefined ? pointer(...path) : first.path };
}

/**
 * The operations that put `value` at `path` and leave everything that is beside it, also inside of objects.
 * Missing parents are made, and what is in the way and not an object is replaced.
 */
export function operationsToMerge(root: Json, path: Path, value: Json): Operation[] {
  return [...put(root, path, value, () => true)];
}

/**
 * The operations that make one value of another. Lists are replaced as a whole.
 *
 * @param keeps - which objects keep the keys that `after` does not have there; none unless given
 */
export function operationsBetween(before: Json, after: Json, keeps: Keeps = () => false): Operation[] {
  return [...differences(before, after, [], keeps)];
}

/** The longest part of a path that is there. */
export function existingPart(root: Json, path: Path): Path {
  let current: Json | undefined = root;
  for (const [depth, key] of path.entries()) {
    current = childOf(current, key);
    if (current === undefined) return path.slice(0, depth);
  }
  return path;
}

function* put(root: Json, path: Path, value: Json, keeps: Keeps): Iterable<Operation> {
  const there = existingPart(root, path);
  const current = valueAt(root, there);
  const [key, ...rest] = path.slice(there.length);
  if (key === undefined) yield* differences(current, value, path, keeps);
  else if (canHold(current, key)) yield { op: 'add', path: pointer(...there, key), value: nested(rest, value) };
  else yield { op: 'replace', path: pointer(...there), value: nested([key, ...rest], value) };
}

function* differences(current: Json, wanted: Json, path: Path, keeps: Keeps): Iterable<Operation> {
  if (isSame(current, wanted)) return;
  const isKept = keeps(path);
  // An object that shares no key with the wanted one is quicker read when replaced as a whole.
  const isKin = isObject(current) && isObject(wanted) && Object.keys(wanted).some((key) => Object.hasOwn(current, key));
  if (!isObject(current) || !isObject(wanted) || !(isKin || isKept)) {
    yield { op: 'replace', path: pointer(...path), value: wanted };
    return;
  }
  for (const key of isKept ? [] : Object.keys(current)) {
    if (!Object.hasOwn(wanted, key)) yield { op: 'remove', path: pointer(...path, key) };
  }
  for (const [key, value] of Object.entries(wanted)) {
    if (Object.hasOwn(current, key)) yield* differences(current[key] as Json, value, [...path, key], keeps);
    else yield { op: 'add', path: pointer(...path, key), value };
  }
}

/** `nested(['a', 'b'], 1)` is `{a: {b: 1}}`. */
function nested(path: Path, value: Json): Json {
  return path.reduceRight<Json>((inner, key) => ({ [key]: inner }), value);
}

function canHold(value: Json, key: string | number): boolean {
  return typeof key === 'number' ? Array.isArray(value) : isObject(value);
}

function valueAt(root: Json, path: Path): Json {
  return path.reduce<Json>((value, key) => childOf(value, key) ?? null, root);
}

function childOf(value: Json | undefined, key: string | number): Json | undefined {
  if (typeof key === 'number') return Array.isArray(value) ? value[key] : undefined;
  return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}
