import { pointer } from '../../manifest/pointer.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { at, stringAt } from '../../mesh/read.ts';
import { workloadsBehind } from '../../mesh/workload.ts';
import { operationsToSet } from '../../operations.ts';
import { someOf } from '../mechanisms/wording.ts';
import type { LegacyStep as Step } from '../remedy.ts';
import { annotationOf, directAccess, type Entrance, internalSubnet, isDirect } from './entrances.ts';

type Network = 'vpc-cni' | 'global-route' | undefined;

/** Steps that let the CLB of an entrance reach pods directly, and what stands against it. */
export function* directAccessSteps(mesh: Mesh, entrance: Entrance, network: Network): Iterable<Step> {
  const { resource, name, type, foreign } = entrance;
  const hint = entrance.resource.kind === 'Service' ? 'spec.type: LoadBalancer' : 'a Service of type LoadBalancer';
  if (type !== 'LoadBalancer') {
    const message = `${name} is of type ${type}, so no load balancer is made for it and direct access means nothing: give it ${hint}, which costs a load balancer, or expose what is in front of it`;
    yield { severity: 'warning', outcome: 'advise', message, resource };
    return;
  }
  if (foreign !== undefined) {
    const message = `${name} stays as it is: ${foreign} tells of another load balancer than TKE's, whose firewall rules are the place to look`;
    yield { severity: 'info', outcome: 'keep', message, resource };
    return;
  }
  yield annotationStep(entrance, network);
  yield* privateSteps(entrance, 'warning');
  if (network !== 'global-route') yield* networkSteps(mesh, entrance);
}

function annotationStep(entrance: Entrance, network: Network): Step {
  const { resource, name, annotations, sharedWith = [] } = entrance;
  const { within, root, path } = annotations;
  const override = at(entrance.overrides, directAccess);
  if (override !== undefined && !isDirect(entrance)) {
    const message = `${name} cannot take annotation ${directAccess}: a Helm parameter sets it to ${String(override)}, and wins over values`;
    return { severity: 'error', outcome: 'refuse', message, resource };
  }
  if (override !== undefined) {
    const message = `${name} has direct access already, by a Helm parameter`;
    return { severity: 'info', outcome: 'keep', message, resource };
  }
  if (sharedWith.length > 0 && !isDirect(entrance)) {
    const item = `{name: istio-ingressgateway, enabled: true, k8s: {serviceAnnotations: {${directAccess}: "true"}}}`;
    const message = `${name} stays as it is: its profile brings it, and an annotation in values would reach ${someOf(sharedWith)} too. Add ${item} to spec.components.ingressGateways`;
    return { severity: 'warning', outcome: 'advise', message, resource };
  }
  const setting = operationsToSet(root, [...path, directAccess], 'true');
  if (setting.outcome === 'same') {
    const message = `${name} has direct access already`;
    return { severity: 'info', outcome: 'keep', message, resource, path: within ?? pointer(...path, directAccess) };
  }
  if (setting.outcome === 'cannot') {
    const message = `${name} cannot take annotation ${directAccess}: ${setting.reason}`;
    return { severity: 'error', outcome: 'refuse', message, resource };
  }
  return {
    severity: 'info',
    outcome: 'change',
    message: `${name} gets ${directAccess}: "true", by which the load balancer of TKE reaches its pods without NodePorts, past the security groups of nodes${needs[network ?? 'unknown']}`,
    resource,
    path: within ?? setting.path,
    patch: { resource, operations: setting.operations, ...(within === undefined ? {} : { within }) },
  };
}

const needs: Readonly<Record<NonNullable<Network> | 'unknown', string>> = {
  'vpc-cni':
    '. In a cluster with two networks the gateway pods need annotation tke.cloud.tencent.com/networks: tke-route-eni and resource tke.cloud.tencent.com/eni-ip: "1"',
  'global-route': '',
  unknown: '. Its pods must be of VPC-CNI; for those of GlobalRouter set expose-gateway.network to global-route',
};

/** @see https://cloud.tencent.com/document/product/457/51258 */
export function* privateSteps(entrance: Entrance, severity: 'warning' | 'info'): Iterable<Step> {
  const subnet = annotationOf(entrance, internalSubnet);
  if (subnet === undefined || subnet === '') return;
  const { resource, name, annotations } = entrance;
  const message = `${name} has annotation ${internalSubnet}, so its load balancer is private and no public client reaches it, directly or not. For a public one remove the annotation, which makes a new load balancer with a new address`;
  const isOverridden = at(entrance.overrides, internalSubnet) !== undefined;
  const path = annotations.within ?? pointer(...annotations.path, internalSubnet);
  yield { severity, outcome: 'advise', message, resource, ...(isOverridden ? {} : { path }) };
}

/** Pods that ask for a network without addresses of the VPC. */
function* networkSteps(mesh: Mesh, { resource, name }: Entrance): Iterable<Step> {
  if (resource.kind !== 'Service') return;
  for (const workload of workloadsBehind(mesh, resource)) {
    const networks = stringAt(workload.value, 'metadata', 'annotations', 'tke.cloud.tencent.com/networks');
    if (networks === undefined || /eni/.test(networks)) continue;
    yield {
      severity: 'warning',
      outcome: 'advise',
      message: `The pods behind ${name} ask for network ${networks}, which is not of VPC-CNI: set expose-gateway.network to global-route, or let them ask for tke-route-eni`,
      resource: workload.resource,
      path: pointer(...workload.path, 'metadata', 'annotations', 'tke.cloud.tencent.com/networks'),
    };
  }
}

const flag = 'GlobalRouteDirectAccess';

/**
 * Steps that allow direct access to pods of GlobalRouter. A ConfigMap that is not in the input is laid over the
 * cluster's own, key by key.
 *
 * @see https://www.tencentcloud.com/document/product/457/36837
 */
export function* globalRouteSteps(mesh: Mesh): Iterable<Step> {
  const why = 'Direct access to pods of GlobalRouter is a switch of the whole cluster';
  const limits = 'the account must be of the bandwidth-by-IP kind, or the VPC in a Cloud Connect Network';
  const resource = mesh.ofKind('ConfigMap', '').find(isServiceControllerConfig);
  if (!resource) {
    yield {
      severity: 'info',
      outcome: 'change',
      message: `${why}: emits ConfigMap kube-system/tke-service-controller-config with ${flag}: "true", to be applied over the one in the cluster and never to replace it; ${limits}`,
      emit: { template: 'expose-gateway/service-controller-config', values: { value: 'true' } },
    };
    return;
  }
  const setting = operationsToSet(resource.value, ['data', flag], 'true');
  if (setting.outcome === 'same') return;
  if (setting.outcome === 'cannot') {
    const message = `${flag} cannot be set: ${setting.reason}`;
    yield { severity: 'error', outcome: 'refuse', message, resource };
    return;
  }
  yield {
    severity: 'info',
    outcome: 'change',
    message: `${why}: sets ${flag}: "true"; ${limits}`,
    resource,
    path: setting.path,
    patch: { resource, operations: setting.operations },
  };
}

export function isServiceControllerConfig({ name, namespace }: { name: string; namespace?: string }): boolean {
  return name === 'tke-service-controller-config' && namespace === 'kube-system';
}
