import { isSelected } from '../../mesh/mesh.ts';
import type { Resource } from '../../mesh/resource.ts';
import { hasGateways } from '../../mesh/route-match.ts';
import { isDelegate, virtualServicesOf } from '../../mesh/virtual-service.ts';
import { selection } from '../parameter.ts';
import { defineRemedy } from '../remedy.ts';
import { isForAnyHost, leaveMesh } from './any-host.ts';
import { findDelegateGateways, removeGateways } from './delegates.ts';
import { findUnboundMatches } from './evidence.ts';
import { meshFault } from './faults.ts';
import { expandDestinations, findLiteralDestinations } from './literal-destinations.ts';
import { expandHost, findLiteralHosts } from './literal-hosts.ts';
import { reachOf } from './reach.ts';
import { findUnreached, giveToMesh, withoutRivals } from './reaching.ts';

/**
 * A VirtualService with `gateways` serves only those. To serve clients inside the mesh, too, it must name `mesh` there,
 * and have the Service among its hosts, which is what those clients call.
 */
export default defineRemedy({
  id: 'reach-mesh',
  source: 'https://istio.io/latest/docs/reference/config/networking/virtual-service/#VirtualService',
  parameters: { ...selection },
  faults: meshFault,

  *find({ mesh, version, parameters }) {
    const all = virtualServicesOf(mesh);
    // Sidecars use one VirtualService for a Service, so which others are to be changed decides about each.
    const selected = all.filter((each) => isSelected(each, parameters));
    const whole = new Set(all.flatMap((each) => (isDelegate(each) ? [] : [each.name])));
    const claimed = new Map<string, Resource>();
    const expanded = new Set<Resource>();
    for (const virtualService of selected) {
      yield* findDelegateGateways(mesh, virtualService, whole);
      yield* findUnboundMatches(virtualService);
      yield* findLiteralDestinations(mesh, virtualService);
      const literal = findLiteralHosts(mesh, virtualService, claimed);
      if (literal.length > 0) expanded.add(virtualService);
      yield* literal;
    }
    const found = selected
      .filter((each) => !isDelegate(each) && !expanded.has(each) && (hasGateways(each) || isForAnyHost(each)))
      .map((virtualService) => ({ virtualService, reach: reachOf(mesh, virtualService, version, claimed) }));
    for (const each of withoutRivals(found)) yield* findUnreached(mesh, each, version);
  },

  fix: {
    'gateways-in-delegate': ({ data }) => removeGateways(data),
    'any-host-in-mesh': ({ data }) => leaveMesh(data),
    'literal-destination': ({ data }) => expandDestinations(data),
    'literal-host': ({ data }) => expandHost(data),
    'unbound-mesh-match': ({ data }) => giveToMesh(data),
    'unbound-source-match': ({ data }) => giveToMesh(data),
    'unbound-mesh-host': ({ data }) => giveToMesh(data),
    'gateways-only': ({ data }) => giveToMesh(data),
  },
});
