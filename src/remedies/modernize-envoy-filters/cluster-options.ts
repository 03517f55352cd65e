import { isObject, type JsonObject } from '../../manifest/node.ts';
import { commonOptions } from '../../mesh/cluster-options.ts';
import { destinationRulesOf } from '../../mesh/destination-rule.ts';
import { type ConfigPatch, protoKey } from '../../mesh/envoy-filter.ts';
import { snakeCase } from '../../mesh/envoy-types.ts';
import { gatewaysNamed, serversOf } from '../../mesh/gateway.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { at, listAt, objectAt, stringAt } from '../../mesh/read.ts';
import { namespaceOf, type Resource } from '../../mesh/resource.ts';
import { routesTo } from '../../mesh/route-destination.ts';
import { destinationHost, isHttp1, isHttp2, portsOf, serviceHost } from '../../mesh/service.ts';
import { filterFault } from './faults.ts';
import { type Span, whereIn } from './span.ts';

const optionsType = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions';

/**
 * Finds HTTP options that a patch gives to clusters which need others: merging replaces the whole entry of the map.
 *
 * @see https://github.com/istio/istio/blob/1.31.0/pkg/proto/merge/merge.go `mergeMap`
 */
export function* findClusterOptions(mesh: Mesh, patch: ConfigPatch, span: Span) {
  if (patch.applyTo !== 'CLUSTER' || patch.operation !== 'MERGE') return;
  const field = protoKey(patch.value, 'typed_extension_protocol_options');
  const options = at(patch.value, field, optionsType);
  if (!isObject(options)) return;
  const keys = ['patch', 'value', field, optionsType];
  yield* findAutoConfig(patch, options, keys);
  if (patch.context === 'SIDECAR_INBOUND' || namesOneCluster(patch) || isUnscopedHeaderCase(patch, options)) return;
  yield* findHttp2(mesh, patch, options, keys);
  yield* findFollowed(mesh, patch, options, keys);
  yield* findDroppedOptions(mesh, patch, options, keys, span);
}

function namesOneCluster({ match }: ConfigPatch): boolean {
  const { name, subset } = objectAt(match, 'cluster');
  return name !== undefined || subset !== undefined;
}

/** What `preserve-header-case/unscoped-filter` reports. */
function isUnscopedHeaderCase({ match }: ConfigPatch, options: JsonObject): boolean {
  const isScoped = Object.keys(objectAt(match, 'cluster')).length > 0;
  const format = at(options, 'explicit_http_config', 'http_protocol_options', 'header_key_format');
  return !isScoped && format !== undefined;
}

/** @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/upstreams/http/v3/http_protocol_options.proto */
function* findAutoConfig(patch: ConfigPatch, options: JsonObject, keys: readonly string[]) {
  const field = protoKey(options, 'auto_config');
  const hasSocket = Object.keys(patch.value).some((key) => /^transport_socket/.test(snakeCase(key)));
  if (!Object.hasOwn(options, field) || hasSocket) return;
  const where = whereIn(patch, ...keys, field);
  const isSure = patch.context === 'SIDECAR_INBOUND' || Object.keys(objectAt(patch.match, 'cluster')).length === 0;
  if (isSure) yield filterFault('auto-config-without-alpn', where, { isSure });
  else
    yield filterFault('auto-config-without-alpn', { ...where, severity: 'info', reported: 'when asked' }, { isSure });
}

/** Finds ports of HTTP/2 and gRPC in the input that a patch makes HTTP/1. */
function* findHttp2(mesh: Mesh, patch: ConfigPatch, options: JsonObject, keys: readonly string[]) {
  const field = protoKey(options, 'explicit_http_config');
  const explicit = objectAt(options, field);
  if (!Object.hasOwn(explicit, protoKey(explicit, 'http_protocol_options'))) return;
  for (const service of mesh.ofKind('Service', '')) {
    const port = portsOf(service).find(
      ({ number, protocol }) =>
        isHttp2(protocol) && chooses(mesh, patch, serviceHost(service), namespaceOf(service), number),
    );
    if (!port) continue;
    const data = { service: `${namespaceOf(service)}/${service.name}`, port: port.number };
    yield filterFault('http1-for-http2', whereIn(patch, ...keys, field), data);
    return;
  }
}

/** Finds an HTTP/1 port of the input to which a gateway then forwards what HTTP/2 clients send as HTTP/2. */
function* findFollowed(mesh: Mesh, patch: ConfigPatch, options: JsonObject, keys: readonly string[]) {
  const field = protoKey(options, 'use_downstream_protocol_config');
  if (!Object.hasOwn(options, field)) return;
  for (const service of mesh.ofKind('Service', '')) {
    const host = serviceHost(service);
    const isBehindTls = routesTo(mesh, host).some(
      ({ resource, http, gateways }) => http && gateways && isForTls(mesh, resource),
    );
    const port = portsOf(service).find(
      ({ number, protocol }) => isHttp1(protocol) && chooses(mesh, patch, host, namespaceOf(service), number),
    );
    if (!port || !isBehindTls) continue;
    const data = { service: `${namespaceOf(service)}/${service.name}`, port: port.number };
    yield filterFault('http2-for-http1', whereIn(patch, ...keys, field), data);
    return;
  }
}

/** True for a VirtualService of a gateway that ends TLS, where clients choose HTTP/2. */
function isForTls(mesh: Mesh, virtualService: Resource): boolean {
  return listAt(virtualService.value, 'spec', 'gateways').some((name) => {
    const full = String(name).includes('/') ? String(name) : `${namespaceOf(virtualService)}/${name}`;
    return gatewaysNamed(mesh, full)
      .flatMap(serversOf)
      .some(({ routes, endsTls }) => routes === 'http' && endsTls);
  });
}

/** Finds a DestinationRule in the input whose options for connections a patch drops. */
function* findDroppedOptions(
  mesh: Mesh,
  patch: ConfigPatch,
  options: JsonObject,
  keys: readonly string[],
  { newest }: Span,
) {
  const kept = new Set(
    Object.keys(objectAt(options, protoKey(options, 'common_http_protocol_options'))).map(snakeCase),
  );
  for (const rule of destinationRulesOf(mesh)) {
    if (!chooses(mesh, patch, destinationHost(rule) ?? '', namespaceOf(rule), undefined)) continue;
    const dropped = Object.keys(poolOptions(rule, newest) ?? {}).filter((option) => !kept.has(option));
    if (dropped.length === 0) continue;
    const data = {
      rule: `${namespaceOf(rule)}/${rule.name}`,
      options: dropped.map((option) => `\`${option}\``).join(', '),
    };
    yield filterFault('dropped-pool-options', whereIn(patch, ...keys), data);
    return;
  }
}

function poolOptions({ value }: Resource, newest: Span['newest']): JsonObject | null {
  return commonOptions({ pool: at(value, 'spec', 'trafficPolicy', 'connectionPool'), tls: undefined }, newest);
}

/** True for a host whose clusters a patch surely applies to: a filter outside the root namespace may be far from clients. */
function chooses(
  mesh: Mesh,
  { filter, match }: ConfigPatch,
  host: string,
  namespace: string,
  port: number | undefined,
): boolean {
  const isNear = namespaceOf(filter) === mesh.rootNamespace || namespaceOf(filter) === namespace;
  const { portNumber } = objectAt(match, 'cluster');
  const service = stringAt(match, 'cluster', 'service');
  const isPort = portNumber === undefined || portNumber === port;
  return isNear && isPort && (service === undefined || service === host);
}
