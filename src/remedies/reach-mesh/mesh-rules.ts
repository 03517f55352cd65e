import { isSame, type Json, type JsonObject } from '../../manifest/node.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { at, listAt, objectAt } from '../../mesh/read.ts';
import { namespaceOf, type Resource } from '../../mesh/resource.ts';
import { gatewaysOf, isCatchAll, readGateways, readMatches } from '../../mesh/route-match.ts';
import { rulesOf } from '../../mesh/route-rules.ts';
import { forwardingRulesOf } from '../../mesh/service-behind.ts';
import { actionOf, type HttpRule, httpRulesOf } from '../../mesh/virtual-service.ts';
import { withFqdns } from './literal-destinations.ts';

/**
 * What sidecars do with a match once its VirtualService is bound to the mesh too: use it, leave it out because it is
 * for some of the gateways only, or leave it out although it names all of them, which was no choice before: unless
 * another match names the mesh, so that the rules differ on purpose.
 *
 * @see https://github.com/istio/istio/blob/1.31.0/pilot/pkg/networking/core/route/route.go `sourceMatchHTTP`
 */
type Binding = 'used' | 'left' | 'widened';

function bindingOf(match: Json, virtualService: Resource): Binding {
  const own = readGateways(match, namespaceOf(virtualService));
  if (own.length === 0 || own.includes('mesh')) return 'used';
  const bound = gatewaysOf(virtualService) ?? [];
  const isChoice = bound.includes('mesh') || namesMesh(virtualService);
  return !isChoice && bound.every((name) => own.includes(name)) ? 'widened' : 'left';
}

function namesMesh(virtualService: Resource): boolean {
  return httpRulesOf(virtualService).some(({ value }) =>
    listAt(value, 'match').some((match) => listAt(match, 'gateways').includes('mesh')),
  );
}

/** True for a rule that sidecars would use, in part at least. */
export function isForMesh(rule: HttpRule): boolean {
  const matches = listAt(rule.value, 'match');
  return matches.length === 0 || matches.some((match) => bindingOf(match, rule.virtualService) !== 'left');
}

/** Places of the matches that name all gateways of the VirtualService, and so must name the mesh as well. */
export function widenedMatches(virtualService: Resource): { rule: number; match: number }[] {
  return httpRulesOf(virtualService).flatMap(({ index, value }) =>
    listAt(value, 'match').flatMap((match, position) =>
      bindingOf(match, virtualService) === 'widened' ? [{ rule: index, match: position }] : [],
    ),
  );
}

/** True when some rule takes whatever sidecars send, so that no request of theirs is left without a route. */
export function takesEverything(mesh: Mesh, virtualService: Resource): boolean {
  // A match that names the mesh counts although the VirtualService is yet to be bound to it.
  return [virtualService, boundToMesh(virtualService)].some((each) =>
    rulesOf(mesh, each).some(({ matches }) =>
      matches.some((match) => isCatchAll(match.gateways?.includes('mesh') ? { ...match, gateways: undefined } : match)),
    ),
  );
}

function boundToMesh(virtualService: Resource): Resource {
  const { value } = virtualService;
  const gateways = [...listAt(value, 'spec', 'gateways'), 'mesh'];
  return { ...virtualService, value: { ...value, spec: { ...objectAt(value, 'spec'), gateways } } };
}

/** A redirect to another scheme or host is for clients outside: clients of a Service would follow it out of the mesh. */
export function isRedirectOut({ value }: HttpRule): boolean {
  const { scheme, authority } = objectAt(value, 'redirect');
  return Boolean(scheme) || Boolean(authority);
}

/** True when a match asks for a port. In a rule for gateways that is a port of the Gateway, not of the Service. */
export function asksForGatewayPort(rule: HttpRule): boolean {
  return listAt(rule.value, 'match').some(
    (match) => Boolean(at(match, 'port')) && bindingOf(match, rule.virtualService) !== 'left',
  );
}

/** The port that a rule's destinations name: undefined for none, `several` for more than one, or some with and some without. */
export function pinnedPort(mesh: Mesh, rule: HttpRule): number | 'several' | undefined {
  const ports = new Set(
    (forwardingRulesOf(mesh, rule) ?? []).flatMap(({ value }) =>
      listAt(value, 'route').map((route) => at(route, 'destination', 'port', 'number')),
    ),
  );
  const [port] = ports;
  if (ports.size > 1) return 'several';
  return typeof port === 'number' ? port : undefined;
}

/**
 * Copies of the rules for a VirtualService of the mesh alone: without the gateways' ports and conditions, without
 * redirects out of the mesh, and at the end a route to the Service for what no rule takes.
 *
 * @param host - the Service, as the VirtualService writes it
 * @param narrowed - true when each rule is to keep to the port that it forwards to, since the Service has others
 */
export function rulesForMesh(mesh: Mesh, virtualService: Resource, host: string, narrowed: boolean): JsonObject[] {
  const rules: JsonObject[] = [];
  for (const rule of httpRulesOf(virtualService)) {
    if (!isForMesh(rule) || isRedirectOut(rule) || actionOf(rule) === 'none') continue;
    const port = narrowed ? pinnedPort(mesh, rule) : undefined;
    const match = matchesForMesh(rule, typeof port === 'number' ? port : undefined);
    // Rules that differ only in the ports of the gateway: the first one is used.
    if (rules.some((earlier) => isSame(earlier['match'] ?? null, match))) continue;
    rules.push(withMatch(withFqdns(mesh, rule.value), match));
    if (match === null) return rules;
  }
  const isComplete = rules.some((rule) => readMatches(listAt(rule, 'match'), virtualService).some(isCatchAll));
  if (rules.length > 0 && !isComplete) rules.push({ route: [{ destination: { host } }] });
  return rules;
}

/** A rule with other matches, its fields in the order that the user gave them. */
function withMatch(rule: JsonObject, match: Json[] | null): JsonObject {
  const others = Object.entries(rule).filter(([key]) => match !== null || key !== 'match');
  const fields = others.map(([key, value]): [string, Json] => [key, key === 'match' ? match : value]);
  return Object.fromEntries(match === null || 'match' in rule ? fields : [['match', match], ...fields]);
}

function matchesForMesh({ value, virtualService }: HttpRule, port: number | undefined): Json[] | null {
  const matches = listAt(value, 'match');
  if (matches.length === 0) return port === undefined ? null : [{ port }];
  const kept = matches
    .filter((match) => bindingOf(match, virtualService) !== 'left')
    .map((match) => {
      const { gateways, port: asked, ...rest } = objectAt(match);
      const isOwn = listAt(gateways).includes('mesh') && asked !== undefined;
      return { ...rest, ...(isOwn ? { port: asked } : port === undefined ? {} : { port }) };
    });
  return kept.some((match) => Object.keys(match).length === 0) ? null : kept;
}

/** True when a rule, or the delegate behind it, looks at claims of a token: only gateways can route by those. */
export function routesByClaims(mesh: Mesh, rule: HttpRule): boolean {
  return [rule, ...(forwardingRulesOf(mesh, rule) ?? [])].some(({ value }) =>
    listAt(value, 'match').some((match) =>
      ['headers', 'withoutHeaders'].some((field) =>
        Object.keys(objectAt(match, field)).some((name) => name.startsWith('@')),
      ),
    ),
  );
}
