import { isObject } from '../../manifest/node.ts';
import type { ConfigPatch } from '../../mesh/envoy-filter.ts';
import { proxyVersionOf } from '../../mesh/proxy-version.ts';
import { at, objectAt, stringAt } from '../../mesh/read.ts';
import { type Beginning, facts } from '../../mesh/since.ts';
import { allHave, type Fault, pathIn, type Span, spanned } from './fault.ts';

/** What a patch may be applied to, with the kind of match that goes with it, and the fact that it takes. */
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
 * What the API server or the webhook of istiod refuses, with the whole EnvoyFilter.
 *
 * @see https://github.com/istio/istio/blob/1.31.0/pkg/config/validation/envoyfilter/envoyfilter.go
 */
export function* rejections(patch: ConfigPatch, span: Span): Iterable<Fault> {
  const refuse = (message: string, ...keys: readonly string[]): Fault => ({
    patch,
    severity: 'error',
    message: `${message}, so it is refused`,
    path: pathIn(patch, ...keys),
  });
  const { applyTo, operation, context } = patch;
  const target = targets.get(applyTo);
  const foreign = applyTo === '' ? undefined : unknown(target, span);
  if (foreign) yield refuse(`applies a patch to ${applyTo}, ${foreign}`, 'applyTo');
  const undoable = operation === '' ? undefined : unknown(operations.get(operation), span);
  if (undoable) yield refuse(`has the operation ${operation}, ${undoable}`, 'patch', 'operation');
  const nowhere = unknown(contexts.get(context), span);
  if (nowhere) yield refuse(`has the context ${context}, ${nowhere}`, 'match', 'context');
  // The webhook does not look at patches for waypoints.
  if (context === 'WAYPOINT') return;
  if (applyTo === '') yield refuse('has a patch without applyTo');
  if (operation === '') yield refuse('has a patch without an operation', 'patch');
  else if (operation !== 'REMOVE' && !hasValue(patch))
    yield refuse(`has a patch ${operation} without a value that is an object`, 'patch');
  const other = ['listener', 'routeConfiguration', 'cluster'].find(
    (key) => target?.match !== undefined && key !== target.match && Object.hasOwn(patch.match, key),
  );
  if (other) yield refuse(`applies a patch to ${applyTo} and matches by ${other}`, 'match', other);
  else yield* filterRejections(patch, refuse);
  const expression = proxyVersionOf(patch);
  if (expression !== undefined && isNoGoExpression(expression))
    yield refuse(
      `has the proxyVersion ${expression}, which is no regular expression of Go`,
      'match',
      'proxy',
      'proxyVersion',
    );
}

/** Why versions do not know a word, as a clause; undefined where they do. */
function unknown(word: { readonly needs?: Beginning } | undefined, span: Span): string | undefined {
  if (!word) return 'which no Istio knows';
  if (!word.needs || allHave(span, word.needs)) return undefined;
  return `which Istio knows since ${facts[word.needs].since}, and this is for ${spanned(span)}`;
}

function hasValue({ filter, index }: ConfigPatch): boolean {
  return isObject(at(filter.value, 'spec', 'configPatches', index, 'patch', 'value'));
}

function* filterRejections(
  { applyTo, match }: ConfigPatch,
  refuse: (message: string, ...keys: readonly string[]) => Fault,
): Iterable<Fault> {
  const keys = ['match', 'listener', 'filterChain', 'filter'];
  const chain = objectAt(match, 'listener', 'filterChain');
  if (!Object.hasOwn(chain, 'filter') || targets.get(applyTo)?.match !== 'listener') return;
  const filter = objectAt(chain, 'filter');
  const name = stringAt(filter, 'name') ?? '';
  if (name === '') {
    yield refuse('matches by a filter without a name', ...keys);
  } else if (Object.hasOwn(filter, 'subFilter')) {
    if (applyTo !== 'HTTP_FILTER')
      yield refuse(
        `matches by subFilter, which goes with HTTP_FILTER only and not with ${applyTo}`,
        ...keys,
        'subFilter',
      );
    else if (!isConnectionManager(name))
      yield refuse(
        `looks for a subFilter of ${name}, while only the HTTP connection manager has such`,
        ...keys,
        'name',
      );
    else if ((stringAt(filter, 'subFilter', 'name') ?? '') === '')
      yield refuse('matches by a subFilter without a name', ...keys, 'subFilter');
  }
}

export function isConnectionManager(name: string): boolean {
  return name === 'envoy.filters.network.http_connection_manager' || name === 'envoy.http_connection_manager';
}

/** Go knows neither lookaround nor references back; what neither language can read is no expression at all. */
function isNoGoExpression(expression: string): boolean {
  if (/\(\?(=|!|<=|<!)|\\[1-9]/.test(expression)) return true;
  if (/\(\?|\\[^.dwsDWSb\\^$|()[\]{}*+?-]|\[\[/.test(expression)) return false;
  try {
    return !new RegExp(expression);
  } catch {
    return true;
  }
}
