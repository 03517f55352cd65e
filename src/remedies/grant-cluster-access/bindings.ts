import type { Operation } from '../../manifest/operation.ts';
import { pointer } from '../../manifest/pointer.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { at } from '../../mesh/read.ts';
import type { Resource } from '../../mesh/resource.ts';
import { bindingsOf, bindsUser, clusterRoleOf, rbacGroup, scopeOf } from '../../mesh/role-binding.ts';
import type { LegacyStep as Step } from '../remedy.ts';
import type { Grant } from './grants.ts';
import { type IstioAccess, istioRole, istioRoleNames, presetLike, presetNames } from './roles.ts';

/** A role for all users of an account that are to have it in a place: one binding, since its name is made of these. */
interface Joint extends Omit<Grant, 'user'> {
  readonly users: readonly string[];
}

/** Steps for all grants: the bindings that lack, the ClusterRoles for Istio that they name, and rights that stay beside. */
export function* grantSteps(mesh: Mesh, grants: readonly Grant[]): Iterable<Step> {
  const istioRoles = new Set<IstioAccess>();
  for (const joint of jointly(grants)) {
    if (joint.istio && !istioRoles.has(joint.istio)) {
      istioRoles.add(joint.istio);
      yield* istioRoleSteps(mesh, joint.istio);
    }
    yield* jointSteps(mesh, joint);
  }
  yield* leftovers(mesh, grants);
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

function* istioRoleSteps(mesh: Mesh, access: IstioAccess): Iterable<Step> {
  const values = istioRole(access);
  if (mesh.ofKind('ClusterRole').some(({ name }) => name === values.name)) return;
  const may = access === 'edit' ? 'read and write' : 'read';
  yield {
    severity: 'info',
    outcome: 'change',
    message: `Presets of TKE lack Istio's newer API groups: adds ClusterRole ${values.name}, which may ${may} all of Istio's resources`,
    emit: { template: 'grant-cluster-access/istio-role', values },
  };
}

function* jointSteps(mesh: Mesh, joint: Joint): Iterable<Step> {
  const { uin, clusterRole, namespace } = joint;
  const bindings = bindingsOf(mesh).filter((binding) => scopeOf(binding) === namespace);
  const what = `${clusterRole} in ${placeOf(namespace)}`;
  const lacking: string[] = [];
  for (const user of joint.users) {
    const held = bindings.find((binding) => clusterRoleOf(binding) === clusterRole && bindsUser(binding, user));
    if (!held) lacking.push(user);
    else {
      const message = `${user} has ${what} already, by ${held.kind} ${held.name}`;
      yield { severity: 'info', outcome: 'keep', message, resource: held };
    }
  }
  if (lacking.length === 0) return;
  const name = `${uin}-${clusterRole}`;
  const taken = bindings.find((binding) => binding.name === name);
  yield taken
    ? takenStep(taken, { ...joint, users: lacking }, what)
    : newStep(mesh, { ...joint, users: lacking }, what);
}

function placeOf(namespace: string | undefined): string {
  return namespace === undefined ? 'all namespaces' : `namespace ${namespace}`;
}

function newStep(mesh: Mesh, { uin, users, clusterRole, namespace }: Joint, what: string): Step {
  const kind = namespace === undefined ? 'ClusterRoleBinding' : 'RoleBinding';
  const name = `${uin}-${clusterRole}`;
  const doubt = roleDoubt(mesh, clusterRole);
  return {
    severity: doubt?.isSlip ? 'warning' : 'info',
    outcome: 'change',
    message: `Adds ${kind} ${name}: ${users.join(', ')} ${users.length > 1 ? 'get' : 'gets'} ${what}${doubt?.note ?? ''}`,
    emit: {
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
    },
  };
}

/**
 * A binding of the name that a new one would have. An account whose certificate was issued anew has another user, who
 * joins it; one for another role stays as it is, since `roleRef` cannot be changed.
 */
function takenStep(taken: Resource, { users, clusterRole }: Joint, what: string): Step {
  const { kind, name } = taken;
  const who = users.join(', ');
  if (clusterRoleOf(taken) !== clusterRole) {
    const message = `${who} cannot be given ${what}: ${kind} ${name} is there already, and is for another role; rename it`;
    return { severity: 'error', outcome: 'refuse', message, resource: taken };
  }
  const added = users.map((user) => ({ apiGroup: rbacGroup, kind: 'User', name: user }));
  const subjects = at(taken.value, 'subjects');
  const path = pointer('subjects');
  const operations: readonly Operation[] = Array.isArray(subjects)
    ? added.map((value) => ({ op: 'add', path: `${path}/-`, value }))
    : [{ op: subjects === undefined ? 'add' : 'replace', path, value: added }];
  return {
    severity: 'info',
    outcome: 'change',
    message: `Adds ${who} to ${kind} ${name}: the account gets ${what} by this certificate too`,
    resource: taken,
    path,
    patch: { resource: taken, operations },
  };
}

/** A role that is nobody's but perhaps the cluster's; most likely a slip when it looks like a preset. */
function roleDoubt(mesh: Mesh, role: string): { readonly note: string; readonly isSlip: boolean } | undefined {
  const isKnown = [...presetNames, ...istioRoleNames].includes(role);
  if (isKnown || mesh.ofKind('ClusterRole').some(({ name }) => name === role)) return undefined;
  const note = `; ClusterRole ${role} is not in the input, so it must be in the cluster`;
  const meant = presetLike(role);
  return meant === undefined ? { note, isSlip: false } : { note: `${note}, or was ${meant} meant?`, isSlip: true };
}

/** Rights add up: who was given one role lately, and another one now, has both until the first binding is deleted. */
function* leftovers(mesh: Mesh, grants: readonly Grant[]): Iterable<Step> {
  const own = [...presetNames, ...istioRoleNames];
  const told = new Set<Resource>();
  for (const { user, uin, namespace } of grants) {
    const asked = grants.filter((grant) => grant.user === user && grant.namespace === namespace);
    for (const binding of bindingsOf(mesh)) {
      const role = clusterRoleOf(binding);
      const isOurs = role !== undefined && own.includes(role) && binding.name === `${uin}-${role}`;
      if (!isOurs || told.has(binding) || scopeOf(binding) !== namespace || !bindsUser(binding, user)) continue;
      if (asked.some(({ clusterRole }) => clusterRole === role)) continue;
      told.add(binding);
      const message = `${user} keeps ${role} in ${placeOf(namespace)} as well, by ${binding.kind} ${binding.name}: rights add up, so delete it here and in the cluster unless both are meant`;
      yield { severity: 'warning', outcome: 'advise', message, resource: binding };
    }
  }
}
