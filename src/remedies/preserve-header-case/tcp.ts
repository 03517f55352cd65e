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
import type { LegacyStep as Step } from '../remedy.ts';
import { chosenServices, entryProtocol, isHost, type NamedHost } from './hosts.ts';
import type { HeaderCaseValues } from './parameters.ts';

const lost = 'HTTP routes, retries, timeouts, fault injection, HTTP metrics and L7 authorization end there';

/** Declares the traffic of chosen hosts TCP, so that no proxy reads or writes its headers. */
export function* tcpSteps(mesh: Mesh, values: HeaderCaseValues, version: Version): Iterable<Step> {
  const { namespaces, names } = values;
  const hosts = values.hosts?.map(({ host = '', port, addresses }): NamedHost => ({ host, port, addresses }));
  if (!hosts && !namespaces && !names) {
    const message = `Style tcp takes HTTP away from what it is for, so it must be told: set preserve-header-case.hosts, or namespaces and names of Services`;
    yield { severity: 'error', outcome: 'refuse', message };
    return;
  }
  const services = chosenServices(mesh, hosts, { namespaces, names });
  for (const service of services) yield* serviceSteps(service, hosts);
  if (!hosts && services.length === 0) {
    yield {
      severity: 'warning',
      outcome: 'advise',
      message: 'No Service of the chosen namespaces and names is in the input',
    };
  }
  const entries = entryNames(mesh, hosts ?? []);
  for (const named of hosts ?? []) {
    const found = services.filter((service) => isHost(named, service, serviceHost(service)));
    if (found.length > 1) yield ambiguous(named, found);
    if (found.length === 0) yield* outsideSteps(mesh, named, entries.get(subjectOf(named)) ?? '', version);
  }
}

function ambiguous({ host }: NamedHost, found: readonly Resource[]): Step {
  const message = `Host ${host} may be any of ${found.map(serviceHost).join(', ')}. Name the one that is meant`;
  return { severity: 'error', outcome: 'refuse', message };
}

/** `appProtocol` wins over the port's name, which other resources may refer to. */
function* serviceSteps(service: Resource, hosts: readonly NamedHost[] | undefined): Iterable<Step> {
  const wanted = hosts?.filter((named) => isHost(named, service, serviceHost(service))).map(({ port }) => port);
  for (const port of portsOf(service)) {
    if (wanted && !wanted.some((number) => number === undefined || number === port.number)) continue;
    // In HTTP/2 names are lower case anyway, so such a port would lose routing for nothing.
    if (!isHttp1(port.protocol) && port.protocol !== 'auto') continue;
    const path = pointer('spec', 'ports', port.index, 'appProtocol');
    const isThere = at(service.value, 'spec', 'ports', port.index, 'appProtocol') !== undefined;
    yield {
      severity: 'warning',
      outcome: 'change',
      message: `Port ${port.number} of Service ${service.name} is HTTP to proxies, which write header names in lower case. Sets appProtocol: tcp, which wins over the port's name (Kubernetes 1.19 and later): ${lost}, and gateways still rewrite names`,
      resource: service,
      path,
      patch: { resource: service, operations: [{ op: isThere ? 'replace' : 'add', path, value: 'tcp' }] },
    };
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

function* outsideSteps(mesh: Mesh, named: NamedHost, name: string, version: Version): Iterable<Step> {
  const entry = mesh
    .ofKind('ServiceEntry', 'networking.istio.io')
    .find(({ value }) => listAt(value, 'spec', 'hosts').includes(named.host));
  if (entry) yield* entrySteps(mesh, entry, named, version);
  else yield* newEntry(mesh, named, name, version);
}

function* entrySteps(mesh: Mesh, entry: Resource, named: NamedHost, version: Version): Iterable<Step> {
  const ports = listAt(entry.value, 'spec', 'ports').flatMap((port, index) => {
    const number = at(port, 'number');
    const isMeant = typeof number === 'number' && (named.port === undefined || named.port === number);
    return isMeant && isHttp(entryProtocol(number, port)) ? [{ port, index }] : [];
  });
  if (ports.length === 0) return;
  const isOriginal = stringAt(entry.value, 'spec', 'resolution') === 'NONE';
  const hosts = listAt(entry.value, 'spec', 'hosts');
  if (hosts.length > 1 && !isOriginal) {
    const message = `ServiceEntry ${entry.name} has ${hosts.length} hosts, which Istio allows on TCP ports with resolution NONE only. Give ${named.host} a ServiceEntry of its own`;
    yield { severity: 'error', outcome: 'refuse', message, resource: entry };
    return;
  }
  const hasAddresses = listAt(entry.value, 'spec', 'addresses').length > 0;
  if (!hasAddresses && !named.addresses && !allocatesAddresses(mesh, version)) {
    yield needsAddresses(named.host, entry);
    return;
  }
  yield {
    severity: 'warning',
    outcome: 'change',
    message: `ServiceEntry ${entry.name} declares HTTP, so proxies write the header names of ${named.host} in lower case. Declares TCP: ${lost}`,
    resource: entry,
    path: pointer('spec', 'ports', ports[0]!.index),
    patch: {
      resource: entry,
      operations: [
        ...ports.map(({ port, index }) => protocolOperation(port, index)),
        ...(hasAddresses || !named.addresses ? [] : [addressesOperation(entry, named.addresses)]),
      ],
    },
  };
}

function protocolOperation(port: Json, index: number): Operation {
  const path = pointer('spec', 'ports', index, 'protocol');
  return { op: at(port, 'protocol') === undefined ? 'add' : 'replace', path, value: 'TCP' };
}

function addressesOperation(entry: Resource, addresses: readonly string[]): Operation {
  const isThere = at(entry.value, 'spec', 'addresses') !== undefined;
  return { op: isThere ? 'replace' : 'add', path: pointer('spec', 'addresses'), value: [...addresses] };
}

/** Without an address a TCP port listens on all, where it shares a listener with HTTP and takes others' traffic. */
function needsAddresses(host: string, resource?: Resource): Step {
  const message = `A TCP port of ${host} needs addresses: without them its listener is shared with the HTTP of the same port, which stays HTTP, and takes other hosts' TCP. Set preserve-header-case.hosts to [{host: ${host}, addresses: [<IP>]}], or switch DNS capture on in the mesh config`;
  return { severity: 'error', outcome: 'refuse', message, ...(resource ? { resource } : {}) };
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

function* newEntry(
  mesh: Mesh,
  { host, port = 80, addresses }: NamedHost,
  name: string,
  version: Version,
): Iterable<Step> {
  if (!host.includes('.') || /\.svc(\.cluster\.local)?$/.test(host)) {
    const message = `No Service ${host} is in the input. Add it to the PATHs, or name a host outside the mesh in full`;
    yield { severity: 'error', outcome: 'refuse', message };
    return;
  }
  if (!addresses && !allocatesAddresses(mesh, version)) {
    yield needsAddresses(host);
    return;
  }
  yield {
    severity: 'warning',
    outcome: 'change',
    message: `Proxies write the header names of ${host} in lower case. Emits a ServiceEntry that declares its port ${port} TCP: ${lost}`,
    emit: {
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
    },
  };
}
