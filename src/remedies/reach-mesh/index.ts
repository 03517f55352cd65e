import type { JsonObject } from '../../manifest/node.ts';
import { pointer } from '../../manifest/pointer.ts';
import { serviceEntryOf } from '../../mesh/connection-pool.ts';
import { isSelected, type Mesh } from '../../mesh/mesh.ts';
import { namespaceOf, type Resource } from '../../mesh/resource.ts';
import { hasGateways } from '../../mesh/route-match.ts';
import type { Version } from '../../mesh/version.ts';
import { hostsOf, isDelegate, servesMesh, virtualServicesOf } from '../../mesh/virtual-service.ts';
import { someOf } from '../mechanisms/wording.ts';
import { selection } from '../parameter.ts';
import { defineRemedy, type LegacyStep as Step } from '../remedy.ts';
import { hasOwnRules, isForAnyHost, planAnyHost, withoutMesh } from './any-host.ts';
import {
  hostForMesh,
  matchForMesh,
  matchForSources,
  planDelegate,
  planLiteralHosts,
  planUnboundMatches,
} from './faults.ts';
import { planLiteralDestinations } from './literal-destinations.ts';
import { type Reach, reachOf } from './reach.ts';

/**
 * A VirtualService with `gateways` serves those alone. To serve callers inside the mesh too it must name `mesh` there,
 * and have the Service among its hosts, which is what those callers ask for.
 */
export default defineRemedy({
  id: 'reach-mesh',
  source: 'https://istio.io/latest/docs/reference/config/networking/virtual-service/#VirtualService',
  parameters: { ...selection },

  *plan(mesh, parameters, { version, requested }) {
    const virtualServices = virtualServicesOf(mesh).filter((each) => isSelected(each, parameters));
    const whole = new Set(virtualServicesOf(mesh).flatMap((each) => (isDelegate(each) ? [] : [each.name])));
    const claimed = new Map<string, Resource>();
    const mended = new Set<Resource>();
    for (const virtualService of virtualServices) {
      yield* planDelegate(mesh, virtualService, whole);
      yield* planUnboundMatches(virtualService);
      yield* planLiteralDestinations(mesh, virtualService, requested);
      const literal = [...planLiteralHosts(mesh, virtualService, claimed)];
      if (literal.length > 0) mended.add(virtualService);
      yield* literal;
    }
    const found = virtualServices
      .filter((each) => !isDelegate(each) && !mended.has(each) && (hasGateways(each) || isForAnyHost(each)))
      .map((virtualService): Found => ({ virtualService, reach: reachOf(mesh, virtualService, version, claimed) }));
    const reaches = requested ? withoutRivals(found) : found;
    for (const each of reaches) {
      const evidence = evidenceOf(mesh, each.virtualService, version);
      if (isForAnyHost(each.virtualService)) yield* planAnyHost(each.virtualService, each.reach);
      else if (requested || evidence) yield* planReach(each, evidence);
    }
    if (!requested) yield* overview(mesh, reaches, version);
  },
});

interface Found {
  readonly virtualService: Resource;
  readonly reach: Reach;
}

/** Of two for one Service the sidecars would use the older one only, so the choice is not ours. */
function withoutRivals(found: readonly Found[]): Found[] {
  const byHost = new Map<string, Set<string>>();
  for (const { virtualService, reach } of found) {
    if ((reach.kind !== 'edit' && reach.kind !== 'split') || !hasGateways(virtualService)) continue;
    const names = byHost.get(reach.service.host) ?? new Set();
    byHost.set(reach.service.host, names.add(nameOf(virtualService)));
  }
  return found.map((each) => {
    if (each.reach.kind !== 'edit' && each.reach.kind !== 'split') return each;
    const rival = otherIn(byHost.get(each.reach.service.host), nameOf(each.virtualService));
    if (rival === undefined) return each;
    const reason = `VirtualService ${rival} leads to ${each.reach.service.host} too, and sidecars use only one for a host: choose with names`;
    return { ...each, reach: { kind: 'unclear', reason } };
  });
}

/** The first of some names that is not this one. There may be thousands: no copy is made of them. */
function otherIn(names: Iterable<string> = [], name: string): string | undefined {
  for (const other of names) if (other !== name) return other;
  return undefined;
}

function nameOf(virtualService: Resource): string {
  return `${namespaceOf(virtualService)}/${virtualService.name}`;
}

/** What in the VirtualService itself says that it is meant for the mesh, although it is not bound to it. */
function evidenceOf(
  mesh: Mesh,
  virtualService: Resource,
  version: Version,
): { readonly path: string; readonly says: string } | undefined {
  const forMesh = matchForMesh(virtualService);
  if (forMesh) {
    return {
      path: `${forMesh.path}/gateways`,
      says: 'A match here is for mesh, which spec.gateways lacks, so sidecars never use it',
    };
  }
  const forSources = matchForSources(mesh, virtualService, version);
  if (forSources) {
    return {
      path: forSources.path,
      says: 'A match here asks for the labels or namespace of the caller, but gateways alone use this VirtualService, and none of their pods has these',
    };
  }
  const host = hostForMesh(mesh, virtualService);
  return (
    host && {
      path: host.path,
      says: `Host ${host.value} is what callers inside the mesh ask for, no Gateway takes it, and spec.gateways lacks mesh, so nobody gets these rules by it`,
    }
  );
}

function* planReach({ virtualService, reach }: Found, evidence: ReturnType<typeof evidenceOf>): Iterable<Step> {
  const common = { resource: virtualService, path: evidence?.path ?? pointer('spec', 'gateways') };
  const why = evidence?.says ?? 'Callers inside the mesh do not get these rules';
  const severity = evidence ? 'warning' : 'info';
  switch (reach.kind) {
    case 'there':
      break;
    case 'edit':
      yield {
        ...common,
        severity,
        outcome: 'change',
        message: `${why}: ${reach.what}`,
        patch: { resource: virtualService, operations: reach.operations },
      };
      break;
    case 'split':
      yield {
        ...common,
        severity,
        outcome: 'change',
        message: `${why}: adds VirtualService ${reach.name} for ${reach.service.host}, one of its own because ${reach.why}`,
        emit: reach.emit,
      };
      yield* withoutMatches(virtualService, reach.name);
      break;
    case 'taken': {
      const message = `${why}: VirtualService ${nameOf(reach.by)} has ${reach.service.host} in the mesh, and sidecars use only one for a host, so put what they are to do into that one`;
      yield { ...common, severity, outcome: evidence ? 'advise' : 'keep', message };
      break;
    }
    case 'unclear':
      yield {
        ...common,
        severity: 'warning',
        outcome: 'advise',
        message: `${why}, and are not made to: ${reach.reason}`,
      };
  }
}

/** Takes out what only stood there for the mesh, which another VirtualService has now. */
function* withoutMatches(virtualService: Resource, name: string): Iterable<Step> {
  const operations = hasOwnRules(virtualService) ? withoutMesh(virtualService) : [];
  const [first] = operations;
  if (!first) return;
  yield {
    severity: 'info',
    outcome: 'change',
    message: `VirtualService ${name} has what is for mesh: takes it out here`,
    resource: virtualService,
    path: first.path,
    patch: { resource: virtualService, operations },
  };
}

function narrowedTo({ namespace, name }: Resource): JsonObject {
  return { ...(namespace === undefined ? {} : { namespaces: [namespace] }), names: [name] };
}

/** One word for all VirtualServices that are for gateways only, which may well be what is wanted. */
function* overview(mesh: Mesh, found: readonly Found[], version: Version): Iterable<Step> {
  const outside = withoutRivals(found).filter(({ virtualService, reach }) => {
    const isOpen = (reach.kind === 'edit' || reach.kind === 'split') && !evidenceOf(mesh, virtualService, version);
    return isOpen && !isReachedOtherwise(mesh, virtualService);
  });
  const [first] = outside;
  if (!first) return;
  const names = someOf(outside.map(({ virtualService }) => nameOf(virtualService)));
  const noun = outside.length === 1 ? 'VirtualService' : `${outside.length} VirtualServices`;
  const hasMesh = outside.every(({ virtualService }) => servesMesh(virtualService));
  const [what, todo] = hasMesh
    ? [`${noun} for gateways and the mesh`, 'name the Service in hosts']
    : [`${noun} for gateways`, 'name mesh in gateways and the Service in hosts'];
  yield {
    severity: 'info',
    outcome: 'change',
    message: `${what} (${names}): callers inside the mesh that ask for the Service behind get none of the rules; where they should, ${todo}`,
    parameters: outside.length > 1 ? {} : narrowedTo(first.virtualService),
  };
}

/** True when callers inside the mesh are meant to ask for another host, which a ServiceEntry makes known to them. */
function isReachedOtherwise(mesh: Mesh, virtualService: Resource): boolean {
  return servesMesh(virtualService) && hostsOf(virtualService).some((host) => serviceEntryOf(mesh, host) !== undefined);
}
