import { isObject, type Json, type JsonObject } from '../manifest/node.ts';
import { positive } from './connection-pool.ts';
import { present } from './envoy-filter.ts';
import { fqdnOf } from './host.ts';
import type { Mesh } from './mesh.ts';
import { at, listAt, objectAt, stringAt } from './read.ts';
import { namespaceOf, type Resource } from './resource.ts';
import { destinationRulesFor } from './service.ts';
import { has } from './since.ts';
import { isGoTrue, istiodEnv } from './surface/env.ts';
import { portLevelFor } from './traffic-policy.ts';
import type { Version } from './version.ts';
import { type PodTemplate, podLabels } from './workload.ts';

/** The blocks of a traffic policy that shape a cluster's HTTP options. */
interface Policy {
  readonly pool: Json | undefined;
  readonly tls: Json | undefined;
}

/** What the clusters of one port come to: without a subset, and for each subset with options of its own. */
export interface PortPolicies {
  readonly base: Policy;
  readonly subsets: readonly { readonly name: string; readonly policy: Policy }[];
}

const nothing: Policy = { pool: undefined, tls: undefined };

/**
 * The traffic policies of a host's port as clients in the first of `namespaces` with a DestinationRule get them.
 *
 * Rules of one host in one namespace are merged: subsets add up, the first top level counts. A subset replaces whole
 * blocks of the top level, a port level all of them.
 *
 * @see https://github.com/istio/istio/blob/1.24.0/pilot/pkg/networking/util/util.go `MergeTrafficPolicy`
 */
export function portPolicies(mesh: Mesh, host: string, port: number, namespaces: readonly string[]): PortPolicies {
  const all = destinationRulesFor(mesh, host);
  const found = namespaces
    .map((namespace) => all.filter((rule) => namespaceOf(rule) === namespace))
    .find((rules) => rules.length > 0);
  if (!found) return { base: nothing, subsets: [] };
  const rules = found.filter((rule) => hostOf(rule) === hostOf(found[0]!));
  const top = rules.map(({ value }) => at(value, 'spec', 'trafficPolicy')).find(isObject);
  const base = layered(nothing, top, port);
  const subsets = new Map<string, Policy>();
  for (const subset of rules.flatMap(({ value }) => listAt(value, 'spec', 'subsets'))) {
    const name = stringAt(subset, 'name');
    if (name !== undefined && !subsets.has(name)) subsets.set(name, layered(base, at(subset, 'trafficPolicy'), port));
  }
  return { base, subsets: [...subsets].map(([name, policy]) => ({ name, policy })) };
}

function hostOf(rule: Resource): string {
  return fqdnOf(stringAt(rule.value, 'spec', 'host') ?? '', namespaceOf(rule));
}

/** The namespaces whose own DestinationRules hide those of the host's owner from their clients. */
export function namespacesWithRules(mesh: Mesh, host: string): readonly string[] {
  return [...new Set(destinationRulesFor(mesh, host).map(namespaceOf))];
}

function layered(base: Policy, policy: Json | undefined, port: number): Policy {
  const level = portLevelFor(policy, port);
  if (level !== undefined) return { pool: at(level, 'connectionPool'), tls: at(level, 'tls') };
  return { pool: at(policy, 'connectionPool') ?? base.pool, tls: at(policy, 'tls') ?? base.tls };
}

/**
 * The pool that a Sidecar gives the proxies behind a Service instead of the DestinationRule's, from 1.20.
 *
 * @see https://istio.io/latest/docs/reference/config/networking/sidecar/#Sidecar `inboundConnectionPool`
 */
export function sidecarPool(mesh: Mesh, workloads: readonly PodTemplate[], target: number): Json | undefined {
  for (const workload of workloads) {
    const labels = podLabels(workload);
    const reaching = mesh.ofKind('Sidecar', 'networking.istio.io').filter((sidecar) => {
      const wanted = Object.entries(objectAt(sidecar.value, 'spec', 'workloadSelector', 'labels'));
      const isNear = namespaceOf(sidecar) === namespaceOf(workload.resource);
      return isNear && wanted.every(([key, value]) => labels[key] === value);
    });
    const chosen = reaching.find(({ value }) => isObject(at(value, 'spec', 'workloadSelector'))) ?? reaching[0];
    const ingress = listAt(chosen?.value, 'spec', 'ingress').find((port) => at(port, 'port', 'number') === target);
    const pool = at(ingress, 'connectionPool') ?? at(chosen?.value, 'spec', 'inboundConnectionPool');
    if (pool !== undefined && pool !== null) return pool;
  }
  return undefined;
}

/** True when a cluster's requests leave by HTTP/2, where header names are lower case whatever anybody sets. */
export function isUpgraded({ pool }: Policy, isDetected: boolean, upgradesInMesh: boolean): boolean {
  const policy = at(pool, 'http', 'h2UpgradePolicy');
  if (at(pool, 'http', 'useClientProtocol') === true) return false;
  return policy === 'UPGRADE' || (policy !== 'DO_NOT_UPGRADE' && upgradesInMesh && !isDetected);
}

export function usesClientProtocol({ pool }: Policy): boolean {
  return at(pool, 'http', 'useClientProtocol') === true;
}

/**
 * What istiod writes into a cluster's HttpProtocolOptions beside the protocol, and what a patch of that entry must
 * therefore repeat: merging replaces the whole entry.
 *
 * @see https://github.com/istio/istio/blob/1.24.0/pilot/pkg/networking/core/cluster_traffic_policy.go `applyConnectionPool`
 * @see https://github.com/istio/istio/blob/1.24.0/pkg/proto/merge/merge.go `mergeMap`
 */
export function commonOptions({ pool }: Policy, version: Version): JsonObject | null {
  const tcpIdle = has(version, 'tcpIdleTimeoutForHttp') ? at(pool, 'tcp', 'idleTimeout') : undefined;
  const options = present({
    idle_timeout: seconds(at(pool, 'http', 'idleTimeout') ?? tcpIdle),
    max_requests_per_connection: has(version, 'maxRequestsInHttpOptions')
      ? positive(at(pool, 'http', 'maxRequestsPerConnection'))
      : undefined,
    max_connection_duration: has(version, 'maxConnectionDuration')
      ? seconds(at(pool, 'tcp', 'maxConnectionDuration'))
      : undefined,
  });
  return Object.keys(options).length > 0 ? options : null;
}

/** The server name that istiod lets Envoy take from the request where a DestinationRule starts TLS and names none. */
export function tlsOptions({ tls }: Policy, mesh: Mesh, version: Version): JsonObject | null {
  const mode = stringAt(tls, 'mode');
  if ((mode !== 'SIMPLE' && mode !== 'MUTUAL') || stringAt(tls, 'sni') || !isAutoSni(mesh, version)) return null;
  const isChecked = listAt(tls, 'subjectAltNames').length === 0 && at(tls, 'insecureSkipVerify') !== true;
  return isChecked ? { auto_sni: true, auto_san_validation: true } : { auto_sni: true };
}

/** `ENABLE_AUTO_SNI`: from 1.14, on by default from 1.21, no longer a choice from 1.26. */
function isAutoSni(mesh: Mesh, version: Version): boolean {
  const name = 'ENABLE_AUTO_SNI';
  const set = has(version, name) ? istiodEnv(mesh, name, version) : undefined;
  return set === undefined ? has(version, 'autoSniByDefault') : isGoTrue(set);
}

/** `1m30s` as Envoy reads it: `90s`; undefined unless it is a duration above zero. */
function seconds(duration: Json | undefined): string | undefined {
  if (typeof duration !== 'string' || !/^(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+$/.test(duration)) return undefined;
  const units: Readonly<Record<string, number>> = { ns: 1e-9, us: 1e-6, µs: 1e-6, ms: 1e-3, s: 1, m: 60, h: 3600 };
  let total = 0;
  for (const [, amount, unit] of duration.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g)) {
    total += Number(amount) * units[unit!]!;
  }
  return total > 0 ? `${Number(total.toFixed(9))}s` : undefined;
}
