import { pointer } from '../../manifest/pointer.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { at, stringAt } from '../../mesh/read.ts';
import { isUnquoted } from '../../mesh/unquoted.ts';
import { workloadsBehind } from '../../mesh/workload.ts';
import { operationsToSet } from '../../operations.ts';
import { type Change, edit, emit, placeIn, refuse, type Step } from '../../step.ts';
import {
  annotationOf,
  directAccess,
  type Entrance,
  internalSubnet,
  isDirect,
  isPlain,
  isPrivate,
} from './entrances.ts';
import { exposureFault, type Indirect } from './faults.ts';

export type Network = 'vpc-cni' | 'global-route' | undefined;

/** True for an entrance whose load balancer TKE makes. */
export function isOfTke({ type, foreign }: Entrance): boolean {
  return type === 'LoadBalancer' && foreign === undefined;
}

/** Finds what keeps the load balancer of an entrance from reaching pods directly. */
export function* findIndirect(mesh: Mesh, entrance: Entrance, network: Network) {
  const where = { resource: entrance.resource };
  if (entrance.type !== 'LoadBalancer') yield exposureFault('no-load-balancer', where, entrance);
  else if (entrance.foreign !== undefined) yield exposureFault('other-load-balancer', where, entrance);
  else {
    if (!hasQuotable(entrance)) yield* findAnnotation(entrance);
    if (isPrivate(entrance)) yield exposureFault('private-load-balancer', placeOfSubnet(entrance), entrance);
    if (network !== 'global-route') yield* findNetworks(mesh, entrance);
  }
}

/** True for a Service with direct access once its annotation is a string. */
function hasQuotable(entrance: Entrance): boolean {
  return entrance.resource.kind === 'Service' && annotationOf(entrance, directAccess) === true && isOfTke(entrance);
}

function* findAnnotation(entrance: Entrance) {
  const { resource, annotations, sharedWith = [] } = entrance;
  const { within, root, path } = annotations;
  const where = { resource };
  const override = at(entrance.overrides, directAccess);
  const setting = operationsToSet(root, [...path, directAccess], 'true');
  if (isDirect(entrance) && (override !== undefined || setting.outcome === 'same')) {
    const place = override === undefined ? { path: within ?? pointer(...path, directAccess) } : {};
    yield exposureFault('direct-already', { ...where, ...place }, entrance);
    return;
  }
  const isKnown = isPlain(entrance) && !isDirect(entrance);
  const isShared = sharedWith.length > 0 && !isDirect(entrance);
  if (override === undefined && !isShared && setting.outcome === 'change') {
    const reported = isKnown ? 'folded' : 'when asked';
    yield exposureFault('behind-node-ports', { ...where, reported }, { entrance, setting });
    return;
  }
  if (isKnown) yield exposureFault('behind-node-ports', { ...where, reported: 'when diagnosing' }, { entrance });
  yield* findHindrance(entrance, setting, isShared);
}

/** Why the annotation cannot be added here. */
function* findHindrance(entrance: Entrance, setting: ReturnType<typeof operationsToSet>, isShared: boolean) {
  const where = { resource: entrance.resource };
  const override = at(entrance.overrides, directAccess);
  if (override !== undefined) yield exposureFault('overriding-parameter', where, { entrance, value: override });
  else if (isShared) yield exposureFault('shared-annotations', where, entrance);
  else if (setting.outcome === 'cannot')
    yield exposureFault('unsettable-annotation', where, { entrance, reason: setting.reason });
}

/** Adds the annotation; undefined where nothing can. */
export function annotate({ entrance, setting }: Indirect, network: Network): Change | undefined {
  if (!setting) return undefined;
  const { resource, annotations } = entrance;
  const { within } = annotations;
  const patch = { resource, operations: setting.operations, ...(within === undefined ? {} : { within }) };
  const fix = `set annotation \`${directAccess}: "true"\`: the load balancer of TKE then reaches the pods without NodePorts${needs[network ?? 'unknown']}`;
  return edit(fix, patch, { resource, path: within ?? setting.path });
}

const needs: Readonly<Record<NonNullable<Network> | 'unknown', string>> = {
  'vpc-cni':
    '. In a cluster with two networks the gateway pods need annotation `tke.cloud.tencent.com/networks: tke-route-eni` and resource `tke.cloud.tencent.com/eni-ip: "1"`',
  'global-route': '',
  unknown: ' (VPC-CNI only; for pods of GlobalRouter set `expose-gateway.network: global-route`)',
};

/** Finds an annotation in a Service that does not give it direct access, though it is there. */
export function* findFaultyAnnotation(entrance: Entrance, isAdding: boolean) {
  const { resource, name, type } = entrance;
  if (resource.kind !== 'Service') return;
  const value = annotationOf(entrance, directAccess);
  const place = placeIn(resource, 'metadata', 'annotations', directAccess);
  if (isUnquoted(value)) {
    const canQuote = hasQuotable(entrance);
    const reported = canQuote && isAdding ? 'always' : 'when diagnosing';
    const what = `Annotation \`${directAccess}\` of ${name}`;
    yield exposureFault('unquoted-direct-access', { ...place, reported }, { what, value, canQuote });
  } else if (value === 'true' && type !== 'LoadBalancer') {
    yield exposureFault('useless-direct-access', { ...place, reported: 'when diagnosing' }, entrance);
  }
}

/** Finds a private load balancer with direct access: it may be meant, so those who only diagnose get no warning. */
export function* findPrivate(entrance: Entrance) {
  if (!isPlain(entrance) || !isDirect(entrance) || !isPrivate(entrance)) return;
  const where = { ...placeOfSubnet(entrance), reported: 'when diagnosing', severity: 'info' } as const;
  yield exposureFault('private-load-balancer', where, entrance);
}

/** @see https://cloud.tencent.com/document/product/457/51258 */
function placeOfSubnet({ resource, annotations, overrides }: Entrance) {
  const isOverridden = at(overrides, internalSubnet) !== undefined;
  return isOverridden
    ? { resource }
    : { resource, path: annotations.within ?? pointer(...annotations.path, internalSubnet) };
}

/** Pods that use a network without addresses of the VPC. */
function* findNetworks(mesh: Mesh, entrance: Entrance) {
  const { resource } = entrance;
  if (resource.kind !== 'Service') return;
  for (const workload of workloadsBehind(mesh, resource)) {
    const path = ['metadata', 'annotations', 'tke.cloud.tencent.com/networks'] as const;
    const networks = stringAt(workload.value, ...path);
    if (networks === undefined || /eni/.test(networks)) continue;
    const where = { ...placeIn(workload.resource, ...workload.path, ...path), narrowedBy: resource };
    yield exposureFault('pods-in-other-network', where, { entrance, networks });
  }
}

const flag = 'GlobalRouteDirectAccess';

/** Finds the switch of direct access to pods of GlobalRouter as a boolean: the API server takes no ConfigMap with one. */
export function* findUnquotedSwitch(mesh: Mesh) {
  for (const config of serviceControllerConfigs(mesh)) {
    const value = at(config.value, 'data', flag);
    const where = { ...placeIn(config, 'data', flag), reported: 'when diagnosing' } as const;
    if (typeof value === 'boolean') yield exposureFault('unquoted-global-route', where, { what: `\`${flag}\``, value });
  }
}

/** Finds out whether direct access to pods of GlobalRouter is off, or not set in the input. */
export function* findGlobalRoute(mesh: Mesh) {
  const [resource] = serviceControllerConfigs(mesh);
  if (at(resource?.value, 'data', flag) !== 'true') yield exposureFault('no-global-route', {});
}

/**
 * Allows direct access to pods of GlobalRouter. A ConfigMap that is not in the input is applied over the cluster's own,
 * key by key.
 *
 * @see https://www.tencentcloud.com/document/product/457/36837
 */
export function switchOnGlobalRoute(mesh: Mesh): Step | undefined {
  const limits = 'the account must be of the bandwidth-by-IP kind, or the VPC in a Cloud Connect Network';
  const [resource] = serviceControllerConfigs(mesh);
  if (!resource) {
    const fix = `add ConfigMap kube-system/tke-service-controller-config with \`${flag}: "true"\`, to apply over the one in the cluster and never to replace it; ${limits}`;
    return emit(fix, { template: 'expose-gateway/service-controller-config', values: { value: 'true' } });
  }
  const setting = operationsToSet(resource.value, ['data', flag], 'true');
  if (setting.outcome === 'same') return undefined;
  if (setting.outcome === 'cannot')
    return refuse(`\`${flag}\` cannot be set: ${setting.reason}`, { resource, severity: 'error' });
  const { operations, path } = setting;
  return edit(`set \`${flag}: "true"\`; ${limits}`, { resource, operations }, { resource, path });
}

function serviceControllerConfigs(mesh: Mesh) {
  return mesh
    .ofKind('ConfigMap', '')
    .filter(({ name, namespace }) => name === 'tke-service-controller-config' && namespace === 'kube-system');
}
