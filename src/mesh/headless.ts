import type { Mesh } from './mesh.ts';
import { stringAt } from './read.ts';
import type { Resource } from './resource.ts';
import { isHeadless, serviceHost, serviceOf } from './service.ts';
import { isGoTrue, istiodEnv } from './surface/env.ts';
import type { Version } from './version.ts';

/** The headless Services of a mesh, in input order; of several variants of one, the first. */
export function headlessServicesOf(mesh: Mesh): Resource[] {
  return mesh.ofKind('Service', '').filter((service) => {
    const isAlias = stringAt(service.value, 'spec', 'type') === 'ExternalName';
    return isHeadless(service) && !isAlias && serviceOf(mesh, serviceHost(service)) === service;
  });
}

/** The headless Service that a host is, when it is in the input. */
export function headlessServiceOf(mesh: Mesh, fqdn: string): Resource | undefined {
  const service = serviceOf(mesh, fqdn);
  const isAlias = stringAt(service?.value, 'spec', 'type') === 'ExternalName';
  return service && isHeadless(service) && !isAlias ? service : undefined;
}

/**
 * True when istiod gives sidecars the pods of headless Services to balance, instead of having them forward to the
 * address that the client dialled.
 *
 * @see https://github.com/istio/istio/blob/1.31.0/pilot/pkg/networking/core/cluster.go `convertResolution`
 */
export function balancesHeadless(mesh: Mesh, version: Version): boolean {
  return isGoTrue(istiodEnv(mesh, 'PILOT_ENABLE_EDS_FOR_HEADLESS_SERVICES', version) ?? '');
}
