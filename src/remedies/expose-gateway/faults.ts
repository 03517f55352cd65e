import type { Json, JsonObject } from '../../manifest/node.ts';
import type { Resource } from '../../mesh/resource.ts';
import { type PodTemplate, podLabels } from '../../mesh/workload.ts';
import type { Setting } from '../../operations.ts';
import { caveat, choice, defineFaults, error, note, refusal, warning } from '../fault.ts';
import { type Unquoted, unquotedValue } from '../mechanisms/unquoted.ts';
import { someOf, titleOf } from '../mechanisms/wording.ts';
import { directAccess, type Entrance, internalSubnet, isPrivate } from './entrances.ts';
import { allowance } from './security-group.ts';

/** An entrance that clients reach through NodePorts, and the operations that give it direct access, where they can. */
export interface Indirect {
  readonly entrance: Entrance;
  readonly setting?: Setting & { readonly outcome: 'change' };
}

export const exposureFault = defineFaults({
  'behind-node-ports': choice(
    ({ entrance }: Indirect) =>
      `Clients reach ${entrance.name} through NodePorts: ${allowance(entrance)}${isPrivate(entrance) ? '. Its load balancer is private' : ''}`,
  ),
  'unquoted-direct-access': error<Unquoted & { readonly canQuote: boolean }>(unquotedValue.message),
  'unquoted-global-route': unquotedValue,
  'useless-direct-access': warning(
    ({ name, type }: Entrance) =>
      `\`${directAccess}\` has no effect on ${name}: it is of type ${type}, and only a LoadBalancer has a load balancer`,
  ),
  'private-load-balancer': caveat(
    ({ name }: Entrance) =>
      `${name} has annotation \`${internalSubnet}\`, so its load balancer is private and public clients cannot reach it. For a public one remove the annotation, which makes a new load balancer with a new address`,
  ),
  'no-load-balancer': caveat(({ name, type, resource }: Entrance) => {
    const needed = resource.kind === 'Service' ? '`spec.type: LoadBalancer`' : 'a Service of type LoadBalancer';
    return `${name} is of type ${type}, so it has no load balancer and direct access has no effect. Give it ${needed} (which costs a load balancer), or expose what is in front of it`;
  }),
  'other-load-balancer': note(
    ({ name, foreign }: Entrance) =>
      `${name} uses a load balancer that is not from TKE (${foreign}), so it gets no annotation. Check the firewall rules of that load balancer`,
  ),
  'direct-already': note(
    ({ name }: Entrance) => `${name} already has direct access, so its clients do not need NodePorts`,
  ),
  'overriding-parameter': refusal(
    ({ entrance, value }: { entrance: Entrance; value: Json }) =>
      `${entrance.name} cannot take annotation \`${directAccess}\`: a Helm parameter sets it to ${String(value)} and overrides values`,
  ),
  'shared-annotations': caveat(({ name, sharedWith = [] }: Entrance) => {
    const item = `{name: istio-ingressgateway, enabled: true, k8s: {serviceAnnotations: {${directAccess}: "true"}}}`;
    return `${name} comes from the profile, and an annotation in values would also reach ${someOf(sharedWith)}. Add \`${item}\` to \`spec.components.ingressGateways\``;
  }),
  'unsettable-annotation': refusal(
    ({ entrance, reason }: { entrance: Entrance; reason: string }) =>
      `${entrance.name} cannot take annotation \`${directAccess}\`: ${reason}`,
  ),
  'pods-in-other-network': caveat(
    ({ entrance, networks }: { entrance: Entrance; networks: string }) =>
      `The pods behind ${entrance.name} use network ${networks}, which is not VPC-CNI. Set \`expose-gateway.network: global-route\`, or use \`tke-route-eni\``,
  ),
  'no-global-route': note('Direct access to pods of GlobalRouter is off in the whole cluster'),
  'no-node-ports': caveat(
    ({ name, type }: Entrance) =>
      `${name} is of type ${type} and has no NodePorts. Only what is in front of it makes it reachable from outside the cluster`,
  ),
  'node-ports-disabled': caveat(
    ({ name }: Entrance) =>
      `${name} has \`allocateLoadBalancerNodePorts: false\`, so there is no NodePort to allow. Remove it, or use \`via: direct-access\``,
  ),
  'no-gateway-service': caveat(
    "The input has no Service of an ingress gateway, and nothing that installs one. Add it to the PATHs, or set `service.annotations` in the values of Istio's gateway chart",
  ),
  'network-without-direct-access': refusal(
    '`network` is for direct access, which `via: node-ports` does not use. Set one of the two',
  ),
  'pods-in-other-namespace': warning(
    ({ gateway, namespaces }: { gateway: Resource; namespaces: readonly string[] }) =>
      `No pod uses Gateway ${gateway.name}: with \`PILOT_SCOPE_GATEWAY_TO_NAMESPACE\` pods use only Gateways of their own namespace, and those that it selects are in ${namespaces.join(', ')}. Move it there`,
  ),
  'port-without-service': warning(
    ({ gateway, number, services, reached }: UnreachedPort) =>
      `Nothing leads to port ${number} of Gateway ${gateway.name}: Service ${services.map(({ name }) => name).join(', ')} of its pods has ${reached.join(', ')}. Add the port there, or use one of these`,
  ),
  'selector-without-pods': warning(({ gateway, selector, workload }: Mismatch) => {
    const keys = Object.keys(selector);
    const list = (labels: Readonly<Record<string, unknown>>): string =>
      keys.map((key) => `${key}: ${String(labels[key])}`).join(', ');
    return `Gateway ${gateway.name} selects \`${list(selector)}\`, which no pod of the input has; the gateway in its namespace, ${titleOf(workload.resource)}, has \`${list(podLabels(workload))}\``;
  }),
});

/** A port of a Gateway that no Service of its pods has, and those that they have. */
interface UnreachedPort {
  readonly gateway: Resource;
  readonly number: number;
  readonly services: readonly Resource[];
  readonly reached: readonly number[];
}

interface Mismatch {
  readonly gateway: Resource;
  readonly selector: JsonObject;
  /** The gateway that may be meant. */
  readonly workload: PodTemplate;
}
