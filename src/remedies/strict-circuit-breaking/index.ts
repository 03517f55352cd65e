import { isObject } from '../../manifest/node.ts';
import { pointer } from '../../manifest/pointer.ts';
import {
  connectionLimit,
  inboundPoolsOf,
  type PoolScope,
  poolScopesOf,
  positive,
  trafficIn,
  trafficOf,
} from '../../mesh/connection-pool.ts';
import { destinationRulesOf, firstRuleFor, ruleHiddenBy } from '../../mesh/destination-rule.ts';
import { isSelected, type Mesh } from '../../mesh/mesh.ts';
import { at } from '../../mesh/read.ts';
import { namespaceOf, type Resource } from '../../mesh/resource.ts';
import { destinationHost, isWithoutProxy } from '../../mesh/service.ts';
import { has } from '../../mesh/since.ts';
import { meshConfigOf } from '../../mesh/surface/mesh-config.ts';
import { surfacesOf } from '../../mesh/surface/surface.ts';
import { resolveTarget } from '../../mesh/target-host.ts';
import type { Version } from '../../mesh/version.ts';
import { hasSidecars } from '../../mesh/workload.ts';
import { literalHostStep } from '../mechanisms/literal-host.ts';
import { planMeshConfig } from '../mechanisms/mesh-setting.ts';
import { type ParameterValues, selection } from '../parameter.ts';
import { defineRemedy, type LegacyStep as Step } from '../remedy.ts';
import { namesOf, planTarget } from './limited-hosts.ts';
import { type PoolUse, planPool } from './pool-limits.ts';

const parameters = {
  ...selection,
  pending: {
    type: 'integer',
    minimum: 1, // Istio takes 0 for "not set"
    maximum: 2_147_483_647,
    default: 1,
    help: 'requests that may wait for a connection before others get 503 (http1MaxPendingRequests)',
  },
  requests: {
    type: 'integer',
    minimum: 1,
    maximum: 2_147_483_647,
    help: 'requests at a time over HTTP/2 (http2MaxRequests); the limit of connections when not given',
  },
  hosts: { type: 'strings', help: 'hosts to limit that are not limited yet; needs connections' },
  connections: {
    type: 'integer',
    minimum: 1,
    maximum: 2_147_483_647,
    help: 'limit of connections for hosts (maxConnections)',
  },
} as const;

type Settings = ParameterValues<typeof parameters>;

export default defineRemedy({
  id: 'strict-circuit-breaking',
  source:
    'https://istio.io/latest/docs/reference/config/networking/destination-rule/#ConnectionPoolSettings-HTTPSettings',
  parameters,

  *plan(mesh, settings, { version }) {
    const { hosts, connections } = settings;
    if ((hosts === undefined) !== (connections === undefined)) {
      const [given, missing] = hosts ? ['hosts', 'connections'] : ['connections', 'hosts'];
      const message = `${given} says nothing without ${missing}: hosts names what to limit, connections says to how many`;
      yield { severity: 'error', outcome: 'refuse', message };
      return;
    }
    const targets = (hosts ?? []).map((host) => resolveTarget(mesh, host, settings.namespaces));
    const named = new Set(targets.flatMap((target) => ('host' in target ? [target.host] : [])));
    const upgrades = meshConfigOf(mesh)['h2UpgradePolicy'] === 'UPGRADE';
    for (const rule of destinationRulesOf(mesh)) {
      if (isSelected(rule, settings)) yield* planRule(mesh, rule, { ...settings, named, upgrades });
    }
    for (const sidecar of mesh.ofKind('Sidecar', 'networking.istio.io')) {
      if (has(version, 'sidecarConnectionPool') && isSelected(sidecar, settings)) yield* planSidecar(sidecar, settings);
    }
    if (has(version, 'defaultTrafficPolicy')) yield* planMeshPool(mesh, settings, version);
    if (connections === undefined) return;
    const ruleNames = namesOf(targets.flatMap((target) => ('host' in target ? [target] : [])));
    const limits = { ...settings, connections, upgrades, ruleNames };
    for (const target of targets) yield* planTarget(mesh, target, limits, version);
  },
});

interface RuleSettings extends Settings {
  /** FQDNs of the parameter `hosts`. */
  readonly named: ReadonlySet<string>;
  /** True when the mesh upgrades HTTP/1.1 to HTTP/2 between sidecars. */
  readonly upgrades: boolean;
}

function* planRule(mesh: Mesh, rule: Resource, settings: RuleSettings): Iterable<Step> {
  const host = destinationHost(rule);
  if (host === undefined) return;
  const scopes = poolScopesOf(rule);
  yield* adviseOnOthers(mesh, rule, scopes);
  const isNamed = settings.named.has(host);
  if (!isNamed && scopes.every(({ pool }) => pool === undefined)) return;
  const literal = literalHostStep(mesh, rule);
  if (literal) {
    yield literal;
    return;
  }
  if (isWithoutProxy(mesh, host)) {
    const message = `Nothing applies connection pools to ${host}: its namespace is in ambient mode, and it has no waypoint; give it one (label istio.io/use-waypoint)`;
    yield { severity: 'warning', outcome: 'advise', message, resource: rule, path: pointer('spec') };
    return;
  }
  const isFirst = firstRuleFor(mesh, rule) === rule;
  for (const scope of scopes) {
    // A top level that an earlier rule overrides, or a subset that inherits, needs no pool of its own.
    const isTop = scope.subset === undefined && scope.port === undefined;
    const mayGetLimit = isNamed && (scope.pool !== undefined || scope.port !== undefined || (isTop && isFirst));
    const use: PoolUse = {
      traffic: trafficOf(mesh, host, scope, settings.upgrades),
      atServers: scope.subset === undefined && hasSidecars(mesh, host),
      connections: mayGetLimit ? settings.connections : undefined,
    };
    yield* planPool(rule, scope, use, settings);
  }
}

function* planSidecar(sidecar: Resource, settings: Settings): Iterable<Step> {
  for (const inbound of inboundPoolsOf(sidecar)) {
    const protocols = inbound.protocol === undefined ? [] : [inbound.protocol];
    const use: PoolUse = { traffic: trafficIn(protocols, inbound, false), atServers: false };
    yield* planPool(sidecar, inbound, use, settings);
  }
}

/** Tells of other DestinationRules that decide what becomes of this one. */
function* adviseOnOthers(mesh: Mesh, rule: Resource, scopes: readonly PoolScope[]): Iterable<Step> {
  const place = { resource: rule, path: pointer('spec', 'host') };
  const first = firstRuleFor(mesh, rule);
  const hasPools = [...scopes, ...poolScopesOf(first)].some(({ pool }) => pool !== undefined);
  if (first !== rule && hasPools && isObject(at(rule.value, 'spec', 'trafficPolicy'))) {
    const message = `DestinationRule ${first.name} is for the same host in the same namespace: only the top level of the older of the two counts, the other's is dropped; put the limits into one`;
    yield { severity: 'warning', outcome: 'advise', message, ...place };
  }
  const hidden = ruleHiddenBy(mesh, rule);
  if (!hidden || !poolScopesOf(hidden).some(({ pool }) => connectionLimit(pool) !== undefined)) return;
  const isLimited = scopes.some(({ pool }) => connectionLimit(pool) !== undefined);
  const clients = `Clients in namespace ${namespaceOf(rule)} take this DestinationRule instead of ${namespaceOf(hidden)}/${hidden.name}`;
  const message = isLimited
    ? `${clients}: only the limits here count for them`
    : `${clients}, so its connection limits do not hold for them; repeat them here`;
  yield { severity: isLimited ? 'info' : 'warning', outcome: 'advise', message, ...place };
}

/**
 * Plans for the pool that the mesh gives to every host whose DestinationRule has none.
 *
 * @see https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/ `defaultTrafficPolicy`
 */
function* planMeshPool(mesh: Mesh, settings: Settings, version: Version): Iterable<Step> {
  const path = ['defaultTrafficPolicy', 'connectionPool'];
  const pool = at(meshConfigOf(mesh), ...path);
  const limit = connectionLimit(pool);
  if (limit === undefined || positive(at(pool, 'http', 'http1MaxPendingRequests')) !== undefined) return;
  const why = `Requests past the mesh's default limit of ${limit} connections queue without a limit`;
  const field = [...path, 'http', 'http1MaxPendingRequests'];
  const surfaces = surfacesOf(mesh).filter(({ meshConfig }) => meshConfig.length > 0);
  if (surfaces.length === 1) {
    const effect = 'istiod gives it to running proxies without a restart';
    const plan = { version, surface: 'deployment', severity: 'warning', why, effect } as const;
    yield* planMeshConfig(mesh, field, settings.pending, plan);
  } else {
    const message = `${why}: set ${field.join('.')}: ${settings.pending} in the mesh config that has the limit`;
    yield { severity: 'warning', outcome: 'advise', message };
  }
}
