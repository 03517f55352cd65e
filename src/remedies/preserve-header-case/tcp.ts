import type { Json } from '../../manifest/node.ts';
import type { Operation } from '../../manifest/operation.ts';
import { pointer } from '../../manifest/pointer.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { distinctNames, dnsName } from '../../mesh/new-name.ts';
import { at, listAt, objectAt, stringAt } from '../../mesh/read.ts';
import type { Resource } from '../../mesh/resource.ts';
import { isHttp, isHttp1, portsOf, serviceHost } from '../../mesh/service.ts';
import { has } from '../../mesh/since.ts';
import { meshConfigOf } from '../../mesh/surface/mesh-config.ts';
import type { Version } from '../../mesh/version.ts';
import { networkingApiVersion } from '../../mesh/virtual-service.ts';
import { edit, emit, placeIn, type Step } from '../../step.ts';
import type { Target } from '../remedy.ts';
import { caseFault, type ReadAsHttp } from './faults.ts';
import { chosenServices, entryProtocol, isHost, type NamedHost, namedHosts } from './hosts.ts';
import type { HeaderCaseParameters } from './parameters.ts';

/** Finds the traffic of chosen hosts that proxies read as HTTP, and so write its headers. */
export function* findHttp({ mesh, version, parameters }: Target<HeaderCaseParameters>) {
  const { namespaces, names } = parameters;
  const hosts = parameters.hosts && namedHosts(parameters.hosts);
  if (!hosts && !namespaces && !names) {
    yield caseFault('nothing-chosen', {});
    return;
  }
  const services = chosenServices(mesh, hosts, { namespaces, names });
  for (const service of services) yield* findInService(service, hosts);
  if (!hosts && services.length === 0) yield caseFault('no-such-service', {});
  const entries = entryNames(mesh, hosts ?? []);
  for (const named of hosts ?? []) {
    const found = services.filter((service) => isHost(named, service, serviceHost(service)));
    if (found.length > 1) yield caseFault('ambiguous-host', {}, { host: named.host, found: found.map(serviceHost) });
    if (found.length === 0) yield* findOutside(mesh, named, entries.get(subjectOf(named)) ?? '', version);
  }
}

/** What `rewrite` does about traffic that proxies read as HTTP. */
export function declareTcp(read: ReadAsHttp): Step {
  const lost = 'HTTP routes, retries, timeouts, fault injection, HTTP metrics and L7 authorization end there';
  if ('service' in read) {
    const fix = `set \`appProtocol: tcp\`, which wins over the port's name (Kubernetes 1.19 and later); ${lost}, and gateways still rewrite names`;
    return edit(fix, read.patch);
  }
  if ('entry' in read) return edit(`set \`protocol: TCP\` in ServiceEntry ${read.entry.name}; ${lost}`, read.patch);
  return emit(`add a ServiceEntry with \`protocol: TCP\` for ${read.host} port ${read.port}; ${lost}`, read.emission);
}

/** `appProtocol` wins over the port's name, which other resources may refer to. */
function* findInService(service: Resource, hosts: readonly NamedHost[] | undefined) {
  const wanted = hosts?.filter((named) => isHost(named, service, serviceHost(service))).map(({ port }) => port);
  for (const port of portsOf(service)) {
    if (wanted && !wanted.some((number) => number === undefined || number === port.number)) continue;
    // In HTTP/2 names are lower case anyway, so such a port would lose routing for nothing.
    if (!isHttp1(port.protocol) && port.protocol !== 'auto') continue;
    const place = placeIn(service, 'spec', 'ports', port.index, 'appProtocol');
    const isThere = at(service.value, 'spec', 'ports', port.index, 'appProtocol') !== undefined;
    const operation: Operation = { op: isThere ? 'replace' : 'add', path: place.path, value: 'tcp' };
    const patch = { resource: service, operations: [operation] };
    yield caseFault('read-as-http', { ...place, narrowedBy: null }, { service, patch });
  }
}

/** The names of the ServiceEntries that hosts outside the mesh would get. */
function entryNames(mesh: Mesh, hosts: readonly NamedHost[]): ReadonlyMap<string, string> {
  return distinctNames(
    hosts.map((named) => ({
      subject: subjectOf(named),
      namespace: mesh.rootNamespace,
      name: dnsName(`meshmend-tcp-${named.host}`),
    })),
  );
}

function subjectOf({ host, port = 80 }: NamedHost): string {
  return `${host}:${port}`;
}

function* findOutside(mesh: Mesh, named: NamedHost, name: string, version: Version) {
  const entry = mesh
    .ofKind('ServiceEntry', 'networking.istio.io')
    .find(({ value }) => listAt(value, 'spec', 'hosts').includes(named.host));
  if (entry) yield* findInEntry(mesh, entry, named, version);
  else yield findWithoutEntry(mesh, named, name, version);
}

function* findInEntry(mesh: Mesh, entry: Resource, named: NamedHost, version: Version) {
  const ports = listAt(entry.value, 'spec', 'ports').flatMap((port, index) => {
    const number = at(port, 'number');
    const isMeant = typeof number === 'number' && (named.port === undefined || named.port === number);
    return isMeant && isHttp(entryProtocol(number, port)) ? [{ port, index }] : [];
  });
  if (ports.length === 0) return;
  const where = { resource: entry, narrowedBy: null };
  const isOriginal = stringAt(entry.value, 'spec', 'resolution') === 'NONE';
  const hosts = listAt(entry.value, 'spec', 'hosts').length;
  if (hosts > 1 && !isOriginal) {
    yield caseFault('shared-entry', where, { host: named.host, entry, hosts });
    return;
  }
  const hasAddresses = listAt(entry.value, 'spec', 'addresses').length > 0;
  if (!hasAddresses && !named.addresses && !allocatesAddresses(mesh, version)) {
    yield caseFault('no-address', where, named);
    return;
  }
  const operations = [
    ...ports.map(({ port, index }) => protocolOperation(port, index)),
    ...(hasAddresses || !named.addresses ? [] : [addressesOperation(entry, named.addresses)]),
  ];
  const place = { ...where, path: pointer('spec', 'ports', ports[0]!.index) };
  yield caseFault('read-as-http', place, { entry, patch: { resource: entry, operations } });
}

function protocolOperation(port: Json, index: number): Operation {
  const path = pointer('spec', 'ports', index, 'protocol');
  return { op: at(port, 'protocol') === undefined ? 'add' : 'replace', path, value: 'TCP' };
}

function addressesOperation(entry: Resource, addresses: readonly string[]): Operation {
  const isThere = at(entry.value, 'spec', 'addresses') !== undefined;
  return { op: isThere ? 'replace' : 'add', path: pointer('spec', 'addresses'), value: [...addresses] };
}

/**
 * True when the mesh gives hosts without addresses one of their own, which needs the proxies' DNS.
 *
 * @see https://istio.io/latest/docs/ops/configuration/traffic-management/dns-proxy/
 */
function allocatesAddresses(mesh: Mesh, version: Version): boolean {
  const metadata = objectAt(meshConfigOf(mesh), 'defaultConfig', 'proxyMetadata');
  if (String(metadata['ISTIO_META_DNS_CAPTURE'] ?? '') !== 'true' || !has(version, 'dnsCapture')) return false;
  return !has(version, 'dnsAutoAllocate') || String(metadata['ISTIO_META_DNS_AUTO_ALLOCATE'] ?? '') === 'true';
}

function findWithoutEntry(mesh: Mesh, named: NamedHost, name: string, version: Version) {
  const { host, port = 80, addresses } = named;
  if (!host.includes('.') || /\.svc(\.cluster\.local)?$/.test(host)) return caseFault('no-such-host', {}, named);
  if (!addresses && !allocatesAddresses(mesh, version)) return caseFault('no-address', {}, named);
  const emission = {
    template: 'preserve-header-case/service-entry',
    values: {
      apiVersion: networkingApiVersion(version),
      name,
      namespace: mesh.rootNamespace,
      host,
      port,
      // With addresses a connection goes where the application dialled; with an allocated one, where DNS says.
      resolution: addresses ? 'NONE' : 'DNS',
      addresses: addresses ? [...addresses] : null,
    },
  };
  return caseFault('read-as-http', {}, { host, port, emission });
}
