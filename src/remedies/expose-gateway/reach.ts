import { groupBy } from '../../group-by.ts';
import { gatewaySelector, istioGatewaysOf, workloadsOfGateway, workloadsWithLabelsOf } from '../../mesh/gateway.ts';
import {
  gatewayServicesOf,
  hasUnknownTarget,
  reachablePorts,
  servicesFor,
  serviceType,
} from '../../mesh/gateway-service.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { at, listAt } from '../../mesh/read.ts';
import { namespaceOf, type Resource } from '../../mesh/resource.ts';
import type { Version } from '../../mesh/version.ts';
import { isGateway, type PodTemplate, podLabels, workloadsOf } from '../../mesh/workload.ts';
import { placeIn } from '../../step.ts';
import { exposureFault } from './faults.ts';

/** Finds what keeps clients from a gateway wherever it runs. */
export function* findUnreached(mesh: Mesh, version: Version) {
  const gateways = istioGatewaysOf(mesh);
  const services = new Set(gatewayServicesOf(mesh));
  const served = new Set(gateways.flatMap((gateway) => workloadsWithLabelsOf(mesh, gateway)));
  const unserved = groupBy(
    workloadsOf(mesh).filter((workload) => isGateway(workload) && !served.has(workload)),
    ({ resource }) => namespaceOf(resource),
  );
  for (const gateway of gateways) {
    yield* findScope(mesh, gateway, version);
    yield* findPorts(mesh, gateway, version);
    const beside = gateway.namespace === undefined ? [] : (unserved.get(gateway.namespace) ?? []);
    if (beside.length === 0 || workloadsWithLabelsOf(mesh, gateway).length > 0) continue;
    if (!servicesFor(mesh, gateway, version).some((service) => services.has(service)))
      yield* findMismatch(gateway, beside);
  }
}

/** A Gateway that no pod uses, because istiod gives each only to pods of its own namespace. */
function* findScope(mesh: Mesh, gateway: Resource, version: Version) {
  const elsewhere = workloadsWithLabelsOf(mesh, gateway);
  if (elsewhere.length === 0 || workloadsOfGateway(mesh, gateway, version).length > 0) return;
  const namespaces = [...new Set(elsewhere.map(({ resource }) => namespaceOf(resource)))];
  const source = 'https://istio.io/latest/docs/reference/commands/pilot-discovery/#envvars';
  const where = { ...placeIn(gateway, 'metadata', 'namespace'), narrowedBy: null, source };
  yield exposureFault('pods-in-other-namespace', where, { gateway, namespaces });
}

/** Servers at ports that no Service of the gateway's pods has, which `istioctl analyze` reports as IST0162. */
function* findPorts(mesh: Mesh, gateway: Resource, version: Version) {
  const services = servicesFor(mesh, gateway, version);
  const pods = workloadsOfGateway(mesh, gateway, version);
  if (services.length === 0 || pods.some(({ value }) => at(value, 'spec', 'hostNetwork') === true)) return;
  if (services.some((service) => hasUnknownTarget(mesh, service))) return;
  // With no pods in the input, the Service that takes traffic from outside may be missing, too.
  if (pods.length === 0 && services.every((service) => serviceType(service) === 'ClusterIP')) return;
  const reached = new Set([
    ...services.flatMap((service) => [...reachablePorts(mesh, service)]),
    ...pods.flatMap(hostPorts),
  ]);
  if (reached.size === 0) return;
  const source = 'https://istio.io/latest/docs/reference/config/analysis/ist0162/';
  for (const [index, server] of listAt(gateway.value, 'spec', 'servers').entries()) {
    const number = at(server, 'port', 'number');
    if (typeof number !== 'number' || reached.has(number) || at(server, 'bind') !== undefined) continue;
    const where = { ...placeIn(gateway, 'spec', 'servers', index, 'port', 'number'), narrowedBy: null, source };
    yield exposureFault('port-without-service', where, { gateway, number, services, reached: [...reached] });
  }
}

/** The ports of pods that are open on their nodes too. */
function hostPorts({ value }: PodTemplate): number[] {
  const ports = listAt(value, 'spec', 'containers').flatMap((container) => listAt(container, 'ports'));
  return ports.flatMap((port) => {
    const [inside, outside] = [at(port, 'containerPort'), at(port, 'hostPort')];
    return typeof inside === 'number' && typeof outside === 'number' ? [inside] : [];
  });
}

/**
 * A Gateway whose selector differs by the value of a label from the one gateway beside it, which no other Gateway selects.
 * Anything less plain may be for pods that are not in the input.
 */
function* findMismatch(gateway: Resource, unserved: readonly PodTemplate[]) {
  const selector = gatewaySelector(gateway);
  const keys = Object.keys(selector);
  if (keys.length === 0) return;
  const beside = unserved.filter((workload) => keys.every((key) => Object.hasOwn(podLabels(workload), key)));
  const [only] = beside;
  if (!only || beside.length > 1) return;
  const source = 'https://istio.io/latest/docs/reference/config/analysis/ist0101/';
  const where = { ...placeIn(gateway, 'spec', 'selector'), narrowedBy: null, source };
  yield exposureFault('selector-without-pods', where, { gateway, selector, workload: only });
}
