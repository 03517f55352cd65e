import { configPatchesOf, connectionManagerSettings, envoyFilters } from '../../mesh/envoy-filter.ts';
import { preservesCase, preservesCaseMeshWide } from '../../mesh/http1.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { has } from '../../mesh/since.ts';
import { surfacesOf } from '../../mesh/surface/surface.ts';
import type { Version } from '../../mesh/version.ts';
import { workloadsOf } from '../../mesh/workload.ts';
import { placeIn } from '../../step.ts';
import { caseFault } from './faults.ts';
import { needsClusterFilters } from './filter-needs.ts';
import { filterName, formatOf, isUnscoped } from './filters.ts';
import { findLostField } from './native.ts';
import type { HeaderCaseValues } from './parameters.ts';

/** Finds what is wrong with settings of header case in the manifests. */
export function* findInSettings(mesh: Mesh, version: Version, style: HeaderCaseValues['style']) {
  for (const filter of envoyFilters(mesh)) {
    for (const patch of configPatchesOf(filter).filter(isUnscoped))
      yield caseFault('unscoped-filter', placeIn(filter, 'spec', 'configPatches', patch.index), filter);
  }
  yield* findOneWay(mesh, version);
  if (!has(version, 'nativeHeaderCase')) yield* findIgnoredField(mesh, version);
  else if (style === 'preserve') yield* findLostField(mesh);
}

/** The listener's format is for responses; requests take the cluster's. `rewrite` reports the filters that it adds. */
function* findOneWay(mesh: Mesh, version: Version) {
  const patches = envoyFilters(mesh).flatMap(configPatchesOf);
  const hasClusters = patches.some(
    ({ applyTo, value }) => applyTo === 'CLUSTER' && JSON.stringify(value).includes('header_key_format'),
  );
  if (hasClusters || (has(version, 'nativeHeaderCase') && preservesCaseMeshWide(mesh))) return;
  for (const patch of patches) {
    const format = formatOf(connectionManagerSettings(patch, version));
    if (format === undefined) continue;
    const { filter } = patch;
    const style = format === 'proper_case_words' ? 'proper-case' : 'preserve';
    const isNative = style === 'preserve' && has(version, 'nativeHeaderCase');
    const isFixable = isNative || needsClusterFilters({ mesh, style, version });
    // Our own filter is alone where the run that emitted it had no Service either.
    const severity = isFixable || filter.name !== filterName() ? 'warning' : 'info';
    const place = placeIn(filter, 'spec', 'configPatches', patch.index);
    const data = { filter, format, style: isFixable ? style : undefined } as const;
    yield caseFault('one-way-filter', { ...place, severity, reported: 'when diagnosing' }, data);
  }
}

function* findIgnoredField(mesh: Mesh, version: Version) {
  if (preservesCaseMeshWide(mesh)) {
    const resource = surfacesOf(mesh).find(({ meshConfig }) => meshConfig.length > 0)?.resource;
    yield caseFault('ignored-field', { ...(resource && { resource }), narrowedBy: null }, version);
  }
  for (const workload of workloadsOf(mesh)) {
    if (preservesCase(workload)) yield caseFault('ignored-field', { resource: workload.resource }, version);
  }
}
