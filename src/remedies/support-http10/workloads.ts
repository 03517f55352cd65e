import type { Operation } from '../../manifest/operation.ts';
import {
  acceptsHttp10,
  acceptsHttp10MeshWide,
  headerCaseUndoesHttp10,
  preservesCase,
  preservesCaseMeshWide,
} from '../../mesh/http1.ts';
import { isSelected, type Mesh } from '../../mesh/mesh.ts';
import { at, listAt, objectAt } from '../../mesh/read.ts';
import { portsOf } from '../../mesh/service.ts';
import { has } from '../../mesh/since.ts';
import type { Version } from '../../mesh/version.ts';
import { type PodTemplate, proxyConfigOf, proxyConfigPointer, servicesOf, workloadsOf } from '../../mesh/workload.ts';
import { placeIn } from '../../step.ts';
import { unreachedBy } from '../mechanisms/audience.ts';
import { missingHttp10Filter } from '../mechanisms/http10-filter.ts';
import { editProxyConfig, repeatedFields } from '../mechanisms/proxy-config.ts';
import type { Target } from '../remedy.ts';
import { http10Fault, http10Metadata } from './faults.ts';
import type { Http10Parameters } from './parameters.ts';

type Http10Target = Target<Http10Parameters>;

/** Finds metadata that is meant to switch HTTP/1.0 on and does not; `scope: mesh` does not change it. */
export function* findIgnoredMetadata({ mesh }: Http10Target) {
  for (const workload of workloadsOf(mesh)) {
    const value = ignoredValue(workload);
    const edit = editProxyConfig(workload, ['proxyMetadata', http10Metadata], '1');
    if (value === undefined || edit.outcome !== 'change') continue;
    const where = { ...placeOf(workload), reported: 'when diagnosing' } as const;
    yield http10Fault('ignored-metadata', where, { workload, value, patch: edit.patch });
  }
}

/** What a workload's metadata says, where it means to switch HTTP/1.0 on and does not. */
function ignoredValue(workload: PodTemplate) {
  const value = at(proxyConfigOf(workload), 'proxyMetadata', http10Metadata);
  return value === '1' || value === '' || value === '0' || value === 'false' ? undefined : value;
}

function placeOf(workload: PodTemplate) {
  return { resource: workload.resource, path: proxyConfigPointer(workload) };
}

export function* findInWorkloads(target: Http10Target) {
  const chosen = workloadsOf(target.mesh).filter(({ resource }) => isSelected(resource, target.parameters));
  if (chosen.length === 0) yield http10Fault('no-such-workload', {});
  for (const workload of chosen) {
    const { resource } = workload;
    const unreached = unreachedBy(target.mesh, workload);
    if (unreached) yield http10Fault(unreached, { resource }, workload);
    else yield* findInWorkload(target, workload);
  }
}

function* findInWorkload(target: Http10Target, workload: PodTemplate) {
  const { mesh, version, parameters } = target;
  const { resource } = workload;
  yield* findInMetadata(target, workload);
  yield* findUndetectedPorts(mesh, workload, version);
  const missing = missingHttp10Filter(mesh, version, parameters.defaultHost, workload);
  if (!missing) return;
  if (headerCaseUndoesHttp10(version) && (preservesCaseMeshWide(mesh) || preservesCase(workload)))
    yield http10Fault('header-case-clash', { resource }, missing);
  else if (parameters.defaultHost) yield http10Fault('no-default-host', { resource }, missing);
}

/** Node metadata takes "1" only: `enableHTTP10` compares the text. */
function* findInMetadata({ mesh, version }: Http10Target, workload: PodTemplate) {
  if (hasMetadataInEnvironment(workload) || acceptsHttp10(workload)) return;
  const edit = editProxyConfig(workload, ['proxyMetadata', http10Metadata], '1');
  const where = placeOf(workload);
  if (edit.outcome === 'cannot') yield http10Fault('unreadable-annotation', where, { workload, field: http10Metadata });
  if (edit.outcome !== 'change') return;
  const operations = [...edit.patch.operations, ...carriedMetadata(mesh, workload, version)];
  const off = { workload, patch: { ...edit.patch, operations } };
  const value = ignoredValue(workload);
  if (value === undefined) yield http10Fault('http10-refused', where, { of: off });
  else yield http10Fault('ignored-metadata', where, { ...off, value });
}

/**
 * Before 1.11 an annotation's `proxyMetadata` replaces the mesh-wide one instead of being merged with it.
 *
 * @see https://github.com/istio/istio/blob/1.11.0/pkg/config/mesh/mesh.go `applyProxyConfig`
 */
function carriedMetadata(mesh: Mesh, workload: PodTemplate, version: Version): Operation[] {
  if (has(version, 'mergedProxyMetadata')) return [];
  const own = objectAt(proxyConfigOf(workload), 'proxyMetadata');
  if (Object.keys(own).length > 0) return [];
  return repeatedFields(mesh, 'proxyMetadata', (key) => key === http10Metadata);
}

/** A gateway that is not injected has its metadata in its container's environment. */
function hasMetadataInEnvironment({ value }: PodTemplate): boolean {
  return listAt(value, 'spec', 'containers').some(
    (container) =>
      at(container, 'name') === 'istio-proxy' &&
      listAt(container, 'env').some((item) => at(item, 'name') === http10Metadata && at(item, 'value') === '1'),
  );
}

/**
 * Whether an undeclared port speaks HTTP/1.0 is looked at only where istiod's own switch is on.
 *
 * @see https://github.com/istio/istio/blob/1.13.0/pilot/pkg/networking/core/v1alpha3/listener.go `plaintextHTTPALPNs`
 */
function* findUndetectedPorts(mesh: Mesh, workload: PodTemplate, version: Version) {
  if (!has(version, 'http10DetectedBySwitch') || acceptsHttp10MeshWide(mesh, version)) return;
  for (const service of servicesOf(mesh, workload)) {
    for (const port of portsOf(service).filter(({ protocol }) => protocol === 'auto')) {
      const where = { ...placeIn(service, 'spec', 'ports', port.index), narrowedBy: workload.resource };
      yield http10Fault('undetected-port', where, { service, port });
    }
  }
}
