import { isObject } from '../../manifest/node.ts';
import type { ConfigPatch } from '../../mesh/envoy-filter.ts';
import { proxyVersionOf } from '../../mesh/proxy-version.ts';
import { at, objectAt, stringAt } from '../../mesh/read.ts';
import { type Fault, isSince, pathIn, type Span, spanned } from './fault.ts';

type Since = Parameters<typeof isSince>[1];

/** What a patch may be applied to, since when, and the kind of match that goes with it. */
const targets: ReadonlyMap<string, { readonly since: Since; readonly match?: string }> = new Map([
  ['LISTENER', { since: '1.6', match: 'listener' }],
  ['FILTER_CHAIN', { since: '1.6', match: 'listener' }],
  ['NETWORK_FILTER', { since: '1.6', match: 'listener' }],
  ['HTTP_FILTER', { since: '1.6', match: 'listener' }],
  ['ROUTE_CONFIGURATION', { since: '1.6', match: 'routeConfiguration' }],
  ['VIRTUAL_HOST', { since: '1.6', match: 'routeConfiguration' }],
  ['HTTP_ROUTE', { since: '1.6', match: 'routeConfiguration' }],
  ['CLUSTER', { since: '1.6', match: 'cluster' }],
  ['EXTENSION_CONFIG', { since: '1.8' }],
  ['BOOTSTRAP', { since: '1.11' }],
  ['LISTENER_FILTER', { since: '1.17' }],
]);

const operations: ReadonlyMap<string, Since> = new Map([
  ['MERGE', '1.6'],
  ['ADD', '1.6'],
  ['REMOVE', '1.6'],
  ['INSERT_BEFORE', '1.6'],
  ['INSERT_AFTER', '1.6'],
  ['INSERT_FIRST', '1.6'],
  ['REPLACE', '1.8'],
  ['MERGE_AND_REPLACE_LIST', '1.31'],
]);

const contexts: ReadonlyMap<string, Since> = new Map([
  ['ANY', '1.6'],
  ['SIDECAR_INBOUND', '1.6'],
  ['SIDECAR_OUTBOUND', '1.6'],
  ['GATEWAY', '1.6'],
  ['WAYPOINT', '1.29'],
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
  if (applyTo !== '' && !(target && isSince(span, target.since)))
    yield refuse(`applies a patch to ${applyTo}, ${unknown(target?.since, span)}`, 'applyTo');
  const since = operations.get(operation);
  if (operation !== '' && !(since && isSince(span, since)))
    yield refuse(`has the operation ${operation}, ${unknown(since, span)}`, 'patch', 'operation');
  const known = contexts.get(context);
  if (!known || !isSince(span, known))
    yield refuse(`has the context ${context}, ${unknown(known, span)}`, 'match', 'context');
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

function unknown(since: Since | undefined, span: Span): string {
  return since === undefined
    ? 'which no Istio knows'
    : `which Istio knows since ${since}, and this is for ${spanned(span)}`;
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
