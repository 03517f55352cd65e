import { pointer } from '../../manifest/pointer.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import type { Resource } from '../../mesh/resource.ts';
import { destinationHost } from '../../mesh/service.ts';
import { literalService } from '../../mesh/service-behind.ts';
import type { LegacyStep as Step } from '../remedy.ts';

/**
 * What to say of a DestinationRule for a host such as `reviews.shop`, which governs nothing.
 *
 * @see https://github.com/istio/istio/blob/1.31.0/pilot/pkg/model/virtualservice.go `ResolveShortnameToFQDN`
 */
export function literalHostStep(mesh: Mesh, rule: Resource): Step | undefined {
  const host = destinationHost(rule);
  const fqdn = host === undefined ? undefined : literalService(mesh, host);
  if (fqdn === undefined) return undefined;
  const message = `Istio takes host ${host} as it stands, since it completes names without a dot only: nothing of this DestinationRule reaches ${fqdn}; write that name`;
  return { severity: 'warning', outcome: 'advise', message, resource: rule, path: pointer('spec', 'host') };
}
