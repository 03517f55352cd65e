import { isSelected, type Mesh } from '../../mesh/mesh.ts';
import { facts, has } from '../../mesh/since.ts';
import { formatVersion, type Version } from '../../mesh/version.ts';
import { isAmbient, isWithoutSidecar, type PodTemplate, workloadsOf } from '../../mesh/workload.ts';
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
  title: 'HTTP/1 header names arrive in lower case',
  summary: 'Keep the case of HTTP/1 header names in requests and responses, or let proxies leave the traffic alone',
  faq: 'Envoy Converts Headers to Lowercase',
  source: 'https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/header_casing',
  explanation: {
    symptoms: [
      'lowercase',
      'lower case',
      'lower-case headers',
      'uppercase',
      'upper case',
      'header case',
      'case-sensitive',
      'Content-Length',
      'proper_case_words',
      'preserve_case',
      'preserveHttp1HeaderCase',
      'capitalization',
      'capitalisation',
      'RFC 2616',
      'header',
      'headers',
    ],
    symptom:
      'An application, or an SDK, no longer finds a header such as `Content-Length` or `X-Api-Key`: behind a proxy of the mesh it arrives as `content-length` and `x-api-key`.',
    cause:
      'Envoy writes HTTP/1 header names in lower case. The standard calls names case-insensitive, but some parsers compare them letter by letter. A formatter on the listener alone mends one direction of two: requests are written by the cluster, responses by the listener.',
    change:
      'Style `preserve` keeps names as they were sent, in both directions and in both proxies. `proper-case` writes `Each-Word-Capitalised`. `tcp` takes chosen ports, or a host outside the mesh, out of HTTP processing.',
    versions:
      'Since 1.25 the field `proxyHeaders.preserveHttp1HeaderCase` does it (passthrough traffic since 1.28). From 1.10 to 1.24 EnvoyFilters do, scoped by service and port. Before 1.10 only `proper-case` exists.',
    caution:
      'HTTP/2 and gRPC know lower case only, so nothing can be kept on such a hop, nor through ambient mode. `proper-case` guesses (`ETag` becomes `Etag`). With `tcp` the port loses routing, retries and HTTP metrics. The lasting cure is an application that ignores case.',
    check:
      'Send `curl -H "X-CamelCase: 1"` through the mesh to something that echoes its headers, after the pods have restarted.',
  },
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
    const without = proxyless(mesh, workload);
    if (without) yield without;
    else if (isNative) yield* nativeForWorkload(mesh, workload, version);
    else yield* workloadFilters({ mesh, style, version }, workload, namedHosts(values));
  }
  if (isNative && values.hosts) yield hostsIgnored();
}

/** How many pairs of a workload and a host filters are written for; more would swamp istiod, and any reader. */
const patchLimit = 2000;

/** What to say of a workload that has no sidecar to set. */
function proxyless(mesh: Mesh, workload: PodTemplate): Step | undefined {
  const { resource } = workload;
  if (isAmbient(mesh, workload)) {
    const message = `${resource.kind} ${resource.name} is in ambient mode, so it has no sidecar to set: ztunnel leaves headers alone, and a waypoint follows scope mesh`;
    return { severity: 'info', outcome: 'advise', message, resource };
  }
  if (!isWithoutSidecar(mesh, workload)) return undefined;
  const message = `${resource.kind} ${resource.name} gets no sidecar, so there is nothing to set`;
  return { severity: 'info', outcome: 'keep', message, resource };
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
