import { isIP } from 'node:net';
import { serviceEntryOf } from './connection-pool.ts';
import { fqdnOf, hostCovers, namespaceOfHost } from './host.ts';
import type { Mesh } from './mesh.ts';
import { listAt, stringAt } from './read.ts';
import { namespaceOf, type Resource } from './resource.ts';
import { serviceOf } from './service.ts';
import { actionOf, delegateOf, destinationsOf, type HttpRule, hostsOf, httpRulesOf } from './virtual-service.ts';

/** The Service that callers inside the mesh would name to get the HTTP rules of a VirtualService. */
export type ServiceBehind =
  | {
      readonly kind: 'service';
      /** FQDN. */
      readonly host: string;
      /** As the VirtualService itself writes it where it forwards to it: a short name stays one. */
      readonly written: string;
      /** Undefined when it is not in the input. */
      readonly service: Resource | undefined;
      /** True when the VirtualService has it, or a wildcard over it, among its hosts. */
      readonly isNamed: boolean;
    }
  /** Nothing is forwarded by HTTP rules, so that there is nothing that callers could miss. */
  | { readonly kind: 'none' }
  | { readonly kind: 'unclear'; readonly reason: string };

/** Finds the one Service that a VirtualService has among its hosts or, with none there, forwards to. */
export function serviceBehind(mesh: Mesh, virtualService: Resource): ServiceBehind {
  const hosts = hostsOf(virtualService).filter((host) => host !== '*');
  const forwarded = forwardedBy(mesh, virtualService);
  if ('reason' in forwarded) return { kind: 'unclear', reason: forwarded.reason };
  const [first, ...others] = forwarded.hosts;
  const named = hosts.find((host) => namespaceOfHost(host) !== undefined && !host.startsWith('*'));
  const host = named ?? first;
  if (host === undefined) return { kind: 'none' };
  if (named === undefined && others.length > 0) {
    return {
      kind: 'unclear',
      reason: `its rules lead to several Services (${listed(forwarded.hosts)}), and with all of them as hosts each would get the rules of the others`,
    };
  }
  if (namespaceOfHost(host) === undefined)
    return { kind: 'unclear', reason: `its destination ${host} is not a Service of the cluster` };
  return {
    kind: 'service',
    host,
    written: writtenAs(virtualService, host),
    service: serviceOf(mesh, host),
    isNamed: hosts.some((each) => hostCovers(each, host)),
  };
}

function listed(hosts: readonly string[]): string {
  const shown = hosts.slice(0, 3).join(', ');
  return hosts.length > 3 ? `${shown}, …` : shown;
}

/** The FQDNs that a VirtualService's rules, and those of its delegates, forward to, or were meant to. */
function forwardedBy(mesh: Mesh, virtualService: Resource): { hosts: string[] } | { reason: string } {
  const hosts = new Set<string>();
  for (const rule of httpRulesOf(virtualService)) {
    const forwarding = forwardingRulesOf(mesh, rule);
    if (forwarding === undefined) {
      const name = stringAt(rule.value, 'delegate', 'name') ?? '';
      return { reason: `its delegate ${name} is not in the input, so its Services are unknown` };
    }
    for (const each of forwarding) {
      const namespace = namespaceOf(each.virtualService);
      for (const host of destinationsOf(each)) hosts.add(literalService(mesh, host) ?? fqdnOf(host, namespace));
    }
  }
  return { hosts: [...hosts] };
}

/** The rule itself, or the rules of the delegate that it leads to; undefined when that is not in the input. */
export function forwardingRulesOf(mesh: Mesh, rule: HttpRule): readonly HttpRule[] | undefined {
  if (actionOf(rule) !== 'delegate') return [rule];
  const delegate = delegateOf(mesh, rule);
  return delegate && httpRulesOf(delegate);
}

function writtenAs(virtualService: Resource, fqdn: string): string {
  const namespace = namespaceOf(virtualService);
  const names = [
    ...httpRulesOf(virtualService).flatMap(destinationsOf),
    ...listAt(virtualService.value, 'spec', 'hosts').filter((host) => typeof host === 'string'),
  ];
  return names.find((name) => fqdnOf(name, namespace) === fqdn) ?? fqdn;
}

/**
 * The FQDN of the Service that a host such as `reviews.shop` or `reviews.shop.svc` was meant for, when that Service is in
 * the input. Istio completes names without a dot only.
 */
export function literalService(mesh: Mesh, host: string): string | undefined {
  if (!/^[^.*]+\.[^.]+(\.svc)?$/.test(host) || isIP(host) !== 0 || serviceEntryOf(mesh, host)) return undefined;
  const fqdn = `${host.replace(/\.svc$/, '')}.svc.cluster.local`;
  return serviceOf(mesh, fqdn) ? fqdn : undefined;
}
