import { isIP } from 'node:net';
import { groupPairs } from '../group-by.ts';

/** The domain that Kubernetes puts behind every Service's name; istiod assumes it too unless installed otherwise. */
const clusterDomain = 'cluster.local';

/**
 * The host that Istio takes a name in a resource for: a short name becomes the Service of that name in the
 * resource's own namespace, while `*`, an IP address and everything with a dot (`reviews.shop` too) stay literal.
 *
 * @see https://github.com/istio/istio/blob/1.31.0/pilot/pkg/model/virtualservice.go `ResolveShortnameToFQDN`
 */
export function fqdnOf(host: string, namespace: string): string {
  const isAddress = host.includes(':') && isIP(host) !== 0;
  if (host === '' || host === '*' || host.includes('.') || isAddress) return host;
  return `${host}.${namespace}.svc.${clusterDomain}`;
}

/**
 * True when every host that `host` stands for is one that `pattern` stands for. A `*` counts as the first
 * character only, and `*.shop.com` does not cover `shop.com` itself.
 *
 * @see https://github.com/istio/istio/blob/1.31.0/pkg/config/host/name.go `SubsetOf`
 */
export function hostCovers(pattern: string, host: string): boolean {
  if (!pattern.startsWith('*')) return pattern === host;
  const suffix = pattern.slice(1);
  return host.startsWith('*') ? host.slice(1).endsWith(suffix) : host.endsWith(suffix);
}

const serviceSuffix = '.svc.cluster.local';

/** The namespace of a Service's FQDN; undefined for other hosts. */
export function namespaceOfHost(fqdn: string): string | undefined {
  if (!fqdn.endsWith(serviceSuffix)) return undefined;
  const [name, namespace, ...more] = fqdn.slice(0, -serviceSuffix.length).split('.');
  return name && namespace && more.length === 0 ? namespace : undefined;
}

/** Finds what was filed under a host, or under a wildcard that covers it, without looking at the rest. */
export interface HostIndex<T> {
  /** What is filed under this very text. */
  at(host: string): readonly T[];
  /** What is filed under any pattern that covers `host`, the most specific pattern first. */
  covering(host: string): readonly T[];
}

/** Files each item under its host, an FQDN or a wildcard; items of one host keep their order. */
export function indexByHost<T>(items: Iterable<readonly [host: string, item: T]>): HostIndex<T> {
  const byHost = groupPairs(items);
  const hasWildcards = [...byHost.keys()].some((host) => host.startsWith('*'));
  const at = (host: string): readonly T[] => byHost.get(host) ?? [];
  return {
    at,
    covering(host) {
      if (!hasWildcards) return at(host);
      const isPattern = host.startsWith('*');
      const found = isPattern ? [] : [...at(host)];
      // A host is at most 253 characters long, so trying its suffixes is cheaper than trying the patterns.
      for (let start = isPattern ? 1 : 0; start <= host.length; start++) found.push(...at(`*${host.slice(start)}`));
      return found;
    },
  };
}
