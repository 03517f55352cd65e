import { derived } from '../../mesh/derived.ts';
import { fqdnOf } from '../../mesh/host.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { distinctNames, dnsLabel } from '../../mesh/new-name.ts';
import { at, listAt } from '../../mesh/read.ts';
import { namespaceOf, type Resource } from '../../mesh/resource.ts';
import { isAmbientNamespace, serviceOf } from '../../mesh/service.ts';
import {
  isAmbient,
  isGateway,
  isWithoutSidecar,
  type PodTemplate,
  servicesOf,
  workloadsOf,
} from '../../mesh/workload.ts';
import { selectorOf } from '../../mesh/workload-selector.ts';
import { advise, emit, type Step } from '../../step.ts';
import { localityFault } from './faults.ts';
import type { LocalityTarget } from './parameters.ts';

/** The port of a Service that is there only for the zone of its pods. */
export const unusedPort = 'tcp-unused';

/** Kinds whose pods stay and call others; what runs once is not worth a Service. */
const callers: ReadonlySet<string> = new Set(['Deployment', 'StatefulSet', 'DaemonSet', 'Rollout', 'ReplicaSet']);

/**
 * Workloads whose own zone istiod does not know up to 1.19: it reads that from the endpoint of a Service, and a
 * Service without ports has none.
 *
 * @see https://github.com/istio/istio/blob/1.19.0/pilot/pkg/xds/ads.go `setTopologyLabels`
 */
export function clientsWithoutService(mesh: Mesh): PodTemplate[] {
  return withoutService(mesh).filter(({ resource }) => callers.has(resource.kind));
}

const withoutService = derived((mesh) => workloadsOf(mesh).filter((workload) => isWithoutService(mesh, workload)));

function isWithoutService(mesh: Mesh, workload: PodTemplate): boolean {
  const { resource, value } = workload;
  if (isGateway(workload)) return false;
  if (isAmbient(mesh, workload) || isAmbientNamespace(mesh, namespaceOf(resource))) return false;
  if (isWithoutSidecar(mesh, workload) || at(value, 'metadata', 'labels', 'istio-locality') !== undefined) return false;
  return servicesOf(mesh, workload).every(({ value }) => listAt(value, 'spec', 'ports').length === 0);
}

/** Finds the clients whose zone istiod does not know, one by one, for a user who names them. */
export function* findNamedClients({ mesh, parameters: { names } }: LocalityTarget) {
  if (names === undefined) return;
  for (const workload of withoutService(mesh)) {
    const { resource } = workload;
    const where = { resource, reported: 'when asked' } as const;
    if (!callers.has(resource.kind)) yield localityFault('short-lived-client', where, resource);
    else yield localityFault('unknown-zone', where, [workload]);
  }
}

/** Adds a Service whose endpoints show istiod the zone of a client. */
export function addService(client: PodTemplate, { mesh }: LocalityTarget): Step {
  const { resource } = client;
  const name = serviceNames(mesh).get(subjectOf(resource)) ?? '';
  const selector = selectorOf(client);
  if (!selector) return advise('Its pods have no labels, so no Service can be added', { severity: 'warning' });
  if (serviceOf(mesh, fqdnOf(name, namespaceOf(resource))))
    return advise(`A Service ${name} exists already, for other pods, so none is added`, { severity: 'warning' });
  return emit(`add Service ${name}, which nobody calls`, {
    template: 'locality-failover/service',
    values: { name, namespace: resource.namespace ?? null, selector, port: unusedPort },
  });
}

const serviceNames = derived((mesh) =>
  distinctNames(
    withoutService(mesh).map(({ resource }) => ({
      subject: subjectOf(resource),
      namespace: namespaceOf(resource),
      name: dnsLabel(`${resource.name}-locality`),
    })),
  ),
);

function subjectOf(resource: Resource): string {
  return `${resource.kind} ${namespaceOf(resource)}/${resource.name}`;
}
