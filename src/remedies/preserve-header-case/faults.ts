import { pointer } from '../../manifest/pointer.ts';
import { configPatchesOf, connectionManagerSettings, envoyFilters } from '../../mesh/envoy-filter.ts';
import { preservesCase, preservesCaseMeshWide } from '../../mesh/http1.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { facts, has } from '../../mesh/since.ts';
import { surfacesOf } from '../../mesh/surface/surface.ts';
import { formatVersion, type Version } from '../../mesh/version.ts';
import { hasProxy, workloadsOf } from '../../mesh/workload.ts';
import type { LegacyStep as Step } from '../remedy.ts';
import { needsClusterFilters, noHosts } from './filter-steps.ts';
import { filterName, formatOf, harmfulPatches } from './filters.ts';
import { losesMeshSetting, mendedAnnotation } from './native.ts';

/** What is wrong with the manifests' own way of keeping header case, whether or not anybody asks for another. */
export function* faultsOfHeaderCase(mesh: Mesh, version: Version): Iterable<Step> {
  for (const { patch, message } of harmfulPatches(mesh)) {
    const path = pointer('spec', 'configPatches', patch.index);
    yield { severity: 'error', outcome: 'advise', message, resource: patch.filter, path };
  }
  yield* oneWay(mesh, version);
  yield* ignoredField(mesh, version);
  for (const workload of workloadsOf(mesh))
    if (losesMeshSetting(mesh, workload)) yield* mendedAnnotation(mesh, workload);
  if (preservesCaseMeshWide(mesh) || !workloadsOf(mesh).some((workload) => hasProxy(mesh, workload))) return;
  const message =
    'Proxies write HTTP/1 header names in lower case, which standards allow; if an application depends on their case, keep it';
  const parameters = has(version, 'statefulHeaderFormatter') ? {} : { style: 'proper-case' };
  yield { severity: 'info', outcome: 'change', message, parameters };
}

/** The listener's format is for responses; requests to the server take the cluster's. */
function* oneWay(mesh: Mesh, version: Version): Iterable<Step> {
  const patches = envoyFilters(mesh).flatMap(configPatchesOf);
  const hasClusters = patches.some(
    ({ applyTo, value }) => applyTo === 'CLUSTER' && JSON.stringify(value).includes('header_key_format'),
  );
  if (hasClusters || (has(version, 'nativeHeaderCase') && preservesCaseMeshWide(mesh))) return;
  for (const patch of patches) {
    const format = formatOf(connectionManagerSettings(patch, version));
    if (format === undefined) continue;
    const style = format === 'proper_case_words' ? 'proper-case' : 'preserve';
    const { filter } = patch;
    const message = `EnvoyFilter ${filter.name} sets ${format} on listeners only, so responses get it and requests still reach servers in lower case`;
    const place = { resource: filter, path: pointer('spec', 'configPatches', patch.index) };
    const isNative = style === 'preserve' && has(version, 'nativeHeaderCase');
    if (isNative || needsClusterFilters({ mesh, style, version }))
      yield { severity: 'warning', outcome: 'change', message, parameters: { style }, ...place };
    else {
      // Our own filter says so where the run that emitted it had no Service either.
      const severity = filter.name === filterName() ? 'info' : 'warning';
      yield { severity, outcome: 'advise', message: `${message}; ${noHosts}`, ...place };
    }
  }
}

function* ignoredField(mesh: Mesh, version: Version): Iterable<Step> {
  if (has(version, 'nativeHeaderCase')) return;
  const message = `preserveHttp1HeaderCase is ignored without a word before Istio ${facts.nativeHeaderCase.since}, and this is ${formatVersion(version)}`;
  if (preservesCaseMeshWide(mesh)) {
    const resource = surfacesOf(mesh).find(({ meshConfig }) => meshConfig.length > 0)?.resource;
    yield { severity: 'warning', outcome: 'advise', message, ...(resource && { resource }) };
  }
  for (const workload of workloadsOf(mesh)) {
    if (preservesCase(workload)) yield { severity: 'warning', outcome: 'advise', message, resource: workload.resource };
  }
}
