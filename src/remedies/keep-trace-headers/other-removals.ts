import { isObject, type Json } from '../../manifest/node.ts';
import { pointer } from '../../manifest/pointer.ts';
import { configPatchesOf, envoyFilters } from '../../mesh/envoy-filter.ts';
import { isSelected, type Mesh, type Selection } from '../../mesh/mesh.ts';
import { at, listAt, stringAt } from '../../mesh/read.ts';
import { isTraceHeader } from '../../mesh/tracing.ts';
import type { LegacyStep as Step } from '../remedy.ts';

/** What takes trace headers away beside VirtualServices: EnvoyFilters and HTTPRoutes, which are told of and not edited. */
export function* otherRemovals(mesh: Mesh, settings: Selection, requested: boolean): Iterable<Step> {
  for (const filter of envoyFilters(mesh)) {
    if (!isSelected(filter, settings)) continue;
    for (const { index, context, value } of configPatchesOf(filter)) {
      // At a gateway it may be meant to keep out what callers outside send.
      if (context === 'GATEWAY' && !requested) continue;
      const names = [...new Set(removedIn(value, 0))];
      if (names.length === 0) continue;
      const message = `This patch takes ${names.join(', ')} out of requests, so what the application does falls out of its caller's trace: take that out of it`;
      const path = pointer('spec', 'configPatches', index, 'patch', 'value');
      yield {
        severity: context === 'GATEWAY' ? 'info' : 'warning',
        outcome: 'advise',
        message,
        resource: filter,
        path,
      };
    }
  }
  for (const route of [...mesh.ofKind('HTTPRoute'), ...mesh.ofKind('GRPCRoute')]) {
    if (!isSelected(route, settings)) continue;
    // Routes of Services are sidecars' and waypoints'; the others are a gateway's.
    const isForMesh = listAt(route.value, 'spec', 'parentRefs').some((parent) => at(parent, 'kind') === 'Service');
    if (!isForMesh && !requested) continue;
    for (const [index, rule] of listAt(route.value, 'spec', 'rules').entries()) {
      const filters = [
        ...listAt(rule, 'filters'),
        ...listAt(rule, 'backendRefs').flatMap((ref) => listAt(ref, 'filters')),
      ];
      const names = filters.flatMap((filter) => traceHeadersIn(listAt(filter, 'requestHeaderModifier', 'remove')));
      if (names.length === 0) continue;
      const message = `A filter of this rule takes ${[...new Set(names)].join(', ')} out of requests, so what the application does falls out of its caller's trace: take that out of it`;
      const path = pointer('spec', 'rules', index);
      yield { severity: isForMesh ? 'warning' : 'info', outcome: 'advise', message, resource: route, path };
    }
  }
}

function traceHeadersIn(list: readonly Json[]): string[] {
  return list.filter((name): name is string => typeof name === 'string' && isTraceHeader(name));
}

const deepest = 40;

/** Trace headers that an Envoy config removes from requests: by its fields, or in a Lua script. */
function removedIn(value: Json, depth: number): string[] {
  if (depth > deepest) return [];
  if (typeof value === 'string') return removedInScript(value);
  if (Array.isArray(value)) return value.flatMap((item) => removedIn(item, depth + 1));
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, item]) => {
    if (/^(request_headers_to_remove|requestHeadersToRemove)$/.test(key)) return traceHeadersIn(listAt(item));
    const mutated = /^(request_mutations|requestMutations)$/.test(key) ? listAt(item) : [];
    return [
      ...mutated.flatMap((mutation) => traceHeadersIn([stringAt(mutation, 'remove') ?? ''])),
      ...removedIn(item, depth + 1),
    ];
  });
}

/** Only in the part of a script that sees requests. */
function removedInScript(text: string): string[] {
  const [, ofRequests = ''] = /envoy_on_request([\s\S]*?)(?:envoy_on_response|$)/.exec(text) ?? [];
  const lines = ofRequests.replace(/--.*$/gm, '');
  return [...lines.matchAll(/:\s*remove\(\s*["']([^"']+)["']\s*\)/g)].map(([, name]) => name!).filter(isTraceHeader);
}
