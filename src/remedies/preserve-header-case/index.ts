import { isSelected, type Mesh } from '../../mesh/mesh.ts';
import { facts, has } from '../../mesh/since.ts';
import { formatVersion, type Version } from '../../mesh/version.ts';
import { type PodTemplate, workloadsOf } from '../../mesh/workload.ts';
import { type Unreached, unreachedBy, unreachedFaults } from '../mechanisms/audience.ts';
import { defineRemedy, type LegacyStep as Step } from '../remedy.ts';
import { faultsOfHeaderCase } from './faults.ts';
import { meshFilters, workloadFilters } from './filter-steps.ts';
import type { FilterStyle } from './filters.ts';
import { httpHosts, type NamedHost } from './hosts.ts';
import { nativeForMesh, nativeForWorkload } from './native.ts';
import { type HeaderCaseValues, parameters } from './parameters.ts';
import { tcpSteps } from './tcp.ts';

export default defineRemedy({
  id: 'preserve-header-case',
  source: 'https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/header_casing',
  parameters,

  *plan(mesh, values, { version, requested }) {
    if (!requested) yield* faultsOfHeaderCase(mesh, version);
    else if (values.style === 'tcp') yield* tcpSteps(mesh, values, version);
    else if (values.scope === 'workload') yield* forWorkloads(mesh, values, values.style, version);
    else yield* forMesh(mesh, values, values.style, version);
  },
});

function* forMesh(mesh: Mesh, values: HeaderCaseValues, style: FilterStyle, version: Version): Iterable<Step> {
  if (values.namespaces || values.names) {
    yield refusal(
      'namespaces and names choose workloads, while scope mesh reaches every proxy. Set preserve-header-case.scope to workload, or leave them out',
    );
    return;
  }
  if (style === 'preserve' && has(version, 'nativeHeaderCase')) {
    yield* nativeForMesh(mesh, values.surface, version);
    if (values.hosts) yield hostsIgnored();
    return;
  }
  const fault = unsupported(style, version);
  if (fault) yield fault;
  else yield* meshFilters({ mesh, style, version }, namedHosts(values));
}

function* forWorkloads(mesh: Mesh, values: HeaderCaseValues, style: FilterStyle, version: Version): Iterable<Step> {
  const fault = unsupported(style, version);
  if (fault) {
    yield fault;
    return;
  }
  const chosen = workloadsOf(mesh).filter(({ resource }) => isSelected(resource, values));
  if (chosen.length === 0) {
    const message = 'No workload of the chosen namespaces and names is in the input';
    yield { severity: 'warning', outcome: 'advise', message };
  }
  const isNative = style === 'preserve' && has(version, 'nativeHeaderCase');
  const called = isNative ? 0 : httpHosts(mesh, namedHosts(values)).length;
  if (chosen.length * called > patchLimit) {
    yield refusal(
      `Each of ${chosen.length} workloads would need a patch for each of ${called} hosts that it may call. Name those that it does call (preserve-header-case.hosts), choose fewer workloads, or use scope mesh`,
    );
    return;
  }
  for (const workload of chosen) {
    const unreached = unreachedBy(mesh, workload);
    if (unreached) yield unreachedStep(unreached, workload);
    else if (isNative) yield* nativeForWorkload(mesh, workload, version);
    else yield* workloadFilters({ mesh, style, version }, workload, namedHosts(values));
  }
  if (isNative && values.hosts) yield hostsIgnored();
}

/** How many pairs of a workload and a host filters are written for; more would swamp istiod, and any reader. */
const patchLimit = 2000;

const unreachedKinds = unreachedFaults({
  ambient: ', so it has no sidecar to set: ztunnel leaves headers alone, and a waypoint follows scope mesh',
  withoutSidecar: ', so there is nothing to set',
});

function unreachedStep(code: Unreached, workload: PodTemplate): Step {
  const { severity, outcome, message } = unreachedKinds[code];
  return { severity, outcome, message: message(workload), resource: workload.resource };
}

/** Before Envoy 1.18 nothing can remember the case of a header. */
function unsupported(style: FilterStyle, version: Version): Step | undefined {
  if (style === 'proper-case' || has(version, 'statefulHeaderFormatter')) return undefined;
  return refusal(
    `Header case can be preserved from Istio ${facts.statefulHeaderFormatter.since} only, and this is for ${formatVersion(version)}. Style proper-case capitalises each word at this version`,
  );
}

function refusal(message: string): Step {
  return { severity: 'error', outcome: 'refuse', message };
}

function hostsIgnored(): Step {
  const message = `preserveHttp1HeaderCase (Istio ${facts.nativeHeaderCase.since} and later) counts for all HTTP/1 ports of a proxy, so hosts narrows nothing`;
  return { severity: 'info', outcome: 'advise', message };
}

function namedHosts({ hosts }: HeaderCaseValues): readonly NamedHost[] | undefined {
  return hosts?.map(({ host = '', port, addresses }) => ({ host, port, addresses }));
}
