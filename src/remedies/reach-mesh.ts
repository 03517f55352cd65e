import type { Json } from '../manifest/node.ts';
import type { Operation } from '../manifest/operation.ts';
import { pointer } from '../manifest/pointer.ts';
import { isSelected, type Mesh } from '../mesh/mesh.ts';
import { listAt } from '../mesh/read.ts';
import { namespaceOf, type Resource } from '../mesh/resource.ts';
import { gatewaysOf } from '../mesh/route-match.ts';
import type { Version } from '../mesh/version.ts';
import { type HttpRule, httpRulesOf, isDelegate, virtualServicesOf } from '../mesh/virtual-service.ts';
import { selection } from './parameter.ts';
import {
  matchForMesh,
  matchForSources,
  planDelegate,
  planLiteralHosts,
  planUnboundMatches,
} from './reach-mesh/faults.ts';
import { isMoreThanForwarding } from './reach-mesh/mesh-rules.ts';
import { hasGateways, type Reach, reachOf } from './reach-mesh/reach.ts';
import { defineRemedy, type Step } from './remedy.ts';

/**
 * A VirtualService with `gateways` serves those alone. To serve callers inside the mesh too it must name `mesh` there,
 * and have the Service among its hosts, which is what those callers ask for.
 */
export default defineRemedy({
  id: 'reach-mesh',
  title: 'A VirtualService does nothing for callers inside the mesh',
  summary: 'Let a VirtualService for gateways serve callers inside the mesh as well',
  faq: 'VirtualService Does Not Take Effect',
  source: 'https://istio.io/latest/docs/reference/config/networking/virtual-service/#VirtualService',
  explanation: {
    symptoms: [
      'virtualservice',
      'virtual service',
      'no effect',
      'not effective',
      'does not take effect',
      'ignored',
      'mesh',
      'gateways',
      'hosts',
      'intra-cluster',
      'inside the cluster',
      'service name',
      'sidecar',
      'match.gateways',
      'sourceLabels',
      'wildcard host * is not allowed for virtual services bound to the mesh gateway',
      'delegate virtual service must have no gateways specified',
    ],
    symptom:
      'Rules of a VirtualService (a canary, a timeout, a fault) hold for clients that come through the gateway, and do nothing for callers inside the mesh.',
    cause:
      'As soon as `gateways` is set, a VirtualService is for those gateways only: the word `mesh` stands for all sidecars and must be listed. Callers inside ask for the name of the Service, so that has to be among `hosts` as well; names with a dot, such as `reviews.shop`, are taken literally.',
    change:
      'Adds `mesh` to `gateways`, and the one Service that the rules lead to to `hosts`. Where no rule takes all the rest, a last one for the mesh keeps other requests going. Where the rules would be wrong for the mesh (host `*`, ports of the Gateway, redirects out, a Service with other ports) it emits a second VirtualService for the mesh. Hosts such as `reviews.shop` become FQDNs.',
    versions:
      'The rules are the same from 1.6 to 1.31. Delegates exist since 1.8; a VirtualService for the mesh that routes by claims of a token is rejected since 1.24.',
    caution:
      'From then on every caller in the mesh goes by these rules, rewrites and timeouts included; callers that ask for the outside name on port 80 do too. Do not use it for VirtualServices that are meant for the outside only: narrow it with `names`.',
    check:
      '`istioctl proxy-config routes CLIENT-POD --name PORT -o json` shows the rules under the host of the Service; before, there is one route called `default`.',
  },
  parameters: { ...selection },

  *plan(mesh, parameters, { version, requested }) {
    const virtualServices = virtualServicesOf(mesh).filter((each) => isSelected(each, parameters));
    const found: Found[] = [];
    for (const virtualService of virtualServices) {
      yield* planDelegate(mesh, virtualService);
      yield* planUnboundMatches(virtualService);
      const literal = [...planLiteralHosts(mesh, virtualService)];
      yield* literal;
      if (isDelegate(virtualService) || literal.length > 0) continue;
      if (listAt(virtualService.value, 'spec', 'hosts').includes('*') && isBoundToMesh(virtualService))
        yield* planAnyHost(mesh, virtualService, version);
      else if (hasGateways(virtualService))
        found.push({ virtualService, reach: reachOf(mesh, virtualService, version) });
    }
    const reaches = requested ? withoutRivals(found) : found;
    for (const each of reaches) {
      const evidence = evidenceOf(mesh, each.virtualService);
      if (requested || evidence) yield* planReach(each, evidence);
    }
    if (!requested) yield* overview(mesh, reaches);
  },
});

interface Found {
  readonly virtualService: Resource;
  readonly reach: Reach;
}

function isBoundToMesh(virtualService: Resource): boolean {
  return gatewaysOf(virtualService)?.includes('mesh') ?? false;
}

/** Of two for one Service the sidecars would use the older one only, so the choice is not ours. */
function withoutRivals(found: readonly Found[]): Found[] {
  const byHost = new Map<string, Set<string>>();
  for (const { virtualService, reach } of found) {
    if (reach.kind !== 'edit' && reach.kind !== 'split') continue;
    const names = byHost.get(reach.service.host) ?? new Set();
    byHost.set(reach.service.host, names.add(nameOf(virtualService)));
  }
  return found.map((each) => {
    if (each.reach.kind !== 'edit' && each.reach.kind !== 'split') return each;
    const rivals = [...(byHost.get(each.reach.service.host) ?? [])].filter(
      (name) => name !== nameOf(each.virtualService),
    );
    if (rivals.length === 0) return each;
    const reason = `VirtualService ${rivals[0]} leads to ${each.reach.service.host} too, and sidecars use only one for a host: choose with names`;
    return { ...each, reach: { kind: 'unclear', reason } };
  });
}

function nameOf(virtualService: Resource): string {
  return `${namespaceOf(virtualService)}/${virtualService.name}`;
}

/** What in the VirtualService itself says that it is meant for the mesh, although it is not bound to it. */
function evidenceOf(
  mesh: Mesh,
  virtualService: Resource,
): { readonly path: string; readonly says: string } | undefined {
  const forMesh = matchForMesh(virtualService);
  if (forMesh) {
    return {
      path: `${forMesh.path}/gateways`,
      says: 'A match here is for mesh, which spec.gateways lacks, so sidecars never use it',
    };
  }
  const forSources = matchForSources(mesh, virtualService);
  return (
    forSources && {
      path: forSources.path,
      says: 'A match here asks for the labels or namespace of the caller, but gateways alone use this VirtualService, and none of their pods has these',
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

/**
 * The host `*` in a VirtualService for the mesh, which Istio rejects.
 *
 * @see https://github.com/istio/istio/blob/1.31.0/pkg/config/validation/validation.go `ValidateVirtualService`
 */
function* planAnyHost(mesh: Mesh, virtualService: Resource, version: Version): Iterable<Step> {
  const common = { severity: 'error', resource: virtualService, path: pointer('spec', 'hosts') } as const;
  const why = 'Istio rejects the host * in a VirtualService for the mesh';
  if (!hasGateways(virtualService)) {
    const implied =
      listAt(virtualService.value, 'spec', 'gateways').length === 0 ? ', which one without gateways is' : '';
    const message = `${why}${implied}: name the Services that it is for in hosts, or the gateways in gateways`;
    yield { ...common, outcome: 'advise', message };
    return;
  }
  const reach = reachOf(mesh, virtualService, version);
  const hasOwnRules = httpRulesOf(virtualService).some((rule) => !isMeshOnly(rule));
  if (!hasOwnRules || (reach.kind !== 'split' && reach.kind !== 'taken')) {
    const reason = reach.kind === 'unclear' ? `; what the mesh is to have is not clear: ${reach.reason}` : '';
    const message = `${why}: leave mesh out of gateways, and name the Services in a VirtualService of their own${reason}`;
    yield { ...common, outcome: 'advise', message };
    return;
  }
  const rest =
    reach.kind === 'split'
      ? `, and a VirtualService ${reach.name} for ${reach.service.host} takes its place there`
      : `; VirtualService ${nameOf(reach.by)} serves ${reach.service.host} there`;
  yield {
    ...common,
    outcome: 'change',
    message: `${why}: takes mesh out of gateways${rest}`,
    patch: { resource: virtualService, operations: withoutMesh(virtualService) },
  };
  if (reach.kind === 'split') {
    const message = `Callers inside the mesh get a VirtualService of their own: adds ${reach.name} for ${reach.service.host}`;
    yield { ...common, severity: 'info', outcome: 'change', message, emit: reach.emit };
  }
}

/** Takes the mesh out of a VirtualService: its binding, and what is for the mesh alone; from the end, since positions shift. */
function withoutMesh(virtualService: Resource): Operation[] {
  const operations: Operation[] = [];
  for (const rule of httpRulesOf(virtualService).reverse()) {
    if (isMeshOnly(rule)) {
      operations.push({ op: 'remove', path: pointer('spec', 'http', rule.index) });
      continue;
    }
    const matches = listAt(rule.value, 'match');
    for (const position of [...matches.keys()].reverse()) {
      if (isMeshMatch(matches[position]!))
        operations.push({ op: 'remove', path: pointer('spec', 'http', rule.index, 'match', position) });
    }
  }
  const gateways = listAt(virtualService.value, 'spec', 'gateways');
  for (const position of [...gateways.keys()].reverse()) {
    if (gateways[position] === 'mesh') operations.push({ op: 'remove', path: pointer('spec', 'gateways', position) });
  }
  return operations;
}

/** True for a rule that is for the mesh alone. */
function isMeshOnly({ value }: HttpRule): boolean {
  const matches = listAt(value, 'match');
  return matches.length > 0 && matches.every(isMeshMatch);
}

function isMeshMatch(match: Json): boolean {
  const own = listAt(match, 'gateways');
  return own.length > 0 && own.every((name) => name === 'mesh');
}

/** One word for all VirtualServices that are for gateways only, which may well be what is wanted. */
function* overview(mesh: Mesh, found: readonly Found[]): Iterable<Step> {
  const outside = found.filter(({ virtualService, reach }) => {
    if (reach.kind !== 'edit' && reach.kind !== 'split') return false;
    return httpRulesOf(virtualService).some(isMoreThanForwarding) && !evidenceOf(mesh, virtualService);
  });
  if (outside.length === 0) return;
  const names = outside.slice(0, 3).map(({ virtualService }) => nameOf(virtualService));
  const more = outside.length > 3 ? ` and ${outside.length - 3} more` : '';
  const noun = outside.length === 1 ? 'VirtualService' : `${outside.length} VirtualServices`;
  yield {
    severity: 'info',
    outcome: 'advise',
    message: `${noun} for gateways (${names.join(', ')}${more}): callers inside the mesh that ask for the Service behind get none of the rules; where they should, name mesh in gateways and the Service in hosts, as reach-mesh does (narrow it with names)`,
    parameters: {},
  };
}
