import { pointer } from '../../manifest/pointer.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { at, stringAt } from '../../mesh/read.ts';
import type { Resource } from '../../mesh/resource.ts';
import { accountLabel, bindingsOf, clusterRoleOf, rbacGroup, subjectsOf } from '../../mesh/role-binding.ts';
import { nearest } from '../../nearest.ts';
import { someOf } from '../mechanisms/wording.ts';
import type { LegacyStep as Step } from '../remedy.ts';
import { isNamespaced, istioRoleName, presetNames, presetOf } from './roles.ts';

/** What is wrong in the RBAC of the input. Nothing of it is edited: a `roleRef` is for ever, and rights are to be given by people. */
export function* bindingFaults(mesh: Mesh): Iterable<Step> {
  let isSound = true;
  for (const binding of bindingsOf(mesh)) {
    for (const step of [...refusedFaults(binding), ...presetFaults(mesh, binding)]) {
      isSound = false;
      yield step;
    }
  }
  if (isSound) yield* istioHint(mesh);
}

/**
 * What the API server refuses. A missing `apiGroup` is none of it, since the server fills it in.
 *
 * @see https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/rbac/validation/validation.go
 */
function* refusedFaults(binding: Resource): Iterable<Step> {
  const refused = 'Kubernetes refuses it';
  const fault = (path: string, message: string): Step => {
    return { severity: 'error', outcome: 'advise', message, resource: binding, path };
  };
  const group = stringAt(binding.value, 'roleRef', 'apiGroup');
  if (group !== undefined && group !== '' && group !== rbacGroup)
    yield fault(pointer('roleRef', 'apiGroup'), `${refused}: apiGroup of a roleRef is ${rbacGroup}, not ${group}`);
  const kind = stringAt(binding.value, 'roleRef', 'kind');
  const kinds = binding.kind === 'RoleBinding' ? ['Role', 'ClusterRole'] : ['ClusterRole'];
  if (kind !== undefined && !kinds.includes(kind))
    yield fault(
      pointer('roleRef', 'kind'),
      `${refused}: a ${binding.kind} gives a ${kinds.join(' or ')}, not a ${kind}`,
    );
  const uin = at(binding.value, 'metadata', 'labels', accountLabel);
  if (typeof uin === 'number')
    yield fault(
      pointer('metadata', 'labels', accountLabel),
      `${refused}: the label ${accountLabel} is a number, and labels are strings; quote it`,
    );
  // v1alpha1 had other subjects.
  if (binding.apiVersion.endsWith('/v1alpha1')) return;
  for (const subject of subjectsOf(binding)) {
    const path = pointer('subjects', subject.index);
    if (subject.kind === undefined || !['User', 'Group', 'ServiceAccount'].includes(subject.kind)) {
      const found = subject.kind === undefined ? 'has no kind' : `is of kind ${subject.kind}`;
      yield fault(path, `${refused}: a subject ${found}; it is a User, a Group or a ServiceAccount`);
      continue;
    }
    if (subject.name === undefined || subject.name === '')
      yield fault(path, `${refused}: a ${subject.kind} among the subjects has no name, or one that is no string`);
    if (
      subject.kind === 'ServiceAccount' &&
      binding.kind === 'ClusterRoleBinding' &&
      !hasNamespace(binding, subject.index)
    )
      yield fault(path, `${refused}: a ServiceAccount of a ClusterRoleBinding needs its namespace`);
    const right = subject.kind === 'ServiceAccount' ? '' : rbacGroup;
    if (subject.apiGroup === undefined || subject.apiGroup === '' || subject.apiGroup === right) continue;
    const what = right === '' ? 'none' : right;
    yield fault(
      pointer('subjects', subject.index, 'apiGroup'),
      `${refused}: apiGroup of a ${subject.kind} is ${what}, not ${subject.apiGroup}`,
    );
  }
}

function hasNamespace(binding: Resource, index: number): boolean {
  return (stringAt(binding.value, 'subjects', index, 'namespace') ?? '') !== '';
}

/** Roles of TKE that are not there, or bound where they are not meant to be. */
function* presetFaults(mesh: Mesh, binding: Resource): Iterable<Step> {
  const role = clusterRoleOf(binding);
  if (!role?.startsWith('tke:')) return;
  const place = { resource: binding, path: pointer('roleRef', 'name') };
  if (binding.kind === 'ClusterRoleBinding' && isNamespaced(role) && presetNames.includes(role)) {
    const wide = presetOf(role)?.cluster;
    const message = `${role} is TKE's role for chosen namespaces, and a ClusterRoleBinding gives it in all of them: bind it by a RoleBinding in each namespace, or bind ${wide}. A roleRef cannot be changed, so delete this one first`;
    yield { severity: 'warning', outcome: 'advise', message, ...place };
  }
  const isThere = mesh.ofKind('ClusterRole').some(({ name }) => name === role);
  const isForUsers = subjectsOf(binding).some(({ kind }) => kind === 'User');
  if (presetNames.includes(role) || isThere || !isForUsers) return;
  const near = nearestPreset(role);
  const message = `TKE makes no ClusterRole ${role}, and none is in the input: a binding to a role that is not there gives nothing. ${near}; a roleRef cannot be changed, so delete this binding first`;
  yield { severity: 'warning', outcome: 'advise', message, ...place };
}

const words: ReadonlyMap<string, string> = new Map([
  ['administrator', 'tke:admin'],
  ['developer', 'tke:dev'],
  ['readonly', 'tke:ro'],
  ['read-only', 'tke:ro'],
  ['view', 'tke:ro'],
  ['viewer', 'tke:ro'],
]);

function nearestPreset(role: string): string {
  const near = words.get(role.slice('tke:'.length)) ?? nearest(role, presetNames);
  return near === undefined ? `TKE has ${presetNames.join(', ')}` : `Bind ${near}`;
}

/** One word for the whole mesh, and only where TKE's RBAC is in the input. */
function* istioHint(mesh: Mesh): Iterable<Step> {
  const bindings = bindingsOf(mesh);
  const given = new Set(bindings.map(clusterRoleOf));
  const access = (role: string): 'edit' | 'view' | undefined => presetOf(role)?.istio;
  const admins = new Set(
    bindings
      .filter((binding) => ['tke:admin', 'cluster-admin'].includes(clusterRoleOf(binding) ?? ''))
      .flatMap((binding) => subjectsOf(binding).map(({ name }) => name)),
  );
  const lacking = bindings.filter((binding) => {
    if (subjectsOf(binding).every(({ name }) => admins.has(name))) return false;
    const role = clusterRoleOf(binding) ?? '';
    const needed = presetNames.includes(role) ? access(role) : undefined;
    return needed !== undefined && !given.has(istioRoleName(needed)) && !given.has(istioRoleName('edit'));
  });
  const [first] = lacking;
  if (!first) return;
  const names = someOf(lacking.map(({ name }) => name));
  yield {
    severity: 'info',
    outcome: 'advise',
    message: `${names}: presets of TKE other than tke:admin may lack API groups of Istio (telemetry.istio.io, extensions.istio.io). --grant-cluster-access with accounts adds a ClusterRole for them, and each cluster of the mesh needs bindings of its own`,
    resource: first,
    path: pointer('roleRef', 'name'),
  };
}
