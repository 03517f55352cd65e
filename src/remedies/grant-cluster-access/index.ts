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
  source: 'https://www.tencentcloud.com/document/product/457/37368',
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
