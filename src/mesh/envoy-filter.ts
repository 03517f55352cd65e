import { groupBy } from '../group-by.ts';
import { isObject, type Json, type JsonObject } from '../manifest/node.ts';
import { derived } from './derived.ts';
import type { Mesh } from './mesh.ts';
import { at, listAt, objectAt, stringAt } from './read.ts';
import { namespaceOf, type Resource } from './resource.ts';
import { has } from './since.ts';
import type { Version } from './version.ts';
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
  return patchesByTarget(mesh).get(applyTo) ?? [];
}

const patchesByTarget = derived((mesh) =>
  groupBy(envoyFilters(mesh).flatMap(configPatchesOf), ({ applyTo }) => applyTo),
);

/** True for a filter that every proxy of the mesh gets, gateways too. */
export function isMeshWide(mesh: Mesh, filter: Resource): boolean {
  return namespaceOf(filter) === mesh.rootNamespace && !isSelective(filter);
}

/** The labels that a filter chooses its workloads by; empty for one that chooses none. */
export function selectorLabels(filter: Resource): JsonObject {
  return objectAt(filter.value, 'spec', 'workloadSelector', 'labels');
}

/**
 * What a filter is applied by: those of higher priority later, and what is merged later wins. Istio 1.11 and later.
 *
 * @see https://github.com/istio/istio/blob/1.31.0/pilot/pkg/model/push_context.go `EnvoyFilters`
 */
export function priorityOf(filter: Resource): number {
  const priority = at(filter.value, 'spec', 'priority');
  return typeof priority === 'number' ? priority : 0;
}

/** True for a filter that a workload's proxies get. */
export function reaches(mesh: Mesh, filter: Resource, workload: PodTemplate): boolean {
  const namespace = namespaceOf(filter);
  if (namespace !== mesh.rootNamespace && namespace !== namespaceOf(workload.resource)) return false;
  if (listAt(filter.value, 'spec', 'targetRefs').length > 0) return false;
  const labels = podLabels(workload);
  const wanted = Object.entries(selectorLabels(filter));
  return wanted.every(([key, value]) => labels[key] === value);
}

function isSelective(filter: Resource): boolean {
  return Object.keys(selectorLabels(filter)).length > 0 || listAt(filter.value, 'spec', 'targetRefs').length > 0;
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
    filter: has(version, 'newFilterNames') ? canonicalName : legacyName,
    type: has(version, 'v3Types') ? v3Type : v2Type,
  };
}

/** A patch that merges settings into HTTP connection managers, whether or not any version takes it. */
export interface ConnectionManagerPatch {
  readonly patch: ConfigPatch;
  /** The filter name that it matches; undefined when it matches by none. */
  readonly filter: string | undefined;
  readonly type: string | undefined;
  readonly config: JsonObject;
  /** Keys from the resource to `config`. */
  readonly path: readonly (string | number)[];
}

/** Reads a patch as one that merges into connection managers, under the old name and type or the new. */
export function connectionManagerPatch(patch: ConfigPatch): ConnectionManagerPatch | undefined {
  if (patch.applyTo !== 'NETWORK_FILTER' || patch.operation !== 'MERGE') return undefined;
  const filter = stringAt(patch.match, 'listener', 'filterChain', 'filter', 'name');
  if (filter !== undefined && filter !== canonicalName && filter !== legacyName) return undefined;
  const key = protoKey(patch.value, 'typed_config');
  const config = at(patch.value, key);
  if (!isObject(config)) return undefined;
  const path = ['spec', 'configPatches', patch.index, 'patch', 'value', key];
  return { patch, filter, type: stringAt(config, '@type'), config, path };
}

/**
 * The key under which an object has a field of an Envoy message: protobuf reads `typed_config` and `typedConfig`
 * alike. The first of them when it has neither.
 *
 * @see https://protobuf.dev/programming-guides/json/
 */
export function protoKey(object: JsonObject, field: string): string {
  const camel = field.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return !Object.hasOwn(object, field) && Object.hasOwn(object, camel) ? camel : field;
}

/**
 * The HTTP connection manager settings that a patch merges; undefined for any other patch, and for one that this
 * version rejects or ignores: since 1.19 the old name matches nothing and the v2 type is refused.
 */
export function connectionManagerSettings(patch: ConfigPatch, version: Version): JsonObject | undefined {
  const manager = connectionManagerPatch(patch);
  return manager && takesConnectionManager(manager, version) ? manager.config : undefined;
}

/** True when a version applies the patch: it knows the type, and its connection managers have the name. */
export function takesConnectionManager({ filter, type }: ConnectionManagerPatch, version: Version): boolean {
  if (filter === legacyName && !has(version, 'oldFilterNames')) return false;
  if (filter === canonicalName && !has(version, 'newFilterNames')) return false;
  // istiod refuses settings without a type, and merges none of another; it does not ask where a type is from.
  const isNew = type !== undefined && v3Type.endsWith(`/${type.slice(type.lastIndexOf('/') + 1)}`);
  return isNew ? has(version, 'v3Types') : type === v2Type && has(version, 'v2Types');
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
