import { isObject, type Json, type JsonObject } from '../manifest/node.ts';
import { derived } from './derived.ts';
import { fqdnOf, type HostIndex, indexByHost } from './host.ts';
import type { Mesh } from './mesh.ts';
import { at, listAt, objectAt, stringAt } from './read.ts';
import { namespaceOf, type Resource } from './resource.ts';
import { isHttp, isHttp2, type Protocol, portsOf, protocolOf, serviceOf } from './service.ts';
import { type PolicyLevel, type TrafficPolicy, trafficPoliciesOf } from './traffic-policy.ts';

/** A place of a resource that has a connection pool of its own, or could have one. */
export interface PoolScope {
  /** Keys from the resource to the pool: `['spec', 'trafficPolicy', 'connectionPool']`. */
  readonly path: readonly (string | number)[];
  /** The pool; undefined when there is none. */
  readonly pool: JsonObject | undefined;
  readonly subset?: string;
  /** The one port of a port level policy. */
  readonly port?: number;
  /** Ports that a port level policy below this one takes away. */
  readonly without: ReadonlySet<number>;
  /** The limit that would hold here if this policy were not there: its own pool, or lack of one, replaces it. */
  readonly replacedLimit: number | undefined;
}

/** How many connections a pool allows; undefined when it does not limit them, which 0 means too. */
export function connectionLimit(pool: Json | undefined): number | undefined {
  return positive(at(pool, 'tcp', 'maxConnections'));
}

/** A number above 0, which is the only kind that istiod passes on from a connection pool. */
export function positive(value: Json | undefined): number | undefined {
  const number = typeof value === 'string' ? Number(value) : value;
  return typeof number === 'number' && number > 0 ? number : undefined;
}

/**
 * The part of a pool that cannot be read, such as a placeholder that something else fills in: `${PENDING}`.
 *
 * @returns keys from the pool; undefined when all limits are numbers or absent
 */
export function unreadableIn(pool: Json | undefined): readonly string[] | undefined {
  for (const part of ['tcp', 'http']) {
    const found = at(pool, part) ?? undefined;
    if (found !== undefined && !isObject(found)) return [part];
  }
  const limits = [
    ['tcp', 'maxConnections'],
    ['http', 'http1MaxPendingRequests'],
    ['http', 'http2MaxRequests'],
  ] as const;
  return limits.find((path) => {
    const value = at(pool, ...path) ?? undefined;
    return value !== undefined && (typeof value === 'boolean' || !Number.isFinite(Number(value)));
  });
}

/**
 * The traffic policies of a DestinationRule: the top level, its ports, and the same for each subset that has a
 * policy. The top level comes first, also when it is not there.
 *
 * A subset replaces the top level's connection pool as a whole when it has one; a port level replaces it always.
 *
 * @see https://istio.io/latest/docs/reference/config/networking/destination-rule/#TrafficPolicy-PortTrafficPolicy
 */
export function poolScopesOf(rule: Resource): PoolScope[] {
  const policies = trafficPoliciesOf(rule);
  const topLimit = connectionLimit(policies[0]?.value['connectionPool']);
  return policies.flatMap((policy) => {
    if (policy.subset === undefined) return policyScopes(policy, undefined, topLimit);
    const pool = poolIn(policy.value);
    return policyScopes(policy, topLimit, pool ? connectionLimit(pool) : topLimit);
  });
}

/** @param limit - what holds for the policy itself, and so for its ports unless they have settings of their own */
function policyScopes(
  policy: TrafficPolicy,
  replacedLimit: number | undefined,
  limit: number | undefined,
): PoolScope[] {
  const scopeAt = ({ path, value, subset, port }: PolicyLevel, replaced: number | undefined): PoolScope => ({
    ...(subset === undefined ? {} : { subset }),
    ...(port === undefined ? {} : { port }),
    path: [...path, 'connectionPool'],
    pool: poolIn(value),
    without: new Set(),
    replacedLimit: replaced,
  });
  const ports = policy.ports.filter(({ port }) => port !== undefined);
  const without = new Set(ports.flatMap(({ port }) => port ?? []));
  return [{ ...scopeAt(policy, replacedLimit), without }, ...ports.map((level) => scopeAt(level, limit))];
}

function poolIn(policy: JsonObject): JsonObject | undefined {
  const pool = policy['connectionPool'];
  return isObject(pool) ? pool : undefined;
}

/** A pool for a sidecar's inbound connections, with the protocol of its port where one is given. */
export interface InboundPool extends PoolScope {
  readonly protocol?: Protocol;
}

/**
 * The connection pools that a Sidecar sets for its own workloads' inbound side, in place of the DestinationRule's.
 * Istio 1.20 and later.
 *
 * @see https://istio.io/latest/docs/reference/config/networking/sidecar/#Sidecar `inboundConnectionPool`
 */
export function inboundPoolsOf(sidecar: Resource): InboundPool[] {
  const spec = objectAt(sidecar.value, 'spec');
  const common = { without: new Set<number>(), replacedLimit: undefined };
  const pools: InboundPool[] = [];
  const all = spec['inboundConnectionPool'];
  if (isObject(all)) pools.push({ ...common, path: ['spec', 'inboundConnectionPool'], pool: all });
  for (const [index, ingress] of listAt(spec, 'ingress').entries()) {
    const pool = at(ingress, 'connectionPool');
    const number = at(ingress, 'port', 'number');
    if (!isObject(pool) || typeof number !== 'number') continue;
    const protocol = protocolOf(number, stringAt(ingress, 'port', 'protocol'), undefined, undefined);
    pools.push({ ...common, path: ['spec', 'ingress', index, 'connectionPool'], pool, port: number, protocol });
  }
  return pools;
}

/** What is known of the traffic that a pool limits. */
export interface Traffic {
  /** False when all of it is TCP to Envoy: the HTTP part of a pool does nothing then. */
  readonly mayBeHttp: boolean;
  /** `maybe` when the ports are unknown or detected. */
  readonly http2: 'yes' | 'no' | 'maybe';
}

/**
 * The traffic of a pool, from the ports of the Service or ServiceEntry that the host names.
 *
 * @param upgradesInMesh - true when the mesh config upgrades HTTP/1.1 to HTTP/2 (`h2UpgradePolicy`)
 */
export function trafficOf(mesh: Mesh, host: string, scope: PoolScope, upgradesInMesh: boolean): Traffic {
  const ports = protocolsOf(mesh, host)?.filter(({ number }) =>
    scope.port === undefined ? !scope.without.has(number) : number === scope.port,
  );
  // Every port has settings of its own: what the others would be does not matter.
  if (ports?.length === 0 && scope.port === undefined) return { mayBeHttp: true, http2: 'no' };
  return trafficIn(ports?.map(({ protocol }) => protocol) ?? [], scope, upgradesInMesh);
}

/** The traffic of a pool whose ports have these protocols; none means that they are not known. */
export function trafficIn(protocols: readonly Protocol[], scope: PoolScope, upgradesInMesh: boolean): Traffic {
  const http = objectAt(scope.pool, 'http');
  const upgrade = http['h2UpgradePolicy'] ?? 'DEFAULT';
  const isUpgraded = upgrade === 'UPGRADE' || (upgrade === 'DEFAULT' && upgradesInMesh);
  const known = protocols.filter(isHttp);
  if (protocols.length > 0 && known.length === 0) return { mayBeHttp: false, http2: 'no' };
  if (isUpgraded || known.some(isHttp2)) return { mayBeHttp: true, http2: 'yes' };
  const isOpen = http['useClientProtocol'] === true || known.length === 0 || known.includes('auto');
  return { mayBeHttp: true, http2: isOpen ? 'maybe' : 'no' };
}

interface HostPort {
  readonly number: number;
  readonly protocol: Protocol;
}

/** The ports of a host; undefined when neither a Service nor a ServiceEntry of the input has it. */
function protocolsOf(mesh: Mesh, host: string): readonly HostPort[] | undefined {
  const service = serviceOf(mesh, host);
  if (service) return portsOf(service);
  const entry = serviceEntryOf(mesh, host);
  return entry && serviceEntryPorts(entry);
}

function serviceEntryPorts(entry: Resource): HostPort[] {
  return listAt(entry.value, 'spec', 'ports').flatMap((port) => {
    const number = at(port, 'number');
    if (typeof number !== 'number') return [];
    return [{ number, protocol: protocolOf(number, stringAt(port, 'protocol'), undefined, undefined) }];
  });
}

const entriesByHost = derived((mesh): HostIndex<Resource> => {
  const entries = mesh.ofKind('ServiceEntry', 'networking.istio.io');
  return indexByHost(
    entries.flatMap((entry) =>
      listAt(entry.value, 'spec', 'hosts').flatMap((name): [string, Resource][] =>
        typeof name === 'string' ? [[fqdnOf(name, namespaceOf(entry)), entry]] : [],
      ),
    ),
  );
});

/** The ServiceEntry that has a host, or a wildcard over it. */
export function serviceEntryOf(mesh: Mesh, host: string): Resource | undefined {
  return entriesByHost(mesh).covering(host)[0];
}
