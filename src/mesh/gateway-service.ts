import { groupByEach } from '../group-by.ts';
import type { JsonObject } from '../manifest/node.ts';
import { derived } from './derived.ts';
import { gatewaySelector, isInReach, istioGatewaysOf, workloadsOfGateway } from './gateway.ts';
import type { Mesh } from './mesh.ts';
import { at, listAt, objectAt, stringAt } from './read.ts';
import type { Resource } from './resource.ts';
import type { Version } from './version.ts';
import { containerPort, isGateway, servicesOf, workloadsBehind } from './workload.ts';

/** The labels by which a Service chooses its pods. */
function serviceSelector(service: Resource): JsonObject {
  return objectAt(service.value, 'spec', 'selector');
}

/** True when whatever has the labels `inner` has the labels `outer`; false for none. */
function isWithin(outer: JsonObject, inner: JsonObject): boolean {
  const pairs = Object.entries(outer);
  return pairs.length > 0 && pairs.every(([key, value]) => Object.hasOwn(inner, key) && inner[key] === value);
}

interface MeshIndex {
  /** Services by each label that they select by. */
  readonly services: ReadonlyMap<string, readonly Resource[]>;
  /** The selectors of Gateways, each once, by each of their labels. */
  readonly selectors: ReadonlyMap<string, readonly JsonObject[]>;
}

const indexOf = derived((mesh): MeshIndex => {
  const selectors = istioGatewaysOf(mesh).map(gatewaySelector);
  const distinct = new Map(selectors.map((selector) => [JSON.stringify(selector), selector]));
  const labels = (selector: JsonObject): string[] => Object.entries(selector).map(String);
  return {
    services: groupByEach(mesh.ofKind('Service', ''), (service) => labels(serviceSelector(service))),
    selectors: groupByEach(distinct.values(), labels),
  };
});

/**
 * The Services of ingress gateways: the workloads behind them are gateways; or, with no workload in the input, a
 * Gateway chooses their pods, or their selector has the labels that Istio's installation gives to ingress gateways.
 */
export const gatewayServicesOf = derived((mesh): readonly Resource[] =>
  mesh.ofKind('Service', '').filter((service) => isGatewayService(mesh, service)),
);

function isGatewayService(mesh: Mesh, service: Resource): boolean {
  const selector = serviceSelector(service);
  if (Object.keys(selector).length === 0) return false;
  const words = [selector['istio'], selector['app'], service.name];
  if (words.some((word) => typeof word === 'string' && /egress/.test(word))) return false;
  const workloads = workloadsBehind(mesh, service);
  if (workloads.length > 0) return workloads.some(isGateway);
  if (typeof selector['istio'] === 'string' && /gateway|^ingress/.test(selector['istio'])) return true;
  const { selectors } = indexOf(mesh);
  const near = Object.entries(selector).flatMap((label) => selectors.get(String(label)) ?? []);
  return near.some((own) => isWithin(own, selector) || isWithin(selector, own));
}

/**
 * The Services that surely lead to the pods of a Gateway, as far as they are in the input: those of its workloads;
 * with no workload there, those that select by all labels of the Gateway and perhaps more.
 */
export function servicesFor(mesh: Mesh, gateway: Resource, version: Version): readonly Resource[] {
  const workloads = workloadsOfGateway(mesh, gateway, version);
  if (workloads.length > 0) return [...new Set(workloads.flatMap((workload) => servicesOf(mesh, workload)))];
  const selector = gatewaySelector(gateway);
  const [label] = Object.entries(selector).map(String);
  const services = label === undefined ? [] : (indexOf(mesh).services.get(label) ?? []);
  return services.filter(
    (service) => isWithin(selector, serviceSelector(service)) && isInReach(mesh, gateway, service, version),
  );
}

/**
 * The port numbers that a server of a Gateway may have so that a Service leads to it: its ports, and what they lead to.
 *
 * @see https://github.com/istio/istio/blob/1.31.0/pkg/config/analysis/analyzers/gateway/gateway.go `IST0162`
 */
export function reachablePorts(mesh: Mesh, service: Resource): Set<number> {
  const numbers = new Set<number>();
  for (const port of listAt(service.value, 'spec', 'ports')) {
    if (stringAt(port, 'protocol') === 'UDP') continue;
    const [number, target] = [at(port, 'port'), at(port, 'targetPort')];
    if (typeof number === 'number') numbers.add(number);
    if (typeof target === 'number') numbers.add(target);
    if (typeof target !== 'string') continue;
    for (const workload of workloadsBehind(mesh, service)) {
      const named = containerPort(workload, target);
      if (named !== undefined) numbers.add(named);
    }
  }
  return numbers;
}

/** True when a Service leads to a port by a name that no pod of the input has: it may be any number. */
export function hasUnknownTarget(mesh: Mesh, service: Resource): boolean {
  const workloads = workloadsBehind(mesh, service);
  return listAt(service.value, 'spec', 'ports').some((port) => {
    const target = at(port, 'targetPort');
    return typeof target === 'string' && workloads.every((workload) => containerPort(workload, target) === undefined);
  });
}

/** `LoadBalancer`, `NodePort`, `ClusterIP`, which a Service is too when it says nothing. */
export function serviceType(service: Resource): string {
  return stringAt(service.value, 'spec', 'type') ?? 'ClusterIP';
}
