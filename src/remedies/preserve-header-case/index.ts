import { isSelected } from '../../mesh/mesh.ts';
import { has } from '../../mesh/since.ts';
import { workloadsOf } from '../../mesh/workload.ts';
import { edit, keep } from '../../step.ts';
import { unreachedBy } from '../mechanisms/audience.ts';
import { addHttp10Filter } from '../mechanisms/http10-filter.ts';
import { defineRemedy, type Target } from '../remedy.ts';
import { caseFault, caseField } from './faults.ts';
import { findFiltersOfMesh, findFiltersOfWorkload } from './filter-needs.ts';
import type { FilterStyle } from './filters.ts';
import { httpHosts, namedHosts } from './hosts.ts';
import { hasProxies } from './lower-case.ts';
import { findNativeInMesh, findNativeInWorkload } from './native.ts';
import { type HeaderCaseParameters, parameters } from './parameters.ts';
import { findInSettings } from './present-settings.ts';
import { preserve } from './preserve.ts';
import { declareTcp, findHttp } from './tcp.ts';

type CaseTarget = Target<HeaderCaseParameters>;

export default defineRemedy({
  id: 'preserve-header-case',
  source: 'https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/header_casing',
  parameters,
  faults: caseFault,

  *find(target) {
    const { mesh, version, parameters: settings } = target;
    const { style, scope, namespaces, names } = settings;
    yield* findInSettings(mesh, version, style);
    if (style === 'tcp') yield* findHttp(target);
    else if (scope === 'mesh' && (namespaces || names)) yield caseFault('narrowed-mesh', {});
    else if (style === 'preserve' && !has(version, 'statefulHeaderFormatter')) yield* findUnpreservable(target);
    else if (scope === 'workload') yield* findInWorkloads(target, style);
    else yield* findInMesh(target, style);
  },

  fix: {
    'lower-case': ({ data }, target) => preserve(data, target),
    'read-as-http': ({ data }) => declareTcp(data),
    'one-way-filter': ({ data: { style } }, { version }) => {
      if (style === undefined) return undefined;
      const isNative = style === 'preserve' && has(version, 'nativeHeaderCase');
      const fix = isNative ? `set \`${caseField}: true\` in the mesh config` : 'add EnvoyFilters for the clusters';
      return { outcome: 'change', fix, parameters: { style } };
    },
    'lost-field': ({ data }) => edit(`repeat \`${caseField}\` there; its pods restart`, data.patch),
    'upgraded-port': () => keep('Its clusters stay; set `DO_NOT_UPGRADE` for it first', { severity: 'warning' }),
    'header-case-clash': ({ data }, { mesh, version }) => addHttp10Filter(data, mesh, version),
  },
});

/** Before Envoy 1.18 nothing can remember the case of a header; who only diagnoses learns what is possible. */
function* findUnpreservable({ mesh, version }: CaseTarget) {
  yield caseFault('cannot-preserve', {}, version);
  if (hasProxies(mesh)) yield caseFault('lower-case', { reported: 'when diagnosing' }, { by: 'proper-case' });
}

function isNativeFor(style: FilterStyle, { version }: CaseTarget): boolean {
  return style === 'preserve' && has(version, 'nativeHeaderCase');
}

function* findInMesh(target: CaseTarget, style: FilterStyle) {
  const { mesh, version, parameters: settings } = target;
  if (isNativeFor(style, target)) {
    yield* findNativeInMesh(target);
    if (settings.hosts) yield caseFault('hosts-ignored', {});
  } else yield* findFiltersOfMesh({ mesh, style, version }, settings.hosts && namedHosts(settings.hosts));
}

/** How many pairs of a workload and a host filters are written for; more would swamp istiod, and any reader. */
const patchLimit = 2000;

function* findInWorkloads(target: CaseTarget, style: FilterStyle) {
  const { mesh, version, parameters: settings } = target;
  const chosen = workloadsOf(mesh).filter(({ resource }) => isSelected(resource, settings));
  if (chosen.length === 0) yield caseFault('no-such-workload', {});
  const isNative = isNativeFor(style, target);
  const named = settings.hosts && namedHosts(settings.hosts);
  const hosts = isNative ? 0 : httpHosts(mesh, named).length;
  if (chosen.length * hosts > patchLimit) {
    yield caseFault('too-many-patches', {}, { workloads: chosen.length, hosts });
    return;
  }
  for (const workload of chosen) {
    const unreached = unreachedBy(mesh, workload);
    if (unreached) yield caseFault(unreached, { resource: workload.resource }, workload);
    else if (isNative) yield* findNativeInWorkload(mesh, workload, version);
    else yield* findFiltersOfWorkload({ mesh, style, version }, workload, named);
  }
  if (isNative && named) yield caseFault('hosts-ignored', {});
}
