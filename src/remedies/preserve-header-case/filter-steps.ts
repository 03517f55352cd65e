import { portPolicies } from '../../mesh/cluster-options.ts';
import { derived } from '../../mesh/derived.ts';
import {
  configPatchesOf,
  connectionManagerSettings,
  envoyFilters,
  isMeshWide,
  reaches,
} from '../../mesh/envoy-filter.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { distinctNames } from '../../mesh/new-name.ts';
import { namespaceOf, type Resource } from '../../mesh/resource.ts';
import { facts, has } from '../../mesh/since.ts';
import { formatVersion, type Version } from '../../mesh/version.ts';
import { isGateway, type PodTemplate, servicesOf } from '../../mesh/workload.ts';
import { selectorOf, workloadName } from '../../mesh/workload-selector.ts';
import type { Emission } from '../../step.ts';
import { ambientCount, ambientWorkloads, noLabels } from '../mechanisms/audience.ts';
import type { LegacyStep as Step } from '../remedy.ts';
import {
  type ClusterPlan,
  clusterEmission,
  filterName,
  foreignNamespaces,
  formatOf,
  harmfulPatches,
  inboundPatches,
  isUpgradedPort,
  listenerEmission,
  matchesInboundService,
  outboundPatches,
  type Scope,
} from './filters.ts';
import { type HttpHost, httpHosts, isHost, type NamedHost } from './hosts.ts';

const contexts = ['SIDECAR_OUTBOUND', 'GATEWAY'] as const;

/** Filters for all proxies: one for the listeners, and for each host one for its clusters. */
export function* meshFilters(plan: ClusterPlan, named: readonly NamedHost[] | undefined): Iterable<Step> {
  const { mesh } = plan;
  const whole = meshScope(mesh, filterName());
  yield* listenerStep(plan, whole, 'all proxies', undefined);
  const hosts = httpHosts(mesh, named);
  yield* missingHosts(hosts, named);
  if (hosts.length === 0 && !named) {
    const message = `Requests still reach servers in lower case: ${noHosts}`;
    yield { severity: 'warning', outcome: 'advise', message };
  }
  for (const found of hosts) yield* hostFilters(plan, found);
  yield* harm(mesh);
  yield* otherFormats(plan);
  yield* ambientSteps(mesh, false);
}

/** What to say where filters for listeners have none for clusters beside them. */
export const noHosts =
  'a filter for the clusters names Services, and the input has none that speaks HTTP/1, so add their manifests to the PATHs';

/** True when some host of the input needs a filter for its clusters, as far as filters that are there are left out. */
export function needsClusterFilters(plan: ClusterPlan): boolean {
  const { mesh } = plan;
  return httpHosts(mesh).some((found) => {
    const outbound = outboundPatches(plan, found, [found.namespace, mesh.rootNamespace], contexts);
    return outbound.length > 0 || inboundPatches(plan, found).length > 0;
  });
}

function meshScope(mesh: Mesh, name: string): Scope {
  const includes = (filter: Resource): boolean => isMeshWide(mesh, filter);
  return { name, namespace: mesh.rootNamespace, selector: null, includes };
}

function* hostFilters(plan: ClusterPlan, found: HttpHost): Iterable<Step> {
  const { mesh, version } = plan;
  yield* upgradedSteps(plan, found);
  yield* unresolvedSteps(found, version);
  const name = hostFilterNames(mesh).get(found.host) ?? filterName(found.host);
  const owners = [found.namespace, mesh.rootNamespace];
  const outbound = outboundPatches(plan, found, owners, contexts);
  const inbound = inboundPatches(plan, found);
  const isOne = matchesInboundService(version);
  const whole = isOne ? [...outbound, ...inbound] : outbound;
  yield* clusterStep(plan, meshScope(mesh, name), found, whole);
  if (!isOne && found.selector) {
    const { namespace, selector } = found;
    const includes = (filter: Resource): boolean => filter.name === `${name}-inbound`;
    yield* clusterStep(plan, { name: `${name}-inbound`, namespace, selector, includes }, found, inbound);
  }
  for (const namespace of has(version, 'typedProtocolOptions') ? foreignNamespaces(mesh, found) : []) {
    const patches = outboundPatches(plan, found, [namespace], contexts);
    if (JSON.stringify(patches) === JSON.stringify(outbound)) continue;
    const includes = (filter: Resource): boolean => namespaceOf(filter) === namespace;
    const from = `from namespace ${namespace}, which has DestinationRules of its own, `;
    yield* clusterStep(plan, { name, namespace, selector: null, includes }, found, patches, from);
  }
}

/** Of each host, the name of the filter for its clusters. */
const hostFilterNames = derived((mesh) =>
  distinctNames(
    httpHosts(mesh).map(({ host, resource, namespace }) => ({
      subject: host,
      namespace: mesh.rootNamespace,
      name: filterName(resource.kind === 'Service' ? `${resource.name}.${namespace}` : host),
    })),
  ),
);

/** Filters for one workload: its listeners, what it serves, and the hosts that it calls. */
export function* workloadFilters(
  plan: ClusterPlan,
  workload: PodTemplate,
  named: readonly NamedHost[] | undefined,
): Iterable<Step> {
  const { mesh, version } = plan;
  const { resource } = workload;
  const selector = selectorOf(workload);
  if (!selector) {
    yield { severity: 'error', outcome: 'refuse', message: noLabels.message(workload), resource };
    return;
  }
  const namespace = namespaceOf(resource);
  const includes = (filter: Resource): boolean => reaches(mesh, filter, workload);
  const scope: Scope = { name: filterName(workloadName(mesh, resource)), namespace, selector, includes };
  const who = `${resource.kind} ${resource.name}`;
  yield* listenerStep(plan, scope, who, resource);

  const own = new Set(servicesOf(mesh, workload));
  const served = own.size === 0 ? [] : httpHosts(mesh).filter(({ resource: service }) => own.has(service));
  const called = httpHosts(mesh, named);
  yield* missingHosts([...called, ...served], named);
  for (const found of served) yield* unresolvedSteps(found, version);
  for (const found of called) yield* upgradedSteps(plan, found);
  const context = isGateway(workload) ? ('GATEWAY' as const) : ('SIDECAR_OUTBOUND' as const);
  const patches = [
    ...called.flatMap((found) =>
      outboundPatches(plan, found, [namespace, found.namespace, mesh.rootNamespace], [context]),
    ),
    ...served.flatMap((found) => inboundPatches(plan, found)),
  ];
  const emit = patches.length > 0 && clusterEmission(plan, { ...scope, name: `${scope.name}-clusters` }, patches);
  if (emit) {
    yield change(
      plan,
      emit,
      `requests through ${who}, by its clusters (every other proxy on the way needs the same)`,
      resource,
    );
  }
}

function* listenerStep(plan: ClusterPlan, scope: Scope, who: string, resource: Resource | undefined): Iterable<Step> {
  const emit = listenerEmission(plan.mesh, plan.style, plan.version, scope);
  if (emit) yield change(plan, emit, `responses of ${who}, by their listeners`, resource);
}

function* clusterStep(
  plan: ClusterPlan,
  scope: Scope,
  found: HttpHost,
  patches: Parameters<typeof clusterEmission>[2],
  from = '',
): Iterable<Step> {
  const emit = patches.length > 0 && clusterEmission(plan, scope, patches);
  if (!emit) return;
  const ports = [...new Set(found.ports.map(({ number }) => number))].join(', ');
  const isCarried = patches.some(({ common, upstream }) => common !== null || upstream !== null);
  const carried = isCarried ? ', with what DestinationRules set there' : '';
  const assumed =
    found.resource.namespace === undefined ? '; it names no namespace, and is taken to be in default' : '';
  yield change(plan, emit, `requests ${from}to ${found.host} (port ${ports})${carried}${assumed}`, found.resource);
}

function change({ style, version }: ClusterPlan, emit: Emission, what: string, resource: Resource | undefined): Step {
  const how =
    style === 'proper-case'
      ? `capitalises each word in ${what}: wrong for names such as ETag, TE and WWW-Authenticate`
      : `keeps their case in ${what}: before Istio ${facts.nativeHeaderCase.since} there is no other way, and this is ${formatVersion(version)}`;
  return {
    severity: 'warning',
    outcome: 'change',
    message: `Proxies write HTTP/1 header names in lower case. Emits an EnvoyFilter that ${how}`,
    ...(resource ? { resource } : {}),
    emit,
  };
}

/** Without clusters only responses change. */
function* missingHosts(hosts: readonly HttpHost[], named: readonly NamedHost[] | undefined): Iterable<Step> {
  const isFound = (one: NamedHost): boolean => hosts.some(({ resource, host }) => isHost(one, resource, host));
  const missing = named?.filter((one) => !isFound(one)).map(({ host }) => host) ?? [];
  if (hosts.length > 0 && missing.length === 0) return;
  const what = missing.length > 0 ? `No HTTP port of ${missing.join(', ')}` : 'No Service with an HTTP port';
  const message = `${what} is in the input, so requests there keep lower case names: add the Services to the PATHs`;
  yield { severity: 'warning', outcome: 'advise', message };
}

/** Waypoints take no patch of any context that reaches sidecars. */
export function* ambientSteps(mesh: Mesh, isNative: boolean): Iterable<Step> {
  const count = ambientCount(mesh);
  if (count === 0) return;
  const waypoints = isNative ? 'their waypoints take the field' : 'their waypoints are not reached by these filters';
  const message = ambientWorkloads(count, `: ztunnel leaves headers alone, and ${waypoints}`);
  yield { severity: 'info', outcome: 'advise', message };
}

/** HTTP/2 carries names in lower case only. */
function* upgradedSteps({ mesh }: ClusterPlan, { host, ports, namespace, resource }: HttpHost): Iterable<Step> {
  for (const { number, isDetected } of ports) {
    const policies = portPolicies(mesh, host, number, [namespace, mesh.rootNamespace]);
    if (!isUpgradedPort(mesh, policies, isDetected)) continue;
    const message = `Requests to ${host} port ${number} are upgraded to HTTP/2 (h2UpgradePolicy), where names are lower case, so its clusters are left. Set DO_NOT_UPGRADE for it first`;
    yield { severity: 'warning', outcome: 'keep', message, resource };
  }
}

/** A named target port stands for a number that only the workload tells. */
function* unresolvedSteps({ ports, resource }: HttpHost, version: Version): Iterable<Step> {
  if (resource.kind !== 'Service' || !has(version, 'inboundClustersByTargetPort')) return;
  for (const { number, targets } of ports) {
    if (targets.length > 0) continue;
    const message = `Port ${number} of Service ${resource.name} has a named targetPort, and no workload in the input tells its number, so the servers' own proxies are left. Add the workload to the PATHs`;
    yield { severity: 'warning', outcome: 'advise', message, resource };
  }
}

function* harm(mesh: Mesh): Iterable<Step> {
  for (const { patch, message } of harmfulPatches(mesh)) {
    yield { severity: 'error', outcome: 'advise', message, resource: patch.filter };
  }
}

/** The format that is merged last wins, and that is the younger filter's. */
function* otherFormats({ mesh, style, version }: ClusterPlan): Iterable<Step> {
  const other = style === 'preserve' ? 'proper_case_words' : 'stateful_formatter';
  for (const filter of envoyFilters(mesh)) {
    const formats = configPatchesOf(filter).map((patch) => formatOf(connectionManagerSettings(patch, version)));
    if (filter.name.startsWith(filterName()) || !formats.includes(other)) continue;
    const message = `EnvoyFilter ${filter.name} sets ${other}, and of two filters the younger wins. Delete that part of it`;
    yield { severity: 'warning', outcome: 'advise', message, resource: filter };
  }
}
