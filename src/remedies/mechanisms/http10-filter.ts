import { isObject, isSame, type JsonObject } from '../../manifest/node.ts';
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
import { noLabels } from '../mechanisms/audience.ts';
import type { LegacyStep as Step } from '../remedy.ts';

/** What to say where both are wanted at a version with that fault. */
export const clashNote = `This version drops HTTP/1.0 support where preserveHttp1HeaderCase is on (fixed in ${releasesWith('nativeHeaderCaseKeepsHttp10')})`;

/**
 * The step that makes an EnvoyFilter accept HTTP/1.0, with a host for requests that name none. A filter for the
 * same proxies, and no others, that has either setting is completed; else one is emitted.
 *
 * @param workload - the one workload that it is for; undefined for the whole mesh
 */
export function http10FilterStep(
  mesh: Mesh,
  version: Version,
  defaultHost: string | undefined,
  workload: PodTemplate | undefined,
  why: string,
): Step | undefined {
  const wanted: JsonObject = {
    accept_http_10: true,
    ...(defaultHost ? { default_host_for_http_10: defaultHost } : {}),
  };
  for (const filter of envoyFilters(mesh)) {
    if (workload ? !reaches(mesh, filter, workload) : !isMeshWide(mesh, filter)) continue;
    for (const patch of configPatchesOf(filter)) {
      const options = objectAt(connectionManagerSettings(patch, version), 'http_protocol_options');
      if (!isForAllListeners(patch) || !Object.keys(wanted).some((key) => Object.hasOwn(options, key))) continue;
      const value = ['spec', 'configPatches', patch.index, 'patch', 'value'] as const;
      const typed = ['typed_config', 'typedConfig'].find((key) => isObject(at(filter.value, ...value, key)));
      const path = [...value, typed ?? 'typed_config', 'http_protocol_options'];
      const operations = Object.entries(wanted).flatMap(([key, value]) => {
        const setting = operationsToSet(options, [key], value);
        return setting.outcome === 'change'
          ? setting.operations.map((operation) => ({ ...operation, path: pointer(...path) + operation.path }))
          : [];
      });
      if (operations.length === 0) return undefined;
      // One that other workloads read too is theirs as well.
      if (workload && !isForWorkload(filter, workload)) continue;
      return {
        severity: 'warning',
        outcome: 'change',
        message: `${why}. EnvoyFilter ${filter.name} sets ${Object.keys(wanted).join(' and ')}`,
        resource: filter,
        path: pointer(...path),
        patch: { resource: filter, operations },
      };
    }
  }
  const { filter, type } = connectionManager(version);
  if (workload && selectorOf(workload) === null) {
    const message = `${why}; but ${noLabels.message(workload)}`;
    return { severity: 'error', outcome: 'refuse', message, resource: workload.resource };
  }
  return {
    severity: 'warning',
    outcome: 'change',
    message: `${why}. Emits an EnvoyFilter for ${workload ? `${workload.resource.kind} ${workload.resource.name}` : 'all proxies'} with ${Object.keys(wanted).join(' and ')}${defaultHost ? ', which no Istio API has' : ''}`,
    ...(workload ? { resource: workload.resource } : {}),
    emit: {
      template: 'support-http10/envoy-filter',
      values: {
        name: workload ? dnsName(`meshmend-http10-${workloadName(mesh, workload.resource)}`) : 'meshmend-http10',
        namespace: workload ? namespaceOf(workload.resource) : mesh.rootNamespace,
        selector: workload ? selectorOf(workload) : null,
        filter,
        type,
        defaultHost: defaultHost ?? null,
      },
    },
  };
}

/** True for a filter that chooses the pods of this workload by the labels by which one emitted for it would. */
function isForWorkload(filter: Resource, workload: PodTemplate): boolean {
  const labels = at(filter.value, 'spec', 'workloadSelector', 'labels');
  return namespaceOf(filter) === namespaceOf(workload.resource) && isSame(labels, selectorOf(workload) ?? undefined);
}
