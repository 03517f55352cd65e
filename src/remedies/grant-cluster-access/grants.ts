import type { Operation } from '../../manifest/operation.ts';
import { pointer } from '../../manifest/pointer.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { at } from '../../mesh/read.ts';
import type { Resource } from '../../mesh/resource.ts';
import { bindingsOf, bindsUser, clusterRoleOf, rbacGroup, scopeOf } from '../../mesh/role-binding.ts';
import type { Step } from '../remedy.ts';
import { type IstioAccess, isNamespaced, istioRole, istioRoleName, presetNames, presetOf } from './roles.ts';

/** An account as the parameter `accounts` gives it. */
export interface Account {
  readonly user: string | undefined;
  readonly uin: string | undefined;
  readonly role: string | undefined;
  readonly namespaces: readonly string[];
}

/** One role for one account, in a namespace or the whole cluster. */
export interface Grant {
  readonly user: string;
  readonly uin: string;
  readonly clusterRole: string;
  readonly namespace?: string;
  /** Set for the role that meshmend brings along. */
  readonly istio?: IstioAccess;
}

/** What it takes to give an account its role, or why that cannot be. */
export function grantsFor(account: Account): { readonly grants: Grant[] } | { readonly problem: string } {
  const { user = '', uin = '', role = '', namespaces } = account;
  const isEverywhere = namespaces.length === 1 && namespaces[0] === 'all';
  const preset = presetOf(role);
  const problem = isEverywhere ? clusterProblem(role) : namespaceProblem(account);
  if (problem !== undefined) return { problem };
  const clusterRole = (isEverywhere ? preset?.cluster : preset?.namespaced) ?? role;
  const places = isEverywhere ? [{}] : [...new Set(namespaces)].map((namespace) => ({ namespace }));
  return {
    grants: places.flatMap((place) => {
      const grant = { user, uin, clusterRole, ...place };
      if (!preset?.istio) return [grant];
      return [grant, { ...grant, clusterRole: istioRoleName(preset.istio), istio: preset.istio }];
    }),
  };
}

function clusterProblem(role: string): string | undefined {
  if (isNamespaced(role)) return `${role} is a role for namespaces: name them, or give developer or read-only for all`;
  return unknownPreset(role);
}

function unknownPreset(role: string): string | undefined {
  if (!role.startsWith('tke:') || presetNames.includes(role)) return undefined;
  return `TKE has no role ${role}: it has ${presetNames.join(', ')}`;
}

/** @see https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-label-names */
const namespacePattern = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

function namespaceProblem({ user, role = '', namespaces }: Account): string | undefined {
  if (namespaces.includes('all'))
    return `namespaces of ${user} holds all beside others: give all alone, or leave it out`;
  const wrong = namespaces.find((namespace) => !namespacePattern.test(namespace));
  if (wrong !== undefined) return `${JSON.stringify(wrong)} of ${user} is no name of a namespace`;
  const preset = presetOf(role);
  if (preset && !preset.namespaced)
    return `TKE has ${role} for whole clusters only, and ${user} has namespaces: give developer or read-only, a ClusterRole of your own, or namespaces: all`;
  return unknownPreset(role);
}

/** Steps for all grants: the bindings that lack, and the ClusterRoles for Istio that they name. */
export function* grantSteps(mesh: Mesh, grants: readonly Grant[]): Iterable<Step> {
  const done = new Set<string>();
  for (const grant of grants) {
    const key = JSON.stringify([grant.user, grant.clusterRole, grant.namespace]);
    if (done.has(key)) continue;
    done.add(key);
    if (grant.istio && !done.has(grant.istio)) {
      done.add(grant.istio);
      yield* istioRoleSteps(mesh, grant.istio);
    }
    yield grantStep(mesh, grant);
  }
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

function grantStep(mesh: Mesh, grant: Grant): Step {
  const { user, uin, clusterRole, namespace } = grant;
  const bindings = bindingsOf(mesh).filter((binding) => scopeOf(binding) === namespace);
  const where = namespace === undefined ? 'all namespaces' : `namespace ${namespace}`;
  const what = `${clusterRole} in ${where}`;
  const held = bindings.find((binding) => clusterRoleOf(binding) === clusterRole && bindsUser(binding, user));
  if (held) {
    const message = `${user} has ${what} already, by ${held.kind} ${held.name}`;
    return { severity: 'info', outcome: 'keep', message, resource: held };
  }
  const name = `${uin}-${clusterRole}`;
  const taken = bindings.find((binding) => binding.name === name);
  if (taken) return takenStep(taken, grant, what);
  const kind = namespace === undefined ? 'ClusterRoleBinding' : 'RoleBinding';
  return {
    severity: 'info',
    outcome: 'change',
    message: `Adds ${kind} ${name}: ${user} gets ${what}${note(mesh, grant)}`,
    emit: {
      template: 'grant-cluster-access/binding',
      values: { kind, name, namespace: namespace ?? null, uin, user, role: clusterRole },
    },
  };
}

/**
 * A binding of the name that a new one would have. An account whose certificate was issued anew has another user, who
 * joins it; one for another role stays as it is, since `roleRef` cannot be changed.
 */
function takenStep(taken: Resource, { user, clusterRole }: Grant, what: string): Step {
  const { kind, name } = taken;
  if (clusterRoleOf(taken) !== clusterRole) {
    const message = `${user} cannot be given ${what}: ${kind} ${name} is there already, and is for another role; rename it`;
    return { severity: 'error', outcome: 'refuse', message, resource: taken };
  }
  const subject = { apiGroup: rbacGroup, kind: 'User', name: user };
  const subjects = at(taken.value, 'subjects');
  const path = pointer('subjects');
  const operation: Operation = Array.isArray(subjects)
    ? { op: 'add', path: `${path}/-`, value: subject }
    : { op: subjects === undefined ? 'add' : 'replace', path, value: [subject] };
  return {
    severity: 'info',
    outcome: 'change',
    message: `Adds ${user} to ${kind} ${name}: the account gets ${what} by this certificate too`,
    resource: taken,
    path,
    patch: { resource: taken, operations: [operation] },
  };
}

function note(mesh: Mesh, { clusterRole, istio }: Grant): string {
  const isKnown = istio || presetNames.includes(clusterRole);
  const isThere = mesh.ofKind('ClusterRole').some(({ name }) => name === clusterRole);
  return isKnown || isThere ? '' : `; ClusterRole ${clusterRole} is not in the input, so it must be in the cluster`;
}
