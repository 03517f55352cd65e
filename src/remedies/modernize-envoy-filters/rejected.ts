import { isObject } from '../../manifest/node.ts';
import type { ConfigPatch } from '../../mesh/envoy-filter.ts';
import { proxyVersionOf } from '../../mesh/proxy-version.ts';
import { at, objectAt, stringAt } from '../../mesh/read.ts';
import { type Beginning, facts } from '../../mesh/since.ts';
import { filterFault } from './faults.ts';
import { allHave, type Span, spanned, whereIn } from './span.ts';

/** What a patch may be applied to, with the kind of match that goes with it, and the fact that it needs. */
const targets: ReadonlyMap<string, { readonly needs?: Beginning; readonly match?: string }> = new Map([
  ['LISTENER', { match: 'listener' }],
  ['FILTER_CHAIN', { match: 'listener' }],
  ['NETWORK_FILTER', { match: 'listener' }],
  ['HTTP_FILTER', { match: 'listener' }],
  ['ROUTE_CONFIGURATION', { match: 'routeConfiguration' }],
  ['VIRTUAL_HOST', { match: 'routeConfiguration' }],
  ['HTTP_ROUTE', { match: 'routeConfiguration' }],
  ['CLUSTER', { match: 'cluster' }],
  ['EXTENSION_CONFIG', { needs: 'extensionConfigPatches' }],
  ['BOOTSTRAP', { needs: 'bootstrapPatches' }],
  ['LISTENER_FILTER', { needs: 'listenerFilterPatches' }],
]);

const operations: ReadonlyMap<string, { readonly needs?: Beginning }> = new Map([
  ['MERGE', {}],
  ['ADD', {}],
  ['REMOVE', {}],
  ['INSERT_BEFORE', {}],
  ['INSERT_AFTER', {}],
  ['INSERT_FIRST', {}],
  ['REPLACE', { needs: 'replaceOperation' }],
  ['MERGE_AND_REPLACE_LIST', { needs: 'mergeAndReplaceList' }],
]);

const contexts: ReadonlyMap<string, { readonly needs?: Beginning }> = new Map([
  ['ANY', {}],
  ['SIDECAR_INBOUND', {}],
  ['SIDECAR_OUTBOUND', {}],
  ['GATEWAY', {}],
  ['WAYPOINT', { needs: 'waypointContext' }],
]);

/**
 * Finds what the API server or the webhook of istiod rejects, with the whole EnvoyFilter.
 *
 * @see https://github.com/istio/istio/blob/1.31.0/pkg/config/validation/envoyfilter/envoyfilter.go
 */
export function* findRejected(patch: ConfigPatch, span: Span) {
  yield* findUnknownWords(patch, span);
  // The webhook does not look at patches for waypoints.
  if (patch.context === 'WAYPOINT') return;
  yield* findMissing(patch);
  const { applyTo, match } = patch;
  const kind = targets.get(applyTo)?.match;
  const other = ['listener', 'routeConfiguration', 'cluster'].find(
    (key) => kind !== undefined && key !== kind && Object.hasOwn(match, key),
  );
  if (other) yield filterFault('foreign-match', whereIn(patch, 'match', other), { applyTo, match: other });
  else yield* findRejectedFilters(patch);
  const expression = proxyVersionOf(patch);
  if (expression !== undefined && isInvalidInGo(expression))
    yield filterFault('invalid-proxy-version', whereIn(patch, 'match', 'proxy', 'proxyVersion'), expression);
}

function* findUnknownWords(patch: ConfigPatch, span: Span) {
  const { applyTo, operation, context } = patch;
  const words = [
    { code: 'unknown-apply-to', word: applyTo, known: targets, keys: ['applyTo'] },
    { code: 'unknown-operation', word: operation, known: operations, keys: ['patch', 'operation'] },
    { code: 'unknown-context', word: context, known: contexts, keys: ['match', 'context'] },
  ] as const;
  for (const { code, word, known, keys } of words) {
    const why = word === '' ? undefined : unknown(known.get(word), span);
    if (why) yield filterFault(code, whereIn(patch, ...keys), { word, why });
  }
}

function* findMissing(patch: ConfigPatch) {
  const { applyTo, operation } = patch;
  if (applyTo === '') yield filterFault('missing-apply-to', whereIn(patch));
  if (operation === '') yield filterFault('missing-operation', whereIn(patch, 'patch'));
  else if (operation !== 'REMOVE' && !hasValue(patch))
    yield filterFault('missing-value', whereIn(patch, 'patch'), operation);
}

/** Why versions do not know a word, as a clause; undefined where they do. */
function unknown(word: { readonly needs?: Beginning } | undefined, span: Span): string | undefined {
  if (!word) return 'which no version of Istio knows';
  if (!word.needs || allHave(span, word.needs)) return undefined;
  return `which exists since Istio ${facts[word.needs].since} and not in ${spanned(span)}`;
}

function hasValue({ filter, index }: ConfigPatch): boolean {
  return isObject(at(filter.value, 'spec', 'configPatches', index, 'patch', 'value'));
}

function* findRejectedFilters(patch: ConfigPatch) {
  const { applyTo, match } = patch;
  const keys = ['match', 'listener', 'filterChain', 'filter'];
  const chain = objectAt(match, 'listener', 'filterChain');
  if (!Object.hasOwn(chain, 'filter') || targets.get(applyTo)?.match !== 'listener') return;
  const filter = objectAt(chain, 'filter');
  const name = stringAt(filter, 'name') ?? '';
  if (name === '') yield filterFault('nameless-filter', whereIn(patch, ...keys));
  else if (!Object.hasOwn(filter, 'subFilter')) return;
  else if (applyTo !== 'HTTP_FILTER')
    yield filterFault('misplaced-sub-filter', whereIn(patch, ...keys, 'subFilter'), applyTo);
  else if (!isConnectionManager(name)) yield filterFault('foreign-sub-filter', whereIn(patch, ...keys, 'name'), name);
  else if ((stringAt(filter, 'subFilter', 'name') ?? '') === '')
    yield filterFault('nameless-sub-filter', whereIn(patch, ...keys, 'subFilter'));
}

export function isConnectionManager(name: string): boolean {
  return name === 'envoy.filters.network.http_connection_manager' || name === 'envoy.http_connection_manager';
}

/** Go has neither lookaround nor back references; what neither language can read is not an expression at all. */
function isInvalidInGo(expression: string): boolean {
  if (/\(\?(=|!|<=|<!)|\\[1-9]/.test(expression)) return true;
  if (/\(\?|\\[^.dwsDWSb\\^$|()[\]{}*+?-]|\[\[/.test(expression)) return false;
  try {
    return !new RegExp(expression);
  } catch {
    return true;
  }
}
