import type { Version } from './version.ts';

/**
 * The packages of filters in Envoy's API v3, by the minor version whose istiod knows them first; it refuses
 * types that it does not know.
 *
 * @see https://github.com/istio/istio/blob/1.31.0/pkg/config/xds/filter_types.gen.go read at the first tag of each version;
 *   for 1.32 at master of August 2026, and in go-control-plane of Envoy 1.40, so that nothing it may know is refused
 */
const filters: Readonly<Record<number, string>> = {
  7: `common.fault http.adaptive_concurrency http.aws_lambda http.aws_request_signing http.buffer http.compressor
http.cors http.csrf http.decompressor http.dynamic_forward_proxy http.dynamo http.ext_authz http.fault
http.grpc_http1_bridge http.grpc_http1_reverse_bridge http.grpc_json_transcoder http.grpc_stats http.grpc_web
http.gzip http.header_to_metadata http.health_check http.ip_tagging http.jwt_authn http.lua http.on_demand
http.original_src http.ratelimit http.rbac http.router http.squash http.tap listener.http_inspector
listener.original_dst listener.original_src listener.proxy_protocol listener.tls_inspector
network.client_ssl_auth network.direct_response network.dubbo_proxy network.dubbo_proxy.router network.echo
network.ext_authz network.http_connection_manager network.kafka_broker network.local_ratelimit
network.mongo_proxy network.mysql_proxy network.ratelimit network.rbac network.redis_proxy
network.rocketmq_proxy network.sni_cluster network.tcp_proxy network.thrift_proxy
network.thrift_proxy.filters.ratelimit network.zookeeper_proxy udp.udp_proxy
http.local_ratelimit http.wasm network.wasm`,
  9: `common.matcher.action http.kill_request network.thrift_proxy.router`,
  10: `common.dependency http.composite`,
  11: `http.alternate_protocols_cache http.set_metadata network.connection_limit`,
  13: `http.admission_control http.bandwidth_limit http.cache http.cdn_loop http.ext_proc http.oauth2
http.stateful_session network.meta_protocol_proxy network.meta_protocol_proxy.matcher
network.meta_protocol_proxy.matcher.action network.sni_dynamic_forward_proxy
network.thrift_proxy.filters.header_to_metadata udp.dns_filter`,
  14: `http.file_system_buffer http.gcp_authn`,
  15: `http.rate_limit_quota`,
  16: `http.upstream_codec`,
  17: `http.custom_response network.generic_proxy network.generic_proxy.action network.generic_proxy.codecs.dubbo
network.generic_proxy.matcher network.generic_proxy.router network.thrift_proxy.filters.payload_to_metadata`,
  18: `http.connect_grpc_bridge http.header_mutation listener.local_ratelimit`,
  19: `http.geoip http.grpc_field_extraction`,
  20: `common.set_filter_state http.json_to_metadata http.set_filter_state network.set_filter_state
udp.udp_proxy.session.dynamic_forward_proxy udp.udp_proxy.session.http_capsule`,
  21: `http.basic_auth http.credential_injector network.generic_proxy.codecs.kafka`,
  22: `http.proto_message_logging network.generic_proxy.codecs.http1`,
  23: `http.thrift_to_metadata`,
  24: `http.proto_message_extraction`,
  25: `http.api_key_auth http.dynamic_modules http.grpc_json_reverse_transcoder`,
  26: `network.ext_proc`,
  27: `http.proto_api_scrubber`,
  28: `http.cache_v2 http.mcp network.reverse_tunnel`,
  29: `http.mcp_router http.peer_metadata http.transform listener.dynamic_modules network.dynamic_modules
network.geoip network.metadata_exchange udp.dynamic_modules`,
  30: `http.a2a http.file_server http.mcp_json_rest_bridge http.sse_to_metadata listener.set_filter_state
network.peer_metadata`,
  31: `http.ai_protocol_manager http.bandwidth_share http.filter_chain network.tcp_bandwidth_limit
udp.udp_proxy.session.ext_authz`,
  32: `common.jwks http.aws_eventstream_parser http.body_size_limit`,
};

/** Those that a version dropped. */
const dropped: ReadonlyMap<string, number> = new Map([
  ['http.proto_message_logging', 24],
  ['http.squash', 29],
  ['network.meta_protocol_proxy', 17],
  ['network.meta_protocol_proxy.matcher', 17],
  ['network.meta_protocol_proxy.matcher.action', 17],
]);

/** What follows `envoy.` in the packages of v3, and what follows that where the rest is not looked at. */
const roots: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['admin', words('v3')],
  [
    'config',
    words(`accesslog bootstrap cluster common core endpoint grpc_credential listener metrics overload ratelimit rbac
retry route tap trace upstream`),
  ],
  ['data', words('accesslog cluster core dns tap')],
  [
    'extensions',
    words(`access_loggers bootstrap cache clusters common compression config content_parsers dynamic_modules
early_data filters formatter geoip_providers grpc_service health_check health_checkers http injected_credentials
internal_redirect key_value load_balancing_policies local_address_selectors matching network outlier_detection_monitors
path private_key_providers quic rate_limit_descriptors rbac regex_engines request_id resource_monitors retry
reverse_tunnel_reporters router stat_sinks string_matcher tap_sinks tracers transport_sockets udp_packet_writer
upstreams vcl wasm watchdog`),
  ],
  [
    'service',
    words(`accesslog auth cluster discovery endpoint event_reporting ext_proc extension health listener load_stats
metrics network_ext_proc rate_limit_quota ratelimit redis_auth route runtime secret status tap trace`),
  ],
  ['type', words('http matcher metadata tracing v3')],
  ['watchdog', words('v3')],
]);

const known: ReadonlyMap<string, number> = new Map(
  Object.entries(filters).flatMap(([since, names]) => [...words(names)].map((name) => [name, Number(since)] as const)),
);

function words(text: string): ReadonlySet<string> {
  return new Set(text.split(/\s+/));
}

/** Why a version refuses a type. */
export type TypeFault = { readonly since: `1.${number}` } | { readonly until: `1.${number}` } | 'unknown';

/**
 * Why istiod refuses a type of Envoy's API v3 for the package that it is in; undefined for one that it takes or may
 * take: outside of filters only the first parts of a package are known, and messages are not.
 */
export function refusedV3Type(url: string, version: Version): TypeFault | undefined {
  const path = /^type\.googleapis\.com\/envoy\.([a-z0-9_.]+?)\.v3\.[\w.]+$/.exec(url)?.[1];
  if (path === undefined) return undefined;
  const [root = '', next = 'v3', ...rest] = path.split('.');
  if (!roots.get(root)?.has(next)) return 'unknown';
  if (root !== 'extensions' || next !== 'filters') return undefined;
  const name = rest.join('.');
  const [since, until] = [known.get(name), dropped.get(name)];
  if (since === undefined) return 'unknown';
  if (version.minor < since) return { since: `1.${since}` };
  return until !== undefined && version.minor >= until ? { until: `1.${until}` } : undefined;
}
