import { distance } from 'fastest-levenshtein';
import type { Operation } from '../../manifest/operation.ts';
import { pointer } from '../../manifest/pointer.ts';
import { type GatewayServer, serversOf } from '../../mesh/gateway.ts';
import { partsOf, takes, visibleHosts } from '../../mesh/gateway-hosts.ts';
import { fqdnOf, hostCovers, namespaceOfHost } from '../../mesh/host.ts';
import { at, listAt } from '../../mesh/read.ts';
import { namespaceOf, type Resource } from '../../mesh/resource.ts';
import { hostsOf, servesMesh } from '../../mesh/virtual-service.ts';
import { advise, edit, placeIn, type Step } from '../../step.ts';
import type { Fault } from '../fault.ts';
import { gatewayFault, listed, type UnmetHosts } from './faults.ts';
import type { GatewayRef } from './meeting.ts';

interface Cause {
  readonly code: UnmetFault['code'];
  readonly detail?: string;
  readonly todo: string;
}

type UnmetFault = Fault<
  | 'no-common-host'
  | 'untaken-host'
  | 'served-elsewhere'
  | 'host-case'
  | 'host-for-other-namespace'
  | 'short-host'
  | 'misspelled-host',
  UnmetHosts
>;

/** The hosts of a VirtualService that are for clients outside: those of Services are for clients in the mesh, where it serves both. */
function outsideHosts(virtualService: Resource): string[] {
  const all = hostsOf(virtualService);
  const outside = servesMesh(virtualService) ? all.filter((host) => namespaceOfHost(host) === undefined) : all;
  return outside.length > 0 ? outside : all;
}

/** A VirtualService at one of its Gateways. */
export interface Binding {
  readonly virtualService: Resource;
  readonly ref: GatewayRef;
  /** Its other Gateways. */
  readonly others: readonly GatewayRef[];
  /** True when the user named this very VirtualService. */
  readonly isNamed: boolean;
}

/** The fault of hosts that a Gateway and a VirtualService do not share: all of them, or those given. */
export function unmetFault(
  binding: Binding,
  servers: readonly GatewayServer[],
  hosts: readonly string[] = outsideHosts(binding.virtualService),
): UnmetFault {
  const { virtualService, ref } = binding;
  const isAll = hosts.length === outsideHosts(virtualService).length;
  const unmet: UnmetHosts = { virtualService, gateway: ref.name, servers, hosts, isAll };
  const respelling = respellingOf(virtualService, servers, hosts);
  if (respelling.length > 0 && respelling.length === hosts.length)
    return gatewayFault('host-case', placeIn(virtualService, 'spec', 'hosts'), { ...unmet, respelling });

  const code = isAll ? 'no-common-host' : 'untaken-host';
  const served = servedElsewhere(unmet, binding);
  if (served !== undefined)
    return gatewayFault('served-elsewhere', placeIn(virtualService, 'spec', 'gateways', ref.index), {
      ...unmet,
      todo: served,
    });
  const {
    code: cause = code,
    todo = obstacleOf(unmet, ref) ?? (binding.isNamed ? undefined : newAudience(unmet)),
    ...detail
  }: Partial<Cause> = causeOf(unmet) ?? {};
  if (todo !== undefined) {
    const path = isAll ? ['gateways', ref.index] : ['hosts'];
    return gatewayFault(cause, placeIn(virtualService, 'spec', ...path), { ...unmet, ...detail, todo });
  }
  const [server] = servers as [GatewayServer];
  const where = placeIn(server.gateway, 'spec', 'servers', server.index, 'hosts');
  const addition = { server, hosts: hosts.map((host) => asWritten(host, server, virtualService)) };
  return gatewayFault(code, { ...where, narrowedBy: virtualService }, { ...unmet, addition });
}

/** What is done about hosts that a Gateway does not take. */
export function alignHosts({ virtualService, respelling, addition, todo = '' }: UnmetHosts): Step {
  if (respelling)
    return edit('write the host as the Gateway does', { resource: virtualService, operations: respelling });
  if (!addition) return advise(todo);
  const { server, hosts } = addition;
  const path = pointer('spec', 'servers', server.index, 'hosts', '-');
  const operations = hosts.map((value): Operation => ({ op: 'add', path, value }));
  const parameters = { namespaces: [namespaceOf(virtualService)], names: [virtualService.name] };
  return edit(`add ${listed(hosts)} to the Gateway`, { resource: server.gateway, operations }, { parameters });
}

/** Leaves out, when rewriting, what an earlier VirtualService brings to the same Gateway. */
export type OncePerGateway = (fault: UnmetFault) => Iterable<UnmetFault>;

export function oncePerGateway(): OncePerGateway {
  const added = new Set<string>();
  return function* (fault) {
    const { addition } = fault.data;
    if (!addition) {
      yield fault;
      return;
    }
    const { gateway, index } = addition.server;
    const keyOf = (host: string): string => JSON.stringify([gateway.namespace, gateway.name, index, host]);
    const hosts = addition.hosts.filter((host) => !added.has(keyOf(host)));
    for (const host of hosts) added.add(keyOf(host));
    if (hosts.length === addition.hosts.length) {
      yield fault;
      return;
    }
    yield { ...fault, reported: 'when diagnosing' };
    if (hosts.length === 0) return;
    yield { ...fault, reported: 'when asked', data: { ...fault.data, addition: { ...addition, hosts } } };
  };
}

/** Operations that give exact hosts the upper and lower case of the Gateway's, where only that differs. */
function respellingOf(
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

/** Why a VirtualService and a Gateway name a host differently; undefined when the Gateway simply does not have it. */
function causeOf({ virtualService, servers, hosts }: UnmetHosts): Cause | undefined {
  const own = namespaceOf(virtualService);
  const theirs = servers.flatMap((server) => visibleHosts(server, virtualService));
  const cased = hosts.find((host) => theirs.some((name) => name.toLowerCase() === host.toLowerCase()));
  if (cased !== undefined) return { code: 'host-case', todo: `Write ${cased} the same in both` };

  const hidden = servers.flatMap((server) => server.hosts.filter((written) => isHidden(written, server)));
  if (hidden.length > 0) {
    const todo = `Move the VirtualService there, or write ${own}/ or */ before the host in the Gateway`;
    return { code: 'host-for-other-namespace', detail: listed(hidden), todo };
  }
  const short = listAt(virtualService.value, 'spec', 'hosts').find(
    (host) => typeof host === 'string' && !host.includes('.') && hosts.includes(fqdnOf(host, own)),
  );
  if (typeof short === 'string' && short !== '*')
    return { code: 'short-host', detail: short, todo: 'Add the host that clients use to `hosts`' };

  if (hosts.some((host) => host.includes('*'))) return undefined;
  const near = hosts.flatMap((host) => theirs.find((name) => isSlip(name, host)) ?? [])[0];
  if (near === undefined) return undefined;
  return { code: 'misspelled-host', detail: near, todo: 'Write the same host in both' };

  function isHidden(written: string, server: GatewayServer): boolean {
    const { namespace, host } = partsOf(written, server);
    if (namespace === '*' || namespace === own) return false;
    return hosts.some((each) => hostCovers(host, each) || hostCovers(each, host));
  }
}

/** What to do where the hosts cannot simply be added to the Gateway; undefined when they can. */
function obstacleOf({ virtualService, servers, hosts }: UnmetHosts, { gateways }: GatewayRef): string | undefined {
  if (hosts.some((host) => host.includes('*')))
    return 'A wildcard does not show which hosts are meant, so align the two lists yourself';
  const theirs = servers.flatMap((server) => visibleHosts(server, virtualService));
  const apex = hosts.find((host) => theirs.includes(`*.${host}`));
  const also = apex === undefined ? '' : ` (*.${apex} does not cover ${apex} itself)`;
  if (gateways.length > 1) return `The input has several variants of the Gateway: add the host to the right one${also}`;
  if (servers.some(({ endsTls }) => endsTls))
    return `The server terminates TLS: check that \`credentialName\` has a certificate for ${listed(hosts)}, then add the host to the server${also}`;
  if (servers.length > 1) return `The Gateway has several servers: add the host to those that must take it${also}`;
  const [server] = servers as [GatewayServer];
  if (at(server.value, 'tls', 'httpsRedirect') === true)
    return `The only server redirects to HTTPS: add the host there, and to a server that terminates TLS${also}`;
  if (!Array.isArray(at(server.value, 'hosts'))) return 'The server has no hosts: add them';
  if (isNarrow(server) && !virtualService.namespace)
    return 'The Gateway has a namespace before each host, and the VirtualService has none: add the host with the namespace that the VirtualService gets';
  return undefined;
}

/**
 * What to say of hosts that another Gateway of the VirtualService takes, or may take: clients reach them there, and this
 * Gateway may be for other clients. An internal host must not appear on a public gateway.
 */
function servedElsewhere({ hosts, virtualService }: UnmetHosts, { others }: Binding): string | undefined {
  const takers = others.filter(({ gateways }) => {
    const servers = gateways.flatMap(serversOf);
    return gateways.length === 0 || hosts.some((host) => servers.some((server) => takes(server, host, virtualService)));
  });
  const [taker] = takers;
  if (!taker) return undefined;
  const does = taker.gateways.length === 0 ? 'which is not in the input, may take it' : 'takes it';
  const name = taker.gateways.length === 0 ? `Gateway ${taker.name},` : `Gateway ${taker.name}`;
  return `${name} ${does}. Add the host here only if clients of this gateway should reach it, too; otherwise remove this Gateway from \`gateways\``;
}

/**
 * What to do where a Gateway of another namespace has no host of the same domain: those who can reach it may not be meant.
 */
function newAudience({ hosts, servers, virtualService }: UnmetHosts): string | undefined {
  if (servers.every(({ gateway }) => namespaceOf(gateway) === namespaceOf(virtualService))) return undefined;
  const known = new Set(servers.flatMap(({ hosts: own }) => own.map(domainOf)));
  const foreign = hosts.find((host) => !known.has(domainOf(host)));
  if (foreign === undefined) return undefined;
  return `The Gateway has no other host of ${domainOf(foreign)}: add it to the Gateway if its clients should reach it, or set \`match-gateway-hosts.names=${virtualService.name}\``;
}

/** `acme.test` of `shop/*.web.acme.test`: the last two labels, by which hosts belong together. */
function domainOf(host: string): string {
  return host.replace(/^.*\//, '').split('.').slice(-2).join('.');
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

/** The exact hosts of a VirtualService that none of its Gateways' servers takes, where others are taken. */
export function unmetHosts(virtualService: Resource, servers: readonly GatewayServer[]): string[] {
  const hosts = hostsOf(virtualService);
  const isMet = (host: string): boolean => servers.some((server) => takes(server, host, virtualService));
  // A host that is taken gets requests in upper and lower case.
  const met = new Set(hosts.filter(isMet).map((host) => host.toLowerCase()));
  return hosts.filter((host) => !isMet(host) && !met.has(host.toLowerCase()));
}
