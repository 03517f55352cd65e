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
import type { LegacyStep as Step } from '../remedy.ts';

/** One `headers` of a rule or of one of its destinations. */
interface HeaderPlace {
  readonly virtualService: Resource;
  readonly rule: HttpRule;
  readonly path: readonly (string | number)[];
  readonly request: JsonObject;
  readonly headers: JsonObject;
  /** Destinations that the requests go to from here. */
  readonly hosts: readonly string[];
}

/** Plans for the header rules of a VirtualService. */
export function* planHeaderRules(mesh: Mesh, virtualService: Resource, requested: boolean): Iterable<Step> {
  for (const place of placesIn(virtualService)) {
    const lost = faultsIn(place.request);
    if (lost.length === 0) continue;
    const reason = purposeOf(mesh, place);
    if (reason === 'outside') {
      if (requested)
        yield keepStep(place, lost, 'the requests leave the mesh here, and hosts outside need not see them');
      continue;
    }
    if (reason === 'gateway' && !requested) continue;
    yield changeStep(place, lost, reason);
  }
  if (requested) yield* choices(virtualService);
}

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
interface Loss {
  readonly operation: 'remove' | 'set' | 'add';
  readonly key: string | number;
  readonly header: string;
}

/** What removes a trace header, or writes the same text over it for every request. */
function faultsIn(request: JsonObject): Loss[] {
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
 * What a rule may be for: at a gateway it cuts off what callers outside the mesh sent, and towards hosts outside it keeps
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

function changeStep(place: HeaderPlace, lost: readonly Loss[], reason: 'mesh' | 'gateway'): Step {
  const { virtualService: resource } = place;
  const removed = namesOf(lost.filter(({ operation }) => operation === 'remove'));
  const written = namesOf(lost.filter(({ operation }) => operation !== 'remove'));
  const losses = [
    ...(removed === '' ? [] : [`Requests lose ${removed} here`]),
    ...(written === '' ? [] : [`${removed === '' ? 'Requests' : 'all'} get the same ${written} here`]),
  ];
  const outside =
    reason === 'gateway'
      ? '; only gateways use this rule, so traces of callers outside the mesh go on inside from now on'
      : '';
  return {
    severity: 'warning',
    outcome: 'change',
    message: `${losses.join(', and ')}, so what the application does falls out of its caller's trace: takes that out of the rule${outside}`,
    resource,
    path: pointer(...place.path, 'request'),
    patch: { resource, operations: operationsFor(place, lost) },
  };
}

function keepStep({ virtualService, path }: HeaderPlace, lost: readonly Loss[], why: string): Step {
  const message = `${namesOf(lost)} stays out of these requests: ${why}`;
  return { severity: 'info', outcome: 'keep', message, resource: virtualService, path: pointer(...path, 'request') };
}

function namesOf(lost: readonly Loss[]): string {
  return [...new Set(lost.map(({ header }) => header))].join(', ');
}

/** Takes entries out, and what would be left empty by that. */
function operationsFor({ path, headers, request }: HeaderPlace, lost: readonly Loss[]): Operation[] {
  const count = (operation: string): number => lost.filter((loss) => loss.operation === operation).length;
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
    const entries = lost.filter(({ operation }) => operation === key);
    if (entries.length === 0) return [];
    if (isEmptied(key)) return [remove('request', key)];
    // From the end, so that the indexes before it hold.
    return entries.toReversed().map((entry) => remove('request', key, entry.key));
  });
}

/** Rules that write trace headers in a way that may well be meant. */
function* choices(virtualService: Resource): Iterable<Step> {
  for (const { request, path } of placesIn(virtualService)) {
    for (const operation of ['set', 'add'] as const) {
      for (const [header, value] of Object.entries(objectAt(request, operation))) {
        if (!isTraceHeader(header) || (!isSamplingHeader(header) && !isComputed(value))) continue;
        const why = isSamplingHeader(header)
          ? 'it chooses which requests are traced'
          : 'its value is computed for each request; it must be a valid one for every request';
        const message = `${header} is written here, which stays: ${why}`;
        const place = pointer(...path, 'request', operation, header);
        yield { severity: 'info', outcome: 'keep', message, resource: virtualService, path: place };
      }
    }
  }
}
