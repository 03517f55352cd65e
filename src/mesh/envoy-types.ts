import { isObject, type Json, type JsonObject } from '../manifest/node.ts';

/**
 * Packages of Envoy's old API and of what took their place, with the fields that got lost on the way.
 *
 * Found by comparing the descriptors of both in go-control-plane 0.11.1 (`udpa.annotations.versioning`); packages that
 * Istio 1.32 does not know are left out, and so are gzip and compressor, which are configured in another way since.
 *
 * @see https://www.envoyproxy.io/docs/envoy/latest/api/api_supported_versions
 */
const packages: ReadonlyMap<string, { readonly to: string; readonly lost: readonly string[] }> = new Map([
  moved('envoy.api.v2.auth', 'envoy.extensions.transport_sockets.tls.v3', [
    'require_ocsp_staple',
    'verify_subject_alt_name',
    'config',
    'regex',
  ]),
  moved('envoy.config.filter.fault.v2', 'envoy.extensions.filters.common.fault.v3', ['type']),
  ...http('adaptive_concurrency', 'v2alpha'),
  ...http('aws_lambda', 'v2alpha'),
  ...http('aws_request_signing', 'v2alpha'),
  ...http('buffer', 'v2'),
  ...http('cors', 'v2'),
  ...http('csrf', 'v2', ['regex']),
  ...http('dynamic_forward_proxy', 'v2alpha', ['auto_host_rewrite_header', 'host_rewrite']),
  ...http('ext_authz', 'v2', ['use_alpha', 'regex']),
  ...http('fault', 'v2', ['type', 'regex_match']),
  ...http('grpc_http1_bridge', 'v2'),
  ...http('grpc_http1_reverse_bridge', 'v2alpha1'),
  ...http('grpc_stats', 'v2alpha'),
  ...http('grpc_web', 'v2'),
  ...http('header_to_metadata', 'v2'),
  ...http('health_check', 'v2', ['regex_match']),
  ...http('ip_tagging', 'v2'),
  ...http('jwt_authn', 'v2alpha', ['regex_match', 'regex', 'value']),
  ...http('lua', 'v2'),
  ...http('on_demand', 'v2'),
  ...http('original_src', 'v2alpha1'),
  ...http('rate_limit', 'v2', [], 'ratelimit'),
  ...http('rbac', 'v2', ['regex_match', 'regex']),
  ...http('router', 'v2', ['config', 'regex_match']),
  ...http('tap', 'v2alpha', ['regex_match']),
  ...http('transcoder', 'v2', [], 'grpc_json_transcoder'),
  ...listener('http_inspector', 'v2'),
  ...listener('original_dst', 'v2'),
  ...listener('original_src', 'v2alpha1'),
  ...listener('proxy_protocol', 'v2'),
  ...listener('tls_inspector', 'v2'),
  ...network('direct_response', 'v2'),
  ...network('echo', 'v2'),
  ...network('ext_authz', 'v2'),
  ...network('http_connection_manager', 'v2', [
    'allow_origin',
    'allow_origin_regex',
    'auto_host_rewrite_header',
    'config',
    'enabled',
    'host_rewrite',
    'method',
    'operation_name',
    'pattern',
    'per_filter_config',
    'regex',
    'regex_match',
    'request_headers_for_tags',
    'request_mirror_policy',
    'runtime_key',
    'value',
  ]),
  ...network('local_rate_limit', 'v2alpha', [], 'local_ratelimit'),
  ...network('mongo_proxy', 'v2', ['type']),
  ...network('rate_limit', 'v2', [], 'ratelimit'),
  ...network('rbac', 'v2', ['regex_match', 'regex']),
  ...network('redis_proxy', 'v2', ['catch_all_cluster', 'cluster']),
  ...network('sni_cluster', 'v2'),
  ...network('tcp_proxy', 'v2', ['config', 'regex_match', 'deprecated_v1']),
  moved('envoy.config.transport_socket.raw_buffer.v2', 'envoy.extensions.transport_sockets.raw_buffer.v3'),
]);

/** Messages of one old package that went to several. */
const messages: ReadonlyMap<string, string> = new Map([
  ['envoy.config.accesslog.v2.FileAccessLog', 'envoy.extensions.access_loggers.file.v3.FileAccessLog'],
  [
    'envoy.config.accesslog.v2.HttpGrpcAccessLogConfig',
    'envoy.extensions.access_loggers.grpc.v3.HttpGrpcAccessLogConfig',
  ],
  [
    'envoy.config.accesslog.v2.TcpGrpcAccessLogConfig',
    'envoy.extensions.access_loggers.grpc.v3.TcpGrpcAccessLogConfig',
  ],
]);

type Move = readonly [from: string, { readonly to: string; readonly lost: readonly string[] }];

function moved(from: string, to: string, lost: readonly string[] = []): Move {
  return [from, { to, lost }];
}

function http(name: string, version: string, lost: readonly string[] = [], to = name): readonly Move[] {
  return [moved(`envoy.config.filter.http.${name}.${version}`, `envoy.extensions.filters.http.${to}.v3`, lost)];
}

function network(name: string, version: string, lost: readonly string[] = [], to = name): readonly Move[] {
  return [moved(`envoy.config.filter.network.${name}.${version}`, `envoy.extensions.filters.network.${to}.v3`, lost)];
}

function listener(name: string, version: string): readonly Move[] {
  return [moved(`envoy.config.filter.listener.${name}.${version}`, `envoy.extensions.filters.listener.${name}.v3`)];
}

const urlPrefix = 'type.googleapis.com/';

/** True for a type of Envoy's API before v3, which Envoy lost in 1.18, and istiod in 1.19. */
export function isOldType(url: string): boolean {
  return /\/envoy\.([a-z0-9_]+\.)*v[12](alpha\d*|beta\d*)?\./.test(url);
}

/** What a type became, and the fields of such a config that the new one does not have. */
export interface NewType {
  readonly url: string;
  /** Keys of the config, at any depth, that mean nothing any more. */
  readonly lost: readonly string[];
  /** True when the config calls a server whose protocol has a version of its own, and does not say v3. */
  readonly asksServer: boolean;
}

/** What became of a config of an old type; undefined when Envoy dropped it, or it is not known. */
export function newTypeOf(url: string, config: JsonObject): NewType | undefined {
  if (!url.startsWith(urlPrefix)) return undefined;
  const type = url.slice(urlPrefix.length);
  const [from, message] = [type.slice(0, type.lastIndexOf('.')), type.slice(type.lastIndexOf('.') + 1)];
  const move = packages.get(from);
  const to = messages.get(type) ?? (move && `${move.to}.${message}`);
  if (to === undefined) return undefined;
  return { url: urlPrefix + to, lost: lostIn(config, move?.lost ?? []), asksServer: asksServer(config) };
}

/** The fields of a config that are not in its new type, as they are spelled there. */
function lostIn(config: JsonObject, lost: readonly string[]): readonly string[] {
  const found = keysOf(config).filter((key) => lost.includes(snakeCase(key)));
  // Only at the top: the same name is right in common_http_protocol_options.
  const top = Object.keys(config).filter(
    (key) => snakeCase(key) === 'idle_timeout' && lost.includes('per_filter_config'),
  );
  return [...new Set([...found, ...top])];
}

/** Since Envoy 1.18 only v3 of these protocols is spoken, and it is not the default. */
function asksServer(config: JsonObject): boolean {
  const keys = keysOf(config).map(snakeCase);
  const isAsking = ['grpc_service', 'rds', 'scoped_routes', 'config_source', 'sds_config'].some((key) =>
    keys.includes(key),
  );
  return isAsking && !/"(transport|resource)_?[aA]pi_?[vV]ersion":"V3"/.test(JSON.stringify(config));
}

/** All keys of a config, but for those in configs of other types inside it. */
function keysOf(value: Json): string[] {
  if (Array.isArray(value)) return value.flatMap(keysOf);
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const isOther = isObject(inner) && Object.hasOwn(inner, '@type');
    return isOther ? [key] : [key, ...keysOf(inner)];
  });
}

/** The name of a field as the API writes it: protobuf reads `typedConfig` as `typed_config`. */
export function snakeCase(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/**
 * The types of filters that go by one name, as far as one is sure; `bare` for those that need no setting at all.
 */
const typesByName: ReadonlyMap<string, { readonly type: string; readonly bare: boolean }> = new Map([
  known('http', 'buffer', 'Buffer'),
  known('http', 'cors', 'Cors', true),
  known('http', 'csrf', 'CsrfPolicy'),
  known('http', 'ext_authz', 'ExtAuthz'),
  known('http', 'fault', 'HTTPFault', true),
  known('http', 'grpc_http1_bridge', 'Config', true),
  known('http', 'grpc_json_transcoder', 'GrpcJsonTranscoder'),
  known('http', 'grpc_stats', 'FilterConfig', true),
  known('http', 'grpc_web', 'GrpcWeb', true),
  known('http', 'header_to_metadata', 'Config'),
  known('http', 'health_check', 'HealthCheck'),
  known('http', 'ip_tagging', 'IPTagging'),
  known('http', 'lua', 'Lua'),
  known('http', 'ratelimit', 'RateLimit'),
  known('http', 'router', 'Router', true),
  known('listener', 'http_inspector', 'HttpInspector', true),
  known('listener', 'original_dst', 'OriginalDst', true),
  known('listener', 'proxy_protocol', 'ProxyProtocol', true),
  known('listener', 'tls_inspector', 'TlsInspector', true),
  known('network', 'http_connection_manager', 'HttpConnectionManager'),
  known('network', 'tcp_proxy', 'TcpProxy'),
  known('network', 'sni_cluster', 'SniCluster', true),
]);

function known(
  kind: string,
  name: string,
  message: string,
  bare = false,
): readonly [string, { readonly type: string; readonly bare: boolean }] {
  const type = `${urlPrefix}envoy.extensions.filters.${kind}.${name}.v3.${message}`;
  return [`envoy.filters.${kind}.${name}`, { type, bare }];
}

/** The type that Envoy used to find by a filter's name, by its new name. */
export function typeByName(name: string): { readonly type: string; readonly bare: boolean } | undefined {
  return typesByName.get(name);
}

/** The fields of an untyped config that the type does not have any more, and whether it calls a server. */
export function untypedConfig(type: string, config: JsonObject): Pick<NewType, 'lost' | 'asksServer'> {
  const to = type.slice(urlPrefix.length, type.lastIndexOf('.'));
  const move = [...packages.values()].find((each) => each.to === to);
  return { lost: lostIn(config, move?.lost ?? []), asksServer: asksServer(config) };
}
