import type { Operation } from '../../manifest/operation.ts';
import { pointer } from '../../manifest/pointer.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { at } from '../../mesh/read.ts';
import type { Resource } from '../../mesh/resource.ts';
import { bindingsOf, bindsUser, clusterRoleOf, rbacGroup, scopeOf } from '../../mesh/role-binding.ts';
import { type Change, edit, emit } from '../../step.ts';
import { accessFault, type RoleDoubt, type Wanted } from './faults.ts';
import type { Grant } from './grants.ts';
import { type IstioAccess, istioRole, istioRoleNames, presetLike, presetNames } from './roles.ts';

/** A role for all users of an account that are to have it in a place: one binding, since its name is made of these. */
export interface Joint extends Omit<Grant, 'user'> {
  readonly users: readonly string[];
}

/** Finds the bindings that grants need, the ClusterRoles for Istio that they name, and rights that remain beside them. */
export function* findGrants(mesh: Mesh, grants: readonly Grant[]) {
  const istioRoles = new Set<IstioAccess>();
  for (const joint of jointly(grants)) {
    const { istio } = joint;
    const isMissing = istio && !mesh.ofKind('ClusterRole').some(({ name }) => name === istioRole(istio).name);
    if (isMissing && !istioRoles.has(istio)) yield accessFault('missing-istio-role', {}, istio);
    if (istio) istioRoles.add(istio);
    yield* findJoint(mesh, joint);
  }
  yield* findFurtherRoles(mesh, grants);
}

function jointly(grants: readonly Grant[]): readonly Joint[] {
  const given = new Set<string>();
  const joints = new Map<string, Joint>();
  for (const { user, ...rest } of grants) {
    const one = JSON.stringify([user, rest.clusterRole, rest.namespace]);
    if (given.has(one)) continue;
    given.add(one);
    const key = JSON.stringify([rest.uin, rest.clusterRole, rest.namespace]);
    joints.set(key, { ...rest, users: [...(joints.get(key)?.users ?? []), user] });
  }
  return [...joints.values()];
}

/** Adds the ClusterRole for Istio's resources. */
export function emitIstioRole(access: IstioAccess): Change {
  const values = istioRole(access);
  const may = access === 'edit' ? 'read and write' : 'read';
  return emit(`add ClusterRole ${values.name}, which may ${may} all of Istio's resources`, {
    template: 'grant-cluster-access/istio-role',
    values,
  });
}

function* findJoint(mesh: Mesh, joint: Joint) {
  const { uin, clusterRole, namespace } = joint;
  const place = placeOf(namespace);
  const bindings = bindingsOf(mesh).filter((binding) => scopeOf(binding) === namespace);
  const holdersOf = (user: string) =>
    bindings.find((binding) => clusterRoleOf(binding) === clusterRole && bindsUser(binding, user));
  for (const user of joint.users) {
    const held = holdersOf(user);
    if (held) yield accessFault('granted-already', { resource: held }, { user, clusterRole, place, held });
  }
  const users = joint.users.filter((user) => !holdersOf(user));
  if (users.length === 0) return;
  const wanted: Wanted = { ...joint, users, place };
  const taken = bindings.find((binding) => binding.name === `${uin}-${clusterRole}`);
  if (!taken) {
    const doubt = roleDoubt(mesh, clusterRole);
    yield accessFault('missing-binding', doubt?.isSlip ? { severity: 'warning' } : {}, { ...wanted, doubt });
  } else if (clusterRoleOf(taken) !== clusterRole)
    yield accessFault('name-taken', { resource: taken }, { ...wanted, taken });
  else yield accessFault('missing-user', { resource: taken, path: pointer('subjects') }, { ...wanted, binding: taken });
}

function placeOf(namespace: string | undefined): string {
  return namespace === undefined ? 'all namespaces' : `namespace ${namespace}`;
}

/** Adds a binding. */
export function emitBinding({ uin, users, clusterRole, namespace, place }: Wanted): Change {
  const kind = namespace === undefined ? 'ClusterRoleBinding' : 'RoleBinding';
  const name = `${uin}-${clusterRole}`;
  return emit(`add ${kind} ${name}, which grants ${clusterRole} in ${place}`, {
    template: 'grant-cluster-access/binding',
    values: {
      kind,
      name,
      namespace: namespace ?? null,
      uin,
      nickname: users[0] ?? '',
      users: [...users],
      role: clusterRole,
    },
  });
}

/** Adds users to the binding of their account: whose certificate was issued anew has another user name. */
export function joinBinding({ users, binding }: Wanted & { binding: Resource }): Change {
  const added = users.map((user) => ({ apiGroup: rbacGroup, kind: 'User', name: user }));
  const subjects = at(binding.value, 'subjects');
  const path = pointer('subjects');
  const operations: readonly Operation[] = Array.isArray(subjects)
    ? added.map((value) => ({ op: 'add', path: `${path}/-`, value }))
    : [{ op: subjects === undefined ? 'add' : 'replace', path, value: added }];
  return edit(`add ${users.join(', ')} to ${binding.kind} ${binding.name}`, { resource: binding, operations });
}

/** A role that is not known, but may exist in the cluster; probably a mistake when it looks like a preset. */
function roleDoubt(mesh: Mesh, role: string): RoleDoubt | undefined {
  const isKnown = [...presetNames, ...istioRoleNames].includes(role);
  if (isKnown || mesh.ofKind('ClusterRole').some(({ name }) => name === role)) return undefined;
  const note = `; ClusterRole ${role} is not in the input, so it must exist in the cluster`;
  const meant = presetLike(role);
  return meant === undefined ? { note, isSlip: false } : { note: `${note}, or was ${meant} meant?`, isSlip: true };
}

/** Rights add up: who got one role earlier, and another one now, has both until the first binding is deleted. */
function* findFurtherRoles(mesh: Mesh, grants: readonly Grant[]) {
  const own = [...presetNames, ...istioRoleNames];
  const found = new Set<Resource>();
  for (const { user, uin, namespace } of grants) {
    const asked = grants.filter((grant) => grant.user === user && grant.namespace === namespace);
    for (const binding of bindingsOf(mesh)) {
      const role = clusterRoleOf(binding);
      const isOurs = role !== undefined && own.includes(role) && binding.name === `${uin}-${role}`;
      if (!isOurs || found.has(binding) || scopeOf(binding) !== namespace || !bindsUser(binding, user)) continue;
      if (asked.some(({ clusterRole }) => clusterRole === role)) continue;
      found.add(binding);
      yield accessFault('further-role', { resource: binding }, { user, role, place: placeOf(namespace), binding });
    }
  }
}
