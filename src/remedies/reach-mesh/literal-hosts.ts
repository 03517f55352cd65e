import type { Operation } from '../../manifest/operation.ts';
import { pointer } from '../../manifest/pointer.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { listAt } from '../../mesh/read.ts';
import type { Resource } from '../../mesh/resource.ts';
import { hasGateways } from '../../mesh/route-match.ts';
import { literalService } from '../../mesh/service-behind.ts';
import { hostsOf, servesMesh, virtualServicesFor } from '../../mesh/virtual-service.ts';
import { advise, edit, placeIn, type Step } from '../../step.ts';
import { type LiteralHost, meshFault } from './faults.ts';

/**
 * Hosts such as `reviews.shop` where a Service of that name is in the input: only names without a dot are expanded.
 *
 * @param claimed - the Services that this run gives to a VirtualService, by FQDN; those found here are added
 * @see https://github.com/istio/istio/blob/1.31.0/pilot/pkg/model/config.go `ResolveShortnameToFQDN`
 */
export function findLiteralHosts(mesh: Mesh, virtualService: Resource, claimed: Map<string, Resource>) {
  if (!servesMesh(virtualService)) return [];
  const hosts = hostsOf(virtualService);
  return listAt(virtualService.value, 'spec', 'hosts').flatMap((host, index) => {
    const fqdn = typeof host === 'string' ? literalService(mesh, host) : undefined;
    if (fqdn === undefined || hosts.includes(fqdn)) return [];
    const taken =
      claimed.get(fqdn) ??
      virtualServicesFor(mesh, fqdn).find((other) => other !== virtualService && servesMesh(other));
    if (!taken) {
      hosts.push(fqdn);
      claimed.set(fqdn, virtualService);
    }
    const data = { virtualService, index, host: String(host), fqdn, taken };
    return [meshFault('literal-host', placeIn(virtualService, 'spec', 'hosts', index), data)];
  });
}

/** Writes the Service's full name: instead of the host, or beside it where gateways may need it as it is. */
export function expandHost({ virtualService, index, fqdn, taken }: LiteralHost): Step {
  if (taken) return advise(`VirtualService ${taken.name} has that Service already: merge the two`);
  const isForGateways = hasGateways(virtualService);
  const operation: Operation = isForGateways
    ? { op: 'add', path: pointer('spec', 'hosts', '-'), value: fqdn }
    : { op: 'replace', path: pointer('spec', 'hosts', index), value: fqdn };
  const fix = isForGateways ? `add ${fqdn} beside it` : `write ${fqdn}`;
  return edit(fix, { resource: virtualService, operations: [operation] });
}
