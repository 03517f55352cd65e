import { listAt } from '../../mesh/read.ts';
import type { Resource } from '../../mesh/resource.ts';
import { servesMesh } from '../../mesh/virtual-service.ts';
import { caveat, choice, defineFaults, error, note, warning } from '../fault.ts';
import type { LiteralDestination } from './literal-destinations.ts';
import type { Reach } from './reach.ts';

/** A VirtualService, and how clients inside the mesh can get its rules. */
export interface Reaching {
  readonly virtualService: Resource;
  readonly reach: Reach;
}

/** The destinations of a VirtualService that are taken literally, at least one. */
export interface LiteralDestinations {
  readonly virtualService: Resource;
  readonly found: readonly LiteralDestination[];
  /** True where a diagnosis only advises to change them. */
  readonly isAdviceOnly?: boolean;
}

/** A host such as `reviews.shop`, which Istio takes literally although a Service of that name is in the input. */
export interface LiteralHost {
  readonly virtualService: Resource;
  readonly index: number;
  readonly host: string;
  readonly fqdn: string;
  /** The VirtualService that has this Service already. */
  readonly taken: Resource | undefined;
}

/** A match for gateways that the VirtualService is not bound to. */
export interface UnboundMatch {
  readonly gateways: readonly string[];
  /** What `spec.gateways` has; nothing where it is not set. */
  readonly bound: readonly string[];
}

export const meshFault = defineFaults({
  'gateways-in-delegate': error<Resource>(
    'Istio rejects `gateways` in a delegate, which applies wherever its root VirtualService does',
  ),
  'gateways-without-hosts': error(
    'Istio rejects a VirtualService with `gateways` and without `hosts`. Add hosts, or remove `gateways` if another VirtualService delegates to it',
  ),
  'any-host-in-mesh': error(({ virtualService }: Reaching) =>
    listAt(virtualService.value, 'spec', 'gateways').length > 0
      ? 'Istio rejects the host `*` in a VirtualService for the mesh'
      : 'Istio rejects the host `*` in a VirtualService for the mesh, which is the default without `gateways`',
  ),
  'unbound-match': warning(({ gateways, bound }: UnboundMatch) =>
    bound.length === 0
      ? `This match is for ${gateways.join(', ')}, but \`spec.gateways\` is not set, which means mesh, so the match is never used. Name the gateway in \`spec.gateways\`, and \`mesh\` beside it for clients inside the mesh`
      : `This match is for ${gateways.join(', ')}, but \`spec.gateways\` has only ${bound.join(', ')}, so the match is never used. Name the gateway in \`spec.gateways\``,
  ),
  'literal-destination': warning(({ found }: LiteralDestinations) => {
    const hosts = [...new Set(found.map(({ host }) => host))].join(', ');
    return `Names with a dot are not expanded, so ${hosts} leads to no Service: ${found[0]?.fate}`;
  }),
  'literal-host': warning(
    ({ host, fqdn }: LiteralHost) =>
      `Names with a dot are not expanded, so host ${host} does not mean Service ${fqdn}. Only requests on port 80 with this very name can get these rules`,
  ),
  'unbound-mesh-match': warning<Reaching>(
    'This match is for `mesh`, but `spec.gateways` lacks `mesh`, so sidecars never use it',
  ),
  'unbound-source-match': warning<Reaching>(
    'This match is for the labels or the namespace of a client, but only gateways use this VirtualService, and none of their pods has these',
  ),
  'unbound-mesh-host': warning(
    ({ host }: Reaching & { host: string }) =>
      `Host ${host} is used only inside the mesh, but \`spec.gateways\` lacks \`mesh\`, so these rules never apply to it`,
  ),
  'gateways-only': choice(({ virtualService, reach }: Reaching) => {
    const called = 'service' in reach ? reach.service.host : 'the Service';
    const lack = servesMesh(virtualService) ? '`hosts` lacks it' : '`spec.gateways` lacks `mesh`';
    return `Clients inside the mesh that call ${called} do not get these rules, because ${lack}`;
  }),
  'served-by-other': note(
    ({ host, by }: { host: string; by: string }) =>
      `Clients inside the mesh do not get these rules: VirtualService ${by} serves ${host} in the mesh, and sidecars use only one for a host. Add to that one what they need`,
  ),
  'unclear-for-mesh': caveat(
    (reason: string) => `Clients inside the mesh do not get these rules, and nothing is changed, because ${reason}`,
  ),
});
