import { groupByEach } from '../../group-by.ts';
import { isObject, isSame, type Json, type JsonObject } from '../../manifest/node.ts';
import {
  commonOptions,
  isUpgraded,
  namespacesWithRules,
  type PortPolicies,
  portPolicies,
  sidecarPool,
  tlsOptions,
  usesClientProtocol,
} from '../../mesh/cluster-options.ts';
import { derived } from '../../mesh/derived.ts';
import {
  type ConfigPatch,
  connectionManager,
  connectionManagerSettings,
  isForAllListeners,
  patchesTo,
} from '../../mesh/envoy-filter.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { dnsName } from '../../mesh/new-name.ts';
import { at, objectAt, stringAt } from '../../mesh/read.ts';
import type { Resource } from '../../mesh/resource.ts';
import { has } from '../../mesh/since.ts';
import { meshConfigOf } from '../../mesh/surface/mesh-config.ts';
import type { Version } from '../../mesh/version.ts';
import { workloadsBehind } from '../../mesh/workload.ts';
import type { Emission } from '../../step.ts';
import type { HttpHost } from './hosts.ts';

export type FilterStyle = 'preserve' | 'proper-case';

/** One `CLUSTER` patch, as the template prints it. */
interface ClusterPatch extends JsonObject {
  context: string;
  service: string | null;
  port: number;
  subset: string | null;
  common: JsonObject | null;
  upstream: JsonObject | null;
  /** Undeclared ports follow the client's protocol. */
  downstream: boolean;
  http2: JsonObject;
}

const field: Record<FilterStyle, string> = { preserve: 'stateful_formatter', 'proper-case': 'proper_case_words' };

/** The listener side of a filter: the case of responses and, when preserved, the memory of the requests' case. */
export function listenerEmission(mesh: Mesh, style: FilterStyle, version: Version, scope: Scope): Emission | undefined {
  const isThere = patchesTo(mesh, 'NETWORK_FILTER').some(
    (patch) =>
      scope.includes(patch.filter) &&
      isForAllListeners(patch) &&
      formatOf(connectionManagerSettings(patch, version)) === field[style],
  );
  if (isThere) return undefined;
  const { filter, type } = connectionManager(version);
  const { name, namespace, selector } = scope;
  const values = { name, namespace, selector, filter, type, preserve: style === 'preserve' };
  return { template: 'preserve-header-case/listeners', values };
}

/** Which proxies a filter is for, and what it is called. */
export interface Scope {
  readonly name: string;
  readonly namespace: string;
  readonly selector: JsonObject | null;
  /** True for filters of others that reach the same proxies. */
  readonly includes: (filter: Resource) => boolean;
}

/** The format that HTTP/1 options set: `stateful_formatter` or `proper_case_words`. */
export function formatOf(holder: Json | undefined): string | undefined {
  const format = at(holder, 'http_protocol_options', 'header_key_format');
  return isObject(format) ? Object.keys(format)[0] : undefined;
}

export interface ClusterPlan {
  readonly mesh: Mesh;
  readonly style: FilterStyle;
  readonly version: Version;
}

/** The cluster side of a filter; undefined when filters that are there do all of it. */
export function clusterEmission(
  plan: ClusterPlan,
  scope: Scope,
  patches: readonly ClusterPatch[],
): Emission | undefined {
  const { mesh, style, version } = plan;
  const found = caseClusters(mesh);
  const missing = patches.filter((wanted) => {
    const candidates = found.get(keyOf(wanted.service, wanted.port)) ?? [];
    return !candidates.some((patch) => scope.includes(patch.filter) && doesSame(patch, wanted, plan));
  });
  if (missing.length === 0) return undefined;
  const { name, namespace, selector } = scope;
  const template = has(version, 'typedProtocolOptions')
    ? 'preserve-header-case/clusters'
    : 'preserve-header-case/old-clusters';
  return { template, values: { name, namespace, selector, preserve: style === 'preserve', clusters: [...patches] } };
}

/** The merges into clusters, by the service and port that they choose. */
const caseClusters = derived((mesh) =>
  groupByEach(patchesTo(mesh, 'CLUSTER'), ({ match, operation }) => {
    const cluster = objectAt(match, 'cluster');
    if (operation !== 'MERGE' || cluster['name'] !== undefined) return [];
    return [keyOf(cluster['service'] ?? null, cluster['portNumber'] ?? null)];
  }),
);

function keyOf(service: Json, port: Json): string {
  return JSON.stringify([service, port]);
}

const optionsKey = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions';

/** The HttpProtocolOptions that a cluster patch sets. */
export function protocolOptions(patch: ConfigPatch): JsonObject | undefined {
  const found = at(patch.value, 'typed_extension_protocol_options', optionsKey);
  return isObject(found) ? found : undefined;
}

function doesSame(found: ConfigPatch, wanted: ClusterPatch, { style, version }: ClusterPlan): boolean {
  const match = objectAt(found.match, 'cluster');
  if (found.context !== wanted.context && found.context !== 'ANY') return false;
  if ((match['subset'] ?? null) !== wanted.subset) return false;
  if (!has(version, 'typedProtocolOptions')) return formatOf(found.value) === field[style];
  const options = protocolOptions(found);
  const kind = wanted.downstream ? 'use_downstream_protocol_config' : 'explicit_http_config';
  return (
    formatOf(options?.[kind]) === field[style] &&
    isSame(options?.['common_http_protocol_options'] ?? null, wanted.common) &&
    isSame(options?.['upstream_http_protocol_options'] ?? null, wanted.upstream)
  );
}

/** Patches of the clusters by which clients in a namespace reach a host. */
export function outboundPatches(
  plan: ClusterPlan,
  { host, ports }: HttpHost,
  namespaces: readonly string[],
  contexts: readonly ('SIDECAR_OUTBOUND' | 'GATEWAY')[],
): ClusterPatch[] {
  return ports.flatMap(({ number, isDetected }) => {
    const policies = portPolicies(plan.mesh, host, number, namespaces);
    if (isUpgradedPort(plan.mesh, policies, isDetected)) return [];
    return contexts.flatMap((context) => {
      // A gateway does not look for the protocol of a port that declares none: it speaks HTTP/1.1.
      const cluster = { context, service: host, port: number, isDetected: isDetected && context !== 'GATEWAY' };
      const base = clusterPatch(plan, cluster, policies.base, null);
      const others = policies.subsets
        .map(({ name, policy }) => clusterPatch(plan, cluster, policy, name))
        .filter((patch) => !isSame({ ...patch, subset: null }, base));
      return [base, ...others];
    });
  });
}

/** Patches of the clusters by which a server's own proxy reaches it; a DestinationRule's subsets do not count there. */
export function inboundPatches(plan: ClusterPlan, { host, ports, namespace, resource }: HttpHost): ClusterPatch[] {
  const { mesh, version } = plan;
  return ports.flatMap(({ number, isDetected, targets }) => {
    const policies = portPolicies(mesh, host, number, [namespace, mesh.rootNamespace]);
    if (isUpgradedPort(mesh, policies, isDetected)) return [];
    return inboundNumbers(number, targets, version).map((port) => {
      const own = has(version, 'sidecarConnectionPool')
        ? sidecarPool(mesh, workloadsBehind(mesh, resource), port)
        : undefined;
      const cluster = { context: 'SIDECAR_INBOUND', service: inboundService(host, version), port, isDetected };
      return clusterPatch(plan, cluster, { pool: own ?? policies.base.pool, tls: undefined }, null);
    });
  });
}

/**
 * Inbound clusters are called by the Service's port up to 1.8.0, by the container's from then on.
 *
 * @see https://github.com/istio/istio/blob/1.9.0/pilot/pkg/networking/util/util.go `BuildInboundSubsetKey`
 */
function inboundNumbers(number: number, targets: readonly number[], version: Version): readonly number[] {
  return has(version, 'inboundClustersByTargetPort') ? targets : [number];
}

/** 1.8 and 1.9 never find the Service of an inbound cluster, so the filter must choose the workload instead. */
function inboundService(host: string, version: Version): string | null {
  return matchesInboundService(version) ? host : null;
}

export function matchesInboundService(version: Version): boolean {
  return !has(version, 'inboundClustersWithoutService');
}

/** True when requests to a port leave clients by HTTP/2. */
export function isUpgradedPort(mesh: Mesh, { base, subsets }: PortPolicies, isDetected: boolean): boolean {
  const inMesh = stringAt(meshConfigOf(mesh), 'h2UpgradePolicy') === 'UPGRADE';
  return [base, ...subsets.map(({ policy }) => policy)].some((policy) => isUpgraded(policy, isDetected, inMesh));
}

function clusterPatch(
  { mesh, version }: ClusterPlan,
  {
    context,
    service,
    port,
    isDetected,
  }: { context: string; service: string | null; port: number; isDetected: boolean },
  own: PortPolicies['base'],
  subset: string | null,
): ClusterPatch {
  const policy = { ...own, pool: own.pool ?? defaultPool(mesh, version) };
  // Before 1.10 the options are fields of the cluster itself, and merging keeps those beside them.
  const isWhole = has(version, 'typedProtocolOptions');
  return {
    context,
    service,
    port,
    subset,
    common: isWhole ? commonOptions(policy, version) : null,
    upstream: isWhole ? tlsOptions(policy, mesh, version) : null,
    downstream: isWhole && (isDetected || usesClientProtocol(policy)),
    // What istiod itself wrote there until 1.14.
    http2: has(version, 'emptyHttp2Options') ? {} : { max_concurrent_streams: 1073741824 },
  };
}

/** The mesh's own pool, which counts where no DestinationRule has one; Istio 1.31 and later. */
function defaultPool(mesh: Mesh, version: Version): Json | undefined {
  return has(version, 'defaultTrafficPolicy')
    ? at(meshConfigOf(mesh), 'defaultTrafficPolicy', 'connectionPool')
    : undefined;
}

/** Namespaces whose clients do not follow the DestinationRules of the host's owner but their own. */
export function foreignNamespaces(mesh: Mesh, { host, namespace }: HttpHost): string[] {
  return namespacesWithRules(mesh, host).filter((other) => other !== namespace && other !== mesh.rootNamespace);
}

/** True for a patch that sets a format in every cluster, those of HTTP/2 and gRPC too. */
export function isUnscoped(patch: ConfigPatch): boolean {
  const { service, name, portNumber } = objectAt(patch.match, 'cluster');
  const isCase = formatOf(protocolOptions(patch)?.['explicit_http_config']) !== undefined;
  const isScoped = [service, name, portNumber].some((field) => field !== undefined);
  return patch.applyTo === 'CLUSTER' && isCase && !isScoped;
}

/** The name of an emitted filter: a DNS subdomain, the same in every run. */
export function filterName(...parts: readonly string[]): string {
  return dnsName(['meshmend-header-case', ...parts].join('-'), 253 - '-clusters'.length);
}
