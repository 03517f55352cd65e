import type { JsonObject } from '../../manifest/node.ts';
import { defaultRouteOf } from '../../mesh/default-route.ts';
import { isSelected, type Mesh, type Selection } from '../../mesh/mesh.ts';
import { namespaceOf, type Resource } from '../../mesh/resource.ts';
import { defaultRetries } from '../../mesh/retry-policy.ts';
import { serviceHost, serviceOf } from '../../mesh/service.ts';
import type { Version } from '../../mesh/version.ts';
import { networkingApiVersion, virtualServiceNamed } from '../../mesh/virtual-service.ts';
import type { Step } from '../remedy.ts';

/** Plans a VirtualService for each HTTP Service whose requests take the route that Istio makes up. */
export function* planServices(mesh: Mesh, settings: Selection, version: Version): Iterable<Step> {
  for (const service of mesh.ofKind('Service', '')) {
    const isVariant = serviceOf(mesh, serviceHost(service)) !== service; // of one that came before
    if (isVariant || !isSelected(service, settings)) continue;
    const route = defaultRouteOf(mesh, service);
    switch (route.kind) {
      case 'routed':
        break;
      case 'outside':
        yield {
          severity: 'info',
          outcome: 'keep',
          message: `Gets no VirtualService: ${route.reason}`,
          resource: service,
        };
        break;
      case 'unsure':
        yield {
          severity: 'warning',
          outcome: 'advise',
          message: `Its default retries stay on: ${route.reason}`,
          resource: service,
        };
        break;
      case 'default':
        yield emission(mesh, service, route.ports, version);
    }
  }
}

/**
 * The new VirtualService never has the Service's own name: a VirtualService of that name may well be in the
 * cluster without being in the input, and would be overwritten.
 */
function emission(mesh: Mesh, service: Resource, ports: readonly number[], version: Version): Step {
  const name = `${service.name}-no-retries`;
  if (virtualServiceNamed(mesh, namespaceOf(service), name)) {
    const message = `Its default retries stay on: a VirtualService ${name} is there already, and is for another host or for gateways only`;
    return { severity: 'warning', outcome: 'advise', message, resource: service };
  }
  const values: JsonObject = {
    apiVersion: networkingApiVersion(version),
    name,
    namespace: service.namespace ?? null,
    // A Service without a namespace is given one later, by kustomize or kubectl: a short name follows it there.
    host: service.namespace === undefined ? service.name : serviceHost(service),
    ports: ports.map((number) => ({ number })),
  };
  return {
    severity: 'info',
    outcome: 'change',
    message: `${defaultRetries(version)}, and this Service has no VirtualService to say otherwise: adds ${name}`,
    resource: service,
    emit: { template: 'disable-retries/virtual-service', values },
  };
}
