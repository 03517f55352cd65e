import type { Mesh } from '../../mesh/mesh.ts';
import { at, stringAt } from '../../mesh/read.ts';
import type { Resource } from '../../mesh/resource.ts';
import {
  accountLabel,
  bindingsOf,
  clusterRoleOf,
  rbacGroup,
  type Subject,
  subjectsOf,
} from '../../mesh/role-binding.ts';
import { nearest } from '../../nearest.ts';
import { placeIn } from '../../step.ts';
import { someOf } from '../mechanisms/wording.ts';
import { accessFault } from './faults.ts';
import { isNamespaced, istioRoleName, presetNames, presetOf } from './roles.ts';

/** Finds what is wrong in the RBAC of the input. None of it is edited: a `roleRef` is immutable, and people grant rights. */
export function* findInBindings(mesh: Mesh) {
  const bindings = bindingsOf(mesh);
  const faults = bindings.flatMap((binding) => [...findRejected(mesh, binding), ...findPresets(mesh, binding)]);
  yield* faults;
  if (faults.length === 0) yield* findWithoutIstio(bindings);
}

/**
 * Finds what the API server rejects. A missing `apiGroup` is accepted, since the server fills it in.
 *
 * @see https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/rbac/validation/validation.go
 */
function* findRejected(mesh: Mesh, binding: Resource) {
  const group = stringAt(binding.value, 'roleRef', 'apiGroup');
  if (group !== undefined && group !== '' && group !== rbacGroup)
    yield accessFault('foreign-role-group', placeIn(binding, 'roleRef', 'apiGroup'), group);
  const kind = stringAt(binding.value, 'roleRef', 'kind');
  const kinds = binding.kind === 'RoleBinding' ? ['Role', 'ClusterRole'] : ['ClusterRole'];
  if (kind !== undefined && !kinds.includes(kind))
    yield accessFault('foreign-role-kind', placeIn(binding, 'roleRef', 'kind'), { binding: binding.kind, kinds, kind });
  if (typeof at(binding.value, 'metadata', 'labels', accountLabel) === 'number')
    yield accessFault('unquoted-account', placeIn(binding, 'metadata', 'labels', accountLabel), accountLabel);
  // v1alpha1 had other subjects.
  if (binding.apiVersion.endsWith('/v1alpha1')) return;
  for (const subject of subjectsOf(binding)) yield* findInSubject(mesh, binding, subject);
}

function* findInSubject(mesh: Mesh, binding: Resource, { kind, name, apiGroup, index }: Subject) {
  const where = placeIn(binding, 'subjects', index);
  if (kind === undefined || !['User', 'Group', 'ServiceAccount'].includes(kind)) {
    yield accessFault('unknown-subject-kind', where, kind);
    return;
  }
  const isAccount = kind === 'ServiceAccount';
  if (name === undefined || name === '') yield accessFault('nameless-subject', where, kind);
  if (
    isAccount &&
    binding.kind === 'ClusterRoleBinding' &&
    !hasNamespace(binding, index) &&
    !getsNamespace(mesh, binding, name)
  )
    yield accessFault('account-without-namespace', where);
  const right = isAccount ? '' : rbacGroup;
  if (apiGroup !== undefined && apiGroup !== '' && apiGroup !== right)
    yield accessFault('foreign-subject-group', placeIn(binding, 'subjects', index, 'apiGroup'), {
      kind,
      right,
      group: apiGroup,
    });
}

/**
 * True where the build sets the namespace: kustomize does for the account `default`, and for accounts of the same build.
 *
 * @see https://kubectl.docs.kubernetes.io/references/kustomize/builtins/#_namespacetransformer_
 */
function getsNamespace(mesh: Mesh, { builtNamespace }: Resource, account: string | undefined): boolean {
  if (builtNamespace === undefined) return false;
  const accounts = mesh.ofKind('ServiceAccount', '');
  return (
    account === 'default' || accounts.some(({ name, builtNamespace: other }) => name === account && other !== undefined)
  );
}

function hasNamespace(binding: Resource, index: number): boolean {
  return (stringAt(binding.value, 'subjects', index, 'namespace') ?? '') !== '';
}

/** Finds roles of TKE that do not exist, or are bound where they are not meant to be. */
function* findPresets(mesh: Mesh, binding: Resource) {
  const role = clusterRoleOf(binding);
  if (!role?.startsWith('tke:')) return;
  const where = placeIn(binding, 'roleRef', 'name');
  if (binding.kind === 'ClusterRoleBinding' && isNamespaced(role) && presetNames.includes(role))
    yield accessFault('namespaced-role-everywhere', where, { role, wide: presetOf(role)?.cluster });
  const exists = presetNames.includes(role) || mesh.ofKind('ClusterRole').some(({ name }) => name === role);
  if (!exists && subjectsOf(binding).some(({ kind }) => kind === 'User'))
    yield accessFault('unknown-preset', where, { role, advice: nearestPreset(role) });
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

/** Finds presets that may lack API groups of Istio; only where TKE's RBAC is in the input. */
function* findWithoutIstio(bindings: readonly Resource[]) {
  const granted = new Set(bindings.map(clusterRoleOf));
  const admins = new Set(
    bindings
      .filter((binding) => ['tke:admin', 'cluster-admin'].includes(clusterRoleOf(binding) ?? ''))
      .flatMap((binding) => subjectsOf(binding).map(({ name }) => name)),
  );
  const lacking = bindings.filter((binding) => {
    if (subjectsOf(binding).every(({ name }) => admins.has(name))) return false;
    const role = clusterRoleOf(binding) ?? '';
    const needed = presetNames.includes(role) ? presetOf(role)?.istio : undefined;
    return needed !== undefined && !granted.has(istioRoleName(needed)) && !granted.has(istioRoleName('edit'));
  });
  const [first] = lacking;
  if (first)
    yield accessFault(
      'presets-without-istio',
      placeIn(first, 'roleRef', 'name'),
      someOf(lacking.map(({ name }) => name)),
    );
}
