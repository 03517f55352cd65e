import type { ConfigPatch } from '../../mesh/envoy-filter.ts';
import { classOf, type FilterClass, isIstiodFilter, newFilterName, oldFilterName } from '../../mesh/filter-names.ts';
import { stringAt } from '../../mesh/read.ts';
import { type Ending, facts, firstWithout } from '../../mesh/since.ts';
import type { ResourcePlace } from '../../step.ts';
import { filterFault, type Repair } from './faults.ts';
import { allHave, type Span, spanned, whereIn } from './span.ts';

/** A filter name in a patch, by which filters are matched or which a merge gives them. */
interface NamePlace {
  readonly kind: FilterClass;
  readonly keys: readonly string[];
  readonly name: string;
  /** True for a name that is given, not matched. */
  readonly isGiven: boolean;
}

/** Finds names of filters that the versions do not know, or that newer ones will not. */
export function* findNames(patch: ConfigPatch, span: Span, inserted: ReadonlySet<string>) {
  for (const place of placesIn(patch))
    yield* place.isGiven ? findGiven(patch, place, span) : findSought(patch, place, span, inserted);
  yield* findGone(patch, span);
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

function* findSought(patch: ConfigPatch, place: NamePlace, span: Span, inserted: ReadonlySet<string>) {
  const { kind, keys, name } = place;
  const isOld = newFilterName(kind, name) !== undefined;
  const other = newFilterName(kind, name) ?? oldFilterName(kind, name);
  // A filter that the manifests insert under this very name is found by it on every version.
  if (other === undefined || inserted.has(name)) return;
  const canonical = isOld ? other : name;
  const where = whereIn(patch, ...keys);
  const repair = renamed(where.path, other);
  const isIstiods = isIstiodFilter(canonical);
  if (allHave(span, 'newFilterNames')) {
    const isKnown = isIstiods || inserted.has(canonical);
    if (isOld) yield* findOldName(where, { name, other, repair, isKnown }, span);
  } else if (!isIstiods) return;
  else if (!allHave(span, 'oldFilterNames')) {
    const advice = `Before ${facts.newFilterNames.since} it is the old one, since ${firstWithout('oldFilterNames')} the new one: repeat the patch with ${other}`;
    yield filterFault('no-common-filter-name', where, { name, versions: spanned(span), advice });
  } else if (!isOld)
    yield filterFault('old-filter-name', where, { name, repair, when: `before Istio ${facts.newFilterNames.since}` });
}

interface OldName {
  readonly name: string;
  readonly other: string;
  readonly repair: Repair;
  /** True when istiod, or a patch of the input, gives a filter the new name. */
  readonly isKnown: boolean;
}

/** An old name, where all versions know the new one. */
function* findOldName(where: ResourcePlace, { name, other, repair, isKnown }: OldName, span: Span) {
  const isAccepted = allHave(span, 'oldFilterNames');
  if (isAccepted && isKnown) yield filterFault('lapsing-filter-name', where, { name, repair });
  else if (!isAccepted && isKnown)
    yield filterFault('old-filter-name', where, {
      name,
      repair,
      when: `since Istio ${firstWithout('oldFilterNames')}`,
    });
  else if (!isAccepted)
    yield filterFault('unproven-filter-name', where, {
      name,
      advice: `If it is inserted as ${other}, match that name`,
    });
}

function renamed(path: string, name: string): Repair {
  return { fix: `rename it to ${name}`, operations: [{ op: 'replace', path, value: name }] };
}

/** A merge gives its own name to the filter: from then on other patches do not find it. */
function* findGiven(patch: ConfigPatch, { kind, keys, name }: NamePlace, span: Span) {
  const other = newFilterName(kind, name);
  if (other === undefined || !allHave(span, 'newFilterNames')) return;
  const sought = soughtName(patch, kind);
  if (sought !== undefined && sought !== name && sought !== other) return;
  const where = whereIn(patch, ...keys);
  const code = allHave(span, 'oldFilterNames') ? 'lapsing-given-name' : 'old-given-name';
  yield filterFault(code, where, { name, repair: renamed(where.path, other) });
}

/** The filter that a patch matches, or is positioned by. */
export function soughtName({ match }: ConfigPatch, kind: FilterClass): string | undefined {
  const filter = ['listener', 'filterChain', 'filter'];
  if (kind === 'listener') return stringAt(match, 'listener', 'listenerFilter');
  return kind === 'http' ? stringAt(match, ...filter, 'subFilter', 'name') : stringAt(match, ...filter, 'name');
}

/** Filters that istiod once generated, by the fact that it does. */
const gone: ReadonlyMap<string, Ending> = new Map([
  ['mixer', 'mixerFilter'],
  ['istio_authn', 'istioAuthnFilter'],
]);

/**
 * Finds filters that istiod once generated and no longer does.
 *
 * @see https://github.com/istio/istio/blob/1.20.0/pilot/pkg/xds/filters/filters.go
 */
function* findGone(patch: ConfigPatch, span: Span) {
  const keys = ['match', 'listener', 'filterChain', 'filter', 'subFilter', 'name'];
  const name = stringAt(patch.match, ...keys.slice(1));
  const fact = name === undefined ? undefined : gone.get(name);
  if (name === undefined || fact === undefined || allHave(span, fact)) return;
  yield filterFault('gone-filter', whereIn(patch, ...keys), { name, since: firstWithout(fact) });
}
