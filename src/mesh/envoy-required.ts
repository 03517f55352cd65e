/**
 * Fields without which Envoy rejects the configuration of a filter, by what follows `envoy.extensions.filters.` in its type;
 * one of those between bars is enough.
 *
 * Found by starting Envoy 1.40 with the bare type, and then with the field.
 */
const requiredFields: ReadonlyMap<string, readonly string[]> = new Map([
  ['http.adaptive_concurrency.v3.AdaptiveConcurrency', ['gradient_controller_config|pinned_controller_config']],
  ['http.aws_lambda.v3.Config', ['arn']],
  ['http.aws_request_signing.v3.AwsRequestSigning', ['service_name']],
  ['http.buffer.v3.Buffer', ['max_request_bytes']],
  ['http.cdn_loop.v3.CdnLoopConfig', ['cdn_id']],
  ['http.compressor.v3.Compressor', ['compressor_library']],
  ['http.csrf.v3.CsrfPolicy', ['filter_enabled']],
  ['http.decompressor.v3.Decompressor', ['decompressor_library']],
  ['http.grpc_http1_reverse_bridge.v3.FilterConfig', ['content_type']],
  ['http.grpc_json_transcoder.v3.GrpcJsonTranscoder', ['proto_descriptor|proto_descriptor_bin']],
  ['http.health_check.v3.HealthCheck', ['pass_through_mode']],
  ['http.ip_tagging.v3.IPTagging', ['ip_tags|ip_tags_datasource|ip_tags_file_provider']],
  ['http.local_ratelimit.v3.LocalRateLimit', ['stat_prefix']],
  ['http.ratelimit.v3.RateLimit', ['domain', 'rate_limit_service']],
  ['http.tap.v3.Tap', ['common_config']],
  ['network.dubbo_proxy.v3.DubboProxy', ['stat_prefix']],
  ['network.ext_authz.v3.ExtAuthz', ['stat_prefix']],
  ['network.local_ratelimit.v3.LocalRateLimit', ['stat_prefix', 'token_bucket']],
  ['network.mongo_proxy.v3.MongoProxy', ['stat_prefix']],
  ['network.ratelimit.v3.RateLimit', ['stat_prefix', 'domain', 'rate_limit_service']],
  ['network.redis_proxy.v3.RedisProxy', ['stat_prefix']],
  ['network.thrift_proxy.v3.ThriftProxy', ['stat_prefix']],
  ['network.zookeeper_proxy.v3.ZooKeeperProxy', ['stat_prefix']],
]);

/** The fields that a filter's configuration lacks, where Envoy surely rejects it for that. */
export function missingFields(url: string, fields: ReadonlySet<string>): readonly string[] {
  const type = url.replace(/^.*\/envoy\.extensions\.filters\./, '');
  const required = requiredFields.get(type) ?? [];
  return required
    .filter((field) => !field.split('|').some((each) => fields.has(each)))
    .map((field) => field.replace(/\|.*/, ''));
}

/** Types that are in Envoy's contrib build alone: not each build of Istio's proxy has them. */
export function isContribType(url: string): boolean {
  return /\/envoy\.extensions\.filters\.(http\.(dynamo|squash)|network\.(client_ssl_auth|kafka_broker|mysql_proxy|rocketmq_proxy))\.v3\./.test(
    url,
  );
}
