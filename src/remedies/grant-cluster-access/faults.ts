import type { Resource } from '../../mesh/resource.ts';
import { rbacGroup } from '../../mesh/role-binding.ts';
import { caveat, defineFaults, error, hint, note, refusal, unsure, warning } from '../fault.ts';
import type { Joint } from './bindings.ts';
import type { IstioAccess } from './roles.ts';

const rejected = 'Kubernetes rejects this binding';

/** Why a role may not exist, and whether it is probably a mistake. */
export interface RoleDoubt {
  /** A clause to follow the message. */
  readonly note: string;
  readonly isSlip: boolean;
}

/** A role that users of an account are to get in a place: "all namespaces", "namespace shop". */
export interface Wanted extends Joint {
  readonly place: string;
}

export const accessFault = defineFaults({
  'foreign-role-group': error(
    (group: string) => `${rejected}: the \`apiGroup\` of a \`roleRef\` is ${rbacGroup}, not ${group}`,
  ),
  'foreign-role-kind': error(
    ({ binding, kinds, kind }: { binding: string; kinds: readonly string[]; kind: string }) =>
      `${rejected}: a ${binding} refers to a ${kinds.join(' or ')}, not to a ${kind}`,
  ),
  'unquoted-account': error(
    (label: string) => `${rejected}: label \`${label}\` is a number, and labels are strings. Quote it`,
  ),
  'unknown-subject-kind': error((kind: string | undefined) => {
    const found = kind === undefined ? 'has no kind' : `has kind ${kind}`;
    return `${rejected}: this subject ${found}, which must be User, Group or ServiceAccount`;
  }),
  'nameless-subject': error((kind: string) => `${rejected}: this ${kind} has no name, or one that is not a string`),
  'account-without-namespace': error(`${rejected}: a ServiceAccount in a ClusterRoleBinding needs its namespace`),
  'foreign-subject-group': error(
    ({ kind, right, group }: { kind: string; right: string; group: string }) =>
      `${rejected}: the \`apiGroup\` of a ${kind} is ${right === '' ? 'empty' : right}, not ${group}`,
  ),
  'namespaced-role-everywhere': warning(
    ({ role, wide }: { role: string; wide: string | undefined }) =>
      `${role} is TKE's role for single namespaces, and a ClusterRoleBinding grants it in all of them. Bind it by a RoleBinding in each namespace, or bind ${wide}. A \`roleRef\` cannot be changed, so delete this binding first`,
  ),
  'unknown-preset': warning(
    ({ role, advice }: { role: string; advice: string }) =>
      `TKE has no ClusterRole ${role}, and the input has none, so this binding grants nothing. ${advice}. A \`roleRef\` cannot be changed, so delete this binding first`,
  ),
  'presets-without-istio': hint(
    (names: string) =>
      `${names}: presets of TKE other than tke:admin may lack API groups of Istio (telemetry.istio.io, extensions.istio.io). \`--grant-cluster-access\` with \`accounts\` adds a ClusterRole for them; each cluster of the mesh needs bindings of its own`,
  ),
  'no-accounts': refusal(
    'No account is given. Set `grant-cluster-access.accounts` to a list of {user, uin, role}, where `user` is the name in the certificate and `uin` the id of the account',
  ),
  'invalid-context': refusal(
    (cluster: string) =>
      `${JSON.stringify(cluster)} in \`clusters\` is not a kubectl context: only letters, digits and . _ @ : / - are allowed`,
  ),
  'impossible-grant': refusal((problem: string) => problem),
  'missing-istio-role': note((_: IstioAccess) => 'The presets of TKE lack API groups of newer Istio versions'),
  'missing-binding': note(
    ({ users, clusterRole, place, doubt }: Wanted & { doubt: RoleDoubt | undefined }) =>
      `${users.join(', ')} ${users.length > 1 ? 'do' : 'does'} not have ${clusterRole} in ${place} yet${doubt?.note ?? ''}`,
  ),
  'missing-user': note(
    ({ users, clusterRole, place }: Wanted & { binding: Resource }) =>
      `The account has ${clusterRole} in ${place}, but not by the certificate of ${users.join(', ')}`,
  ),
  'name-taken': refusal(
    ({ users, clusterRole, place, taken }: Wanted & { taken: Resource }) =>
      `${users.join(', ')} cannot get ${clusterRole} in ${place}: ${taken.kind} ${taken.name} exists already, for another role. Rename it`,
  ),
  'granted-already': note(
    ({ user, clusterRole, place, held }: { user: string; clusterRole: string; place: string; held: Resource }) =>
      `${user} has ${clusterRole} in ${place} already, by ${held.kind} ${held.name}`,
  ),
  'further-role': caveat(
    ({ user, role, place, binding }: { user: string; role: string; place: string; binding: Resource }) =>
      `${user} also keeps ${role} in ${place}, by ${binding.kind} ${binding.name}. Rights add up, so delete it here and in the cluster unless both are intended`,
  ),
  'further-clusters': unsure(
    ({ commands, label }: { commands: string; label: string }) =>
      `RBAC is valid in one cluster only, so apply what is emitted here to each (${commands}), after comparing the user with the name in each cluster's own certificate. The label ${label} finds it again`,
  ),
});
