import { isObject, type Json, type JsonObject } from '../manifest/node.ts';
import type { Mesh } from './mesh.ts';
import { at, listAt, objectAt, stringAt } from './read.ts';
import { namespaceOf, type Resource } from './resource.ts';
import { atLeast, type Version } from './version.ts';
import type { PodTemplate } from './workload.ts';
import { podLabels } from './workload.ts';

/** One item of an EnvoyFilter's `spec.configPatches`; what is missing there has Istio's default. */
export interface ConfigPatch {
  readonly filter: Resource;
  readonly index: number;
  readonly applyTo: string;
  readonly context: string;
  readonly operation: string;
  readonly match: JsonObject;
  readonly value: JsonObject;
}

/** @see https://istio.io/latest/docs/reference/config/networking/envoy-filter/ */
export function configPatchesOf(filter: Resource): ConfigPatch[] {
  return listAt(filter.value, 'spec', 'configPatches').flatMap((patch, index) => {
    if (!isObject(patch)) return [];
    return {
      filter,
      index,
      applyTo: stringAt(patch, 'applyTo') ?? '',
      context: stringAt(patch, 'match', 'context') ?? 'ANY',
      operation: stringAt(patch, 'patch', 'operation') ?? '',
      match: objectAt(patch, 'match'),
      value: objectAt(patch, 'patch', 'value'),
    };
  });
}

/** The EnvoyFilters of the input. */
export function envoyFilters(mesh: Mesh): readonly Resource[] {
  return mesh.ofKind('EnvoyFilter', 'networking.istio.io');
}

/** The patches of one kind in all EnvoyFilters of the input. */
export function patchesTo(mesh: Mesh, applyTo: string): readonly ConfigPatch[] {
  let known = byTarget.get(mesh);
  if (!known) {
    known = new Map();
    for (const patch of envoyFilters(mesh).flatMap(configPatchesOf)) {
      const found = known.get(patch.applyTo);
      if (found) found.push(patch);
      else known.set(patch.applyTo, [patch]);
    }
    byTarget.set(mesh, known);
  }
  return known.get(applyTo) ?? [];
}

/** A mesh never changes, so its patches are read once. */
const byTarget = new WeakMap<Mesh, Map<string, ConfigPatch[]>>();

/** True for a filter that every proxy of the mesh gets, gateways too. */
export function isMeshWide(mesh: Mesh, filter: Resource): boolean {
  return namespaceOf(filter) === mesh.rootNamespace && !isSelective(filter);
}

/** True for a filter that a workload's proxies get. */
export function reaches(mesh: Mesh, filter: Resource, workload: PodTemplate): boolean {
  const namespace = namespaceOf(filter);
  if (namespace !== mesh.rootNamespace && namespace !== namespaceOf(workload.resource)) return false;
  if (listAt(filter.value, 'spec', 'targetRefs').length > 0) return false;
  const labels = podLabels(workload);
  const wanted = Object.entries(objectAt(filter.value, 'spec', 'workloadSelector', 'labels'));
  return wanted.every(([key, value]) => labels[key] === value);
}

function isSelective(filter: Resource): boolean {
  const labels = objectAt(filter.value, 'spec', 'workloadSelector', 'labels');
  return Object.keys(labels).length > 0 || listAt(filter.value, 'spec', 'targetRefs').length > 0;
}

const legacyName = 'envoy.http_connection_manager';
const canonicalName = 'envoy.filters.network.http_connection_manager';
const v2Type = 'type.googleapis.com/envoy.config.filter.network.http_connection_manager.v2.HttpConnectionManager';
const v3Type = 'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';

/**
 * How a version calls the HTTP connection manager: istiod 1.6 and 1.7 write and match the old filter name only,
 * and 1.6 knows only the v2 type.
 *
 * @see https://github.com/istio/istio/blob/1.7.0/pilot/pkg/networking/core/v1alpha3/envoyfilter/listener_patch.go
 */
export function connectionManager(version: Version): { readonly filter: string; readonly type: string } {
  return {
    filter: atLeast(version, '1.8') ? canonicalName : legacyName,
    type: atLeast(version, '1.7') ? v3Type : v2Type,
  };
}

/**
 * The HTTP connection manager settings that a patch merges; undefined for any other patch, and for one that this
 * version rejects or ignores: since 1.19 the old name matches nothing and the v2 type is refused.
 */
export function connectionManagerSettings(patch: ConfigPatch, version: Version): JsonObject | undefined {
  if (patch.applyTo !== 'NETWORK_FILTER' || patch.operation !== 'MERGE') return undefined;
  const name = stringAt(patch.match, 'listener', 'filterChain', 'filter', 'name');
  const isOld = name === legacyName;
  if (name !== undefined && name !== canonicalName && !isOld) return undefined;
  if (isOld ? atLeast(version, '1.19') : name !== undefined && !atLeast(version, '1.8')) return undefined;
  const config = at(patch.value, 'typed_config');
  const isV2 = stringAt(config, '@type') === v2Type;
  if (isV2 ? atLeast(version, '1.19') : !atLeast(version, '1.7')) return undefined;
  return isObject(config) ? config : undefined;
}

/** True for a patch that listeners of every kind get: nothing but the filter's name narrows it. */
export function isForAllListeners({ context, match }: ConfigPatch): boolean {
  const listener = objectAt(match, 'listener');
  const chain = objectAt(listener, 'filterChain');
  const isOnly = (object: JsonObject, key: string): boolean => Object.keys(object).every((found) => found === key);
  return (
    context === 'ANY' && isOnly(listener, 'filterChain') && isOnly(chain, 'filter') && !Object.hasOwn(match, 'proxy')
  );
}

/** Keys of an object in a fixed order, without those whose value is undefined. */
export function present(values: { readonly [key: string]: Json | undefined }): JsonObject {
  return Object.fromEntries(Object.entries(values).filter((entry): entry is [string, Json] => entry[1] !== undefined));
}
