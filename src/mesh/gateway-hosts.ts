import type { GatewayServer } from './gateway.ts';
import { hostCovers } from './host.ts';
import { namespaceOf, type Resource } from './resource.ts';

/** True when a server has a host, or a wildcard over it or under it, for VirtualServices of that namespace. */
export function takes(server: GatewayServer, host: string, virtualService: Resource): boolean {
  return visibleHosts(server, virtualService).some((name) => hostCovers(name, host) || hostCovers(host, name));
}

/**
 * The hosts of a server that count for VirtualServices of one namespace. Case counts, as it does for istiod, although
 * requests may come in any.
 *
 * @see https://github.com/istio/istio/blob/1.31.0/pkg/config/host/names.go `NamesForNamespace`
 * @see https://github.com/istio/istio/blob/1.31.0/pilot/pkg/model/gateway.go `sanitizeServerHostNamespace`
 */
export function visibleHosts(server: GatewayServer, virtualService: Resource): string[] {
  if (server.hosts.includes('*/*')) return ['*'];
  return server.hosts.flatMap((written) => {
    const { namespace, host } = partsOf(written, server);
    // Kustomize or kubectl may give a VirtualService without a namespace any.
    const isVisible = namespace === '*' || namespace === namespaceOf(virtualService) || !virtualService.namespace;
    return isVisible ? [host] : [];
  });
}

/** The namespace whose VirtualServices a host of a server is for, `*` for all, and the host. */
export function partsOf(written: string, { gateway }: GatewayServer): { namespace: string; host: string } {
  const slash = written.indexOf('/');
  if (slash < 0) return { namespace: '*', host: written };
  const namespace = written.slice(0, slash);
  return { namespace: namespace === '.' ? namespaceOf(gateway) : namespace, host: written.slice(slash + 1) };
}
