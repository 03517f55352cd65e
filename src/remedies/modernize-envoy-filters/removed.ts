import type { JsonObject } from '../../manifest/node.ts';
import type { ConfigPatch } from '../../mesh/envoy-filter.ts';
import { snakeCase } from '../../mesh/envoy-types.ts';
import { has } from '../../mesh/since.ts';
import { filterFault } from './faults.ts';
import { allHave, type Span, whereIn } from './span.ts';
import { nameOf, type Part, partsOf, typedConfigs } from './typed-config.ts';

/** Finds what Envoy no longer has, or no longer accepts, in settings of API v3. */
export function* findRemoved(patch: ConfigPatch, span: Span) {
  if (patch.operation === 'REMOVE' || !allHave(span, 'v3Types')) return;
  for (const part of partsOf(patch.value, ['patch', 'value'])) {
    yield* findRemovedFields(patch, part);
    yield* findMissingVersion(patch, part, span);
  }
  yield* findGoneTypes(patch, span);
}

/**
 * Fields of API v2 whose names mean nothing anywhere in v3, with what took their place.
 *
 * @see https://www.envoyproxy.io/docs/envoy/latest/api/api_supported_versions
 */
const removedFields: ReadonlyMap<string, string> = new Map([
  ['allow_origin', 'Write `allow_origin_string_match`'],
  ['allow_origin_regex', 'Write `allow_origin_string_match` with `safe_regex`'],
  ['auto_host_rewrite_header', 'Write `host_rewrite_header`'],
  ['extension_protocol_options', 'Write `typed_extension_protocol_options`'],
  ['host_rewrite', 'Write `host_rewrite_literal`'],
  [
    'per_filter_config',
    'Write `typed_per_filter_config`, with the present name of the filter and the `@type` of its settings for routes',
  ],
  ['regex_match', 'Write `string_match` with `safe_regex`'],
  ['request_headers_for_tags', 'Write `custom_tags`'],
  ['tls_context', 'Write `transport_socket` with the type UpstreamTlsContext or DownstreamTlsContext'],
  ['use_alpha', 'Delete it'],
]);

function* findRemovedFields(patch: ConfigPatch, { object, keys }: Part) {
  const isCluster = (patch.applyTo === 'CLUSTER' && keys.length === 2) || keys.at(-2) === 'clusters';
  for (const key of Object.keys(object)) {
    const isHosts = isCluster && key === 'hosts';
    const advice = isHosts
      ? 'Write `load_assignment`'
      : (removedFields.get(snakeCase(key)) ?? removedHere(key, object, keys));
    if (advice !== undefined) yield filterFault('removed-field', whereIn(patch, ...keys, key), { name: key, advice });
  }
}

/** Fields that mean nothing in one place, and something in others. */
function removedHere(key: string, object: JsonObject, keys: Part['keys']): string | undefined {
  const field = snakeCase(key);
  const isManager = String(object['@type']).endsWith('.http_connection_manager.v3.HttpConnectionManager');
  if (field === 'idle_timeout' && isManager) return 'Write `common_http_protocol_options.idle_timeout`';
  return field === 'operation_name' && keys.at(-1) === 'tracing' ? 'Delete it' : undefined;
}

/** Servers whose protocol has a version of its own, by the key or the type of what calls them. */
function* findMissingVersion(patch: ConfigPatch, { object, keys }: Part, { oldest, newest }: Span) {
  if (!has(oldest, 'transportVersionAsked') && !has(newest, 'transportVersionAsked')) return;
  const fields = new Set(Object.keys(object).map(snakeCase));
  const name = snakeCase(String(keys.at(-1)));
  const isAsked =
    name === 'rate_limit_service' || name === 'common_config' || /\.v3\.ExtAuthz$/.test(String(object['@type']));
  if (isAsked && fields.has('grpc_service') && !fields.has('transport_api_version'))
    yield filterFault('missing-transport-version', whereIn(patch, ...keys), String(keys.at(-1)));
}

/** Finds the types that istiod still knows, and Envoy does not. */
function* findGoneTypes(patch: ConfigPatch, span: Span) {
  if (allHave(span, 'gzipFilter')) return;
  for (const { url, keys } of typedConfigs(patch.value, ['patch', 'value']))
    if (nameOf(url).startsWith('envoy.extensions.filters.http.gzip.v3.'))
      yield filterFault('gone-type', whereIn(patch, ...keys), nameOf(url));
}
