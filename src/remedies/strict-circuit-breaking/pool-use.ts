import type { Json, JsonObject } from '../../manifest/node.ts';
import { positive, type Traffic } from '../../mesh/connection-pool.ts';
import { at } from '../../mesh/read.ts';
import type { Settings } from './parameters.ts';

/** What a pool is for. */
export interface PoolUse {
  readonly traffic: Traffic;
  /** True when the servers' sidecars limit what comes in by this pool, too, beside the clients' sidecars. */
  readonly atServers: boolean;
  /** The limit that the pool is to get when it has none. */
  readonly connections?: number | undefined;
}

/**
 * The HTTP fields that a pool lacks to be strict; istiod takes 0 for not set. A limit of requests below that of connections is
 * strict by itself: Envoy counts them for HTTP/1.1, too.
 *
 * @param limit - of connections
 * @see https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/circuit_breaking "Cluster maximum requests"
 */
export function missingHttp(pool: Json | undefined, traffic: Traffic, settings: Settings, limit: number): JsonObject {
  const requests = positive(at(pool, 'http', 'http2MaxRequests'));
  if (!traffic.mayBeHttp || (requests !== undefined && requests < limit)) return {};
  const isUnset = (field: string): boolean => positive(at(pool, 'http', field)) === undefined;
  const asksRequests = traffic.http2 === 'yes' || (traffic.http2 === 'maybe' && settings.requests !== undefined);
  return {
    ...(isUnset('http1MaxPendingRequests') ? { http1MaxPendingRequests: settings.pending ?? limit } : {}),
    ...(asksRequests && isUnset('http2MaxRequests') ? { http2MaxRequests: settings.requests ?? limit } : {}),
  };
}

/**
 * The fields that a fix sets, and side effects and gaps that a user must know.
 *
 * @param limit - of connections
 */
export function fixText(fields: JsonObject, { traffic, atServers }: PoolUse, limit: number): string {
  const set = Object.entries(fields).map(([name, value]) => `\`${name}: ${value}\``);
  const isOpen = traffic.http2 === 'maybe' && 'http1MaxPendingRequests' in fields && !('http2MaxRequests' in fields);
  return [
    set.join(', '),
    ...burstNote(fields['http1MaxPendingRequests'], limit),
    ...(atServers ? ["the servers' sidecars apply it to inbound requests, too"] : []),
    ...(isOpen ? ['the protocol of its ports is not known: for HTTP/2 or gRPC give `requests`'] : []),
  ].join('; ');
}

/** The limit also counts requests that wait while a connection is being opened, so a burst on cold connections meets it. */
export function burstNote(pending: Json | undefined, limit: number): string[] {
  if (typeof pending !== 'number' || pending >= limit) return [];
  return [
    `bursts of more than ${pending} requests get 503 while connections are being opened, below \`maxConnections: ${limit}\``,
  ];
}
