import type { ConfigPatch } from '../../mesh/envoy-filter.ts';
import { fqdnOf } from '../../mesh/host.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { listAt, objectAt, stringAt } from '../../mesh/read.ts';
import { namespaceOf, type Resource } from '../../mesh/resource.ts';
import { filterFault, type Repair } from './faults.ts';
import { isConnectionManager } from './rejected.ts';
import { allHave, type Span, spanned, whereIn } from './span.ts';

/**
 * Finds what istiod accepts and silently ignores.
 *
 * @see https://github.com/istio/istio/blob/1.31.0/pilot/pkg/networking/core/envoyfilter/listener_patch.go
 * @see https://github.com/istio/istio/blob/1.31.0/pilot/pkg/networking/core/envoyfilter/rc_patch.go
 */
export function* findIgnored(mesh: Mesh, patch: ConfigPatch, span: Span) {
  // Waypoints are matched in a way of their own.
  if (patch.context === 'WAYPOINT') return;
  yield* findIgnoredOperation(patch);
  yield* findMissingFilter(patch, span);
  yield* findIgnoredMatches(patch);
  yield* findEarlyTransportSocket(patch, span);
  yield* findShortService(mesh, patch);
}

const wholes: ReadonlySet<string> = new Set(['LISTENER', 'FILTER_CHAIN', 'CLUSTER', 'HTTP_ROUTE']);

function* findIgnoredOperation(patch: ConfigPatch) {
  const { applyTo, operation } = patch;
  const where = whereIn(patch, 'patch', 'operation');
  if (applyTo === 'ROUTE_CONFIGURATION' && !/^MERGE|^$/.test(operation))
    yield filterFault('ignored-operation', where, { operation, applyTo, advice: 'Only MERGE has an effect there' });
  if (!wholes.has(applyTo) || operation !== 'REPLACE') return;
  const advice =
    'REPLACE is for filters and virtual hosts. MERGE changes a part; REMOVE and ADD, or INSERT_BEFORE, change the whole';
  yield filterFault('ignored-operation', where, { operation, applyTo, advice });
}

/** The field that names the filter which an operation needs, by what it applies to. */
const filterFields: ReadonlyMap<string, readonly string[]> = new Map([
  ['NETWORK_FILTER', ['listener', 'filterChain', 'filter', 'name']],
  ['HTTP_FILTER', ['listener', 'filterChain', 'filter', 'subFilter']],
  ['LISTENER_FILTER', ['listener', 'listenerFilter']],
]);

function* findMissingFilter(patch: ConfigPatch, span: Span) {
  const { applyTo, operation, match } = patch;
  const field = filterFields.get(applyTo);
  const isForListeners = applyTo === 'LISTENER_FILTER';
  const needsFilter = /^(REPLACE|REMOVE)$/.test(operation) || (isForListeners && operation === 'MERGE');
  if (!field || !needsFilter) return;
  const holder = objectAt(match, ...field.slice(0, -1));
  const isNamed = isForListeners ? stringAt(holder, 'listenerFilter') : Object.hasOwn(holder, field.at(-1) as string);
  if (isNamed) return;
  // Up to 1.18 a REMOVE without a match fits each filter.
  const removesAll = !isForListeners && operation === 'REMOVE' && allHave(span, 'removalWithoutName');
  const name = `match.${field.filter((key) => key !== 'name').join('.')}`;
  yield filterFault('operation-without-filter', whereIn(patch, 'patch', 'operation'), {
    operation,
    field: name,
    removesAll,
  });
}

function* findIgnoredMatches(patch: ConfigPatch) {
  const { applyTo, match } = patch;
  const keys = ['match', 'listener', 'filterChain', 'filter'];
  const filter = objectAt(match, ...keys.slice(1));
  const name = stringAt(filter, 'name');
  if (name !== undefined && (applyTo === 'LISTENER' || applyTo === 'FILTER_CHAIN'))
    yield filterFault('ignored-filter-match', whereIn(patch, ...keys), { name, applyTo });
  const isHttp = applyTo === 'HTTP_FILTER' && !Object.hasOwn(filter, 'subFilter');
  if (name !== undefined && isHttp && !isConnectionManager(name))
    yield filterFault('http-filter-elsewhere', whereIn(patch, ...keys, 'name'), name);
  if (stringAt(match, 'listener', 'portName'))
    yield filterFault('ignored-port-name', whereIn(patch, 'match', 'listener', 'portName'));
}

/** Older API servers drop the field, which they do not know. */
function* findEarlyTransportSocket(patch: ConfigPatch, span: Span) {
  const keys = ['listener', 'filterChain', 'transportSocket'];
  if (!stringAt(patch.match, ...keys) || allHave(span, 'transportSocketMatch')) return;
  yield filterFault('early-transport-socket', whereIn(patch, 'match', ...keys), spanned(span));
}

/** Clusters are matched by whole hosts: a short name is none, unless a ServiceEntry has such a host. */
function* findShortService(mesh: Mesh, patch: ConfigPatch) {
  const { filter, applyTo, match } = patch;
  const name = stringAt(match, 'cluster', 'service');
  if (applyTo !== 'CLUSTER' || !name || name.includes('.') || stringAt(match, 'cluster', 'name')) return;
  if (mesh.ofKind('ServiceEntry').some(({ value }) => listAt(value, 'spec', 'hosts').includes(name))) return;
  const where = whereIn(patch, 'match', 'cluster', 'service');
  const own = serviceNamed(mesh, name, namespaceOf(filter));
  const host = own && fqdnOf(name, namespaceOf(own));
  const repair: Repair | undefined = host
    ? { fix: `write ${host}`, operations: [{ op: 'replace', path: where.path, value: host }] }
    : undefined;
  yield filterFault('short-service', where, { name, repair, advice: `Write ${name}.NAMESPACE.svc.cluster.local` });
}

/** The Service of a name in a namespace, or the only one of that name. */
function serviceNamed(mesh: Mesh, name: string, namespace: string): Resource | undefined {
  const found = mesh.ofKind('Service', '').filter((service) => service.name === name);
  return found.find((each) => namespaceOf(each) === namespace) ?? (found.length === 1 ? found[0] : undefined);
}
