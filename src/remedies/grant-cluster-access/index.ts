import type { Mesh } from '../../mesh/mesh.ts';
import { accountLabel } from '../../mesh/role-binding.ts';
import type { ParameterValues } from '../parameter.ts';
import { defineRemedy, type LegacyStep as Step } from '../remedy.ts';
import { grantSteps } from './bindings.ts';
import { bindingFaults } from './faults.ts';
import { type Grant, grantsFor } from './grants.ts';

const parameters = {
  accounts: {
    type: 'objects',
    fields: {
      user: {
        type: 'string',
        // Kubernetes keeps system: for itself; white space and quotes are in no name that TKE issues.
        pattern: '^(?!system:)[A-Za-z0-9][A-Za-z0-9._@:/+=-]*$',
        help: "name in the account's client certificate (CN), as `tccli tke DescribeClusterCommonNames` tells",
      },
      uin: { type: 'string', pattern: '^[0-9]{5,20}$', help: "the account's id, quoted" },
      role: {
        type: 'string',
        pattern: '^(?!\\.{1,2}$)[A-Za-z0-9._@:-]+$',
        help: 'admin, ops, developer, read-only, or the name of a ClusterRole of your own',
      },
      namespaces: { type: 'strings', default: ['all'], help: 'where the role holds: all, or names of namespaces' },
    },
    required: ['user', 'uin', 'role'],
    help: 'whom to authorise, and as what',
  },
  clusters: { type: 'strings', help: 'kubectl contexts of the clusters of the mesh: each must be given the same' },
} as const;

type Values = ParameterValues<typeof parameters>;

export default defineRemedy({
  id: 'grant-cluster-access',
  title: 'A sub-account is told that it has no permission for a cluster',
  summary: 'Emit the RBAC by which TKE accounts may work with a cluster of the mesh, and with the resources of Istio',
  faq: 'How to Add Mesh Permissions to a Cluster; Cluster Management by Sub-account Fails',
  source: 'https://www.tencentcloud.com/document/product/457/37368',
  explanation: {
    symptoms: [
      'permission',
      'permissions',
      'no cluster permission',
      'no permission',
      'insufficient permission',
      'sub-account',
      'subaccount',
      'root account',
      'associate a cluster',
      'how to add mesh permissions to a cluster',
      'cluster management by sub-account fails',
      'authorization',
      'RBAC',
      'RBAC policy generator',
      'get cluster admin role',
      'Forbidden',
      '403',
      'is forbidden: User',
      'cannot list resource',
      'cannot get resource',
      'cannot change roleRef',
      'ClusterRole',
      'ClusterRoleBinding',
      'RoleBinding',
      'roleRef',
      'subjects',
      'tke:admin',
      'tke:ops',
      'tke:dev',
      'tke:ro',
      'tke:ns:dev',
      'tke:ns:ro',
      'tke-account',
      'kubeconfig',
      'CN',
      'CommonName',
      'UIN',
    ],
    symptom:
      'Somebody who works with a sub-account cannot associate a cluster with the mesh, or sees no services in it: the console speaks of missing or insufficient permission. `kubectl` answers `Error from server (Forbidden): … User "…" cannot list resource …`.',
    cause:
      "Rights in Tencent Cloud's account management are not rights in Kubernetes. Each TKE cluster has RBAC of its own, where the account's client certificate must be bound to a role, in every cluster of the mesh.",
    change:
      'Emits a ClusterRoleBinding for each account to `tke:admin`, `tke:ops`, `tke:dev` or `tke:ro`, or RoleBindings to `tke:ns:dev` and `tke:ns:ro` where `namespaces` are given; other roles are bound by their name. Accounts that are no admins are also bound to a new ClusterRole for the four API groups of Istio. A binding that is there already is kept, also under another name.',
    versions:
      'The same for all versions of Istio. Presets know `networking.istio.io` and `security.istio.io` where TKE made them lately, yet not `telemetry.istio.io` and `extensions.istio.io` (Istio 1.10 and later).',
    caution:
      'A `roleRef` can never be changed, so the role is part of the name: take the old binding away when an account gets another role. Bindings that the console made are left alone, and Tencent Cloud advises to change them only there. The name in the certificate is issued cluster by cluster, so look it up in each of `clusters`. An HTTP answer `RBAC: access denied` is none of this: a proxy gives it where an AuthorizationPolicy says no.',
    check:
      '`kubectl --context CLUSTER auth can-i list virtualservices.networking.istio.io -A --as USER` answers `yes` in every cluster.',
  },
  parameters,

  *plan(mesh, values, { requested }) {
    if (requested) yield* plan(mesh, values);
    else yield* bindingFaults(mesh);
  },
});

function* plan(mesh: Mesh, { accounts, clusters = [] }: Values): Iterable<Step> {
  if (!accounts) {
    yield refuse(
      'Nobody is named: set grant-cluster-access.accounts to a list of {user, uin, role}, where user is the name in the certificate and uin the id of the account',
    );
    return;
  }
  const grants: Grant[] = [];
  const problems = clusters.filter((cluster) => !contextPattern.test(cluster)).map(notContext);
  for (const account of accounts) {
    const planned = grantsFor(account);
    if ('problem' in planned) problems.push(planned.problem);
    else grants.push(...planned.grants);
  }
  if (problems.length > 0) yield* problems.map(refuse);
  else yield* [...grantSteps(mesh, grants), ...clusterAdvice(clusters)];
}

function refuse(message: string): Step {
  return { severity: 'error', outcome: 'refuse', message };
}

/** Contexts are free text to kubectl; what a shell would read otherwise is refused, since commands are printed with it. */
const contextPattern = /^[A-Za-z0-9][A-Za-z0-9._@:/-]*$/;

function notContext(cluster: string): string {
  return `${JSON.stringify(cluster)} of clusters is no kubectl context: letters, digits and . _ @ : / - only`;
}

/** RBAC holds in the cluster that it is applied to, and nobody but kubectl knows several. */
function* clusterAdvice(clusters: readonly string[]): Iterable<Step> {
  if (clusters.length === 0) return;
  const commands = clusters.map((cluster) => `kubectl --context ${cluster} apply -f FILE`).join('; ');
  yield {
    severity: 'info',
    outcome: 'advise',
    message: `RBAC holds in one cluster only, so apply what is emitted here to each (${commands}), after the user was compared with the name in each cluster's own certificate. The label ${accountLabel} finds it again`,
  };
}
