import { groupBy } from '../../group-by.ts';
import { pointer } from '../../manifest/pointer.ts';
import { gatewaySelector, istioGatewaysOf, workloadsOfGateway, workloadsWithLabelsOf } from '../../mesh/gateway.ts';
import { gatewayServicesOf, hasUnknownTarget, reachablePorts, servicesFor } from '../../mesh/gateway-service.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { at, listAt } from '../../mesh/read.ts';
import { namespaceOf, type Resource } from '../../mesh/resource.ts';
import { isUnquoted } from '../../mesh/unquoted.ts';
import type { Version } from '../../mesh/version.ts';
import { isGateway, type PodTemplate, podLabels, workloadsOf } from '../../mesh/workload.ts';
import { someOf } from '../mechanisms/wording.ts';
import type { LegacyStep as Step } from '../remedy.ts';
import { isServiceControllerConfig, privateSteps } from './direct-access.ts';
import { annotationOf, directAccess, type Entrance, entrancesOf, internalSubnet, isDirect } from './entrances.ts';
import { allowance } from './node-ports.ts';

/** What keeps direct access from working where somebody asked for it; else one word on what is outside of manifests. */
export function* exposureFaults(mesh: Mesh, version: Version): Iterable<Step> {
  const entrances = entrancesOf(mesh, version);
  for (const entrance of entrances) yield* annotationFaults(entrance);
  for (const config of mesh.ofKind('ConfigMap', '').filter(isServiceControllerConfig)) {
    const value = at(config.value, 'data', 'GlobalRouteDirectAccess');
    if (typeof value !== 'boolean') continue;
    const message = `GlobalRouteDirectAccess: ${value} is no string, so Kubernetes refuses the ConfigMap: quote it`;
    const path = pointer('data', 'GlobalRouteDirectAccess');
    yield { severity: 'error', outcome: 'advise', message, resource: config, path };
  }
  // Both are asked for, so a private gateway may be what is meant: that is told of, not warned of.
  for (const entrance of entrances) if (isPlain(entrance) && isDirect(entrance)) yield* privateSteps(entrance, 'info');
  yield* securityGroupHint(entrances);
}

/** True when somebody asked for a load balancer, and for none of another cloud. */
function isPlain({ type, foreign, implied }: Entrance): boolean {
  return type === 'LoadBalancer' && foreign === undefined && !implied;
}

function* annotationFaults(entrance: Entrance): Iterable<Step> {
  const { resource, name, type, foreign } = entrance;
  if (resource.kind !== 'Service') return;
  const value = annotationOf(entrance, directAccess);
  const place = { resource, path: pointer('metadata', 'annotations', directAccess) };
  if (isUnquoted(value)) {
    const why = `${directAccess}: ${value} of ${name} is no string, so Kubernetes refuses the Service`;
    const canChange = value === true && type === 'LoadBalancer' && foreign === undefined;
    if (!canChange) yield { severity: 'error', outcome: 'advise', message: `${why}: quote it`, ...place };
    else {
      const operations = [{ op: 'replace' as const, path: place.path, value: 'true' }];
      yield { severity: 'error', outcome: 'change', message: why, ...place, patch: { resource, operations } };
    }
  } else if (value === 'true' && type !== 'LoadBalancer') {
    const message = `${directAccess} does nothing for ${name}, which is of type ${type}: only a LoadBalancer has a CLB`;
    yield { severity: 'warning', outcome: 'advise', message, ...place };
  }
}

/** One word for the whole mesh: security groups are in no manifest. */
function* securityGroupHint(entrances: readonly Entrance[]): Iterable<Step> {
  const indirect = entrances.filter((entrance) => isPlain(entrance) && !isDirect(entrance));
  const [first] = indirect;
  if (!first) return;
  const names = namesOf(indirect);
  const isPrivate = namesOf(indirect.filter((entrance) => annotationOf(entrance, internalSubnet)));
  const note = isPrivate.length > 0 ? `. ${isPrivate.join(', ')}: private, by annotation ${internalSubnet}` : '';
  const allowances = new Set(indirect.map(allowance));
  const ports = allowances.size === 1 && names.length === 1 ? `: ${allowance(first)}` : '';
  yield {
    severity: 'info',
    outcome: 'advise',
    message: `Where clients outside get no answer from ${someOf(names)}, look at the firewall or security group of the nodes first${ports}. On TKE, --expose-gateway lets the load balancer reach pods directly${note}`,
    resource: first.resource,
  };
}

/** Each name once: variants of one resource share it. */
function namesOf(entrances: readonly Entrance[]): string[] {
  return [...new Set(entrances.map(({ name }) => name))];
}

/** What keeps clients from a gateway wherever it runs. */
export function* reachFaults(mesh: Mesh, version: Version): Iterable<Step> {
  const gateways = istioGatewaysOf(mesh);
  const services = new Set(gatewayServicesOf(mesh));
  const served = new Set(gateways.flatMap((gateway) => workloadsWithLabelsOf(mesh, gateway)));
  const unserved = groupBy(
    workloadsOf(mesh).filter((workload) => isGateway(workload) && !served.has(workload)),
    ({ resource }) => namespaceOf(resource),
  );
  for (const gateway of gateways) {
    yield* scopeFaults(mesh, gateway, version);
    yield* portFaults(mesh, gateway, version);
    const beside = gateway.namespace === undefined ? [] : (unserved.get(gateway.namespace) ?? []);
    if (beside.length === 0 || workloadsWithLabelsOf(mesh, gateway).length > 0) continue;
    if (!servicesFor(mesh, gateway, version).some((service) => services.has(service)))
      yield* selectorFaults(gateway, beside);
  }
}

/** A Gateway that no pod uses, since istiod is told that each is for its own namespace only. */
function* scopeFaults(mesh: Mesh, gateway: Resource, version: Version): Iterable<Step> {
  const elsewhere = workloadsWithLabelsOf(mesh, gateway);
  if (elsewhere.length === 0 || workloadsOfGateway(mesh, gateway, version).length > 0) return;
  const namespaces = [...new Set(elsewhere.map(({ resource }) => namespaceOf(resource)))].join(', ');
  yield {
    severity: 'warning',
    outcome: 'advise',
    message: `No gateway serves Gateway ${gateway.name}: istiod has PILOT_SCOPE_GATEWAY_TO_NAMESPACE, by which pods use only Gateways of their own namespace, and those with its labels are in ${namespaces}. Move it there`,
    resource: gateway,
    path: pointer('metadata', 'namespace'),
    source: 'https://istio.io/latest/docs/reference/commands/pilot-discovery/#envvars',
  };
}

/** Servers at ports that no Service of the gateway's pods has, as `istioctl analyze` tells by IST0162. */
function* portFaults(mesh: Mesh, gateway: Resource, version: Version): Iterable<Step> {
  const services = servicesFor(mesh, gateway, version);
  const pods = workloadsOfGateway(mesh, gateway, version);
  if (services.length === 0 || pods.some(({ value }) => at(value, 'spec', 'hostNetwork') === true)) return;
  if (services.some((service) => hasUnknownTarget(mesh, service))) return;
  const reached = new Set([
    ...services.flatMap((service) => [...reachablePorts(mesh, service)]),
    ...pods.flatMap(portsOfNode),
  ]);
  if (reached.size === 0) return;
  for (const [index, server] of listAt(gateway.value, 'spec', 'servers').entries()) {
    const number = at(server, 'port', 'number');
    if (typeof number !== 'number' || reached.has(number) || at(server, 'bind') !== undefined) continue;
    const names = services.map(({ name }) => name).join(', ');
    yield {
      severity: 'warning',
      outcome: 'advise',
      message: `Nothing leads to port ${number} of Gateway ${gateway.name}: Service ${names} of its pods has ${[...reached].join(', ')}. Add the port there, or use one of these`,
      resource: gateway,
      path: pointer('spec', 'servers', index, 'port', 'number'),
      source: 'https://istio.io/latest/docs/reference/config/analysis/ist0162/',
    };
  }
}

/** The ports of pods that their nodes open too. */
function portsOfNode({ value }: PodTemplate): number[] {
  const ports = listAt(value, 'spec', 'containers').flatMap((container) => listAt(container, 'ports'));
  return ports.flatMap((port) => {
    const [inside, outside] = [at(port, 'containerPort'), at(port, 'hostPort')];
    return typeof inside === 'number' && typeof outside === 'number' ? [inside] : [];
  });
}

/**
 * A Gateway that misses by the value of a label the one gateway beside it, which no other Gateway is for. Anything less
 * plain may be for pods that are not in the input.
 */
function* selectorFaults(gateway: Resource, unserved: readonly PodTemplate[]): Iterable<Step> {
  const selector = gatewaySelector(gateway);
  const keys = Object.keys(selector);
  if (keys.length === 0) return;
  const beside = unserved.filter((workload) => keys.every((key) => Object.hasOwn(podLabels(workload), key)));
  const [only] = beside;
  if (!only || beside.length > 1) return;
  const labels = podLabels(only);
  const own = keys.map((key) => `${key}: ${labels[key]}`).join(', ');
  yield {
    severity: 'warning',
    outcome: 'advise',
    message: `Gateway ${gateway.name} is for pods with ${keys.map((key) => `${key}: ${String(selector[key])}`).join(', ')}, and no pod of the input has that: the gateway beside it, ${only.resource.kind} ${only.resource.name}, has ${own}`,
    resource: gateway,
    path: pointer('spec', 'selector'),
    source: 'https://istio.io/latest/docs/reference/config/analysis/ist0101/',
  };
}
