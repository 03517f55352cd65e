import { isObject, type Json, type JsonObject } from '../../manifest/node.ts';
import type { Operation } from '../../manifest/operation.ts';
import { pointer } from '../../manifest/pointer.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { at, listAt } from '../../mesh/read.ts';
import type { Resource } from '../../mesh/resource.ts';
import { hasGateways } from '../../mesh/route-match.ts';
import { literalService } from '../../mesh/service-behind.ts';
import { advise, edit, type Step } from '../../step.ts';
import { type LiteralDestinations, meshFault } from './faults.ts';

/** A destination such as `reviews.shop`, which Istio takes literally although a Service of that name is there. */
export interface LiteralDestination {
  readonly path: string;
  readonly host: string;
  readonly fqdn: string;
  /** What becomes of what is sent there. */
  readonly fate: string;
}

/**
 * Destinations such as `reviews.shop` where that Service is in the input: proxies have no cluster of that name.
 *
 * @see https://github.com/istio/istio/blob/1.31.0/pilot/pkg/networking/core/route/route.go `GetDestinationCluster`
 */
export function* findLiteralDestinations(mesh: Mesh, virtualService: Resource) {
  const found = literalDestinations(mesh, virtualService);
  const [first] = found;
  if (!first) return;
  const where = { resource: virtualService, path: first.path };
  const data = { virtualService, found };
  if (!hasGateways(virtualService)) yield meshFault('literal-destination', where, data);
  else {
    // The command that a diagnosis prints would bring the rules into the mesh, too.
    yield meshFault('literal-destination', { ...where, reported: 'when diagnosing' }, { ...data, isAdviceOnly: true });
    yield meshFault('literal-destination', { ...where, reported: 'when asked' }, data);
  }
}

/** Writes the Services' full names. */
export function expandDestinations({ virtualService, found, isAdviceOnly }: LiteralDestinations): Step {
  const fqdns = [...new Set(found.map(({ fqdn }) => fqdn))].join(', ');
  if (isAdviceOnly) return advise(`Write ${fqdns}`);
  const operations = found.map(({ path, fqdn }): Operation => ({ op: 'replace', path, value: fqdn }));
  return edit(`write ${fqdns}`, { resource: virtualService, operations });
}

function literalDestinations(mesh: Mesh, { value }: Resource): LiteralDestination[] {
  const found: LiteralDestination[] = [];
  const look = (fate: string, ...path: (string | number)[]): void => {
    const host = at(value, ...path, 'host');
    const fqdn = typeof host === 'string' ? literalService(mesh, host) : undefined;
    if (fqdn !== undefined) found.push({ path: pointer(...path, 'host'), host: String(host), fqdn, fate });
  };
  for (const kind of ['http', 'tls', 'tcp']) {
    const fate = kind === 'http' ? 'requests get 503 (NC)' : 'connections are closed';
    for (const [index, rule] of listAt(value, 'spec', kind).entries()) {
      const here = ['spec', kind, index];
      for (const position of listAt(rule, 'route').keys()) look(fate, ...here, 'route', position, 'destination');
      look('nothing is mirrored', ...here, 'mirror');
      for (const position of listAt(rule, 'mirrors').keys())
        look('nothing is mirrored', ...here, 'mirrors', position, 'destination');
    }
  }
  return found;
}

/** A rule with the full names of its literal destinations. */
export function withFqdns(mesh: Mesh, rule: JsonObject): JsonObject {
  const expand = (destination: Json): Json => {
    const host = at(destination, 'host');
    const fqdn = typeof host === 'string' ? literalService(mesh, host) : undefined;
    return fqdn !== undefined && isObject(destination) ? { ...destination, host: fqdn } : destination;
  };
  const expandAll = (routes: Json): Json =>
    Array.isArray(routes)
      ? routes.map((route) => (isObject(route) ? mapField(route, 'destination', expand) : route))
      : routes;
  return mapField(mapField(mapField(rule, 'route', expandAll), 'mirrors', expandAll), 'mirror', expand);
}

function mapField(value: JsonObject, field: string, expand: (given: Json) => Json): JsonObject {
  const given = value[field];
  return given === undefined ? value : { ...value, [field]: expand(given) };
}
