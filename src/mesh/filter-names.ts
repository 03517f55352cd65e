import { isObject, type Json } from '../manifest/node.ts';
import type { ConfigPatch } from './envoy-filter.ts';

/** What filters are called in a listener, by their place: one old name may mean two filters. */
export type FilterClass = 'network' | 'http' | 'listener';

/**
 * Old names and what became of them. istiod 1.6 and 1.7 write the old ones and know no others; from 1.8 to 1.18 it
 * writes the new ones and takes either in a match; since 1.19 the old ones match nothing.
 *
 * @see https://github.com/istio/istio/blob/1.18.0/pkg/config/xds/deprecated.go `DeprecatedFilterNames`
 */
const newNames: Readonly<Record<FilterClass, ReadonlyMap<string, string>>> = {
  network: named('envoy.filters.network.', {
    'envoy.client_ssl_auth': 'client_ssl_auth',
    'envoy.ext_authz': 'ext_authz',
    'envoy.http_connection_manager': 'http_connection_manager',
    'envoy.mongo_proxy': 'mongo_proxy',
    'envoy.ratelimit': 'ratelimit',
    'envoy.redis_proxy': 'redis_proxy',
    'envoy.tcp_proxy': 'tcp_proxy',
  }),
  http: named('envoy.filters.http.', {
    'envoy.buffer': 'buffer',
    'envoy.cors': 'cors',
    'envoy.csrf': 'csrf',
    'envoy.http_dynamo_filter': 'dynamo',
    'envoy.ext_authz': 'ext_authz',
    'envoy.fault': 'fault',
    'envoy.grpc_http1_bridge': 'grpc_http1_bridge',
    'envoy.grpc_json_transcoder': 'grpc_json_transcoder',
    'envoy.grpc_web': 'grpc_web',
    'envoy.gzip': 'gzip',
    'envoy.health_check': 'health_check',
    'envoy.ip_tagging': 'ip_tagging',
    'envoy.lua': 'lua',
    'envoy.rate_limit': 'ratelimit',
    'envoy.router': 'router',
    'envoy.squash': 'squash',
  }),
  listener: named('envoy.filters.listener.', {
    'envoy.listener.http_inspector': 'http_inspector',
    'envoy.listener.original_dst': 'original_dst',
    'envoy.listener.original_src': 'original_src',
    'envoy.listener.proxy_protocol': 'proxy_protocol',
    'envoy.listener.tls_inspector': 'tls_inspector',
  }),
};

/** The filters among them that istiod writes itself; the others are there only where an EnvoyFilter inserts them. */
const written = new Set([
  'envoy.filters.network.http_connection_manager',
  'envoy.filters.network.tcp_proxy',
  'envoy.filters.network.redis_proxy',
  'envoy.filters.network.mongo_proxy',
  'envoy.filters.network.ext_authz',
  'envoy.filters.http.cors',
  'envoy.filters.http.ext_authz',
  'envoy.filters.http.fault',
  'envoy.filters.http.grpc_web',
  'envoy.filters.http.router',
  ...newNames.listener.values(),
]);

function named(prefix: string, names: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  return new Map(Object.entries(names).map(([old, name]) => [old, prefix + name]));
}

/** What an old name became; undefined for a name that is not old. */
export function newFilterName(kind: FilterClass, name: string): string | undefined {
  return newNames[kind].get(name);
}

/** What a new name was before; undefined where there was none. */
export function oldFilterName(kind: FilterClass, name: string): string | undefined {
  for (const [old, current] of newNames[kind]) if (current === name) return old;
  return undefined;
}

/** True for a filter, by its new name, that istiod itself puts into listeners. */
export function isIstiodFilter(name: string): boolean {
  return written.has(name);
}

/** The place of the filter that a patch is applied to. */
export function classOf(applyTo: string): FilterClass | undefined {
  switch (applyTo) {
    case 'NETWORK_FILTER':
      return 'network';
    case 'HTTP_FILTER':
      return 'http';
    case 'LISTENER_FILTER':
      return 'listener';
    default:
      return undefined;
  }
}

/** The names of filters that patches bring in, at any depth of their values. */
export function insertedNames(patches: readonly ConfigPatch[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { applyTo, operation, value } of patches) {
    const isRename = operation === 'MERGE' && classOf(applyTo) !== undefined;
    const { name: _, ...rest } = value;
    collectNames(isRename ? rest : value, names);
  }
  return names;
}

function collectNames(value: Json, names: Set<string>): void {
  if (Array.isArray(value)) {
    for (const item of value) collectNames(item, names);
  } else if (isObject(value)) {
    for (const [key, inner] of Object.entries(value)) {
      if (key === 'name' && typeof inner === 'string') names.add(inner);
      else collectNames(inner, names);
    }
  }
}
