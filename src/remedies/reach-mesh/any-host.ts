import type { Json } from '../../manifest/node.ts';
import type { Operation } from '../../manifest/operation.ts';
import { pointer } from '../../manifest/pointer.ts';
import { listAt } from '../../mesh/read.ts';
import type { Resource } from '../../mesh/resource.ts';
import { gatewaysOf, hasGateways } from '../../mesh/route-match.ts';
import { type HttpRule, httpRulesOf } from '../../mesh/virtual-service.ts';
import { advise, edit, emit, type Step } from '../../step.ts';
import type { Reaching } from './faults.ts';
import { titled } from './reach.ts';

/** True for a VirtualService for the mesh that has the host `*`. */
export function isForAnyHost(virtualService: Resource): boolean {
  const isBoundToMesh = gatewaysOf(virtualService)?.includes('mesh') ?? false;
  return isBoundToMesh && listAt(virtualService.value, 'spec', 'hosts').includes('*');
}

/**
 * Takes a VirtualService with the host `*` out of the mesh, which gets one of its own where it needs one.
 *
 * @see https://github.com/istio/istio/blob/1.31.0/pkg/config/validation/validation.go `ValidateVirtualService`
 */
export function leaveMesh({ virtualService, reach }: Reaching): Step | Step[] {
  if (!hasGateways(virtualService)) return advise('Name the Services in `hosts`, or the gateways in `gateways`');
  if (!hasOwnRules(virtualService) || (reach.kind !== 'split' && reach.kind !== 'taken')) {
    const reason = reach.kind === 'unclear' ? ` (which ones is not clear, because ${reach.reason})` : '';
    return advise(`Remove \`mesh\` from \`gateways\`, and name the Services in a VirtualService of their own${reason}`);
  }
  const patch = { resource: virtualService, operations: withoutMesh(virtualService) };
  const { host } = reach.service;
  if (reach.kind === 'taken')
    return edit(`remove \`mesh\` from \`gateways\`; VirtualService ${titled(reach.by)} serves ${host} there`, patch);
  return [
    edit(`remove \`mesh\` from \`gateways\`, and add VirtualService ${reach.name} for ${host}`, patch, {
      isPart: true,
    }),
    emit(`add VirtualService ${reach.name} for ${host}`, reach.emit, { isFurther: true, severity: 'info' }),
  ];
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
