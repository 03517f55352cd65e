import { groupByEach } from '../../group-by.ts';
import type { Operation } from '../../manifest/operation.ts';
import { type ConfigPatch, connectionManagerPatch, priorityOf, protoKey } from '../../mesh/envoy-filter.ts';
import { classOf, type FilterClass, isIstiodFilter, newFilterName } from '../../mesh/filter-names.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { matchesProxyVersion, proxyVersionOf } from '../../mesh/proxy-version.ts';
import { listAt, objectAt, stringAt } from '../../mesh/read.ts';
import { namespaceOf } from '../../mesh/resource.ts';
import type { Version } from '../../mesh/version.ts';
import { allHave, type Fault, pathIn, type Span } from './fault.ts';
import { soughtName } from './names.ts';
import { isConnectionManager } from './rejected.ts';

const router = 'envoy.filters.http.router';

/** The filters that end a chain as istiod writes it, by their new names. */
const terminal: ReadonlySet<string> = new Set([
  router,
  'envoy.filters.network.http_connection_manager',
  'envoy.filters.network.tcp_proxy',
]);

/** What all patches of the input do to the order of filters. */
export interface Chains {
  /** True when some patch takes the last filter away, or brings chains of its own. */
  readonly isReshaped: boolean;
  /** The patches that bring a filter in, by what they apply to and its name. */
  readonly inserters: ReadonlyMap<string, readonly ConfigPatch[]>;
}

export function chainsOf(patches: readonly ConfigPatch[]): Chains {
  const inserters = groupByEach(patches, ({ applyTo, operation, value }) => {
    const name = stringAt(value, 'name');
    return name !== undefined && /^(ADD|INSERT_.*|REPLACE)$/.test(operation) ? [`${applyTo} ${name}`] : [];
  });
  return { isReshaped: patches.some(isReshaping), inserters };
}

function isReshaping(patch: ConfigPatch): boolean {
  const { applyTo, operation } = patch;
  if (applyTo === 'LISTENER' || applyTo === 'FILTER_CHAIN') return operation === 'ADD';
  const isTaken = operation === 'REMOVE' || operation === 'REPLACE';
  const kind = classOf(applyTo);
  return isTaken && kind !== undefined && isTerminal(kind, soughtName(patch, kind));
}

function isTerminal(kind: FilterClass, name: string | undefined): boolean {
  return name !== undefined && terminal.has(newFilterName(kind, name) ?? name);
}

/**
 * A filter behind the one that must be the last: Envoy rejects the listener.
 *
 * @see https://github.com/istio/istio/blob/1.31.0/pilot/pkg/networking/core/envoyfilter/listener_patch.go where ADD, and
 *   INSERT_AFTER without a filter to stand after, append
 */
export function* behindLast(patch: ConfigPatch, { isReshaped }: Chains, span: Span): Iterable<Fault> {
  const { applyTo, operation, context, match } = patch;
  const kind = classOf(applyTo);
  if (isReshaped || context === 'WAYPOINT' || kind === undefined || kind === 'listener') return;
  const manager = connectionManagerPatch(patch);
  const list = manager && protoKey(manager.config, 'http_filters');
  if (manager && list !== undefined && listAt(manager.config, list).length > 0) {
    const message = `merges ${list}, which puts these filters behind the router, so proxies reject the listener: the router must be the last. Insert them by patches to HTTP_FILTER`;
    yield { patch, severity: 'error', message, path: pathIn(patch, ...manager.path.slice(3), list) };
    return;
  }
  const sought = soughtName(patch, kind);
  const filter = objectAt(match, 'listener', 'filterChain', 'filter');
  const isElsewhere =
    kind === 'http' && stringAt(filter, 'name') !== undefined && !isConnectionManager(`${filter['name']}`);
  const isDead = sought !== undefined && newFilterName(kind, sought) !== undefined && !allHave(span, 'oldFilterNames');
  const isBehind = operation === 'ADD' || (operation === 'INSERT_AFTER' && (!sought || isTerminal(kind, sought)));
  if (!isBehind || isElsewhere || (isDead && operation !== 'ADD')) return;
  const path = pathIn(patch, 'patch', 'operation');
  const last = kind === 'http' ? 'the router' : 'the filter that ends the chain (HTTP connection manager or TCP proxy)';
  const why = `has the operation ${operation}${operation === 'ADD' || sought ? '' : ' without a filter to stand after'}, which puts a filter behind ${last}, so proxies reject the listener`;
  const operations = operationsBefore(patch, kind, sought, span);
  if (!operations)
    yield { patch, severity: 'error', message: `${why}. Insert it before that one, or by INSERT_FIRST`, path };
  else yield { patch, severity: 'error', message: `${why}. It becomes INSERT_BEFORE`, path, operations };
}

/** Puts the filter before the last one, as near to where it was meant to stand as it can be. */
function operationsBefore(
  patch: ConfigPatch,
  kind: FilterClass,
  sought: string | undefined,
  span: Span,
): readonly Operation[] | undefined {
  const before = { op: 'replace', path: pathIn(patch, 'patch', 'operation'), value: 'INSERT_BEFORE' } as const;
  if (isTerminal(kind, sought)) return [before];
  const keys = ['match', 'listener', 'filterChain', 'filter'];
  const filter = objectAt(patch.match, ...keys.slice(1));
  if (
    kind !== 'http' ||
    !allHave(span, 'newFilterNames') ||
    !Object.hasOwn(filter, 'name') ||
    Object.hasOwn(filter, 'subFilter')
  )
    return undefined;
  return [before, { op: 'add', path: pathIn(patch, ...keys, 'subFilter'), value: { name: router } }];
}

/**
 * A patch that stands by a filter which other patches bring in, and comes before them (IST0151, IST0155). Those of
 * lower priority are applied first, then those of the root namespace, then the older ones.
 *
 * @see https://github.com/istio/istio/blob/1.31.0/pilot/pkg/model/push_context.go `EnvoyFilters`
 */
export function* relativeOrder(
  mesh: Mesh,
  patch: ConfigPatch,
  { inserters }: Chains,
  versions: readonly Version[],
  span: Span,
): Iterable<Fault> {
  const { applyTo, operation } = patch;
  const kind = classOf(applyTo);
  // Up to 1.18 filters are removed when all are in.
  const isRelative =
    /^(INSERT_BEFORE|INSERT_AFTER|REPLACE)$/.test(operation) ||
    (operation === 'REMOVE' && allHave(span, 'removalInOrder'));
  const name = kind && soughtName(patch, kind);
  if (!isRelative || !name || mayBeIstiods(newFilterName(kind, name) ?? name)) return;
  const met = (inserters.get(`${applyTo} ${name}`) ?? []).filter(
    (other) => other !== patch && canMeet(mesh, patch, other),
  );
  if (met.length === 0) return;
  const path = pathIn(patch, 'patch', 'operation');
  const those = met.filter((other) => versions.some((version) => isFor(patch, version) && isFor(other, version)));
  const who = [...new Set((those.length > 0 ? those : met).map(({ filter }) => filter.name))].slice(0, 3).join(', ');
  if (those.length === 0) {
    const message = `looks for the filter ${name}, which EnvoyFilter ${who} inserts for other versions of proxies only, so the patch does nothing`;
    yield { patch, severity: 'warning', message, path };
    return;
  }
  const ranks = those.map((other) => rankOf(mesh, other, patch, span));
  if (ranks.includes('before')) return;
  const way = allHave(span, 'filterPriority')
    ? 'Give this EnvoyFilter a higher priority'
    : 'Put both into one EnvoyFilter, in their order';
  const isOwn = those.some(({ filter }) => filter === patch.filter);
  if (!ranks.includes('unknown')) {
    const message = `looks for the filter ${name}, which EnvoyFilter ${who} inserts later, so the patch does nothing. ${isOwn ? 'Move it behind that patch' : way}`;
    yield { patch, severity: 'warning', message, path };
  } else {
    const message = `looks for the filter ${name}, which EnvoyFilter ${who} inserts, and finds it only where that is the older resource. ${way}`;
    yield { patch, severity: 'info', message, path };
  }
}

/** Filters that are there in some proxies without a patch. */
function mayBeIstiods(name: string): boolean {
  return (
    isIstiodFilter(name) || /(^|[._])(istio|rbac|jwt_authn|grpc_stats|wasm|ext_proc|alpn|metadata_exchange)/.test(name)
  );
}

function isFor(patch: ConfigPatch, version: Version): boolean {
  const expression = proxyVersionOf(patch);
  return expression === undefined || matchesProxyVersion(expression, version) !== false;
}

/** True when some proxy may get both in the same listeners. */
function canMeet(mesh: Mesh, a: ConfigPatch, b: ConfigPatch): boolean {
  const [one, other] = [namespaceOf(a.filter), namespaceOf(b.filter)];
  const isNear = one === other || one === mesh.rootNamespace || other === mesh.rootNamespace;
  return isNear && (a.context === 'ANY' || b.context === 'ANY' || a.context === b.context);
}

/** When `a` is applied, seen from `b`. */
function rankOf(mesh: Mesh, a: ConfigPatch, b: ConfigPatch, span: Span): 'before' | 'after' | 'unknown' {
  if (a.filter === b.filter) return a.index < b.index ? 'before' : 'after';
  const [mine, others] = allHave(span, 'filterPriority') ? [priorityOf(a.filter), priorityOf(b.filter)] : [0, 0];
  if (mine !== others) return mine < others ? 'before' : 'after';
  const [isRoot, isOtherRoot] = [a, b].map(({ filter }) => namespaceOf(filter) === mesh.rootNamespace);
  if (isRoot === isOtherRoot) return 'unknown';
  return isRoot ? 'before' : 'after';
}
