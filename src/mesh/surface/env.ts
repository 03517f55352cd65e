import { isObject, type Json } from '../../manifest/node.ts';
import type { Operation } from '../../manifest/operation.ts';
import { pointer } from '../../manifest/pointer.ts';
import { operationsToSet, type Setting } from '../../operations.ts';
import type { Mesh } from '../mesh.ts';
import { at, listAt } from '../read.ts';
import { has } from '../since.ts';
import { isUnquoted } from '../unquoted.ts';
import type { Version } from '../version.ts';
import { helmValuesSurfaces, type Place, type Surface, surfacesOf } from './surface.ts';

/** A change in one surface, `within` the text that it is in. */
export type SurfaceSetting = Setting & { readonly within?: string };

/**
 * What sets an environment variable of istiod in a surface.
 *
 * @param value - what to write; values of environment variables are strings
 * @param means - says whether a value that is there already means the same
 */
export function setEnv(
  surface: Surface,
  name: string,
  value: string,
  version: Version,
  means: (found: string) => boolean = (found) => found === value,
): SurfaceSetting {
  const places = surface.env.filter(({ needs }) => !needs || has(version, needs));
  const place = placeFor(places, name);
  if (!place) return { outcome: 'cannot', reason: 'it has no environment of istiod' };
  const setting = settingIn(place, name, value, means);
  return place.within === undefined ? setting : { ...setting, within: place.within };
}

/**
 * The place to set `name` in: the strongest that has it, else one that is there, else the usual one.
 */
export function placeFor(places: readonly Place[], name: string): Place | undefined {
  const isThere = ({ shape, root, path }: Place): boolean => shape !== 'parameters' && isPresent(at(root, ...path));
  return (
    places.find((place) => valueIn(place, name) !== undefined) ??
    places.find((place) => place.usual && isThere(place)) ??
    places.find(isThere) ??
    places.find(({ usual }) => usual)
  );
}

function isPresent(value: Json | undefined): boolean {
  return value !== undefined && value !== null;
}

/** The value of a setting in a place; undefined when it is not there. */
export function valueIn({ root, path, shape, prefix = '' }: Place, name: string): Json | undefined {
  if (shape === 'map') return at(root, ...path, name);
  const item = listAt(root, ...path).findLast((found) => at(found, 'name') === prefix + name);
  return item === undefined ? undefined : (at(item, 'value') ?? null);
}

function settingIn(place: Place, name: string, value: string, means: (found: string) => boolean): Setting {
  const { root, path, shape, lenient = false } = place;
  const found = valueIn(place, name);
  if ((typeof found === 'string' || (lenient && isUnquoted(found))) && means(String(found))) return { outcome: 'same' };
  if (shape === 'map') return operationsToSet(root, [...path, name], value);
  const current = at(root, ...path);
  const item = { name: (place.prefix ?? '') + name, value };
  if (!isPresent(current)) return operationsToSet(root, path, [item]);
  if (!Array.isArray(current)) return { outcome: 'cannot', reason: `\`${pointer(...path)}\` is not a list` };
  const index = current.findLastIndex((entry) => at(entry, 'name') === item.name);
  return index === -1
    ? {
        outcome: 'change',
        operations: [{ op: 'add', path: pointer(...path, '-'), value: item }],
        path: pointer(...path),
      }
    : {
        outcome: 'change',
        operations: itemOperations(current[index], value, [...path, index]),
        path: pointer(...path, index),
      };
}

/** `value` and `valueFrom` exclude each other. */
function itemOperations(item: Json | undefined, value: string, path: readonly (string | number)[]): Operation[] {
  const has = (key: string): boolean => isObject(item) && Object.hasOwn(item, key);
  return [
    ...(has('valueFrom') ? [{ op: 'remove' as const, path: pointer(...path, 'valueFrom') }] : []),
    { op: has('value') ? 'replace' : 'add', path: pointer(...path, 'value'), value },
  ];
}

/**
 * The value of an environment variable of istiod as the manifests set it; undefined when they do not, or take it
 * from elsewhere (`valueFrom`).
 */
export function istiodEnv(mesh: Mesh, name: string, version: Version): string | undefined {
  for (const surface of [...surfacesOf(mesh), ...helmValuesSurfaces(mesh)]) {
    for (const place of surface.env) {
      if (place.needs && !has(version, place.needs)) continue;
      const found = valueIn(place, name);
      if (found !== undefined && found !== null) return String(found);
    }
  }
  return undefined;
}

/** True for what Go's strconv.ParseBool, which reads istiod's switches, takes for true. */
export function isGoTrue(text: string): boolean {
  return ['1', 't', 'T', 'TRUE', 'true', 'True'].includes(text);
}

/** True for what strconv.ParseBool takes for false; what it cannot read leaves a switch at its default. */
export function isGoFalse(text: string): boolean {
  return ['0', 'f', 'F', 'FALSE', 'false', 'False'].includes(text);
}
