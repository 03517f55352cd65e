import { accountLabel } from '../../mesh/role-binding.ts';
import { defineRemedy } from '../remedy.ts';
import { emitBinding, emitIstioRole, findGrants, joinBinding } from './bindings.ts';
import { findInBindings } from './existing-bindings.ts';
import { accessFault } from './faults.ts';
import { grantsFor } from './grants.ts';

const parameters = {
  accounts: {
    type: 'objects',
    fields: {
      user: {
        type: 'string',
        // Kubernetes keeps system: for itself; white space and quotes are in no name that TKE issues.
        pattern: '^(?!system:)[A-Za-z0-9][A-Za-z0-9._@:/+=-]*$',
        help: "name in the account's client certificate (CN), as `tccli tke DescribeClusterCommonNames` prints",
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

export default defineRemedy({
  id: 'grant-cluster-access',
  source: 'https://www.tencentcloud.com/document/product/457/37368',
  parameters,
  faults: accessFault,

  *find({ mesh, parameters: { accounts, clusters = [] } }) {
    yield* findInBindings(mesh);
    if (!accounts) {
      yield accessFault('no-accounts', {});
      return;
    }
    const invalid = clusters.filter((cluster) => !contextPattern.test(cluster));
    const planned = accounts.map(grantsFor);
    const problems = planned.flatMap((each) => ('problem' in each ? [each.problem] : []));
    for (const cluster of invalid) yield accessFault('invalid-context', {}, cluster);
    for (const problem of problems) yield accessFault('impossible-grant', {}, problem);
    if (invalid.length + problems.length > 0) return;
    yield* findGrants(
      mesh,
      planned.flatMap((each) => ('grants' in each ? each.grants : [])),
    );
    yield* findFurtherClusters(clusters);
  },

  fix: {
    'missing-istio-role': ({ data }) => emitIstioRole(data),
    'missing-binding': ({ data }) => emitBinding(data),
    'missing-user': ({ data }) => joinBinding(data),
  },
});

/** Contexts are free text to kubectl; what a shell would read otherwise is refused, since commands are printed with it. */
const contextPattern = /^[A-Za-z0-9][A-Za-z0-9._@:/-]*$/;

/** RBAC holds in the cluster that it is applied to, and only kubectl knows several. */
function* findFurtherClusters(clusters: readonly string[]) {
  if (clusters.length === 0) return;
  const commands = clusters.map((cluster) => `kubectl --context ${cluster} apply -f FILE`).join('; ');
  yield accessFault('further-clusters', {}, { commands, label: accountLabel });
}
