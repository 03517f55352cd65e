import { groupByEach } from '../group-by.ts';
import type { Json } from '../manifest/node.ts';
import { derived } from './derived.ts';
import { fqdnOf } from './host.ts';
import type { Mesh } from './mesh.ts';
import { at, listAt, objectAt, stringAt } from './read.ts';
import { namespaceOf, type Resource } from './resource.ts';
import { isAmbientNamespace, isHeadless, isHttp, portsOf, serviceHost } from './service.ts';
import { exportOf, httpRulesOf, servesMesh, virtualServicesFor } from './virtual-service.ts';

/**
 * How sidecars route requests for a Service:
 * - `default`: by the route that Istio makes up, on these HTTP ports; a VirtualService may take its place
 * - `unsure`: so too, at least in part, but `reason` speaks against a new VirtualService
 * - `outside`: a VirtualService would reach nothing that counts; `reason` says why
 * - `routed`: by a VirtualService; or there is no HTTP port
 */
export type DefaultRoute =
  | { readonly kind: 'default'; readonly ports: readonly number[] }
  | { readonly kind: 'unsure' | 'outside'; readonly reason: string }
  | { readonly kind: 'routed' };

/** Tells how sidecars route requests for a Service. */
export function defaultRouteOf(mesh: Mesh, service: Resource): DefaultRoute {
  const headless = isHeadless(service);
  const httpPorts = portsOf(service).filter(({ protocol }) => isHttp(protocol));
  if (httpPorts.length === 0) return { kind: 'routed' };
  const outside = outsideReason(mesh, service);
  if (outside) return { kind: 'outside', reason: outside };
  const ports = [...new Set(httpPorts.filter(({ protocol }) => !headless || protocol !== 'auto').map(portNumber))];
  if (ports.length === 0)
    return { kind: 'outside', reason: 'it is headless and its ports are not declared as HTTP: connections go to pods' };
  return routedBy(mesh, service, ports) ?? { kind: 'default', ports };
}

function portNumber({ number }: { readonly number: number }): number {
  return number;
}

/** Why no sidecar would take a VirtualService for this Service; undefined when one would. */
function outsideReason(mesh: Mesh, service: Resource): string | undefined {
  const namespace = namespaceOf(service);
  if (stringAt(service.value, 'spec', 'type') === 'ExternalName')
    return 'it is an ExternalName: an alias of another host';
  if (namespace === mesh.rootNamespace || namespace.startsWith('kube-'))
    return `namespace ${namespace} belongs to the cluster's own components`;
  if (isGatewayService(mesh, service)) return 'it leads to a gateway, which does its own routing';
  if (isAmbientNamespace(mesh, namespace))
    return `namespace ${namespace} is in ambient mode: sidecars take no part, and ztunnel retries no request; a waypoint applies a VirtualService only where the Service uses one`;
  return undefined;
}

/** True for the Service of an ingress or egress gateway. */
export function isGatewayService(mesh: Mesh, service: Resource): boolean {
  const selector = objectAt(service.value, 'spec', 'selector');
  if ('gateway.networking.k8s.io/gateway-name' in selector || 'istio.io/gateway-name' in selector) return true;
  if (/gateway$/.test(stringAt(selector, 'istio') ?? '')) return true;
  const gateways = gatewaysByLabel(mesh);
  return Object.entries(selector).some((label) =>
    (gateways.get(labelKey(label)) ?? []).some((wanted) =>
      Object.entries(wanted).every(([name, value]) => selector[name] === value),
    ),
  );
}

/** The selectors of the Gateways of a mesh, by their first label. */
const gatewaysByLabel = derived((mesh) => {
  const gateways = mesh.ofKind('Gateway', 'networking.istio.io');
  const selectors = gateways.map(({ value }) => objectAt(value, 'spec', 'selector'));
  return groupByEach(selectors, (selector) => Object.entries(selector).slice(0, 1).map(labelKey));
});

function labelKey([name, value]: [string, Json]): string {
  return `${name}=${value}`;
}

/** The VirtualService, or the doubt about one, that speaks against another one; undefined when there is none. */
function routedBy(mesh: Mesh, service: Resource, ports: readonly number[]): DefaultRoute | undefined {
  const host = serviceHost(service);
  const gatewayRoute = gatewayApiRouteFor(mesh, host);
  if (gatewayRoute)
    return {
      kind: 'unsure',
      reason: `${gatewayRoute.kind} ${gatewayRoute.name} names it, and a VirtualService beside it would compete; scope: mesh reaches both`,
    };
  const found = virtualServicesFor(mesh, host).filter(servesMesh);
  if (found.length === 0) return undefined;
  const everywhere = found.filter((virtualService) => exportOf(mesh, virtualService) === 'all');
  if (everywhere.length === 0) {
    const { name } = found[0] as Resource;
    return {
      kind: 'unsure',
      reason: `VirtualService ${name} has it, but exportTo keeps that one from other namespaces; export it, or use scope: mesh`,
    };
  }
  const missed = ports.filter((port) => !everywhere.some((virtualService) => hasRuleFor(virtualService, port)));
  if (missed.length === 0) return { kind: 'routed' };
  const [{ name }] = everywhere as [Resource];
  return {
    kind: 'unsure',
    reason: `VirtualService ${name} has no HTTP rule for port ${missed.join(', ')}; add one there, or use scope: mesh`,
  };
}

/** True when a VirtualService has an HTTP rule that requests to this port can take. */
function hasRuleFor(virtualService: Resource, port: number): boolean {
  return httpRulesOf(virtualService).some(({ value }) => {
    const matches = listAt(value, 'match');
    return matches.length === 0 || matches.some((match) => (at(match, 'port') ?? port) === port);
  });
}

/** The Gateway API routes of a mesh by the Services that they are attached to or forward to. */
const gatewayApiRoutes = derived((mesh): ReadonlyMap<string, Resource> => {
  const routes = ['HTTPRoute', 'GRPCRoute'].flatMap((kind) => mesh.ofKind(kind, 'gateway.networking.k8s.io'));
  return new Map(routes.flatMap((route) => namedServices(route).map((host): [string, Resource] => [host, route])));
});

/** The route of the Gateway API that is attached to a Service or forwards to it, when one is in the input. */
export function gatewayApiRouteFor(mesh: Mesh, fqdn: string): Resource | undefined {
  return gatewayApiRoutes(mesh).get(fqdn);
}

function namedServices(route: Resource): string[] {
  const parents = listAt(route.value, 'spec', 'parentRefs').filter((parent) => at(parent, 'kind') === 'Service');
  const backends = listAt(route.value, 'spec', 'rules').flatMap((rule) => listAt(rule, 'backendRefs'));
  return [...parents, ...backends.filter((backend) => (at(backend, 'kind') ?? 'Service') === 'Service')].flatMap(
    (ref) => {
      const name = stringAt(ref, 'name');
      return name ? [fqdnOf(name, stringAt(ref, 'namespace') ?? namespaceOf(route))] : [];
    },
  );
}
