import { isObject, type Json, type JsonObject } from '../../manifest/node.ts';
import { pointer } from '../../manifest/pointer.ts';
import { connectionLimit, type PoolScope, positive, type Traffic, unreadableIn } from '../../mesh/connection-pool.ts';
import { at } from '../../mesh/read.ts';
import type { Resource } from '../../mesh/resource.ts';
import { existingPart, operationsToMerge } from '../../operations.ts';
import type { LegacyStep as Step } from '../remedy.ts';

/** How strict a pool is to be. */
export interface Limits {
  readonly pending: number;
  /** Undefined: as many as the pool allows connections. */
  readonly requests: number | undefined;
}

/** What a pool is for. */
export interface PoolUse {
  readonly traffic: Traffic;
  /** True when the servers' sidecars limit what comes in by this pool too, beside the clients' sidecars. */
  readonly atServers: boolean;
  /** The limit that the pool is to get when it has none. */
  readonly connections?: number | undefined;
}

/** Plans for one pool, or for the lack of one. */
export function* planPool(resource: Resource, scope: PoolScope, use: PoolUse, settings: Limits): Iterable<Step> {
  const { traffic, connections } = use;
  const unreadable = unreadableIn(scope.pool);
  if (unreadable) {
    const message = `${unreadable.join('.')} of this pool is no number that can be read here, so the pool is left as it is`;
    yield { severity: 'warning', outcome: 'keep', message, resource, path: pointer(...scope.path, ...unreadable) };
    return;
  }
  const own = connectionLimit(scope.pool);
  const limit = own ?? connections;
  const place = { resource, path: pointer(...existingPart(resource.value, scope.path)) };
  if (limit === undefined) {
    if (scope.replacedLimit === undefined || (scope.pool === undefined && scope.port === undefined)) return;
    const message = `${scopeName(scope)} has settings of its own, which replace the limit of ${counted(scope.replacedLimit)}: none holds there; repeat tcp.maxConnections in it`;
    yield { severity: 'warning', outcome: 'advise', message, ...place };
    return;
  }
  if (own !== undefined && !traffic.mayBeHttp) {
    const message = `Left as it is, because only TCP ports take this pool: Envoy closes TCP connections past the limit of ${own} at once`;
    yield { severity: 'info', outcome: 'keep', message, ...place };
    return;
  }
  const http = missingHttp(scope.pool, traffic, settings, limit);
  const wanted: JsonObject = {
    ...(own === undefined ? { tcp: { maxConnections: limit } } : {}),
    ...(Object.keys(http).length > 0 ? { http } : {}),
  };
  if (Object.keys(wanted).length === 0) return;
  const message = `${reason(scope, limit, own === undefined, http)}: sets ${listed({ ...objectOf(wanted['tcp']), ...http })}${notes(use, http)}`;
  const operations = operationsToMerge(resource.value, scope.path, wanted);
  yield { severity: 'warning', outcome: 'change', message, ...place, patch: { resource, operations } };
}

/** The HTTP fields that a pool lacks to be strict; istiod takes 0 for not set. */
export function missingHttp(pool: Json | undefined, traffic: Traffic, settings: Limits, limit: number): JsonObject {
  if (!traffic.mayBeHttp) return {};
  const isUnset = (field: string): boolean => positive(at(pool, 'http', field)) === undefined;
  const asksRequests = traffic.http2 === 'yes' || (traffic.http2 === 'maybe' && settings.requests !== undefined);
  return {
    ...(isUnset('http1MaxPendingRequests') ? { http1MaxPendingRequests: settings.pending } : {}),
    ...(asksRequests && isUnset('http2MaxRequests') ? { http2MaxRequests: settings.requests ?? limit } : {}),
  };
}

function reason({ pool }: PoolScope, limit: number, isNew: boolean, http: JsonObject): string {
  if (isNew) return 'Nothing limits the connections here';
  const zero = at(pool, 'http', 'http1MaxPendingRequests') === 0 ? ', and 0 counts as none' : '';
  return 'http1MaxPendingRequests' in http
    ? `Requests past a limit of ${counted(limit)} queue without one${zero}`
    : `Over HTTP/2 many requests share a connection, so a limit of ${counted(limit)} does not hold them`;
}

/** Side effects and gaps that a user must know, as clauses after the message. */
export function notes({ traffic, atServers }: PoolUse, http: JsonObject): string {
  const inbound = atServers ? `; the servers' sidecars apply it to inbound requests too` : '';
  const isOpen = traffic.http2 === 'maybe' && 'http1MaxPendingRequests' in http && !('http2MaxRequests' in http);
  return `${inbound}${isOpen ? '; its ports are unknown or undeclared, so give requests if clients speak HTTP/2' : ''}`;
}

/** `maxConnections: 5, http2MaxRequests: 5` */
export function listed(fields: JsonObject): string {
  return Object.entries(fields)
    .map(([name, value]) => `${name}: ${value}`)
    .join(', ');
}

function objectOf(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {};
}

function scopeName({ subset, port }: PoolScope): string {
  if (subset === undefined) return `Port ${port}`;
  return port === undefined ? `Subset ${subset}` : `Port ${port} of subset ${subset}`;
}

function counted(connections: number): string {
  return connections === 1 ? '1 connection' : `${connections} connections`;
}
