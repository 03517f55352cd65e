import { isObject, type Json, type JsonObject } from '../../manifest/node.ts';
import type { Operation } from '../../manifest/operation.ts';
import { pointer } from '../../manifest/pointer.ts';
import { serviceEntryOf } from '../../mesh/connection-pool.ts';
import { fqdnOf } from '../../mesh/host.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { at, listAt, objectAt, stringAt } from '../../mesh/read.ts';
import { namespaceOf, type Resource } from '../../mesh/resource.ts';
import { serviceOf } from '../../mesh/service.ts';
import { isSamplingHeader, isTraceHeader } from '../../mesh/tracing.ts';
import {
  actionOf,
  type HttpRule,
  hostsOf,
  httpRulesOf,
  isDelegate,
  isMeshRule,
  rootRulesOf,
} from '../../mesh/virtual-service.ts';
import { type Change, edit, placeIn } from '../../step.ts';
import { type Losing, namesOf, traceFault } from './faults.ts';

/** One `headers` of a rule or of one of its destinations. */
export interface HeaderPlace {
  readonly virtualService: Resource;
  readonly rule: HttpRule;
  readonly path: readonly (string | number)[];
  readonly request: JsonObject;
  readonly headers: JsonObject;
  /** Destinations that the requests go to from here. */
  readonly hosts: readonly string[];
}

/** The faults of the header rules of a VirtualService. */
export function* findInVirtualService(mesh: Mesh, virtualService: Resource) {
  for (const place of placesIn(virtualService)) {
    const losses = lossesIn(place.request);
    const where = placeIn(virtualService, ...place.path, 'request');
    if (losses.length > 0) yield traceFault(codeOf[purposeOf(mesh, place)], where, { place, losses });
    yield* findMeantHeaders(place);
  }
}

const codeOf = { mesh: 'lost-trace-headers', gateway: 'lost-at-gateway', outside: 'lost-outside' } as const;

function placesIn(virtualService: Resource): HeaderPlace[] {
  return httpRulesOf(virtualService).flatMap((rule) => {
    // No application sees a request that the proxy answers.
    if (actionOf(rule) === 'answer') return [];
    const path = ['spec', 'http', rule.index];
    const routes = listAt(rule.value, 'route');
    return [
      ...placeAt(rule, rule.value, [...path, 'headers'], routes),
      ...routes.flatMap((route, index) => placeAt(rule, route, [...path, 'route', index, 'headers'], [route])),
    ];
  });
}

function placeAt(
  rule: HttpRule,
  owner: Json,
  path: readonly (string | number)[],
  routes: readonly Json[],
): HeaderPlace[] {
  const { virtualService } = rule;
  const headers = at(owner, 'headers');
  const request = at(headers, 'request');
  if (!isObject(headers) || !isObject(request)) return [];
  return [{ virtualService, rule, path, headers, request, hosts: destinationsOf(routes, virtualService) }];
}

function destinationsOf(routes: readonly Json[], virtualService: Resource): string[] {
  return routes.flatMap((route) => {
    const host = stringAt(route, 'destination', 'host');
    return host === undefined ? [] : [fqdnOf(host, namespaceOf(virtualService))];
  });
}

/** One entry that loses a trace header: an index of `remove`, or a key of `set` or `add`. */
export interface Loss {
  readonly operation: 'remove' | 'set' | 'add';
  readonly key: string | number;
  readonly header: string;
}

/** What removes a trace header, or writes the same text over it for every request. */
function lossesIn(request: JsonObject): Loss[] {
  const removed = listAt(request, 'remove').flatMap((header, key): Loss[] =>
    typeof header === 'string' && isTraceHeader(header) ? [{ operation: 'remove', key, header }] : [],
  );
  const written = (['set', 'add'] as const).flatMap((operation) =>
    Object.entries(objectAt(request, operation)).flatMap(([header, value]): Loss[] =>
      isTraceHeader(header) && !isSamplingHeader(header) && !isComputed(value)
        ? [{ operation, key: header, header }]
        : [],
    ),
  );
  return [...removed, ...written];
}

/** `%REQ(X-CORRELATION-ID)%` gives every request a value of its own. */
function isComputed(value: Json): boolean {
  return typeof value === 'string' && /%[A-Z]/.test(value.replaceAll('%%', ''));
}

/**
 * What a rule may be for: at a gateway it drops what external clients sent, and towards hosts outside it keeps
 * the mesh's own traces from them.
 */
function purposeOf(mesh: Mesh, place: HeaderPlace): 'mesh' | 'gateway' | 'outside' {
  const { virtualService, rule, hosts } = place;
  if (hosts.length > 0 && hosts.every((host) => isOutside(mesh, host) || isWayOut(mesh, place, host))) return 'outside';
  const roots = isDelegate(virtualService) ? rootRulesOf(mesh, virtualService) : [];
  const isForMesh = isMeshRule(rule) && (roots.length === 0 || roots.some(isMeshRule));
  return isForMesh ? 'mesh' : 'gateway';
}

/** True for an egress gateway on the way to hosts outside. */
function isWayOut(mesh: Mesh, { virtualService }: HeaderPlace, host: string): boolean {
  const hosts = hostsOf(virtualService);
  return /egress/.test(host) && hosts.length > 0 && hosts.every((each) => isOutside(mesh, each));
}

function isOutside(mesh: Mesh, host: string): boolean {
  if (serviceOf(mesh, host)) return false;
  const entry = serviceEntryOf(mesh, host);
  return entry !== undefined && (stringAt(entry.value, 'spec', 'location') ?? 'MESH_EXTERNAL') === 'MESH_EXTERNAL';
}

/** Takes what loses trace headers out of a rule. */
export function keepHeaders({ place, losses }: Losing): Change {
  return edit(`remove ${namesOf(losses)} from this rule`, {
    resource: place.virtualService,
    operations: operationsFor(place, losses),
  });
}

/** Takes entries out, and what would be left empty then. */
function operationsFor({ path, headers, request }: HeaderPlace, losses: readonly Loss[]): Operation[] {
  const count = (operation: string): number => losses.filter((loss) => loss.operation === operation).length;
  const size = (value: Json | undefined): number =>
    Array.isArray(value) ? value.length : isObject(value) ? Object.keys(value).length : Number.POSITIVE_INFINITY;
  const isEmptied = (key: string): boolean => size(request[key]) === count(key);
  const remove = (...keys: readonly (string | number)[]): Operation => ({
    op: 'remove',
    path: pointer(...path, ...keys),
  });
  if (Object.keys(request).every(isEmptied)) {
    return [Object.keys(headers).length === 1 ? remove() : remove('request')];
  }
  return (['remove', 'set', 'add'] as const).flatMap((key) => {
    const entries = losses.filter(({ operation }) => operation === key);
    if (entries.length === 0) return [];
    if (isEmptied(key)) return [remove('request', key)];
    // From the end, so that the indexes before it hold.
    return entries.toReversed().map((entry) => remove('request', key, entry.key));
  });
}

/** Trace headers that are written in a way that may well be meant. */
function* findMeantHeaders({ virtualService, request, path }: HeaderPlace) {
  for (const operation of ['set', 'add'] as const) {
    for (const [header, value] of Object.entries(objectAt(request, operation))) {
      if (!isTraceHeader(header)) continue;
      const where = placeIn(virtualService, ...path, 'request', operation, header);
      if (isSamplingHeader(header)) yield traceFault('written-sampling', where, header);
      else if (isComputed(value)) yield traceFault('computed-header', where, header);
    }
  }
}
