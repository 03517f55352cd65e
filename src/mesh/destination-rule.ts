import { groupBy } from '../group-by.ts';
import { isObject } from '../manifest/node.ts';
import { derived } from './derived.ts';
import { namespaceOfHost } from './host.ts';
import type { Mesh } from './mesh.ts';
import { at } from './read.ts';
import { namespaceOf, type Resource } from './resource.ts';
import { destinationHost, destinationRulesFor } from './service.ts';

/** The DestinationRules of a mesh, in input order. */
export function destinationRulesOf(mesh: Mesh): readonly Resource[] {
  return mesh.ofKind('DestinationRule', 'networking.istio.io');
}

/** The DestinationRule of a name, when it is in the input. */
export function destinationRuleNamed(mesh: Mesh, namespace: string, name: string): Resource | undefined {
  return rulesByName(mesh).get(`${namespace}/${name}`)?.[0];
}

const rulesByName = derived((mesh) => groupBy(destinationRulesOf(mesh), (rule) => `${namespaceOf(rule)}/${rule.name}`));

/**
 * The DestinationRules for a host, or a wildcard over it, that clients of every namespace find: those in the host's own
 * namespace and in the root namespace. The most specific host comes first.
 */
export function rulesForAllClients(mesh: Mesh, host: string, namespace: string): Resource[] {
  return destinationRulesFor(mesh, host).filter((rule) => isForAllClients(mesh, rule, namespace));
}

/** True for a DestinationRule that clients of every namespace find, for a host of this namespace. */
export function isForAllClients(mesh: Mesh, rule: Resource, namespace: string): boolean {
  return namespaceOf(rule) === namespace || namespaceOf(rule) === mesh.rootNamespace;
}

/**
 * The DestinationRule that decides the top level for this one's host in this one's namespace: of several, the first
 * that has a traffic policy. In the cluster that is the oldest; in the input the first counts as it.
 *
 * @see https://github.com/istio/istio/blob/1.31.0/pilot/pkg/model/destination_rule.go `mergeDestinationRule`
 */
export function firstRuleFor(mesh: Mesh, rule: Resource): Resource {
  const first = firstRules(mesh).get(mergeKey(rule, namespaceOf(rule)));
  // Two of one name are two variants of one resource, of which the cluster gets one.
  return first && first.name !== rule.name ? first : rule;
}

/**
 * The DestinationRule in the namespace of the host's Service that clients in this one's namespace never see,
 * because their own namespace comes first and rules of two namespaces are not merged.
 */
export function ruleHiddenBy(mesh: Mesh, rule: Resource): Resource | undefined {
  const namespace = namespaceOf(rule);
  const owner = namespaceOfHost(destinationHost(rule) ?? '');
  if (owner === undefined || owner === namespace || namespace === mesh.rootNamespace) return undefined;
  return firstRules(mesh).get(mergeKey(rule, owner));
}

const firstRules = derived((mesh): ReadonlyMap<string, Resource> => {
  const first = new Map<string, Resource>();
  for (const rule of destinationRulesOf(mesh)) {
    const key = mergeKey(rule, namespaceOf(rule));
    const known = first.get(key);
    if (!known || (!hasPolicy(known) && hasPolicy(rule))) first.set(key, rule);
  }
  return first;
});

function hasPolicy(rule: Resource): boolean {
  return isObject(at(rule.value, 'spec', 'trafficPolicy'));
}

/** Rules with this in common are merged: host, namespace, and the workloads of the client that they are for. */
function mergeKey(rule: Resource, namespace: string): string {
  return JSON.stringify([namespace, destinationHost(rule), at(rule.value, 'spec', 'workloadSelector') ?? null]);
}
