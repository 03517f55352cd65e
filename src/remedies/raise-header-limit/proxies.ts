import { groupBy } from '../../group-by.ts';
import { isSelected, type Mesh, type Selection } from '../../mesh/mesh.ts';
import { namespaceOf } from '../../mesh/resource.ts';
import { isGateway, type PodTemplate, podLabels, workloadsOf } from '../../mesh/workload.ts';
import { selectorOf } from '../../mesh/workload-selector.ts';
import { unreachedBy } from '../mechanisms/audience.ts';
import { limitFault } from './faults.ts';
import type { RaisePlan } from './limits.ts';
import type { Settings } from './parameters.ts';
import { findInReach } from './raise.ts';
import { namesFor, type Reach, selectedReach } from './reach.ts';

type Labels = Readonly<Record<string, string>>;

/** The gateways with some labels, by namespace. */
export function selectedGateways(mesh: Mesh, selector: Labels, values: Selection): Reach[] {
  const gateways = selectedWorkloads(mesh, selector, values).filter(isGateway);
  // A filter of the root namespace reaches the gateways wherever they run.
  if (gateways.length === 0) return [selectedReach(mesh, mesh.rootNamespace, selector, 'GATEWAY', [])];
  return [...byNamespace(gateways)].map(([namespace, some]) =>
    selectedReach(mesh, namespace, selector, 'GATEWAY', some),
  );
}

/**
 * Finds what limits the proxies of chosen workloads.
 *
 * @returns true when a filter can reach some of them
 */
export function* findInWorkloads(plan: RaisePlan, values: Settings) {
  const { mesh } = plan;
  const { selector } = values;
  const chosen: PodTemplate[] = [];
  for (const workload of selectedWorkloads(mesh, selector ?? {}, values)) {
    const unreached = unreachedBy(mesh, workload);
    if (unreached) yield limitFault(unreached, { resource: workload.resource }, workload);
    else chosen.push(workload);
  }
  if (chosen.length === 0) {
    const labels = Object.entries(selector ?? {}).map(([key, value]) => `${key}=${value}`);
    yield limitFault('no-such-workload', {}, labels.join(', '));
  }
  const reachable = chosen.filter((workload) => selector || selectorOf(workload));
  for (const workload of chosen)
    if (!reachable.includes(workload)) yield limitFault('no-labels', { resource: workload.resource }, workload);
  const reaches = selector ? reachesOf(mesh, reachable, selector) : reachesOfEach(mesh, reachable);
  for (const reach of reaches) yield* findInReach(plan, reach);
  return reaches.length > 0;
}

function reachesOf(mesh: Mesh, workloads: readonly PodTemplate[], selector: Labels): Reach[] {
  return [...byNamespace(workloads)].map(([namespace, some]) => selectedReach(mesh, namespace, selector, 'ANY', some));
}

/** Each by the labels of its own pods. */
function reachesOfEach(mesh: Mesh, workloads: readonly PodTemplate[]): Reach[] {
  const each = workloads.map((workload) => {
    return { workload, namespace: namespaceOf(workload.resource), selector: selectorOf(workload) ?? {} };
  });
  const nameOf = namesFor(each);
  return each.map(({ workload, namespace, selector }) =>
    selectedReach(mesh, namespace, selector, 'ANY', [workload], nameOf(namespace, selector)),
  );
}

function selectedWorkloads(mesh: Mesh, selector: Labels, values: Selection): readonly PodTemplate[] {
  return workloadsOf(mesh).filter((workload) => {
    const labels = podLabels(workload);
    const isMeant = Object.entries(selector).every(([key, value]) => labels[key] === value);
    return isMeant && isSelected(workload.resource, values);
  });
}

function byNamespace(workloads: readonly PodTemplate[]): ReadonlyMap<string, readonly PodTemplate[]> {
  return groupBy(workloads, ({ resource }) => namespaceOf(resource));
}
