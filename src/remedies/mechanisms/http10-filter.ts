import { isObject, isSame, type JsonObject } from '../../manifest/node.ts';
import type { Operation } from '../../manifest/operation.ts';
import { pointer } from '../../manifest/pointer.ts';
import {
  configPatchesOf,
  connectionManager,
  connectionManagerSettings,
  envoyFilters,
  isForAllListeners,
  isMeshWide,
  reaches,
} from '../../mesh/envoy-filter.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { dnsName } from '../../mesh/new-name.ts';
import { at, objectAt } from '../../mesh/read.ts';
import { namespaceOf, type Resource } from '../../mesh/resource.ts';
import { releasesWith } from '../../mesh/since.ts';
import type { Version } from '../../mesh/version.ts';
import type { PodTemplate } from '../../mesh/workload.ts';
import { selectorOf, workloadName } from '../../mesh/workload-selector.ts';
import { operationsToSet } from '../../operations.ts';
import { edit, emit, refuse, type Step } from '../../step.ts';
import { noLabels } from './audience.ts';
import { titleOf } from './wording.ts';

/** What to say where both are wanted at a version with that fault. */
export const clashNote = `This version drops HTTP/1.0 support where \`preserveHttp1HeaderCase\` is on (fixed in ${releasesWith('nativeHeaderCaseKeepsHttp10')})`;

/** Settings of HTTP/1.0 that an EnvoyFilter must give some proxies, since nothing does. */
export interface MissingHttp10Filter {
  /** Fields of Envoy's `Http1ProtocolOptions`. */
  readonly wanted: JsonObject;
  /** The only workload that they are for; undefined for the whole mesh. */
  readonly workload: PodTemplate | undefined;
  /** A filter for the same proxies, and no others, that has one of the settings. */
  readonly incomplete: FilterPart | undefined;
}

interface FilterPart {
  readonly filter: Resource;
  /** Of `http_protocol_options` in it. */
  readonly path: string;
  /** That add what is missing there. */
  readonly operations: readonly Operation[];
}

/**
 * What an EnvoyFilter must add so that proxies accept HTTP/1.0, with a host for requests that name none; undefined
 * when the input has such a filter.
 *
 * @param workload - the one workload that it is for; undefined for the whole mesh
 */
export function missingHttp10Filter(
  mesh: Mesh,
  version: Version,
  defaultHost: string | undefined,
  workload: PodTemplate | undefined,
): MissingHttp10Filter | undefined {
  const wanted: JsonObject = {
    accept_http_10: true,
    ...(defaultHost ? { default_host_for_http_10: defaultHost } : {}),
  };
  const reaching = envoyFilters(mesh).filter((filter) =>
    workload ? reaches(mesh, filter, workload) : isMeshWide(mesh, filter),
  );
  for (const part of reaching.flatMap((filter) => partsOf(filter, wanted, version))) {
    if (part.operations.length === 0) return undefined;
    // One that other workloads read too is theirs as well.
    if (!workload || isForWorkload(part.filter, workload)) return { wanted, workload, incomplete: part };
  }
  return { wanted, workload, incomplete: undefined };
}

/** The patches of a filter that set some of the fields for all listeners. */
function partsOf(filter: Resource, wanted: JsonObject, version: Version): FilterPart[] {
  return configPatchesOf(filter).flatMap((patch) => {
    const options = objectAt(connectionManagerSettings(patch, version), 'http_protocol_options');
    if (!isForAllListeners(patch) || !Object.keys(wanted).some((key) => Object.hasOwn(options, key))) return [];
    const value = ['spec', 'configPatches', patch.index, 'patch', 'value'] as const;
    const typed = ['typed_config', 'typedConfig'].find((key) => isObject(at(filter.value, ...value, key)));
    const path = pointer(...value, typed ?? 'typed_config', 'http_protocol_options');
    const settings = Object.entries(wanted).map(([key, field]) => operationsToSet(options, [key], field));
    const operations = settings.flatMap((setting) => (setting.outcome === 'change' ? setting.operations : []));
    return [{ filter, path, operations: operations.map((each) => ({ ...each, path: path + each.path })) }];
  });
}

/** True for a filter that chooses the pods of this workload by the labels by which one emitted for it would. */
function isForWorkload(filter: Resource, workload: PodTemplate): boolean {
  const labels = at(filter.value, 'spec', 'workloadSelector', 'labels');
  return namespaceOf(filter) === namespaceOf(workload.resource) && isSame(labels, selectorOf(workload) ?? undefined);
}

/** Completes the filter that has some of the settings, or adds one. */
export function addHttp10Filter(missing: MissingHttp10Filter, mesh: Mesh, version: Version): Step {
  const { wanted, workload, incomplete } = missing;
  const fields = Object.entries(wanted)
    .map(([key, value]) => `\`${key}: ${value}\``)
    .join(' and ');
  if (incomplete) {
    const { filter, path, operations } = incomplete;
    return edit(
      `set ${fields} in EnvoyFilter ${filter.name}`,
      { resource: filter, operations },
      { resource: filter, path },
    );
  }
  const selector = workload ? selectorOf(workload) : null;
  if (workload && !selector) return refuse(noLabels.message(workload));
  const { filter, type } = connectionManager(version);
  const defaultHost = wanted['default_host_for_http_10'] ?? null;
  const name = workload ? dnsName(`meshmend-http10-${workloadName(mesh, workload.resource)}`) : 'meshmend-http10';
  const namespace = workload ? namespaceOf(workload.resource) : mesh.rootNamespace;
  const note = defaultHost === null ? '' : ', which no Istio API has';
  return emit(
    `add EnvoyFilter ${name} for ${workload ? titleOf(workload.resource) : 'all proxies'} with ${fields}${note}`,
    {
      template: 'support-http10/envoy-filter',
      values: { name, namespace, selector, filter, type, defaultHost },
    },
  );
}
