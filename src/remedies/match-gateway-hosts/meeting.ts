import { isObject, type Json } from '../../manifest/node.ts';
import {
  type GatewayServer,
  gatewaysNamed,
  type ServerRoutes,
  serversOf,
  workloadsOfGateway,
} from '../../mesh/gateway.ts';
import { takes } from '../../mesh/gateway-hosts.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { at, listAt } from '../../mesh/read.ts';
import { namespaceOf, type Resource } from '../../mesh/resource.ts';
import { resolveGateway } from '../../mesh/route-match.ts';
import type { Version } from '../../mesh/version.ts';
import { exportOf, hostsOf } from '../../mesh/virtual-service.ts';

/** One entry of a VirtualService's `gateways`, but for `mesh`. */
export interface GatewayRef {
  /** Position in `spec.gateways`. */
  readonly index: number;
  readonly written: string;
  /** `namespace/name`. */
  readonly name: string;
  /** Several when the input holds variants of one; none when it is not in the input. */
  readonly gateways: readonly Resource[];
}

export function gatewayRefsOf(mesh: Mesh, virtualService: Resource): GatewayRef[] {
  return listAt(virtualService.value, 'spec', 'gateways').flatMap((written, index) => {
    if (typeof written !== 'string' || written === 'mesh') return [];
    const name = resolveGateway(written, namespaceOf(virtualService));
    return [{ index, written, name, gateways: gatewaysNamed(mesh, name) }];
  });
}

/**
 * Why a Gateway uses nothing of a VirtualService that is bound to it:
 * - `no-common-host`: no server that takes such routes has a host in common with it
 * - `wrong-route-kind`: the servers take routes of other kinds only
 * - `wrong-port`: each rule is for a port that none of those servers has
 * - `not-exported`: `exportTo` keeps it from the gateway's pods
 */
export type Mismatch =
  | {
      readonly code: 'no-common-host' | 'wrong-route-kind' | 'wrong-port';
      readonly servers: readonly GatewayServer[];
    }
  | { readonly code: 'not-exported'; readonly namespaces: readonly string[] };

/** Why a Gateway of the input uses nothing of a VirtualService; undefined when it uses some of its rules. */
export function mismatchOf(
  mesh: Mesh,
  virtualService: Resource,
  { name, gateways }: GatewayRef,
  version: Version,
): Mismatch | undefined {
  const servers = gateways.flatMap(serversOf);
  if (servers.length === 0 || gateways.some((gateway) => serversOf(gateway).length === 0)) return undefined;
  if (servers.some(({ routes }) => routes === 'unknown')) return undefined;
  const kinds = routeKindsOf(virtualService);
  const hosts = hostsOf(virtualService);
  const sharesHost = (server: GatewayServer): boolean => hosts.some((host) => takes(server, host, virtualService));
  const fitting = servers.filter(({ routes }) => kinds.includes(routes));
  if (fitting.length === 0) return { code: 'wrong-route-kind', servers };
  const meeting = fitting.filter(sharesHost);
  if (meeting.length === 0) {
    // That a server takes every host does not show which routes are meant.
    const elsewhere = servers.filter((server) => !takesAll(server) && sharesHost(server));
    return elsewhere.length > 0
      ? { code: 'wrong-route-kind', servers: elsewhere }
      : { code: 'no-common-host', servers: fitting };
  }
  if (!meeting.some((server) => hasRuleAt(virtualService, server, name)))
    return { code: 'wrong-port', servers: meeting };
  return exportMismatch(mesh, virtualService, gateways, version);
}

function takesAll({ hosts }: GatewayServer): boolean {
  return hosts.some((host) => host.replace(/^.*\//, '') === '*');
}

/** The kinds of routes that a VirtualService has. */
export function routeKindsOf(virtualService: Resource): ServerRoutes[] {
  return (['http', 'tls', 'tcp'] as const).filter((kind) => listAt(virtualService.value, 'spec', kind).length > 0);
}

/** @see https://github.com/istio/istio/blob/1.31.0/pilot/pkg/networking/core/gateway.go `isPortMatch` */
function hasRuleAt(virtualService: Resource, { routes, port }: GatewayServer, gateway: string): boolean {
  const namespace = namespaceOf(virtualService);
  const isFor = (match: Json): boolean => {
    if (!isObject(match)) return true;
    const wanted = at(match, 'port');
    const names = listAt(match, 'gateways');
    const isHere = names.some((name) => typeof name === 'string' && resolveGateway(name, namespace) === gateway);
    // A match for other gateways says nothing about the port.
    return (names.length > 0 && !isHere) || !wanted || port === undefined || wanted === port;
  };
  return listAt(virtualService.value, 'spec', routes).some((rule) => {
    const matches = listAt(rule, 'match');
    return matches.length === 0 || matches.some(isFor);
  });
}

/** Only where the gateway's pods are in the input, since other pods may have its labels, too. */
function exportMismatch(
  mesh: Mesh,
  virtualService: Resource,
  gateways: readonly Resource[],
  version: Version,
): Mismatch | undefined {
  const exported = exportOf(mesh, virtualService);
  if (exported === 'all') return undefined;
  const workloads = gateways.flatMap((gateway) => workloadsOfGateway(mesh, gateway, version));
  const namespaces = [...new Set(workloads.map(({ resource }) => namespaceOf(resource)))];
  if (namespaces.length === 0 || namespaces.some((namespace) => exported.includes(namespace))) return undefined;
  return { code: 'not-exported', namespaces };
}

/** True when every host is one that Istio could compare: not a variable of a template that something else fills in. */
export function hasPlainHosts(virtualService: Resource, gateways: readonly Resource[]): boolean {
  const own = listAt(virtualService.value, 'spec', 'hosts');
  const servers = gateways.flatMap((gateway) =>
    listAt(gateway.value, 'spec', 'servers').flatMap((server) => listAt(server, 'hosts')),
  );
  const isPlain = (host: Json, pattern: RegExp): boolean => typeof host === 'string' && pattern.test(host);
  return own.every((host) => isPlain(host, /^[\w.*-]+$/)) && servers.every((host) => isPlain(host, /^[\w.*/-]+$/));
}
