import { isObject, type Json } from '../../manifest/node.ts';
import { configPatchesOf, envoyFilters } from '../../mesh/envoy-filter.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { at, listAt, stringAt } from '../../mesh/read.ts';
import { isTraceHeader } from '../../mesh/tracing.ts';
import { placeIn } from '../../step.ts';
import { traceFault } from './faults.ts';

/** EnvoyFilters that remove trace headers. At a gateway that may be meant to keep out what external clients send. */
export function* findInFilters(mesh: Mesh) {
  for (const filter of envoyFilters(mesh)) {
    for (const { index, context, value } of configPatchesOf(filter)) {
      const headers = [...new Set(removedIn(value, 0))];
      if (headers.length === 0) continue;
      const code = context === 'GATEWAY' ? 'lost-by-gateway-filter' : 'lost-by-filter';
      const where = placeIn(filter, 'spec', 'configPatches', index, 'patch', 'value');
      yield traceFault(code, where, { subject: 'This patch', headers });
    }
  }
}

/** HTTPRoutes and GRPCRoutes that remove trace headers. Sidecars and waypoints use those of Services, gateways the others. */
export function* findInGatewayApi(mesh: Mesh) {
  for (const route of [...mesh.ofKind('HTTPRoute'), ...mesh.ofKind('GRPCRoute')]) {
    const isForMesh = listAt(route.value, 'spec', 'parentRefs').some((parent) => at(parent, 'kind') === 'Service');
    const code = isForMesh ? 'lost-by-filter' : 'lost-by-gateway-filter';
    for (const [index, rule] of listAt(route.value, 'spec', 'rules').entries()) {
      const headers = [...new Set(removedByFilters(rule))];
      const where = placeIn(route, 'spec', 'rules', index);
      if (headers.length > 0) yield traceFault(code, where, { subject: 'A filter of this rule', headers });
    }
  }
}

function removedByFilters(rule: Json): string[] {
  const ofBackends = listAt(rule, 'backendRefs').flatMap((ref) => listAt(ref, 'filters'));
  const filters = [...listAt(rule, 'filters'), ...ofBackends];
  return filters.flatMap((filter) => traceHeadersIn(listAt(filter, 'requestHeaderModifier', 'remove')));
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
