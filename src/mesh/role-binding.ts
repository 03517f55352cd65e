import type { Json } from '../manifest/node.ts';
import type { Mesh } from './mesh.ts';
import { at, listAt, stringAt } from './read.ts';
import { namespaceOf, type Resource } from './resource.ts';

/** The API group of roles and bindings; a `roleRef`, and a subject that is a user or a group, name no other. */
export const rbacGroup = 'rbac.authorization.k8s.io';

/** The label by which the TKE console knows whose binding it is: the account's id (UIN). */
export const accountLabel = 'cloud.tencent.com/tke-account';

/** Who or what a binding gives its role to. */
export interface Subject {
  readonly kind: string | undefined;
  readonly name: string | undefined;
  readonly apiGroup: string | undefined;
  readonly index: number;
}

/** The ClusterRoleBindings and RoleBindings of a mesh, in input order. */
export function bindingsOf(mesh: Mesh): readonly Resource[] {
  return mesh.resources.filter(({ kind, group }) => {
    return group === rbacGroup && (kind === 'ClusterRoleBinding' || kind === 'RoleBinding');
  });
}

/** The name of the ClusterRole that a binding gives; undefined when it gives a Role of its namespace. */
export function clusterRoleOf(binding: Resource): string | undefined {
  const role = at(binding.value, 'roleRef');
  return stringAt(role, 'kind') === 'ClusterRole' ? stringAt(role, 'name') : undefined;
}

/** The subjects of a binding, in order. */
export function subjectsOf(binding: Resource): Subject[] {
  return listAt(binding.value, 'subjects').map((subject: Json, index) => ({
    kind: stringAt(subject, 'kind'),
    name: stringAt(subject, 'name'),
    apiGroup: stringAt(subject, 'apiGroup'),
    index,
  }));
}

/** True when a binding gives its role to a user, by name. */
export function bindsUser(binding: Resource, user: string): boolean {
  return subjectsOf(binding).some(({ kind, name }) => kind === 'User' && name === user);
}

/** The place that a binding holds for: a namespace, or undefined for the whole cluster. */
export function scopeOf(binding: Resource): string | undefined {
  return binding.kind === 'RoleBinding' ? namespaceOf(binding) : undefined;
}
