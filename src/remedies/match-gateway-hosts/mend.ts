import { distance } from 'fastest-levenshtein';
import type { Operation } from '../../manifest/operation.ts';
import { pointer } from '../../manifest/pointer.ts';
import type { GatewayServer } from '../../mesh/gateway.ts';
import { partsOf, takes, visibleHosts } from '../../mesh/gateway-hosts.ts';
import { fqdnOf, hostCovers, namespaceOfHost } from '../../mesh/host.ts';
import { at, listAt, stringAt } from '../../mesh/read.ts';
import { namespaceOf, type Resource } from '../../mesh/resource.ts';
import { hostsOf, servesMesh } from '../../mesh/virtual-service.ts';
import { someOf } from '../mechanisms/wording.ts';
import type { LegacyStep as Step } from '../remedy.ts';
import { type Fault, type GatewayRef, routeKindsOf } from './meeting.ts';

/** The hosts of a VirtualService that are for clients outside: those of Services are for callers in the mesh, where it serves both. */
function outsideHosts(virtualService: Resource): string[] {
  const all = hostsOf(virtualService);
  const outside = servesMesh(virtualService) ? all.filter((host) => namespaceOfHost(host) === undefined) : all;
  return outside.length > 0 ? outside : all;
}

/** The steps for hosts that a Gateway and a VirtualService do not share: all of them, or those given. */
export function* planHosts(
  virtualService: Resource,
  ref: GatewayRef,
  servers: readonly GatewayServer[],
  hosts: readonly string[] = outsideHosts(virtualService),
): Iterable<Step> {
  const isAll = hosts.length === outsideHosts(virtualService).length;
  const [answer, they] = routeKindsOf(virtualService).includes('http')
    ? ['answers 404', 'requests']
    : ['closes the connection', 'connections'];
  const named = `VirtualService ${namespaceOf(virtualService)}/${virtualService.name}`;
  const why = isAll
    ? `Gateway ${ref.name} takes ${listed(servers.flatMap((server) => server.hosts))} and ${named} has ${listed(hosts)}: they share no host, so the gateway ${answer}`
    : `${named} has the host ${listed(hosts)} too, which Gateway ${ref.name} does not take: ${they} for it get none of the rules`;

  const respelled = respelling(virtualService, servers, hosts);
  if (respelled.length > 0 && respelled.length === hosts.length) {
    yield {
      severity: 'warning',
      outcome: 'change',
      message: `${why}; istiod compares them with their case: writes the host as the Gateway does`,
      resource: virtualService,
      path: pointer('spec', 'hosts'),
      patch: { resource: virtualService, operations: respelled },
    };
    return;
  }
  const doubt = doubtOf(virtualService, ref, servers, hosts);
  if (doubt !== undefined) {
    yield {
      severity: 'warning',
      outcome: 'advise',
      message: `${why}; ${doubt}`,
      resource: virtualService,
      path: isAll ? pointer('spec', 'gateways', ref.index) : pointer('spec', 'hosts'),
    };
    return;
  }
  const [server] = servers as [GatewayServer];
  const path = pointer('spec', 'servers', server.index, 'hosts');
  const added = hosts.map((host) => asWritten(host, server, virtualService));
  yield {
    severity: 'warning',
    outcome: 'change',
    message: `${why}; adds ${listed(added)} to the Gateway`,
    resource: server.gateway,
    path,
    parameters: { namespaces: [namespaceOf(virtualService)], names: [virtualService.name] },
    patch: {
      resource: server.gateway,
      operations: added.map((value): Operation => ({ op: 'add', path: `${path}/-`, value })),
    },
  };
}

/** Operations that give exact hosts the upper and lower case of the Gateway's, where that alone parts them. */
function respelling(
  virtualService: Resource,
  servers: readonly GatewayServer[],
  hosts: readonly string[],
): Operation[] {
  const theirs = servers.flatMap((server) => visibleHosts(server, virtualService));
  return listAt(virtualService.value, 'spec', 'hosts').flatMap((host, index): Operation[] => {
    if (typeof host !== 'string' || !hosts.includes(host)) return [];
    const same = theirs.find((name) => name !== host && name.toLowerCase() === host.toLowerCase());
    return same === undefined ? [] : [{ op: 'replace', path: pointer('spec', 'hosts', index), value: same }];
  });
}

/** Why the hosts cannot simply be added to the Gateway, and what to do instead; undefined when they can. */
function doubtOf(
  virtualService: Resource,
  { gateways }: GatewayRef,
  servers: readonly GatewayServer[],
  hosts: readonly string[],
): string | undefined {
  const theirs = servers.flatMap((server) => visibleHosts(server, virtualService));
  const cased = hosts.find((host) => theirs.some((name) => name.toLowerCase() === host.toLowerCase()));
  if (cased !== undefined) return `istiod compares hosts with their case: write ${cased} the same in both`;
  const hidden = servers.flatMap((server) =>
    server.hosts.filter((written) => {
      const { namespace, host } = partsOf(written, server);
      return (
        namespace !== '*' &&
        namespace !== namespaceOf(virtualService) &&
        hosts.some((each) => hostCovers(host, each) || hostCovers(each, host))
      );
    }),
  );
  if (hidden.length > 0)
    return `${listed(hidden)} is for VirtualServices of that namespace only: move the VirtualService there, or let the Gateway name ${namespaceOf(virtualService)} or */ before the host`;
  const short = listAt(virtualService.value, 'spec', 'hosts').find(
    (host) =>
      typeof host === 'string' && !host.includes('.') && hosts.includes(fqdnOf(host, namespaceOf(virtualService))),
  );
  if (typeof short === 'string' && short !== '*')
    return `the short name ${short} stands for the Service of that name, which clients outside do not ask for: add the host that they use to hosts`;
  if (hosts.some((host) => host.includes('*')))
    return 'which hosts are meant is not to be told from a wildcard: bring the two lists in line';
  for (const host of hosts) {
    const near = theirs.find((name) => isSlip(name, host));
    if (near !== undefined) return `${host} looks like a slip of ${near}, or the other way round: make them the same`;
  }
  const apex = hosts.find((host) => theirs.includes(`*.${host}`));
  const also = apex === undefined ? '' : ` (*.${apex} does not cover ${apex} itself)`;
  if (gateways.length > 1)
    return `the input holds several variants of the Gateway: add the host to the right one${also}`;
  if (servers.some(({ endsTls }) => endsTls))
    return `its server ends TLS and needs a certificate for each host: see that credentialName has one for ${listed(hosts)}, then add the host to the server${also}`;
  if (servers.length > 1) return `the Gateway has several servers: add the host to those that are to take it${also}`;
  const [server] = servers as [GatewayServer];
  if (at(server.value, 'tls', 'httpsRedirect') === true)
    return `its only server redirects to HTTPS: add the host there, and to a server that ends TLS${also}`;
  if (!Array.isArray(at(server.value, 'hosts'))) return 'its server has no hosts';
  if (isNarrow(server) && !virtualService.namespace)
    return 'the Gateway names a namespace before its hosts, and the VirtualService has none: add the host with the namespace it will be in';
  return undefined;
}

/** True for hosts that differ by a letter or two in long labels: `a.shop.com` and `b.shop.com` are two hosts, as are `api1` and `api2`. */
function isSlip(one: string, other: string): boolean {
  if (one.replace(/\D/g, '') !== other.replace(/\D/g, '') || distance(one, other) > 2) return false;
  const [labels, others] = [one.split('.'), other.split('.')];
  if (labels.length !== others.length || labels.includes('*')) return false;
  return labels.every((label, index) => label === others[index] || Math.min(label.length, others[index]!.length) > 4);
}

function isNarrow(server: GatewayServer): boolean {
  return server.hosts.every((written) => partsOf(written, server).namespace !== '*');
}

/** A host for the server's list: with the namespace before it where the server's others have one. */
function asWritten(host: string, server: GatewayServer, virtualService: Resource): string {
  if (!isNarrow(server)) return host;
  const isOwn = namespaceOf(server.gateway) === namespaceOf(virtualService);
  const usesDot = server.hosts.some((written) => written.startsWith('./'));
  return `${isOwn && usesDot ? '.' : namespaceOf(virtualService)}/${host}`;
}

/** What to say of a Gateway that shares a host with a VirtualService and yet uses nothing of it. */
export function adviseFault(virtualService: Resource, ref: GatewayRef, fault: Exclude<Fault, { kind: 'hosts' }>): Step {
  return {
    severity: 'warning',
    outcome: 'advise',
    message: `Gateway ${ref.name} uses nothing of this VirtualService: ${faultText(virtualService, fault)}`,
    resource: virtualService,
    path: fault.kind === 'export' ? pointer('spec', 'exportTo') : pointer('spec', 'gateways', ref.index),
  };
}

function faultText(virtualService: Resource, fault: Exclude<Fault, { kind: 'hosts' }>): string {
  if (fault.kind === 'export')
    return `its pods are in ${fault.namespaces.join(', ')}, and exportTo does not name that namespace: add it`;
  const kinds = routeKindsOf(virtualService);
  if (fault.kind === 'port') {
    const ports = [...new Set(fault.servers.map(({ port }) => port))].join(', ');
    return `each rule asks for another port than ${ports}; match.port of a rule for a gateway is the port of the Gateway's server, not of the Service`;
  }
  const servers = fault.servers.map(
    (server) => `${stringAt(server.value, 'port', 'name') ?? server.port} takes ${routesText(server)}`,
  );
  return `it has ${kinds.join(' and ')} rules, and of the Gateway's servers ${[...new Set(servers)].join(', ')}`;
}

function routesText({ routes, value }: GatewayServer): string {
  if (routes === 'none') return 'none (AUTO_PASSTHROUGH)';
  const mode = stringAt(value, 'tls', 'mode');
  return `${routes} rules (${stringAt(value, 'port', 'protocol') ?? 'no protocol'}${mode ? `, ${mode}` : ''})`;
}

/** The exact hosts of a VirtualService that none of its Gateways' servers takes, where others are taken. */
export function unmetHosts(virtualService: Resource, servers: readonly GatewayServer[]): string[] {
  const hosts = hostsOf(virtualService);
  const isMet = (host: string): boolean => servers.some((server) => takes(server, host, virtualService));
  // Requests in any case go by a host that is taken.
  const met = new Set(hosts.filter(isMet).map((host) => host.toLowerCase()));
  return hosts.filter((host) => !isMet(host) && !met.has(host.toLowerCase()));
}

function listed(hosts: readonly string[]): string {
  return someOf([...new Set(hosts)], 4);
}
