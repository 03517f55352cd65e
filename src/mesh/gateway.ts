import { groupBy } from '../group-by.ts';
import type { Json, JsonObject } from '../manifest/node.ts';
import { derived } from './derived.ts';
import type { Mesh } from './mesh.ts';
import { at, listAt, objectAt, stringAt } from './read.ts';
import { namespaceOf, type Resource } from './resource.ts';
import { isGoTrue, istiodEnv } from './surface/env.ts';
import type { Version } from './version.ts';
import { type PodTemplate, workloadsLabelled } from './workload.ts';

/**
 * What routes a server of a Gateway takes: `http` where the gateway sees requests, `tls` where it passes connections
 * through by their SNI, `tcp` for other connections; `none` where it needs no VirtualService, `unknown` for a protocol
 * that Istio does not have.
 */
export type ServerRoutes = 'http' | 'tls' | 'tcp' | 'none' | 'unknown';

/** One server of an Istio Gateway. */
export interface GatewayServer {
  readonly gateway: Resource;
  /** Position in `spec.servers`. */
  readonly index: number;
  readonly value: Json;
  /** Its port's number, which `match.port` of a rule for this gateway compares with. */
  readonly port: number | undefined;
  readonly routes: ServerRoutes;
  /** True when the gateway itself ends TLS there, and so needs a certificate for each host. */
  readonly endsTls: boolean;
  /** As written, with the namespaces before the slash. */
  readonly hosts: readonly string[];
}

/** The servers of an Istio Gateway, in order. */
export function serversOf(gateway: Resource): GatewayServer[] {
  return listAt(gateway.value, 'spec', 'servers').map((value, index) => {
    const port = at(value, 'port', 'number');
    const routes = routesOf(value);
    return {
      gateway,
      index,
      value,
      port: typeof port === 'number' ? port : undefined,
      routes,
      endsTls: (routes === 'http' || routes === 'tcp') && isTls(protocolOf(value)),
      hosts: listAt(value, 'hosts').filter((host) => typeof host === 'string'),
    };
  });
}

/** @see https://github.com/istio/istio/blob/1.31.0/pkg/config/gateway/gateway.go `IsHTTPServer` */
function routesOf(server: Json): ServerRoutes {
  const protocol = protocolOf(server);
  const mode = stringAt(server, 'tls', 'mode');
  if (/^(http|http2|grpc|grpc-web|http_proxy)$/.test(protocol)) return 'http';
  if (mode === 'AUTO_PASSTHROUGH') return 'none';
  if (mode === 'PASSTHROUGH') return 'tls';
  if (protocol === 'https') return 'http';
  return /^(tcp|tls|mongo|redis|mysql)$/.test(protocol) ? 'tcp' : 'unknown';
}

function protocolOf(server: Json): string {
  return (stringAt(server, 'port', 'protocol') ?? '').toLowerCase();
}

function isTls(protocol: string): boolean {
  return protocol === 'https' || protocol === 'tls';
}

const gatewaysByName = derived((mesh) =>
  groupBy(istioGatewaysOf(mesh), (gateway) => `${namespaceOf(gateway)}/${gateway.name}`),
);

/** The Istio Gateways of a `namespace/name`: several when the input holds variants of one, of which the cluster gets one. */
export function gatewaysNamed(mesh: Mesh, name: string): readonly Resource[] {
  return gatewaysByName(mesh).get(name) ?? [];
}

/** The Gateways of Istio, not those of the Gateway API, in input order. */
export function istioGatewaysOf(mesh: Mesh): readonly Resource[] {
  return mesh.ofKind('Gateway', 'networking.istio.io');
}

/** The labels by which a Gateway chooses the pods that it is for; none chooses every gateway. */
export function gatewaySelector(gateway: Resource): JsonObject {
  return objectAt(gateway.value, 'spec', 'selector');
}

/** The workloads in the input that have the labels of a Gateway's selector, in whatever namespace. */
export function workloadsWithLabelsOf(mesh: Mesh, gateway: Resource): readonly PodTemplate[] {
  return workloadsLabelled(mesh, gatewaySelector(gateway));
}

/** The workloads in the input whose proxies serve a Gateway. */
export function workloadsOfGateway(mesh: Mesh, gateway: Resource, version: Version): readonly PodTemplate[] {
  return workloadsWithLabelsOf(mesh, gateway).filter(({ resource }) => isInReach(mesh, gateway, resource, version));
}

/**
 * False for what is in another namespace than a Gateway, where istiod keeps gateways to their own only. A
 * resource without a namespace may be given any.
 *
 * @see https://github.com/istio/istio/blob/1.31.0/pilot/pkg/model/push_context.go `mergeGateways`
 */
export function isInReach(mesh: Mesh, gateway: Resource, other: Resource, version: Version): boolean {
  if (gateway.namespace === other.namespace || gateway.namespace === undefined || other.namespace === undefined)
    return true;
  return !isGoTrue(istiodEnv(mesh, 'PILOT_SCOPE_GATEWAY_TO_NAMESPACE', version) ?? '');
}
