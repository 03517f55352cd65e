import type { Mesh } from './mesh.ts';
import { at, listAt, objectAt } from './read.ts';
import { namespaceOf, type Resource } from './resource.ts';
import {
  isAmbient,
  isGateway,
  isWithoutInjection,
  isWithoutSidecar,
  type PodTemplate,
  podLabels,
  workloadsBehind,
} from './workload.ts';

/**
 * Whether a workload's pods have sidecars, as far as the input says for sure. People label namespaces by hand, so a
 * Namespace without a label says nothing.
 *
 * @see https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/#controlling-the-injection-policy
 */
export function sidecarIn(mesh: Mesh, workload: PodTemplate): 'yes' | 'no' | 'unknown' {
  if (isGateway(workload)) return 'unknown';
  if (isWithoutSidecar(mesh, workload) || isAmbient(mesh, workload)) return 'no';
  const { value } = workload;
  const containers = [...listAt(value, 'spec', 'containers'), ...listAt(value, 'spec', 'initContainers')];
  if (containers.some((container) => at(container, 'name') === 'istio-proxy')) return 'yes';
  const labels = podLabels(workload);
  const annotation = at(value, 'metadata', 'annotations', 'sidecar.istio.io/inject');
  const name = namespaceOf(workload.resource);
  const namespace = mesh.ofKind('Namespace', '').find((resource) => resource.name === name);
  const ofNamespace = objectAt(namespace?.value, 'metadata', 'labels');
  const isAsked = labels['sidecar.istio.io/inject'] === 'true' || annotation === 'true';
  const isLabelled = ofNamespace['istio-injection'] === 'enabled' || ofNamespace['istio.io/rev'] !== undefined;
  return isAsked || isLabelled ? 'yes' : 'unknown';
}

/** What is known of the sidecars of a Service's pods; `mixed` when some have one and some have none. */
export function sidecarsBehind(mesh: Mesh, service: Resource): 'yes' | 'no' | 'mixed' | 'unknown' {
  const workloads = workloadsBehind(mesh, service);
  const isForPods = Object.keys(objectAt(service.value, 'spec', 'selector')).length > 0;
  if (workloads.length === 0 && isForPods && isWithoutInjection(mesh, namespaceOf(service))) return 'no';
  const found = new Set(workloads.map((workload) => sidecarIn(mesh, workload)));
  const [only] = found;
  if (only === undefined || found.has('unknown')) return 'unknown';
  return found.size === 1 ? only : 'mixed';
}
