import { isObject } from '../../manifest/node.ts';
import { poolScopesOf } from '../../mesh/connection-pool.ts';
import { hostCovers } from '../../mesh/host.ts';
import { httpPoliciesAt } from '../../mesh/http-policy.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import type { Resource } from '../../mesh/resource.ts';
import { routesTo } from '../../mesh/route-destination.ts';
import { destinationHost, destinationRulesFor, isHttp2, type ServicePort, serviceHost } from '../../mesh/service.ts';
import { hostsOf, httpRulesOf, servesMesh, virtualServicesOf } from '../../mesh/virtual-service.ts';

/** What in the input routes, limits or authorizes requests to a headless Service's port, and would not apply to TCP. */
export function httpUserOf(mesh: Mesh, service: Resource, port: ServicePort): Resource | undefined {
  const host = serviceHost(service);
  const routes = routesTo(mesh, host).filter(({ http }) => http);
  // A gateway uses HTTP/1.1 to a TCP port, which only breaks what needs HTTP/2.
  const route = routes.find(({ sidecars, gateways }) => sidecars || (gateways && isHttp2(port.protocol)));
  return routedBy(mesh, host) ?? route?.resource ?? httpPoliciesAt(mesh, service)[0] ?? pooledBy(mesh, host, port);
}

/** A VirtualService whose HTTP rules sidecars follow for the Service or one of its pods. */
function routedBy(mesh: Mesh, host: string): Resource | undefined {
  return virtualServicesOf(mesh).find((virtualService) => {
    const isNamed = hostsOf(virtualService).some((name) => hostCovers(name, host) || name.endsWith(`.${host}`));
    return isNamed && servesMesh(virtualService) && httpRulesOf(virtualService).length > 0;
  });
}

/** A DestinationRule of this very host that limits requests; one for a wildcard is only a default. */
function pooledBy(mesh: Mesh, host: string, { number }: ServicePort): Resource | undefined {
  const own = destinationRulesFor(mesh, host).filter((rule) => destinationHost(rule) === host);
  return own.find((rule) =>
    poolScopesOf(rule).some(({ pool, port, without }) => {
      return isObject(pool?.['http']) && (port ?? number) === number && !without.has(number);
    }),
  );
}
