import { groupPairs } from '../group-by.ts';
import type { Json } from '../manifest/node.ts';
import { derived } from './derived.ts';
import { fqdnOf } from './host.ts';
import type { Mesh } from './mesh.ts';
import { at, listAt, stringAt } from './read.ts';
import { namespaceOf, type Resource } from './resource.ts';
import { isDelegate, servesMesh, virtualServicesOf } from './virtual-service.ts';

/** A resource that sends traffic to a host. */
export interface RouteTo {
  readonly resource: Resource;
  /** True when it is HTTP that it routes. */
  readonly http: boolean;
  /** Which proxies follow it; a delegate counts for both. */
  readonly sidecars: boolean;
  readonly gateways: boolean;
}

/** The VirtualServices, Gateway API routes and Ingresses of the input that send traffic to a Service. */
export function routesTo(mesh: Mesh, fqdn: string): readonly RouteTo[] {
  return indexOf(mesh).get(fqdn) ?? [];
}

const indexOf = derived((mesh) =>
  groupPairs([...virtualServiceRoutes(mesh), ...gatewayApiRoutes(mesh), ...ingressRoutes(mesh)]),
);

function routeTo(hosts: readonly string[], route: RouteTo): [host: string, route: RouteTo][] {
  return [...new Set(hosts)].map((host) => [host, route]);
}

function virtualServiceRoutes(mesh: Mesh): [string, RouteTo][] {
  return virtualServicesOf(mesh).flatMap((resource) => {
    const gateways = listAt(resource.value, 'spec', 'gateways').some((gateway) => gateway !== 'mesh');
    const reach = isDelegate(resource)
      ? { sidecars: true, gateways: true }
      : { sidecars: servesMesh(resource), gateways };
    return ['http', 'tcp', 'tls'].flatMap((protocol) =>
      routeTo(virtualServiceHosts(resource, protocol), { resource, http: protocol === 'http', ...reach }),
    );
  });
}

function gatewayApiRoutes(mesh: Mesh): [string, RouteTo][] {
  const isService = (parent: Json): boolean => at(parent, 'kind') === 'Service';
  return ['HTTPRoute', 'GRPCRoute', 'TCPRoute', 'TLSRoute'].flatMap((kind) =>
    mesh.ofKind(kind, 'gateway.networking.k8s.io').flatMap((resource) => {
      const parents = listAt(resource.value, 'spec', 'parentRefs');
      return routeTo(backendHosts(resource), {
        resource,
        http: kind === 'HTTPRoute' || kind === 'GRPCRoute',
        sidecars: parents.some(isService),
        gateways: parents.some((parent) => !isService(parent)),
      });
    }),
  );
}

function ingressRoutes(mesh: Mesh): [string, RouteTo][] {
  return mesh
    .ofKind('Ingress')
    .flatMap((resource) => routeTo(ingressHosts(resource), { resource, http: true, sidecars: false, gateways: true }));
}

function virtualServiceHosts(resource: Resource, protocol: string): string[] {
  const namespace = namespaceOf(resource);
  const rules = listAt(resource.value, 'spec', protocol);
  const destinations = rules.flatMap((rule) => [
    ...listAt(rule, 'route').map((route) => at(route, 'destination')),
    at(rule, 'mirror'),
    ...listAt(rule, 'mirrors').map((mirror) => at(mirror, 'destination')),
  ]);
  return destinations.flatMap((destination) => {
    const host = stringAt(destination, 'host');
    return host === undefined ? [] : [fqdnOf(host, namespace)];
  });
}

function backendHosts(route: Resource): string[] {
  const parents = listAt(route.value, 'spec', 'parentRefs').filter((parent) => at(parent, 'kind') === 'Service');
  const backends = listAt(route.value, 'spec', 'rules').flatMap((rule) => listAt(rule, 'backendRefs'));
  return [...parents, ...backends.filter((backend) => (at(backend, 'kind') ?? 'Service') === 'Service')].flatMap(
    (ref) => serviceHostOf(stringAt(ref, 'name'), stringAt(ref, 'namespace') ?? namespaceOf(route)),
  );
}

function ingressHosts(ingress: Resource): string[] {
  const paths = listAt(ingress.value, 'spec', 'rules').flatMap((rule) => listAt(rule, 'http', 'paths'));
  const fallbacks = [at(ingress.value, 'spec', 'defaultBackend'), at(ingress.value, 'spec', 'backend')];
  return [...paths.map((path) => at(path, 'backend')), ...fallbacks].flatMap((backend) =>
    // `serviceName` is how networking.k8s.io/v1beta1 wrote it.
    serviceHostOf(stringAt(backend, 'service', 'name') ?? stringAt(backend, 'serviceName'), namespaceOf(ingress)),
  );
}

function serviceHostOf(name: string | undefined, namespace: string): string[] {
  return name ? [fqdnOf(name, namespace)] : [];
}
