import type { Severity } from '../../finding.ts';
import { isObject, type Json } from '../../manifest/node.ts';
import type { ConfigPatch } from '../../mesh/envoy-filter.ts';
import { type FilterClass, isIstiodFilter, newFilterName, oldFilterName } from '../../mesh/filter-names.ts';
import { stringAt } from '../../mesh/read.ts';
import { type Fault, isBefore, isSince, pathIn, type Span, spanned } from './fault.ts';

/** A filter name in a patch, by which filters are looked for or which a merge gives them. */
interface NamePlace {
  readonly kind: FilterClass;
  readonly keys: readonly string[];
  readonly name: string;
  /** True for a name that is given, not looked for. */
  readonly isGiven: boolean;
}

/** Names of filters that the versions do not know, or that newer ones will not. */
export function* faultsOfNames(patch: ConfigPatch, span: Span, inserted: ReadonlySet<string>): Iterable<Fault> {
  for (const place of placesIn(patch)) {
    const fault = place.isGiven ? givenFault(patch, place, span) : soughtFault(patch, place, span, inserted);
    if (fault) yield fault;
  }
  yield* goneFilters(patch, span);
}

function placesIn(patch: ConfigPatch): NamePlace[] {
  const filter = ['match', 'listener', 'filterChain', 'filter'];
  const sought: readonly (readonly [FilterClass, readonly string[]])[] = [
    ['network', [...filter, 'name']],
    ['http', [...filter, 'subFilter', 'name']],
    ['listener', ['match', 'listener', 'listenerFilter']],
  ];
  const places = sought.flatMap(([kind, keys]) => {
    const name = stringAt(patch.match, ...keys.slice(1));
    return name === undefined ? [] : [{ kind, keys, name, isGiven: false }];
  });
  const given = classOf(patch.applyTo);
  const name = stringAt(patch.value, 'name');
  if (patch.operation === 'MERGE' && given && given !== 'listener' && name !== undefined)
    places.push({ kind: given, keys: ['patch', 'value', 'name'], name, isGiven: true });
  return places;
}

/** Where the filter stands that a patch is applied to. */
export function classOf(applyTo: string): FilterClass | undefined {
  switch (applyTo) {
    case 'NETWORK_FILTER':
      return 'network';
    case 'HTTP_FILTER':
      return 'http';
    case 'LISTENER_FILTER':
      return 'listener';
    default:
      return undefined;
  }
}

function soughtFault(
  patch: ConfigPatch,
  { kind, keys, name }: NamePlace,
  span: Span,
  inserted: ReadonlySet<string>,
): Fault | undefined {
  const isOld = newFilterName(kind, name) !== undefined;
  const other = newFilterName(kind, name) ?? oldFilterName(kind, name);
  // A filter that the manifests insert under this very name is found by it on every version.
  if (other === undefined || inserted.has(name)) return undefined;
  const canonical = isOld ? other : name;
  const isKnown = isIstiodFilter(canonical) || inserted.has(canonical);
  const path = pathIn(patch, ...keys);
  const change = { path, operations: [{ op: 'replace', path, value: other }] } as const;
  if (isSince(span, '1.8')) {
    if (!isOld) return undefined;
    if (isBefore(span, '1.19'))
      return isKnown ? { patch, severity: 'info', message: lapsing(name, other), ...change } : undefined;
    if (!isKnown) return { patch, severity: 'info', message: unproven(name, other), path };
    return { patch, severity: 'warning', message: dead(name, other, 'since Istio 1.19'), ...change };
  }
  if (!isBefore(span, '1.19')) {
    if (!isIstiodFilter(canonical)) return undefined;
    const message = `looks for the filter ${name}, and no one name serves Istio ${spanned(span)}: before 1.8 it is the old one, since 1.19 the new one. Repeat the patch with ${other}`;
    return { patch, severity: 'warning', message, path };
  }
  if (isOld || !isIstiodFilter(canonical)) return undefined;
  return { patch, severity: 'warning', message: dead(name, other, 'before Istio 1.8'), ...change };
}

function lapsing(name: string, other: string): string {
  return `looks for the filter ${name}, which is its old name: since Istio 1.19 it matches nothing. It becomes ${other}, which Istio 1.8 and later know`;
}

function dead(name: string, other: string, when: string): string {
  return `looks for the filter ${name}, a name that no filter has ${when}, so the patch does nothing and nobody says so. It becomes ${other}`;
}

function unproven(name: string, other: string): string {
  return `looks for the filter ${name}, which istiod does not write. Since Istio 1.19 that finds only a filter inserted under this very name, and none is in the input: if it is inserted as ${other}, look for that`;
}

/** A merge gives its own name to the filter: from then on other patches do not find it. */
function givenFault(patch: ConfigPatch, { kind, keys, name }: NamePlace, span: Span): Fault | undefined {
  const other = newFilterName(kind, name);
  if (other === undefined || !isSince(span, '1.8')) return undefined;
  const sought = soughtName(patch, kind);
  if (sought !== undefined && sought !== name && sought !== other) return undefined;
  const path = pathIn(patch, ...keys);
  const operations = [{ op: 'replace', path, value: other }] as const;
  const severity: Severity = isBefore(span, '1.19') ? 'info' : 'warning';
  const message = `gives the filter that it merges into the old name ${name}: since Istio 1.19 that renames the filter, and other patches no longer find it. It becomes ${other}`;
  return { patch, severity, message, path, operations };
}

/** The filter that a patch looks for, or stands by. */
export function soughtName({ match }: ConfigPatch, kind: FilterClass): string | undefined {
  const filter = ['listener', 'filterChain', 'filter'];
  if (kind === 'listener') return stringAt(match, 'listener', 'listenerFilter');
  return kind === 'http' ? stringAt(match, ...filter, 'subFilter', 'name') : stringAt(match, ...filter, 'name');
}

/**
 * Filters that istiod once wrote and no longer does.
 *
 * @see https://github.com/istio/istio/blob/1.20.0/pilot/pkg/xds/filters/filters.go
 */
function* goneFilters(patch: ConfigPatch, span: Span): Iterable<Fault> {
  const keys = ['match', 'listener', 'filterChain', 'filter', 'subFilter', 'name'];
  const name = stringAt(patch.match, ...keys.slice(1));
  const since = name === 'mixer' ? '1.8' : name === 'istio_authn' ? '1.20' : undefined;
  if (since === undefined || isBefore(span, since)) return;
  const message = `looks for the filter ${name}, which is gone since Istio ${since}, so the patch does nothing. Choose another filter to stand by, such as envoy.filters.http.router`;
  yield { patch, severity: 'warning', message, path: pathIn(patch, ...keys) };
}

/** The names of filters that patches bring in, at any depth of their values. */
export function insertedNames(patches: readonly ConfigPatch[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { applyTo, operation, value } of patches) {
    const isRename = operation === 'MERGE' && classOf(applyTo) !== undefined;
    const { name: _, ...rest } = value;
    collectNames(isRename ? rest : value, names);
  }
  return names;
}

function collectNames(value: Json, names: Set<string>): void {
  if (Array.isArray(value)) {
    for (const item of value) collectNames(item, names);
  } else if (isObject(value)) {
    for (const [key, inner] of Object.entries(value)) {
      if (key === 'name' && typeof inner === 'string') names.add(inner);
      else collectNames(inner, names);
    }
  }
}
