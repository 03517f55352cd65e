import { pointer } from '../../manifest/pointer.ts';
import { at, stringAt } from '../../mesh/read.ts';
import { namespaceOf } from '../../mesh/resource.ts';
import type { LegacyStep as Step } from '../remedy.ts';
import { annotationOf, directAccess, type Entrance } from './entrances.ts';

/** What a security group must allow for an entrance. */
export function* nodePortSteps(entrance: Entrance): Iterable<Step> {
  const { resource, name, type } = entrance;
  if (type !== 'LoadBalancer' && type !== 'NodePort') {
    const message = `${name} is of type ${type} and has no NodePorts: nothing outside of the cluster reaches it but through something in front of it`;
    yield { severity: 'warning', outcome: 'advise', message, resource };
    return;
  }
  if (annotationOf(entrance, directAccess) === 'true') {
    const message = `${name} has direct access, so NodePorts are not on the way of its clients`;
    yield { severity: 'info', outcome: 'keep', message, resource };
    return;
  }
  if (type === 'LoadBalancer' && at(resource.value, 'spec', 'allocateLoadBalancerNodePorts') === false) {
    const message = `${name} has allocateLoadBalancerNodePorts: false, so there is no NodePort to allow: remove it, or take via: direct-access`;
    const path = pointer('spec', 'allocateLoadBalancerNodePorts');
    yield { severity: 'warning', outcome: 'advise', message, resource, path };
    return;
  }
  const message = `${name} is reached through NodePorts, and the load balancer of TKE keeps the address of clients: ${allowance(entrance)}`;
  yield { severity: 'info', outcome: 'advise', message, resource };
}

/** What to allow, as far as the manifest fixes it. */
export function allowance({ resource, ports }: Pick<Entrance, 'resource' | 'ports'>): string {
  const numbers = nodePorts(ports);
  const rule = "the inbound rules of the nodes' security group must allow clients";
  if (ports.length > 0 && numbers.length === ports.length) return `${rule} to reach ${numbers.join(', ')}`;
  const read =
    resource.kind === 'Service'
      ? `kubectl -n ${namespaceOf(resource)} get service ${resource.name} tells`
      : 'kubectl get services -A tells';
  const known = numbers.length > 0 ? `${numbers.join(', ')} and what else ` : 'what ';
  return `${rule} to reach ${known}${read} (the manifest leaves ports open; Kubernetes takes them from 30000-32767, and spec.ports[].nodePort fixes one)`;
}

/** `TCP 31380`, for each port with a NodePort in the manifest. */
function nodePorts(ports: Entrance['ports']): string[] {
  return ports.flatMap((port) => {
    const number = at(port, 'nodePort');
    return typeof number === 'number' && number > 0 ? [`${stringAt(port, 'protocol') ?? 'TCP'} ${number}`] : [];
  });
}
