import type { JsonObject } from '../manifest/node.ts';
import { derived } from './derived.ts';
import { fqdnOf, type HostIndex, indexByHost, namespaceOfHost } from './host.ts';
import type { Mesh } from './mesh.ts';
import { at, listAt, objectAt, stringAt } from './read.ts';
import { namespaceOf, type Resource } from './resource.ts';

/** What Istio takes a port's traffic for; `auto` is told apart connection by connection. */
export type Protocol =
  | 'http'
  | 'http2'
  | 'grpc'
  | 'grpc-web'
  | 'https'
  | 'tls'
  | 'tcp'
  | 'udp'
  | 'mongo'
  | 'redis'
  | 'mysql'
  | 'hbone'
  | 'auto'
  | 'sctp';

/** One port of a Service; `index` is its place in `spec.ports`. */
export interface ServicePort {
  readonly number: number;
  readonly name?: string;
  /** As written: a port number or the name of a container's port. */
  readonly targetPort?: number | string;
  readonly appProtocol?: string;
  readonly protocol: Protocol;
  readonly index: number;
}

const namedProtocols: ReadonlyMap<string, Protocol> = new Map<string, Protocol>([
  ...(
    [
      'http',
      'http2',
      'grpc',
      'grpc-web',
      'https',
      'tls',
      'tcp',
      'udp',
      'mongo',
      'redis',
      'mysql',
      'hbone',
    ] satisfies Protocol[]
  ).map((protocol): [string, Protocol] => [protocol, protocol]),
  ['http_proxy', 'http'],
]);

/** Names that Kubernetes itself defines for `appProtocol`; Istio knows them since 1.19. */
const kubernetesProtocols: ReadonlyMap<string, Protocol> = new Map<string, Protocol>([
  ['kubernetes.io/h2c', 'http2'],
  ['kubernetes.io/ws', 'http'],
  ['kubernetes.io/wss', 'https'],
]);

/** SMTP, DNS, MySQL and MongoDB: the server speaks first, so there is nothing to detect. */
const serverFirstPorts: ReadonlySet<number> = new Set([25, 53, 3306, 27017]);

/**
 * The protocol that Istio selects for a port.
 *
 * @see https://istio.io/latest/docs/ops/configuration/traffic-management/protocol-selection/
 * @see https://github.com/istio/istio/blob/1.31.0/pkg/config/kube/conversion.go `ConvertProtocol`
 */
export function protocolOf(
  number: number,
  name: string | undefined,
  appProtocol: string | undefined,
  transport: string | undefined,
): Protocol {
  if (transport === 'UDP') return 'udp';
  if (transport === 'SCTP') return 'sctp';
  const known = appProtocol === undefined ? undefined : kubernetesProtocols.get(appProtocol);
  if (known) return known;
  const text = (appProtocol ?? name ?? '').toLowerCase();
  if (text.startsWith('grpc-web')) return 'grpc-web';
  const [prefix = ''] = text.split('-', 1);
  return namedProtocols.get(prefix) ?? (serverFirstPorts.has(number) ? 'tcp' : 'auto');
}

/** The ports of a Service, in order; entries without a usable number are left out. */
export function portsOf(service: Resource): ServicePort[] {
  const ports: ServicePort[] = [];
  for (const [index, port] of listAt(service.value, 'spec', 'ports').entries()) {
    const number = at(port, 'port');
    if (typeof number !== 'number' || !Number.isInteger(number)) continue;
    const name = stringAt(port, 'name');
    const appProtocol = stringAt(port, 'appProtocol');
    const targetPort = at(port, 'targetPort');
    ports.push({
      number,
      ...(name === undefined ? {} : { name }),
      ...(typeof targetPort === 'number' || typeof targetPort === 'string' ? { targetPort } : {}),
      ...(appProtocol === undefined ? {} : { appProtocol }),
      protocol: protocolOf(number, name, appProtocol, stringAt(port, 'protocol')),
      index,
    });
  }
  return ports;
}

/** True for HTTP/1 ports: not for `auto`, which may turn out to be either or none. */
export function isHttp1(protocol: Protocol): boolean {
  return protocol === 'http';
}

/** True for ports whose clusters speak HTTP/2. */
export function isHttp2(protocol: Protocol): boolean {
  return protocol === 'http2' || protocol === 'grpc' || protocol === 'grpc-web';
}

/** True when Envoy may see HTTP requests on a port: HTTP/1, HTTP/2, or to be detected. */
export function isHttp(protocol: Protocol): boolean {
  return isHttp1(protocol) || isHttp2(protocol) || protocol === 'auto';
}

/** True for a Service without an address of its own. */
export function isHeadless(service: Resource): boolean {
  return stringAt(service.value, 'spec', 'clusterIP') === 'None';
}

/** The FQDN of a Service. */
export function serviceHost(service: Resource): string {
  return fqdnOf(service.name, namespaceOf(service));
}

interface MeshIndex {
  readonly services: ReadonlyMap<string, Resource>;
  readonly destinationRules: HostIndex<Resource>;
  /** Labels of the namespaces that are in ambient mode. */
  readonly ambient: ReadonlyMap<string, JsonObject>;
}

const indexOf = derived((mesh): MeshIndex => {
  const services = new Map<string, Resource>();
  for (const service of mesh.ofKind('Service', '')) {
    const host = serviceHost(service);
    if (!services.has(host)) services.set(host, service);
  }
  const destinationRules = mesh
    .ofKind('DestinationRule', 'networking.istio.io')
    .map((rule): [string, Resource] => [destinationHost(rule) ?? '', rule])
    .filter(([host]) => host !== '');
  const namespaces = mesh.ofKind('Namespace', '').map(({ name, value }): [string, JsonObject] => {
    return [name, objectAt(value, 'metadata', 'labels')];
  });
  return {
    services,
    destinationRules: indexByHost(destinationRules),
    ambient: new Map(namespaces.filter(([, labels]) => labels['istio.io/dataplane-mode'] === 'ambient')),
  };
});

/** The FQDN, or wildcard, that a DestinationRule is for. */
export function destinationHost(rule: Resource): string | undefined {
  const host = stringAt(rule.value, 'spec', 'host');
  return host === undefined ? undefined : fqdnOf(host, namespaceOf(rule));
}

/** The Service of an FQDN, when it is in the input. */
export function serviceOf(mesh: Mesh, fqdn: string): Resource | undefined {
  return indexOf(mesh).services.get(fqdn);
}

/**
 * The DestinationRules of all namespaces whose host is `fqdn`, or a wildcard that covers it: the most specific
 * host first, rules of one host in input order. Which one a client gets depends on the client's namespace.
 */
export function destinationRulesFor(mesh: Mesh, fqdn: string): Resource[] {
  return [...indexOf(mesh).destinationRules.covering(fqdn)];
}

/**
 * True for a namespace whose traffic goes through ztunnel and waypoints instead of sidecars, as far as the input says.
 *
 * @see https://istio.io/latest/docs/ambient/usage/add-workloads/
 */
export function isAmbientNamespace(mesh: Mesh, namespace: string): boolean {
  return indexOf(mesh).ambient.has(namespace);
}

/**
 * True when a host is a Service in an ambient namespace without a waypoint, as far as the input says: ztunnel
 * forwards its connections, and nothing on the way knows requests or connection pools.
 *
 * @see https://istio.io/latest/docs/ambient/usage/waypoint/#useawaypoint
 */
export function isWithoutProxy(mesh: Mesh, fqdn: string): boolean {
  const labels = indexOf(mesh).ambient.get(namespaceOfHost(fqdn) ?? '');
  if (!labels) return false;
  const own = stringAt(serviceOf(mesh, fqdn)?.value, 'metadata', 'labels', useWaypoint);
  return (own ?? labels[useWaypoint] ?? 'none') === 'none';
}

const useWaypoint = 'istio.io/use-waypoint';
