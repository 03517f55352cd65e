import type { Json } from '../../manifest/node.ts';
import type { Operation } from '../../manifest/operation.ts';
import { pointer } from '../../manifest/pointer.ts';
import { listAt } from '../../mesh/read.ts';
import { namespaceOf, type Resource } from '../../mesh/resource.ts';
import { gatewaysOf, hasGateways } from '../../mesh/route-match.ts';
import { type HttpRule, httpRulesOf } from '../../mesh/virtual-service.ts';
import type { LegacyStep as Step } from '../remedy.ts';
import type { Reach } from './reach.ts';

/** True for a VirtualService for the mesh that has the host `*`. */
export function isForAnyHost(virtualService: Resource): boolean {
  const isBoundToMesh = gatewaysOf(virtualService)?.includes('mesh') ?? false;
  return isBoundToMesh && listAt(virtualService.value, 'spec', 'hosts').includes('*');
}

/**
 * The host `*` in a VirtualService for the mesh, which Istio rejects.
 *
 * @see https://github.com/istio/istio/blob/1.31.0/pkg/config/validation/validation.go `ValidateVirtualService`
 */
export function* planAnyHost(virtualService: Resource, reach: Reach): Iterable<Step> {
  const common = { severity: 'error', resource: virtualService, path: pointer('spec', 'hosts') } as const;
  const why = 'Istio rejects the host * in a VirtualService for the mesh';
  if (!hasGateways(virtualService)) {
    const implied =
      listAt(virtualService.value, 'spec', 'gateways').length === 0 ? ', which one without gateways is' : '';
    const message = `${why}${implied}: name the Services that it is for in hosts, or the gateways in gateways`;
    yield { ...common, outcome: 'advise', message };
    return;
  }
  if (!hasOwnRules(virtualService) || (reach.kind !== 'split' && reach.kind !== 'taken')) {
    const reason = reach.kind === 'unclear' ? `; what the mesh is to have is not clear: ${reach.reason}` : '';
    const message = `${why}: leave mesh out of gateways, and name the Services in a VirtualService of their own${reason}`;
    yield { ...common, outcome: 'advise', message };
    return;
  }
  const rest =
    reach.kind === 'split'
      ? `, and a VirtualService ${reach.name} for ${reach.service.host} takes its place there`
      : `; VirtualService ${namespaceOf(reach.by)}/${reach.by.name} serves ${reach.service.host} there`;
  yield {
    ...common,
    outcome: 'change',
    message: `${why}: takes mesh out of gateways${rest}`,
    patch: { resource: virtualService, operations: withoutMesh(virtualService) },
    isPart: reach.kind === 'split',
  };
  if (reach.kind === 'split') {
    const message = `Callers inside the mesh get a VirtualService of their own: adds ${reach.name} for ${reach.service.host}`;
    yield { ...common, severity: 'info', outcome: 'change', message, emit: reach.emit };
  }
}

/** True when rules are left once those for the mesh alone are gone. */
export function hasOwnRules(virtualService: Resource): boolean {
  return httpRulesOf(virtualService).some((rule) => !isMeshOnly(rule));
}

/** Takes the mesh out of a VirtualService: its binding, and what is for the mesh alone; from the end, since positions shift. */
export function withoutMesh(virtualService: Resource): Operation[] {
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
