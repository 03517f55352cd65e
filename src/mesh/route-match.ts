import { isObject, type Json } from '../manifest/node.ts';
import { at, listAt, objectAt } from './read.ts';
import { namespaceOf, type Resource } from './resource.ts';
import { contains, excludes, readStringMatch, type StringMatch } from './string-match.ts';
import { isMoreSpecific, readUriMatch, type UriMatch, uriContains, uriOverlaps } from './uri-match.ts';

/** One thing that a match asks of a request beside its path. */
export interface Condition {
  /** What it is about: `method`, `header x-user`, `query page`, `port`, `label app`, … */
  readonly subject: string;
  /** `not` for withoutHeaders; `equal` for what can be compared as a whole only. */
  readonly sense: 'is' | 'not' | 'equal';
  readonly match: StringMatch;
}

/**
 * An HTTPMatchRequest: its uri and all its conditions must hold together.
 *
 * @see https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPMatchRequest
 */
export interface RouteMatch {
  readonly uri: UriMatch;
  readonly conditions: readonly Condition[];
  /** Gateways (`namespace/name`, or `mesh`) that it is narrowed to; undefined for all that the VirtualService has. */
  readonly gateways: readonly string[] | undefined;
}

/** The match of a rule without `match`: every request. */
const everything: RouteMatch = { uri: readUriMatch(undefined), conditions: [], gateways: undefined };

/** The gateways that a VirtualService serves: `mesh` unless it says otherwise; undefined for a delegate, which has its root's. */
export function gatewaysOf(virtualService: Resource): readonly string[] | undefined {
  const { value } = virtualService;
  if (listAt(value, 'spec', 'hosts').length === 0) return undefined;
  const named = readGateways(at(value, 'spec'), namespaceOf(virtualService));
  return named.length === 0 ? ['mesh'] : named;
}

/** True for a VirtualService that some gateway besides the mesh uses; false for delegates too. */
export function hasGateways(virtualService: Resource): boolean {
  return (gatewaysOf(virtualService) ?? []).some((name) => name !== 'mesh');
}

/**
 * Reads the gateways of a VirtualService or of a match as istiod resolves them: `name` and `./name` are of the
 * VirtualService's namespace, `name.namespace…` is an old way to write `namespace/name`.
 *
 * @see https://github.com/istio/istio/blob/1.31.0/pilot/pkg/model/config.go `resolveGatewayName`
 */
export function readGateways(value: Json | undefined, namespace: string): string[] {
  const names = listAt(value, 'gateways').filter((name) => typeof name === 'string');
  return names.map((name) => resolveGateway(name, namespace));
}

/** The `namespace/name` that one gateway of a VirtualService means; `mesh` means all sidecars. */
export function resolveGateway(name: string, namespace: string): string {
  if (name === 'mesh') return name;
  if (name.includes('/')) return name.startsWith('./') ? `${namespace}/${name.slice(2)}` : name;
  const [short, itsNamespace = namespace] = name.split('.');
  return `${itsNamespace}/${short}`;
}

/** Reads the matches of a rule; a rule without any takes everything. */
export function readMatches(matches: readonly Json[], virtualService: Resource): RouteMatch[] {
  if (matches.length === 0) return [everything];
  const gateways = gatewaysOf(virtualService);
  return matches.map((match) => readMatch(match, gateways, namespaceOf(virtualService)));
}

/** Fields of a match that name it and ask nothing. */
const neutral = new Set(['name', 'statPrefix', 'uri', 'ignoreUriCase', 'gateways']);

function readMatch(match: Json, gateways: readonly string[] | undefined, namespace: string): RouteMatch {
  const uri = readUriMatch(match);
  if (match === null) return everything;
  if (!isObject(match)) return { ...everything, uri: readUriMatch({ uri: [match] }) }; // opaque
  const own = readGateways(match, namespace);
  // A gateway that the VirtualService is not bound to never sees the match.
  const narrowed = own.filter((name) => gateways === undefined || gateways.includes(name));
  const isNarrowed = own.length > 0 && (gateways === undefined || gateways.some((name) => !own.includes(name)));
  const conditions = Object.keys(match).flatMap((key) => readConditions(match, key, own.length > 0));
  return { uri, conditions, gateways: isNarrowed ? narrowed : undefined };
}

function readConditions(match: Json, key: string, hasGateways: boolean): Condition[] {
  const value = at(match, key);
  if (neutral.has(key) || value === null || value === undefined) return [];
  switch (key) {
    case 'scheme':
    case 'method':
    case 'authority':
      return [{ subject: key, sense: 'is', match: readStringMatch(value) }];
    case 'port':
      return value === 0 ? [] : [exactly(key, value)];
    case 'queryParams':
      return Object.entries(objectAt(value)).map(([name, wanted]) => ({
        subject: `query ${name}`,
        sense: 'is',
        match: readStringMatch(wanted),
      }));
    case 'headers':
      return headerConditions(value, 'is');
    case 'withoutHeaders':
      return headerConditions(value, 'not');
    case 'sourceNamespace':
      // A match with gateways is never asked where the request comes from: `sourceMatchHTTP` in istiod's route.go.
      return hasGateways || value === '' ? [] : [exactly(key, value)];
    case 'sourceLabels':
      if (hasGateways) return [];
      return Object.entries(objectAt(value)).map(([label, wanted]) => exactly(`label ${label}`, wanted));
    default:
      return [{ subject: key, sense: 'equal', match: { kind: 'opaque', text: JSON.stringify(value) } }];
  }
}

function exactly(subject: string, value: Json): Condition {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return { subject, sense: 'is', match: { kind: 'exact', text } };
}

function headerConditions(headers: Json, sense: 'is' | 'not'): Condition[] {
  return Object.entries(objectAt(headers)).map(([name, wanted]) => {
    // A JWT claim may be a list that holds several values at once, so one value says nothing about another.
    if (name.startsWith('@'))
      return { subject: `${sense} ${name}`, sense: 'equal', match: { kind: 'opaque', text: JSON.stringify(wanted) } };
    return { subject: `header ${name.toLowerCase()}`, sense, match: readStringMatch(wanted) };
  });
}

/** True when every request that `inner` matches is provably one that `outer` matches. */
export function covers(outer: RouteMatch, inner: RouteMatch): boolean {
  return (
    uriContains(outer.uri, inner.uri) &&
    gatewaysContain(outer.gateways, inner.gateways) &&
    outer.conditions.every((wanted) => inner.conditions.some((given) => implies(given, wanted)))
  );
}

function gatewaysContain(outer: RouteMatch['gateways'], inner: RouteMatch['gateways']): boolean {
  if (outer === undefined) return inner === undefined || inner.length > 0;
  return inner !== undefined && inner.length > 0 && inner.every((name) => outer.includes(name));
}

function implies(given: Condition, wanted: Condition): boolean {
  if (given.subject !== wanted.subject) return false;
  if (wanted.sense === 'is') return given.sense === 'is' && contains(wanted.match, given.match);
  if (wanted.sense === 'equal') return given.match.text === wanted.match.text;
  if (given.sense === 'is') return excludes(wanted.match, given.match);
  // Whether a missing header fails a value's negation differs between versions of Envoy, so presence implies presence only.
  return (given.match.kind === 'present') === (wanted.match.kind === 'present') && contains(given.match, wanted.match);
}

/** False when provably no request is matched by both. */
export function overlaps(a: RouteMatch, b: RouteMatch): boolean {
  if (!uriOverlaps(a.uri, b.uri)) return false;
  const { gateways } = b;
  if (a.gateways?.length === 0 || gateways?.length === 0) return false;
  if (a.gateways && gateways && !a.gateways.some((name) => gateways.includes(name))) return false;
  return !a.conditions.some((one) => b.conditions.some((other) => contradicts(one, other)));
}

function contradicts(a: Condition, b: Condition): boolean {
  if (a.subject !== b.subject || a.sense === 'equal' || b.sense === 'equal') return false;
  if (a.sense === 'is') return b.sense === 'is' ? excludes(a.match, b.match) : contains(b.match, a.match);
  return b.sense === 'is' && contains(a.match, b.match);
}

/** True for a match of every request: nothing that comes after it is ever asked. */
export function isCatchAll({ uri, conditions, gateways }: RouteMatch): boolean {
  return uri.kind === 'any' && conditions.length === 0 && gateways === undefined;
}

/**
 * True when `earlier` takes every request of `later` although `later` names its path more precisely:
 * the exact one, a longer prefix, or anything at all where `earlier` is a catch-all.
 */
export function hides(earlier: RouteMatch, later: RouteMatch): boolean {
  const isCandidate = isMoreSpecific(later.uri, earlier.uri) || (isCatchAll(earlier) && !isCatchAll(later));
  return isCandidate && covers(earlier, later);
}

/** A match in words: `prefix /usrv, method GET`, `every request`. */
export function describeMatch(match: RouteMatch): string {
  const { uri, conditions, gateways } = match;
  const parts: string[] = uri.kind === 'any' ? [] : [`${uri.kind} ${uri.text}${uri.ignoreCase ? ' in any case' : ''}`];
  for (const { subject, sense, match: wanted } of conditions) {
    const value = wanted.kind === 'present' ? '' : ` ${wanted.kind === 'exact' ? '' : `${wanted.kind} `}${wanted.text}`;
    parts.push(`${sense === 'not' ? 'without ' : ''}${subject}${value}`);
  }
  if (gateways) parts.push(`gateway ${gateways.join(' or ')}`);
  return parts.length === 0 ? 'every request' : parts.join(', ');
}
