import { isObject, isSame, type Json } from '../../manifest/node.ts';
import type { Operation } from '../../manifest/operation.ts';
import { pointer } from '../../manifest/pointer.ts';
import { at } from '../read.ts';

/** What it takes to set something: nothing, some operations, or it cannot be done and `reason` says why. */
export type Setting =
  | { readonly outcome: 'same' }
  | { readonly outcome: 'change'; readonly operations: readonly Operation[]; readonly path: string }
  | { readonly outcome: 'cannot'; readonly reason: string };

/**
 * The smallest operations after which `root` holds `value` at `path`.
 *
 * An object is reached key by key: keys that it must not have are removed, and what is right already is left.
 * Missing and null parents are made. `root` null or undefined counts as an empty object.
 *
 * @param path - keys and indexes from `root`, the indexes of items that are there; pointers start at `root` too
 */
export function operationsToSet(root: Json | undefined, path: readonly (string | number)[], value: Json): Setting {
  let current: Json = root ?? {};
  for (const [depth, key] of path.entries()) {
    const isFit = typeof key === 'number' ? Array.isArray(current) : isObject(current);
    if (!isFit) {
      const place = pointer(...path.slice(0, depth)) || 'the text';
      return { outcome: 'cannot', reason: `${place} is no ${typeof key === 'number' ? 'list' : 'mapping'}` };
    }
    const next = at(current, key);
    if (next === undefined || (next === null && depth < path.length - 1)) {
      const operation: Operation = {
        op: next === undefined ? 'add' : 'replace',
        path: pointer(...path.slice(0, depth + 1)),
        value: nested(path.slice(depth + 1), value),
      };
      return { outcome: 'change', operations: [operation], path: operation.path };
    }
    current = next;
  }
  const operations = [...differences(current, value, path)];
  return operations.length === 0 ? { outcome: 'same' } : { outcome: 'change', operations, path: pointer(...path) };
}

/** `nested(['a', 'b'], 1)` is `{a: {b: 1}}`. */
function nested(path: readonly (string | number)[], value: Json): Json {
  return path.reduceRight<Json>((inner, key) => ({ [key]: inner }), value);
}

function* differences(current: Json, wanted: Json, path: readonly (string | number)[]): Iterable<Operation> {
  if (isSame(current, wanted)) return;
  // An object that shares no key with the wanted one is quicker read when replaced as a whole.
  const isKin = isObject(current) && isObject(wanted) && Object.keys(wanted).some((key) => Object.hasOwn(current, key));
  if (!isKin) {
    yield { op: 'replace', path: pointer(...path), value: wanted };
    return;
  }
  for (const key of Object.keys(current)) {
    if (!Object.hasOwn(wanted, key)) yield { op: 'remove', path: pointer(...path, key) };
  }
  for (const [key, value] of Object.entries(wanted)) {
    if (Object.hasOwn(current, key)) yield* differences(current[key] as Json, value, [...path, key]);
    else yield { op: 'add', path: pointer(...path, key), value };
  }
}
