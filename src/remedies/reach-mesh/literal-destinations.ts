import { isObject, type Json, type JsonObject } from '../../manifest/node.ts';
import type { Operation } from '../../manifest/operation.ts';
import { pointer } from '../../manifest/pointer.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { at, listAt } from '../../mesh/read.ts';
import type { Resource } from '../../mesh/resource.ts';
import { hasGateways } from '../../mesh/route-match.ts';
import { literalService } from '../../mesh/service-behind.ts';
import type { LegacyStep as Step } from '../remedy.ts';

/** A destination such as `reviews.shop`, which Istio takes literally although a Service of that name is there. */
interface LiteralDestination {
  readonly path: string;
  readonly host: string;
  readonly fqdn: string;
  /** What becomes of what is sent there. */
  readonly fate: string;
}

/**
 * Mends destinations such as `reviews.shop` where that Service is in the input: proxies have no cluster of that name.
 *
 * @see https://github.com/istio/istio/blob/1.31.0/pilot/pkg/networking/core/route/route.go `GetDestinationCluster`
 */
export function* planLiteralDestinations(mesh: Mesh, virtualService: Resource, requested: boolean): Iterable<Step> {
  const found = literalDestinations(mesh, virtualService);
  const [first] = found;
  if (!first) return;
  const hosts = [...new Set(found.map(({ host }) => host))];
  const fqdns = [...new Set(found.map(({ fqdn }) => fqdn))].join(', ');
  const [subject, they] = hosts.length === 1 ? ['Destination', 'is'] : ['Destinations', 'are'];
  const why = `${subject} ${hosts.join(', ')} ${they} taken literally, as is every name with a dot, and proxies know no such host: ${first.fate}`;
  const common = { severity: 'warning', resource: virtualService, path: first.path } as const;
  // Whoever asks for this remedy gets the mesh too, which a diagnosis of the destination alone should not lead to.
  if (!requested && hasGateways(virtualService)) {
    yield { ...common, outcome: 'advise', message: `${why}; write ${fqdns}` };
    return;
  }
  const operations = found.map(({ path, fqdn }): Operation => ({ op: 'replace', path, value: fqdn }));
  const patch = { resource: virtualService, operations };
  yield { ...common, outcome: 'change', message: `${why}; writes ${fqdns}`, patch };
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

/** A rule with its literal destinations mended. */
export function withFqdns(mesh: Mesh, rule: JsonObject): JsonObject {
  const mend = (destination: Json): Json => {
    const host = at(destination, 'host');
    const fqdn = typeof host === 'string' ? literalService(mesh, host) : undefined;
    return fqdn !== undefined && isObject(destination) ? { ...destination, host: fqdn } : destination;
  };
  const mendAll = (routes: Json): Json =>
    Array.isArray(routes)
      ? routes.map((route) => (isObject(route) ? mapField(route, 'destination', mend) : route))
      : routes;
  return mapField(mapField(mapField(rule, 'route', mendAll), 'mirrors', mendAll), 'mirror', mend);
}

function mapField(value: JsonObject, field: string, mend: (given: Json) => Json): JsonObject {
  const given = value[field];
  return given === undefined ? value : { ...value, [field]: mend(given) };
}
