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
import { has } from '../../mesh/since.ts';
import type { Version } from '../../mesh/version.ts';
import { isGateway, type PodTemplate, servicesOf } from '../../mesh/workload.ts';
import { selectorOf, workloadName } from '../../mesh/workload-selector.ts';
import { ambientCount } from '../mechanisms/audience.ts';
import { titleOf } from '../mechanisms/wording.ts';
import { caseFault } from './faults.ts';
import {
  type ClusterPlan,
  clusterEmission,
  filterName,
  foreignNamespaces,
  formatOf,
  inboundPatches,
  isUpgradedPort,
  listenerEmission,
  matchesInboundService,
  outboundPatches,
  type Scope,
} from './filters.ts';
import { type HttpHost, httpHosts, isHost, type NamedHost } from './hosts.ts';
import { lowerCase } from './lower-case.ts';

const contexts = ['SIDECAR_OUTBOUND', 'GATEWAY'] as const;

/** Finds the filters that all proxies need: one for the listeners, and for each host one for its clusters. */
export function* findFiltersOfMesh(plan: ClusterPlan, named: readonly NamedHost[] | undefined) {
  const { mesh } = plan;
  yield* findListeners(plan, meshScope(mesh, filterName()), 'all proxies', undefined);
  const hosts = httpHosts(mesh, named);
  yield* findMissing(hosts, named);
  for (const found of hosts) yield* findInHost(plan, found);
  yield* findOtherFormats(plan);
  // Waypoints take no patch of any context that reaches sidecars.
  const count = ambientCount(mesh);
  if (count > 0) yield caseFault('ambient-workloads', {}, { count, isNative: false });
}

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

function* findInHost(plan: ClusterPlan, found: HttpHost) {
  const { mesh, version } = plan;
  yield* findUpgraded(plan, found);
  yield* findUnknownTargets(found, version);
  const name = hostFilterNames(mesh).get(found.host) ?? filterName(found.host);
  const owners = [found.namespace, mesh.rootNamespace];
  const outbound = outboundPatches(plan, found, owners, contexts);
  const inbound = inboundPatches(plan, found);
  const isOne = matchesInboundService(version);
  yield* findClusters(plan, meshScope(mesh, name), found, isOne ? [...outbound, ...inbound] : outbound);
  if (!isOne && found.selector) {
    const { namespace, selector } = found;
    const includes = (filter: Resource): boolean => filter.name === `${name}-inbound`;
    yield* findClusters(plan, { name: `${name}-inbound`, namespace, selector, includes }, found, inbound);
  }
  for (const namespace of has(version, 'typedProtocolOptions') ? foreignNamespaces(mesh, found) : []) {
    const patches = outboundPatches(plan, found, [namespace], contexts);
    if (JSON.stringify(patches) === JSON.stringify(outbound)) continue;
    const includes = (filter: Resource): boolean => namespaceOf(filter) === namespace;
    const from = `from namespace ${namespace}, which has DestinationRules of its own, `;
    yield* findClusters(plan, { name, namespace, selector: null, includes }, found, patches, from);
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

/** Finds the filters that one workload needs: for its listeners, for what it serves, and for the hosts that it calls. */
export function* findFiltersOfWorkload(
  plan: ClusterPlan,
  workload: PodTemplate,
  named: readonly NamedHost[] | undefined,
) {
  const { mesh, version } = plan;
  const { resource } = workload;
  const selector = selectorOf(workload);
  if (!selector) {
    yield caseFault('no-labels', { resource }, workload);
    return;
  }
  const namespace = namespaceOf(resource);
  const includes = (filter: Resource): boolean => reaches(mesh, filter, workload);
  const scope: Scope = { name: filterName(workloadName(mesh, resource)), namespace, selector, includes };
  yield* findListeners(plan, scope, titleOf(resource), resource);

  const own = new Set(servicesOf(mesh, workload));
  const served = own.size === 0 ? [] : httpHosts(mesh).filter(({ resource: service }) => own.has(service));
  const called = httpHosts(mesh, named);
  yield* findMissing([...called, ...served], named);
  for (const found of served) yield* findUnknownTargets(found, version);
  for (const found of called) yield* findUpgraded(plan, found);
  const context = isGateway(workload) ? ('GATEWAY' as const) : ('SIDECAR_OUTBOUND' as const);
  const owners = ({ namespace: owner }: HttpHost): string[] => [namespace, owner, mesh.rootNamespace];
  const patches = [
    ...called.flatMap((found) => outboundPatches(plan, found, owners(found), [context])),
    ...served.flatMap((found) => inboundPatches(plan, found)),
  ];
  const emission = clusterEmission(plan, { ...scope, name: `${scope.name}-clusters` }, patches);
  if (!emission) return;
  const what = `requests through ${titleOf(resource)} (every other proxy on the way needs the same)`;
  yield lowerCase(mesh, { resource }, { by: 'filter', emission, what });
}

function* findListeners(
  { mesh, style, version }: ClusterPlan,
  scope: Scope,
  who: string,
  resource: Resource | undefined,
) {
  const emission = listenerEmission(mesh, style, version, scope);
  if (!emission) return;
  yield lowerCase(mesh, resource ? { resource } : {}, { by: 'filter', emission, what: `responses of ${who}` });
}

function* findClusters(
  plan: ClusterPlan,
  scope: Scope,
  { host, ports, resource }: HttpHost,
  patches: Parameters<typeof clusterEmission>[2],
  from = '',
) {
  const emission = clusterEmission(plan, scope, patches);
  if (!emission) return;
  const numbers = [...new Set(ports.map(({ number }) => number))].join(', ');
  const isCarried = patches.some(({ common, upstream }) => common !== null || upstream !== null);
  const carried = isCarried ? ', with what DestinationRules set there' : '';
  const assumed = resource.namespace === undefined ? '; it has no namespace, and is taken to be in default' : '';
  const what = `requests ${from}to ${host} (port ${numbers})${carried}${assumed}`;
  yield lowerCase(plan.mesh, { resource }, { by: 'filter', emission, what });
}

/** Without clusters only responses change. */
function* findMissing(hosts: readonly HttpHost[], named: readonly NamedHost[] | undefined) {
  const isFound = (one: NamedHost): boolean => hosts.some(({ resource, host }) => isHost(one, resource, host));
  const missing = named?.filter((one) => !isFound(one)).map(({ host }) => host) ?? [];
  if (hosts.length === 0 || missing.length > 0) yield caseFault('missing-hosts', {}, missing);
}

/** HTTP/2 carries names in lower case only. */
function* findUpgraded({ mesh }: ClusterPlan, { host, ports, namespace, resource }: HttpHost) {
  for (const { number, isDetected } of ports) {
    const policies = portPolicies(mesh, host, number, [namespace, mesh.rootNamespace]);
    if (isUpgradedPort(mesh, policies, isDetected))
      yield caseFault('upgraded-port', { resource, narrowedBy: null }, { host, port: number });
  }
}

/** The number of a named target port is found in a workload only. */
function* findUnknownTargets({ ports, resource }: HttpHost, version: Version) {
  if (resource.kind !== 'Service' || !has(version, 'inboundClustersByTargetPort')) return;
  for (const { number, targets } of ports) {
    if (targets.length === 0)
      yield caseFault('unknown-target-port', { resource, narrowedBy: null }, { service: resource, port: number });
  }
}

/** The format that is merged last wins, and that is the younger filter's. */
function* findOtherFormats({ mesh, style, version }: ClusterPlan) {
  const format = style === 'preserve' ? 'proper_case_words' : 'stateful_formatter';
  for (const filter of envoyFilters(mesh)) {
    const formats = configPatchesOf(filter).map((patch) => formatOf(connectionManagerSettings(patch, version)));
    if (filter.name.startsWith(filterName()) || !formats.includes(format)) continue;
    yield caseFault('other-format', { resource: filter }, { filter, format, wins: 'of two filters the younger wins' });
  }
}
