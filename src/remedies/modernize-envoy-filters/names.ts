import type { Severity } from '../../finding.ts';
import type { ConfigPatch } from '../../mesh/envoy-filter.ts';
import { classOf, type FilterClass, isIstiodFilter, newFilterName, oldFilterName } from '../../mesh/filter-names.ts';
import { stringAt } from '../../mesh/read.ts';
import { type Ending, facts, firstWithout } from '../../mesh/since.ts';
import { allHave, type Fault, pathIn, type Span, spanned } from './fault.ts';

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
  if (allHave(span, 'newFilterNames')) {
    if (!isOld) return undefined;
    if (allHave(span, 'oldFilterNames'))
      return isKnown ? { patch, severity: 'info', message: lapsing(name, other), ...change } : undefined;
    if (!isKnown) return { patch, severity: 'info', message: unproven(name, other), path };
    return {
      patch,
      severity: 'warning',
      message: dead(name, other, `since Istio ${firstWithout('oldFilterNames')}`),
      ...change,
    };
  }
  if (!allHave(span, 'oldFilterNames')) {
    if (!isIstiodFilter(canonical)) return undefined;
    const message = `looks for the filter ${name}, and no one name serves Istio ${spanned(span)}: before ${facts.newFilterNames.since} it is the old one, since ${firstWithout('oldFilterNames')} the new one. Repeat the patch with ${other}`;
    return { patch, severity: 'warning', message, path };
  }
  if (isOld || !isIstiodFilter(canonical)) return undefined;
  return {
    patch,
    severity: 'warning',
    message: dead(name, other, `before Istio ${facts.newFilterNames.since}`),
    ...change,
  };
}

function lapsing(name: string, other: string): string {
  return `looks for the filter ${name}, which is its old name: since Istio ${firstWithout('oldFilterNames')} it matches nothing. It becomes ${other}, which Istio ${facts.newFilterNames.since} and later know`;
}

function dead(name: string, other: string, when: string): string {
  return `looks for the filter ${name}, a name that no filter has ${when}, so the patch does nothing and nobody says so. It becomes ${other}`;
}

function unproven(name: string, other: string): string {
  return `looks for the filter ${name}, which istiod does not write. Since Istio ${firstWithout('oldFilterNames')} that finds only a filter inserted under this very name, and none is in the input: if it is inserted as ${other}, look for that`;
}

/** A merge gives its own name to the filter: from then on other patches do not find it. */
function givenFault(patch: ConfigPatch, { kind, keys, name }: NamePlace, span: Span): Fault | undefined {
  const other = newFilterName(kind, name);
  if (other === undefined || !allHave(span, 'newFilterNames')) return undefined;
  const sought = soughtName(patch, kind);
  if (sought !== undefined && sought !== name && sought !== other) return undefined;
  const path = pathIn(patch, ...keys);
  const operations = [{ op: 'replace', path, value: other }] as const;
  const severity: Severity = allHave(span, 'oldFilterNames') ? 'info' : 'warning';
  const message = `gives the filter that it merges into the old name ${name}: since Istio ${firstWithout('oldFilterNames')} that renames the filter, and other patches no longer find it. It becomes ${other}`;
  return { patch, severity, message, path, operations };
}

/** The filter that a patch looks for, or stands by. */
export function soughtName({ match }: ConfigPatch, kind: FilterClass): string | undefined {
  const filter = ['listener', 'filterChain', 'filter'];
  if (kind === 'listener') return stringAt(match, 'listener', 'listenerFilter');
  return kind === 'http' ? stringAt(match, ...filter, 'subFilter', 'name') : stringAt(match, ...filter, 'name');
}

/** Filters that istiod once wrote, by the fact that it does. */
const gone: ReadonlyMap<string, Ending> = new Map([
  ['mixer', 'mixerFilter'],
  ['istio_authn', 'istioAuthnFilter'],
]);

/**
 * Filters that istiod once wrote and no longer does.
 *
 * @see https://github.com/istio/istio/blob/1.20.0/pilot/pkg/xds/filters/filters.go
 */
function* goneFilters(patch: ConfigPatch, span: Span): Iterable<Fault> {
  const keys = ['match', 'listener', 'filterChain', 'filter', 'subFilter', 'name'];
  const name = stringAt(patch.match, ...keys.slice(1));
  const fact = name === undefined ? undefined : gone.get(name);
  if (fact === undefined || allHave(span, fact)) return;
  const message = `looks for the filter ${name}, which is gone since Istio ${firstWithout(fact)}, so the patch does nothing. Choose another filter to stand by, such as envoy.filters.http.router`;
  yield { patch, severity: 'warning', message, path: pathIn(patch, ...keys) };
}
