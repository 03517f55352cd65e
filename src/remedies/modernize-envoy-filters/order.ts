import { groupByEach } from '../../group-by.ts';
import { type ConfigPatch, connectionManagerPatch, priorityOf, protoKey } from '../../mesh/envoy-filter.ts';
import { classOf, type FilterClass, isIstiodFilter, newFilterName } from '../../mesh/filter-names.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { matchesProxyVersion, proxyVersionOf } from '../../mesh/proxy-version.ts';
import { listAt, objectAt, stringAt } from '../../mesh/read.ts';
import { namespaceOf } from '../../mesh/resource.ts';
import type { Version } from '../../mesh/version.ts';
import { filterFault, type Repair } from './faults.ts';
import { soughtName } from './names.ts';
import { isConnectionManager } from './rejected.ts';
import { allHave, type Span, whereIn } from './span.ts';

const router = 'envoy.filters.http.router';

/** The filters that end a chain as istiod generates it, by their new names. */
const terminal: ReadonlySet<string> = new Set([
  router,
  'envoy.filters.network.http_connection_manager',
  'envoy.filters.network.tcp_proxy',
]);

/** What all patches of the input do to the order of filters. */
export interface Chains {
  /** True when some patch adds an HTTP router of its own. */
  readonly hasOwnRouter: boolean;
  /** True when some patch removes the last filter, or adds chains of its own. */
  readonly isReshaped: boolean;
  /** The patches that insert a filter, by what they apply to and its name. */
  readonly inserters: ReadonlyMap<string, readonly ConfigPatch[]>;
}

export function chainsOf(patches: readonly ConfigPatch[]): Chains {
  const inserters = groupByEach(patches, ({ applyTo, operation, value }) => {
    const name = stringAt(value, 'name');
    return name !== undefined && /^(ADD|INSERT_.*|REPLACE)$/.test(operation) ? [`${applyTo} ${name}`] : [];
  });
  return { isReshaped: patches.some(isReshaping), hasOwnRouter: patches.some(addsRouter), inserters };
}

function isReshaping(patch: ConfigPatch): boolean {
  const { applyTo, operation } = patch;
  if (applyTo === 'LISTENER' || applyTo === 'FILTER_CHAIN') return operation === 'ADD';
  const isTaken = operation === 'REMOVE' || operation === 'REPLACE';
  const kind = classOf(applyTo);
  return isTaken && kind !== undefined && isTerminal(kind, soughtName(patch, kind));
}

function addsRouter({ applyTo, operation, value }: ConfigPatch): boolean {
  const url = stringAt(value, protoKey(value, 'typed_config'), '@type') ?? '';
  return applyTo === 'HTTP_FILTER' && !/^(MERGE|REMOVE|)$/.test(operation) && url.endsWith('.http.router.v3.Router');
}

/** Finds a router too few or too many: it must be there, once, as the last HTTP filter. */
export function* findRouters(patch: ConfigPatch, { isReshaped, hasOwnRouter }: Chains) {
  if (patch.applyTo !== 'HTTP_FILTER' || patch.context === 'WAYPOINT') return;
  const where = whereIn(patch, 'patch', 'operation');
  const sought = soughtName(patch, 'http');
  const isRouters = sought !== undefined && (newFilterName('http', sought) ?? sought) === router;
  if (patch.operation === 'REMOVE' && isRouters && !hasOwnRouter) yield filterFault('removed-router', where);
  if (!isReshaped && addsRouter(patch)) yield filterFault('second-router', where);
}

function isTerminal(kind: FilterClass, name: string | undefined): boolean {
  return name !== undefined && terminal.has(newFilterName(kind, name) ?? name);
}

/**
 * Finds a filter behind the one that must be the last: Envoy rejects the listener.
 *
 * @see https://github.com/istio/istio/blob/1.31.0/pilot/pkg/networking/core/envoyfilter/listener_patch.go where ADD, and
 *   INSERT_AFTER without a filter to follow, append
 */
export function* findBehindLast(patch: ConfigPatch, { isReshaped }: Chains, span: Span) {
  const kind = classOf(patch.applyTo);
  if (isReshaped || patch.context === 'WAYPOINT' || kind === undefined || kind === 'listener') return;
  const manager = connectionManagerPatch(patch);
  const list = manager && protoKey(manager.config, 'http_filters');
  if (manager && list !== undefined && listAt(manager.config, list).length > 0)
    yield filterFault('merged-behind-router', whereIn(patch, ...manager.path.slice(3), list), list);
  else if (isBehindLast(patch, kind, span)) {
    const { operation } = patch;
    const repair = insertedBefore(patch, kind, soughtName(patch, kind), span);
    const last =
      kind === 'http' ? 'the router' : 'the filter that ends the chain (HTTP connection manager or TCP proxy)';
    const advice = 'Insert it before that one, or by INSERT_FIRST';
    yield filterFault('behind-last-filter', whereIn(patch, 'patch', 'operation'), { operation, last, repair, advice });
  }
}

function isBehindLast(patch: ConfigPatch, kind: FilterClass, span: Span): boolean {
  const { operation, match } = patch;
  const sought = soughtName(patch, kind);
  const filter = objectAt(match, 'listener', 'filterChain', 'filter');
  const isElsewhere =
    kind === 'http' && stringAt(filter, 'name') !== undefined && !isConnectionManager(`${filter['name']}`);
  const isDead = sought !== undefined && newFilterName(kind, sought) !== undefined && !allHave(span, 'oldFilterNames');
  const isBehind = operation === 'ADD' || (operation === 'INSERT_AFTER' && (!sought || isTerminal(kind, sought)));
  return isBehind && !isElsewhere && (!isDead || operation === 'ADD');
}

/** Puts the filter before the last one, as near as possible to where it was meant to be. */
function insertedBefore(
  patch: ConfigPatch,
  kind: FilterClass,
  sought: string | undefined,
  span: Span,
): Repair | undefined {
  const fix = 'use INSERT_BEFORE';
  const before = { op: 'replace', path: whereIn(patch, 'patch', 'operation').path, value: 'INSERT_BEFORE' } as const;
  if (isTerminal(kind, sought)) return { fix, operations: [before] };
  const keys = ['match', 'listener', 'filterChain', 'filter'];
  const filter = objectAt(patch.match, ...keys.slice(1));
  const isInManager = Object.hasOwn(filter, 'name') && !Object.hasOwn(filter, 'subFilter');
  if (kind !== 'http' || !allHave(span, 'newFilterNames') || !isInManager) return undefined;
  const path = whereIn(patch, ...keys, 'subFilter').path;
  return {
    fix: `${fix}, with the router as \`subFilter\``,
    operations: [before, { op: 'add', path, value: { name: router } }],
  };
}

/**
 * Finds a patch that is positioned by a filter which other patches insert, and is applied before them (IST0151, IST0155).
 * Those of lower priority are applied first, then those of the root namespace, then the older ones.
 *
 * @see https://github.com/istio/istio/blob/1.31.0/pilot/pkg/model/push_context.go `EnvoyFilters`
 */
export function* findRelativeOrder(
  mesh: Mesh,
  patch: ConfigPatch,
  { inserters }: Chains,
  versions: readonly Version[],
  span: Span,
) {
  const name = relativeTo(patch, span);
  if (name === undefined) return;
  const all = inserters.get(`${patch.applyTo} ${name}`) ?? [];
  const met = all.filter((other) => other !== patch && canMeet(mesh, patch, other));
  if (met.length === 0) return;
  const where = whereIn(patch, 'patch', 'operation');
  const those = met.filter((other) => versions.some((version) => isFor(patch, version) && isFor(other, version)));
  const by = namesOf(those.length > 0 ? those : met);
  if (those.length === 0) yield filterFault('inserted-for-other-versions', where, { name, by, advice: '' });
  const ranks = new Set(those.map((other) => rankOf(mesh, other, patch, span)));
  if (those.length === 0 || ranks.has('before')) return;
  const apart = allHave(span, 'filterPriority')
    ? 'Give this EnvoyFilter a higher priority'
    : 'Put both into one EnvoyFilter, in their order';
  const isOwn = those.some(({ filter }) => filter === patch.filter);
  if (ranks.has('unknown')) yield filterFault('inserted-by-age', where, { name, by, advice: apart });
  else yield filterFault('inserted-later', where, { name, by, advice: isOwn ? 'Move it behind that patch' : apart });
}

/** The filter by which a patch is positioned, where patches must insert it. */
function relativeTo(patch: ConfigPatch, span: Span): string | undefined {
  const { applyTo, operation } = patch;
  const kind = classOf(applyTo);
  const name = kind && soughtName(patch, kind);
  // Up to 1.18 filters are removed when all are in.
  const isRelative =
    /^(INSERT_BEFORE|INSERT_AFTER|REPLACE)$/.test(operation) ||
    (operation === 'REMOVE' && allHave(span, 'removalInOrder'));
  return isRelative && name && !mayBeIstiods(newFilterName(kind, name) ?? name) ? name : undefined;
}

function namesOf(patches: readonly ConfigPatch[]): string {
  return [...new Set(patches.map(({ filter }) => filter.name))].slice(0, 3).join(', ');
}

/** Filters that some proxies have without a patch. */
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
