import { defaultRouteOf } from '../../mesh/default-route.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { namespaceOf, type Resource } from '../../mesh/resource.ts';
import { serviceHost, serviceOf } from '../../mesh/service.ts';
import type { Version } from '../../mesh/version.ts';
import { virtualServiceNamed } from '../../mesh/virtual-service.ts';
import { advise, emit, type Step } from '../../step.ts';
import { forService } from '../mechanisms/for-service.ts';
import { retryFault } from './faults.ts';

/** Finds the HTTP Services whose requests take the route that Istio makes up, retries included. */
export function* findUnroutedServices(mesh: Mesh, version: Version) {
  for (const service of mesh.ofKind('Service', '')) {
    const isVariant = serviceOf(mesh, serviceHost(service)) !== service; // of one that came before
    if (isVariant) continue;
    const route = defaultRouteOf(mesh, service);
    const where = { resource: service };
    if (route.kind === 'outside') yield retryFault('service-without-routes', where, route.reason);
    else if (route.kind === 'unsure') yield retryFault('service-still-retried', where, route.reason);
    else if (route.kind === 'default')
      yield retryFault('default-retries', where, { version, what: { service, ports: route.ports } });
  }
}

export function emitVirtualService(mesh: Mesh, service: Resource, ports: readonly number[], version: Version): Step {
  const name = `${service.name}-no-retries`;
  if (virtualServiceNamed(mesh, namespaceOf(service), name)) {
    const todo = `VirtualService ${name} exists already, and is for another host or for gateways only. Set \`attempts: 0\` for this Service by hand`;
    return advise(todo, { severity: 'warning' });
  }
  const values = { ...forService(service, name, version), ports: ports.map((number) => ({ number })) };
  return emit(`add VirtualService ${name} with \`attempts: 0\``, {
    template: 'disable-retries/virtual-service',
    values,
  });
}
