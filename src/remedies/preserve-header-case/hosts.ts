import type { Json, JsonObject } from '../../manifest/node.ts';
import { derived } from '../../mesh/derived.ts';
import { isSelected, type Mesh, type Selection } from '../../mesh/mesh.ts';
import { at, listAt, objectAt, stringAt } from '../../mesh/read.ts';
import { namespaceOf, type Resource } from '../../mesh/resource.ts';
import { isHttp1, portsOf, protocolOf, type ServicePort, serviceHost } from '../../mesh/service.ts';
import { containerPort, workloadsBehind } from '../../mesh/workload.ts';
import type { HeaderCaseValues } from './parameters.ts';

/** A host that a user named, with what there is to know of it. */
export interface NamedHost {
  readonly host: string;
  readonly port: number | undefined;
  readonly addresses: readonly string[] | undefined;
}

/** The hosts of the parameter `hosts`. */
export function namedHosts(hosts: NonNullable<HeaderCaseValues['hosts']>): readonly NamedHost[] {
  return hosts.map(({ host = '', port, addresses }) => ({ host, port, addresses }));
}

/** A port whose requests may be HTTP/1. */
export interface HttpPort {
  readonly number: number;
  /** True for a port that declares no protocol. */
  readonly isDetected: boolean;
  /** Numbers of the containers' ports behind it; none when a named port is not in the input. */
  readonly targets: readonly number[];
}

/** A host with HTTP/1 ports: a Service of the mesh, or a host outside with a ServiceEntry. */
export interface HttpHost {
  readonly host: string;
  readonly namespace: string;
  readonly resource: Resource;
  readonly ports: readonly HttpPort[];
  /** Labels of the pods behind it; null for a host outside. */
  readonly selector: JsonObject | null;
}

/** The HTTP/1 hosts of the input, narrowed to `hosts` when given. */
export function httpHosts(mesh: Mesh, hosts?: readonly NamedHost[]): readonly HttpHost[] {
  const all = allHttpHosts(mesh);
  if (!hosts) return all;
  return all
    .map((found) => ({ ...found, ports: found.ports.filter(({ number }) => isNamed(hosts, found, number)) }))
    .filter(({ ports }) => ports.length > 0);
}

const allHttpHosts = derived((mesh): readonly HttpHost[] => {
  const services = mesh.ofKind('Service', '').map((service) => serviceEndpoint(mesh, service));
  const outside = mesh.ofKind('ServiceEntry', 'networking.istio.io').flatMap(entryHosts);
  return byHost([...services, ...outside]).filter(({ ports }) => ports.length > 0);
});

function serviceEndpoint(mesh: Mesh, service: Resource): HttpHost {
  const selector = objectAt(service.value, 'spec', 'selector');
  return {
    host: serviceHost(service),
    namespace: namespaceOf(service),
    resource: service,
    ports: portsOf(service)
      .filter(({ protocol }) => isHttp1(protocol) || protocol === 'auto')
      .map((port) => ({
        number: port.number,
        isDetected: port.protocol === 'auto',
        targets: targetNumbers(mesh, service, port),
      })),
    selector: Object.keys(selector).length > 0 ? selector : null,
  };
}

/** One entry for each host, since resources may share one: overlays, or ServiceEntries of several ports. */
function byHost(all: readonly HttpHost[]): HttpHost[] {
  const hosts = new Map<string, HttpHost>();
  for (const found of all) {
    const first = hosts.get(found.host);
    const ports = first?.ports ?? [];
    const more = found.ports.filter(({ number }) => !ports.some((port) => port.number === number));
    hosts.set(found.host, { ...(first ?? found), ports: [...ports, ...more] });
  }
  return [...hosts.values()];
}

function isNamed(hosts: readonly NamedHost[], found: HttpHost, number: number): boolean {
  return hosts.some((named) => isHost(named, found.resource, found.host) && (named.port ?? number) === number);
}

/** True when a user's `host` means a resource's: `reviews`, `reviews.shop` and `reviews.shop.svc` are Services. */
export function isHost({ host }: NamedHost, resource: Resource, fqdn: string): boolean {
  if (host === fqdn) return true;
  if (resource.kind !== 'Service') return false;
  const own = [resource.name, `${resource.name}.${namespaceOf(resource)}`];
  return [...own, `${own[1]}.svc`].includes(host);
}

/** The numbers of the container ports behind a Service's port. */
function targetNumbers(mesh: Mesh, service: Resource, { number, targetPort }: ServicePort): number[] {
  if (targetPort === undefined) return [number];
  if (typeof targetPort === 'number') return [targetPort];
  const found = workloadsBehind(mesh, service).map((workload) => containerPort(workload, targetPort));
  return [...new Set(found.filter((target) => target !== undefined))];
}

function entryHosts(entry: Resource): HttpHost[] {
  const ports = listAt(entry.value, 'spec', 'ports').flatMap((port): HttpPort[] => {
    const number = at(port, 'number');
    if (typeof number !== 'number') return [];
    const protocol = entryProtocol(number, port);
    return isHttp1(protocol) || protocol === 'auto' ? [{ number, isDetected: protocol === 'auto', targets: [] }] : [];
  });
  return listAt(entry.value, 'spec', 'hosts').flatMap((host) =>
    typeof host === 'string' ? [{ host, namespace: namespaceOf(entry), resource: entry, ports, selector: null }] : [],
  );
}

/** A ServiceEntry's port says its protocol itself; its name means nothing. */
export function entryProtocol(number: number, port: Json): ReturnType<typeof protocolOf> {
  return protocolOf(number, stringAt(port, 'protocol'), undefined, undefined);
}

/** The Services that a user means, by `hosts` or by `namespaces` and `names`. */
export function chosenServices(mesh: Mesh, hosts: readonly NamedHost[] | undefined, chosen: Selection): Resource[] {
  return mesh
    .ofKind('Service', '')
    .filter((service) =>
      hosts ? hosts.some((named) => isHost(named, service, serviceHost(service))) : isSelected(service, chosen),
    );
}
