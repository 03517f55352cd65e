import type { Json } from '../manifest/node.ts';
import type { Mesh } from './mesh.ts';
import { at, listAt, objectAt, stringAt } from './read.ts';
import { namespaceOf, type Resource } from './resource.ts';
import { type PodTemplate, podLabels, workloadsBehind } from './workload.ts';

/**
 * What in the input reads HTTP at the sidecars of a Service's own pods, and would read nothing on a port that is TCP:
 * authorization by paths or headers, tokens, plugins.
 */
export function httpPoliciesAt(mesh: Mesh, service: Resource): Resource[] {
  const workloads = workloadsBehind(mesh, service);
  return [
    ...mesh.ofKind('AuthorizationPolicy', 'security.istio.io').filter(readsHttp),
    ...mesh.ofKind('RequestAuthentication', 'security.istio.io'),
    ...mesh.ofKind('WasmPlugin', 'extensions.istio.io'),
  ].filter((policy) => reaches(mesh, policy, service, workloads));
}

/** True for a policy that may hold for the pods; where their labels are not known, one that nothing speaks against. */
function reaches(mesh: Mesh, policy: Resource, service: Resource, workloads: readonly PodTemplate[]): boolean {
  const namespace = namespaceOf(policy);
  if (namespace !== namespaceOf(service) && namespace !== mesh.rootNamespace) return false;
  const isForWaypoint =
    listAt(policy.value, 'spec', 'targetRefs').length > 0 || at(policy.value, 'spec', 'targetRef') !== undefined;
  if (isForWaypoint) return false;
  const wanted = Object.entries(objectAt(policy.value, 'spec', 'selector', 'matchLabels'));
  if (workloads.length > 0) {
    return workloads.some((workload) => wanted.every(([key, value]) => podLabels(workload)[key] === value));
  }
  const selector = objectAt(service.value, 'spec', 'selector');
  return wanted.every(([key, value]) => (selector[key] ?? value) === value);
}

/**
 * True for a policy with a condition on requests. On TCP such a rule of an ALLOW policy matches nothing, and one of a
 * DENY policy matches more than it says.
 *
 * @see https://istio.io/latest/docs/reference/config/security/authorization-policy/ fields "for HTTP only"
 */
function readsHttp(policy: Resource): boolean {
  if (stringAt(policy.value, 'spec', 'action') === 'CUSTOM') return true;
  return listAt(policy.value, 'spec', 'rules').some((rule) => {
    const operations = listAt(rule, 'to').map((to) => objectAt(to, 'operation'));
    const sources = listAt(rule, 'from').map((from) => objectAt(from, 'source'));
    return (
      operations.some((operation) => hasAny(operation, ['hosts', 'methods', 'paths'])) ||
      sources.some((source) => hasAny(source, ['requestPrincipals'])) ||
      listAt(rule, 'when').some((condition) => stringAt(condition, 'key')?.startsWith('request.'))
    );
  });
}

/** True when an object has one of the fields, or its negation: `notPaths` for `paths`. */
function hasAny(object: Json, fields: readonly string[]): boolean {
  return fields.some((field) => {
    const negation = `not${field[0]!.toUpperCase()}${field.slice(1)}`;
    return listAt(object, field).length > 0 || listAt(object, negation).length > 0;
  });
}
