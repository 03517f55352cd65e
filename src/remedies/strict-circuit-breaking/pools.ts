import { isObject, type JsonObject } from '../../manifest/node.ts';
import {
  connectionLimit,
  inboundPoolsOf,
  type PoolScope,
  poolScopesOf,
  trafficIn,
  trafficOf,
  unreadableIn,
} from '../../mesh/connection-pool.ts';
import { destinationRulesOf, firstRuleFor, ruleHiddenBy } from '../../mesh/destination-rule.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { at } from '../../mesh/read.ts';
import { namespaceOf, type Resource } from '../../mesh/resource.ts';
import { destinationHost, isWithoutProxy } from '../../mesh/service.ts';
import { meshConfigOf } from '../../mesh/surface/mesh-config.ts';
import { hasSidecars } from '../../mesh/workload.ts';
import { existingPart, operationsToMerge } from '../../operations.ts';
import { type Change, edit, placeIn } from '../../step.ts';
import { literalHostOf } from '../mechanisms/literal-host.ts';
import { type LoosePool, poolFault } from './faults.ts';
import type { Settings } from './parameters.ts';
import { fixText, missingHttp, type PoolUse } from './pool-use.ts';

export interface PoolSettings extends Settings {
  /** FQDNs of the parameter `hosts`. */
  readonly named: ReadonlySet<string>;
  /** True when the mesh upgrades HTTP/1.1 to HTTP/2 between sidecars. */
  readonly upgrades: boolean;
}

/** Finds the pools of DestinationRules that limit connections and queue the rest. */
export function* findInRules(mesh: Mesh, settings: PoolSettings) {
  for (const rule of destinationRulesOf(mesh)) {
    const host = destinationHost(rule);
    if (host !== undefined) yield* findInRule(mesh, rule, host, settings);
  }
}

function* findInRule(mesh: Mesh, rule: Resource, host: string, settings: PoolSettings) {
  const scopes = poolScopesOf(rule);
  yield* findOtherRules(mesh, rule, scopes);
  const isNamed = settings.named.has(host);
  if (!isNamed && scopes.every(({ pool }) => pool === undefined)) return;
  const literal = literalHostOf(mesh, rule);
  if (literal) yield poolFault('literal-host', placeIn(rule, 'spec', 'host'), literal);
  else if (isWithoutProxy(mesh, host)) yield poolFault('no-proxy', placeIn(rule, 'spec'), host);
  else {
    const isFirst = firstRuleFor(mesh, rule) === rule;
    for (const scope of scopes) {
      const connections = isNamed && mayGetLimit(scope, isFirst) ? settings.connections : undefined;
      const traffic = trafficOf(mesh, host, scope, settings.upgrades);
      const atServers = scope.subset === undefined && hasSidecars(mesh, host);
      yield* findInPool(rule, scope, { traffic, atServers, connections }, settings);
    }
  }
}

/** A top level that an earlier rule overrides, or a subset that inherits, needs no pool of its own. */
function mayGetLimit({ pool, subset, port }: PoolScope, isFirst: boolean): boolean {
  const isTop = subset === undefined && port === undefined;
  return pool !== undefined || port !== undefined || (isTop && isFirst);
}

/** Finds other DestinationRules that decide what becomes of this one. */
function* findOtherRules(mesh: Mesh, rule: Resource, scopes: readonly PoolScope[]) {
  const where = placeIn(rule, 'spec', 'host');
  const first = firstRuleFor(mesh, rule);
  const hasPools = [...scopes, ...poolScopesOf(first)].some(({ pool }) => pool !== undefined);
  if (first !== rule && hasPools && isObject(at(rule.value, 'spec', 'trafficPolicy')))
    yield poolFault('older-rule', where, first.name);
  const hidden = ruleHiddenBy(mesh, rule);
  if (!hidden || !limitsConnections(poolScopesOf(hidden))) return;
  const code = limitsConnections(scopes) ? 'hides-other-limits' : 'hides-limits';
  yield poolFault(code, where, { clients: namespaceOf(rule), hidden: `${namespaceOf(hidden)}/${hidden.name}` });
}

/** True when the mesh upgrades HTTP/1.1 to HTTP/2 between sidecars. */
export function upgradesToHttp2(mesh: Mesh): boolean {
  return meshConfigOf(mesh)['h2UpgradePolicy'] === 'UPGRADE';
}

function limitsConnections(scopes: readonly PoolScope[]): boolean {
  return scopes.some(({ pool }) => connectionLimit(pool) !== undefined);
}

/** Finds the same in the pools of Sidecars, which hold for inbound requests. */
export function* findInSidecars(mesh: Mesh, settings: Settings) {
  for (const sidecar of mesh.ofKind('Sidecar', 'networking.istio.io')) {
    for (const inbound of inboundPoolsOf(sidecar)) {
      const protocols = inbound.protocol === undefined ? [] : [inbound.protocol];
      const use: PoolUse = { traffic: trafficIn(protocols, inbound, false), atServers: false };
      yield* findInPool(sidecar, inbound, use, settings);
    }
  }
}

function* findInPool(resource: Resource, scope: PoolScope, use: PoolUse, settings: Settings) {
  const { pool } = scope;
  const where = placeIn(resource, ...existingPart(resource.value, scope.path));
  const unreadable = unreadableIn(pool);
  const own = connectionLimit(pool);
  const limit = own ?? use.connections;
  if (unreadable)
    yield poolFault('unreadable-limit', placeIn(resource, ...scope.path, ...unreadable), unreadable.join('.'));
  else if (limit === undefined) {
    const { replacedLimit } = scope;
    const isOwn = pool !== undefined || scope.port !== undefined;
    if (replacedLimit !== undefined && isOwn) yield poolFault('lost-limit', where, { scope, limit: replacedLimit });
  } else if (own !== undefined && !use.traffic.mayBeHttp) yield poolFault('tcp-only', where, own);
  else {
    const http = missingHttp(pool, use.traffic, settings, limit);
    const code = looseness(own, http);
    if (code) yield poolFault(code, where, { resource, scope, use, limit, http });
  }
}

function looseness(own: number | undefined, http: JsonObject) {
  if (own === undefined) return 'unlimited-connections';
  if ('http1MaxPendingRequests' in http) return 'unlimited-queue';
  return 'http2MaxRequests' in http ? 'unlimited-http2' : undefined;
}

/** Adds what a pool lacks. */
export function tighten({ resource, scope, use, limit, http }: LoosePool): Change {
  const isLimited = connectionLimit(scope.pool) !== undefined;
  const tcp = isLimited ? {} : { maxConnections: limit };
  const wanted: JsonObject = {
    ...(isLimited ? {} : { tcp }),
    ...(Object.keys(http).length > 0 ? { http } : {}),
  };
  const operations = operationsToMerge(resource.value, scope.path, wanted);
  return edit(`set ${fixText({ ...tcp, ...http }, use, limit)}`, { resource, operations });
}
