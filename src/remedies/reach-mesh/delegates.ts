import { pointer } from '../../manifest/pointer.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { listAt } from '../../mesh/read.ts';
import type { Resource } from '../../mesh/resource.ts';
import { isDelegate, rootRulesOf } from '../../mesh/virtual-service.ts';
import { type Change, edit, placeIn } from '../../step.ts';
import { meshFault } from './faults.ts';

/**
 * A VirtualService that has gateways and no hosts, which Istio rejects.
 *
 * @param whole - the names of the VirtualServices that have hosts: one without hosts and with such a name is a kustomize patch
 */
export function findDelegateGateways(mesh: Mesh, virtualService: Resource, whole: ReadonlySet<string>) {
  if (!isDelegate(virtualService) || listAt(virtualService.value, 'spec', 'gateways').length === 0) return [];
  const where = placeIn(virtualService, 'spec', 'gateways');
  if (rootRulesOf(mesh, virtualService).length > 0) return [meshFault('gateways-in-delegate', where, virtualService)];
  const hasRules = ['http', 'tls', 'tcp'].some((kind) => listAt(virtualService.value, 'spec', kind).length > 0);
  return hasRules && !whole.has(virtualService.name) ? [meshFault('gateways-without-hosts', where)] : [];
}

export function removeGateways(resource: Resource): Change {
  return edit('remove `gateways`', { resource, operations: [{ op: 'remove', path: pointer('spec', 'gateways') }] });
}
