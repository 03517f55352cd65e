import { isObject, type Json, type JsonObject } from '../../manifest/node.ts';
import { parseText } from '../../manifest/read.ts';
import { operationsToSet } from '../../operations.ts';
import { derived } from '../derived.ts';
import type { Mesh } from '../mesh.ts';
import { at, stringAt } from '../read.ts';
import { placeFor, type SurfaceSetting, valueIn } from './env.ts';
import { helmValuesSurfaces, type Place, type Surface, surfacesOf } from './surface.ts';

/**
 * What sets a field of the mesh config in a surface; fields beside it stay.
 *
 * @param path - keys from the mesh config: `['defaultConfig', 'proxyHeaders']`
 * @param value - an object is reached key by key, and loses keys that it must not have
 */
export function setMeshConfig(surface: Surface, path: readonly string[], value: Json): SurfaceSetting {
  return setIn(surface.meshConfig, path, value) ?? { outcome: 'cannot', reason: 'it has no mesh config' };
}

/**
 * What sets a value of the istiod chart in a surface; values beside it stay.
 *
 * @param path - keys from the chart's values: `['global', 'proxy', 'logLevel']`
 */
export function setHelmValue(surface: Surface, path: readonly string[], value: Json): SurfaceSetting {
  return setIn(surface.values, path, value) ?? { outcome: 'cannot', reason: 'the istiod chart does not read it' };
}

function setIn(places: readonly Place[], path: readonly string[], value: Json): SurfaceSetting | undefined {
  const parameter = places.find(
    (place) => place.shape === 'parameters' && valueIn(place, path.join('.')) !== undefined,
  );
  if (parameter) return setParameter(parameter, path, value);
  const place = mapPlace(places, path);
  if (!place) return undefined;
  if (place.within !== undefined && place.root !== null && !isObject(place.root))
    return { outcome: 'cannot', reason: `\`${place.within}\` does not hold a YAML mapping` };
  const setting = operationsToSet(place.root, [...place.path, ...path], value);
  return place.within === undefined ? setting : { ...setting, within: place.within };
}

/** The strongest place that has the very field, else the strongest that is there, else the usual one. */
function mapPlace(places: readonly Place[], path: readonly string[]): Place | undefined {
  const maps = places.filter(({ shape }) => shape === 'map');
  return maps.find(({ root, path: base }) => at(root, ...base, ...path) !== undefined) ?? placeFor(maps, path[0] ?? '');
}

function setParameter(place: Place, path: readonly string[], value: Json): SurfaceSetting {
  const name = `${place.prefix}${path.join('.')}`;
  if (isObject(value) || Array.isArray(value))
    return { outcome: 'cannot', reason: `Helm parameter ${name} cannot hold a structure` };
  const list = at(place.root, ...place.path) as Json[];
  const index = list.findLastIndex((item) => at(item, 'name') === name);
  return operationsToSetItem(place, index, String(value));
}

function operationsToSetItem({ root, path }: Place, index: number, value: string): SurfaceSetting {
  const current = at(root, ...path, index, 'value');
  if (current === value) return { outcome: 'same' };
  const base = `/${[...path, index, 'value'].join('/')}`;
  return {
    outcome: 'change',
    path: base,
    operations: [{ op: current === undefined ? 'add' : 'replace', path: base, value }],
  };
}

/**
 * The mesh config as the manifests set it, one object over all surfaces and places, the strongest on top; what no
 * manifest says is not in it. Argo CD's Helm parameters are read as strings, `true` and `false` as booleans.
 */
export const meshConfigOf = derived((mesh): JsonObject => {
  const places = [...surfacesOf(mesh), ...helmValuesSurfaces(mesh)].flatMap(({ meshConfig }) => meshConfig);
  return overlaidPlaces(places);
});

/** The mesh config of each surface that holds one: several revisions, or clusters, may differ. */
export function meshConfigsOf(mesh: Mesh): JsonObject[] {
  const surfaces = [...surfacesOf(mesh), ...helmValuesSurfaces(mesh)].filter(({ meshConfig }) => meshConfig.length > 0);
  return surfaces.map(({ meshConfig }) => overlaidPlaces(meshConfig));
}

/**
 * The istiod chart's values as the manifests set them, one object over all surfaces: install resources, and the
 * values that the chart has rendered into the injector's own ConfigMap.
 *
 * @see https://github.com/istio/istio/blob/master/manifests/charts/istio-control/istio-discovery/templates/istiod-injector-configmap.yaml
 */
export const helmValuesOf = derived((mesh): JsonObject => {
  const places = [...surfacesOf(mesh), ...helmValuesSurfaces(mesh)].flatMap((surface) => surface.values);
  const rendered = mesh.ofKind('ConfigMap').flatMap((config): Place[] => {
    if (!/^istio-sidecar-injector(-|$)/.test(config.name)) return [];
    return [{ root: parseText(stringAt(config.value, 'data', 'values') ?? ''), path: [], shape: 'map' }];
  });
  return overlaidPlaces([...places, ...rendered]);
});

function overlaidPlaces(places: readonly Place[]): JsonObject {
  return places.reduceRight<JsonObject>((below, place) => overlaid(below, settingsIn(place)), {});
}

function settingsIn({ root, path, shape, prefix = '' }: Place): JsonObject {
  const found = at(root, ...path);
  if (shape === 'map') return isObject(found) ? found : {};
  let config: JsonObject = {};
  for (const item of Array.isArray(found) ? found : []) {
    const name = at(item, 'name');
    const value = at(item, 'value');
    if (typeof name !== 'string' || value === undefined || !name.startsWith(prefix)) continue;
    const keys = name.slice(prefix.length).split('.');
    const parsed = value === 'true' ? true : value === 'false' ? false : value;
    config = overlaid(config, keys.reduceRight<Json>((inner, key) => ({ [key]: inner }), parsed) as JsonObject);
  }
  return config;
}

/** `over` laid on `base`, objects key by key. */
function overlaid(base: JsonObject, over: JsonObject): JsonObject {
  const entries = new Map(Object.entries(base));
  for (const [key, value] of Object.entries(over)) {
    const below = entries.get(key);
    entries.set(key, isObject(below) && isObject(value) ? overlaid(below, value) : value);
  }
  return Object.fromEntries(entries);
}
