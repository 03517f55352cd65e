import type { Operation } from '../../manifest/operation.ts';
import type { GatewayServer } from '../../mesh/gateway.ts';
import { stringAt } from '../../mesh/read.ts';
import { namespaceOf, type Resource } from '../../mesh/resource.ts';
import { defineFaults, info, warning } from '../fault.ts';
import { someOf } from '../mechanisms/wording.ts';
import { routeKindsOf } from './meeting.ts';

/** Hosts of a VirtualService that no suitable server of its Gateway takes. */
export interface UnmetHosts {
  readonly virtualService: Resource;
  /** `namespace/name`. */
  readonly gateway: string;
  readonly servers: readonly GatewayServer[];
  readonly hosts: readonly string[];
  /** True when these are all hosts for external clients. */
  readonly isAll: boolean;
  /** What else the message names: the host, or hosts, that this code is about. */
  readonly detail?: string;
  /** What people can do, where no edit is safe. */
  readonly todo?: string;
  /** What gives the VirtualService the spelling of the Gateway. */
  readonly respelling?: readonly Operation[];
  /** What is added to the Gateway, as it is to be written there. */
  readonly addition?: Addition;
}

export interface Addition {
  readonly server: GatewayServer;
  readonly hosts: readonly string[];
}

/** A VirtualService that shares a host with a Gateway, which ignores its rules all the same. */
export interface Ignored {
  readonly virtualService: Resource;
  /** `namespace/name`. */
  readonly gateway: string;
  readonly servers: readonly GatewayServer[];
}

export const gatewayFault = defineFaults({
  'no-common-host': warning((unmet: UnmetHosts) => unmetText(unmet, ': they share no host')),
  'untaken-host': warning((unmet: UnmetHosts) => unmetText(unmet)),
  'served-elsewhere': info((unmet: UnmetHosts) => `Gateway ${unmet.gateway} does not take ${listed(unmet.hosts)}`),
  'host-case': warning((unmet: UnmetHosts) => unmetText(unmet, ', and istiod compares hosts case-sensitively')),
  'host-for-other-namespace': warning((unmet: UnmetHosts) =>
    unmetText(unmet, `, but ${unmet.detail} is only for VirtualServices in that namespace`),
  ),
  'short-host': warning((unmet: UnmetHosts) =>
    unmetText(unmet, `, but the short name ${unmet.detail} means the Service of that name`),
  ),
  'misspelled-host': warning((unmet: UnmetHosts) =>
    unmetText(unmet, `, one of which is probably misspelled (the Gateway has ${unmet.detail})`),
  ),
  'wrong-route-kind': warning(
    (ignored: Ignored) =>
      `${ignoredBy(ignored)}: it has ${routeKindsOf(ignored.virtualService).join(' and ')} rules, but of the Gateway's servers ${serversText(ignored)}`,
  ),
  'wrong-port': warning(
    (ignored: Ignored) =>
      `${ignoredBy(ignored)}: each rule is for another port than ${[...new Set(ignored.servers.map(({ port }) => port))].join(', ')}. In a rule for a gateway \`match.port\` is the port of the Gateway's server, not of the Service`,
  ),
  'not-exported': warning(
    ({ gateway, namespaces }: { gateway: string; namespaces: readonly string[] }) =>
      `Gateway ${gateway} ignores this VirtualService: its pods are in ${namespaces.join(', ')}, which \`exportTo\` does not include. Add that namespace`,
  ),
  'kubernetes-gateway': warning(
    (gateway: string) =>
      `${gateway} is a Gateway of the Kubernetes Gateway API, which ignores VirtualServices. Route with an HTTPRoute, or name a Gateway of networking.istio.io`,
  ),
  'gateway-in-other-namespace': warning(
    ({ written, namespace, elsewhere }: { written: string; namespace: string; elsewhere: string }) =>
      `Gateway ${written} without a namespace means ${namespace}/${written}, which is not in the input. ${elsewhere} takes these hosts; if you mean it, write that, or the gateway answers 404`,
  ),
  'misspelled-gateway': warning(
    ({ gateway, near }: { gateway: string; near: string }) =>
      `Gateway ${gateway} is not in the input, but ${near} is. If the name is misspelled, the gateway answers 404 for these hosts`,
  ),
  'gateways-not-in-input': info(
    ({ gateways, elsewhere }: { gateways: readonly string[]; elsewhere?: { name: string; namespace: string } }) =>
      `VirtualServices name Gateways that are not in the input (${someOf(gateways)}), so their hosts were not compared${elsewhere ? `. ${elsewhere.name} without a namespace means the namespace of the VirtualService; a Gateway of that name is in ${elsewhere.namespace}` : ''}`,
  ),
});

/** @param cause - goes before the consequence */
function unmetText({ virtualService, gateway, servers, hosts, isAll }: UnmetHosts, cause = ''): string {
  const isHttp = routeKindsOf(virtualService).includes('http');
  const named = `VirtualService ${namespaceOf(virtualService)}/${virtualService.name}`;
  if (!isAll) {
    const what = isHttp ? 'requests' : 'connections';
    return `Gateway ${gateway} does not take ${listed(hosts)} of ${named}${cause}, so ${what} for it get none of these rules`;
  }
  const taken = listed(servers.flatMap((server) => server.hosts));
  const answer = isHttp ? 'answers 404' : 'closes the connection';
  return `Gateway ${gateway} takes ${taken} and ${named} has ${listed(hosts)}${cause}, so the gateway ${answer}`;
}

/** The first few of some hosts, each once. */
export function listed(hosts: readonly string[]): string {
  return someOf([...new Set(hosts)], 4);
}

function ignoredBy({ gateway }: Ignored): string {
  return `Gateway ${gateway} ignores this VirtualService`;
}

function serversText({ servers }: Ignored): string {
  const texts = servers.map(({ value, port, routes }) => {
    const name = stringAt(value, 'port', 'name') ?? port;
    if (routes === 'none') return `${name} takes none (AUTO_PASSTHROUGH)`;
    const mode = stringAt(value, 'tls', 'mode');
    const protocol = stringAt(value, 'port', 'protocol') ?? 'no protocol';
    return `${name} takes ${routes} rules (${protocol}${mode ? `, ${mode}` : ''})`;
  });
  return [...new Set(texts)].join(', ');
}
