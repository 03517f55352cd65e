import { isObject, isSame, type Json, type JsonObject } from '../../manifest/node.ts';
import type { Operation } from '../../manifest/operation.ts';
import { pointer } from '../../manifest/pointer.ts';
import { at, listAt, objectAt, stringAt } from '../../mesh/read.ts';
import { hides, type RouteMatch } from '../../mesh/route-match.ts';
import type { RouteRule } from '../../mesh/route-rules.ts';
import { continuesSegment, type UriMatch } from '../../mesh/uri-match.ts';

/** A match whose prefix reaches into another rule's path segment: `/usrv` before `/usrv-expand`. */
export interface Overreach {
  readonly rule: RouteRule;
  /** Position of the match in the rule. */
  readonly match: number;
  readonly prefix: string;
  /** The first rule that it hides so. */
  readonly hidden: RouteRule;
  /** Why the match cannot be written by segments; undefined when it can. */
  readonly obstacle: string | undefined;
}

/** Finds the matches of rules that hide a later rule by ending inside a path segment of its uri. */
export function overreachesIn(rules: readonly RouteRule[]): Overreach[] {
  return rules.flatMap((rule, position) =>
    rule.matches.flatMap((match, index) => {
      const { text } = match.uri;
      const hidden = rules
        .slice(position + 1)
        .find((later) => later.matches.some((other) => reachesInto(match, other)));
      return hidden ? [{ rule, match: index, prefix: text, hidden, obstacle: obstacleIn(rule.value, text) }] : [];
    }),
  );
}

function reachesInto(match: RouteMatch, later: RouteMatch): boolean {
  return continuesSegment(later.uri, match.uri) && hides(match, later);
}

/**
 * Why a rule's prefix cannot be written as an exact path and a prefix.
 *
 * Envoy's `prefix_rewrite` puts `rewrite.uri` in place of what the prefix matched: behind `/usrv/` the slash is gone
 * too, so `/new` would turn `/usrv/x` into `/newx`.
 *
 * @see https://github.com/istio/istio/blob/1.31.0/pkg/config/validation/virtualservice.go `validateHTTPRedirect`
 * @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto `prefix_rewrite`
 */
function obstacleIn(rule: Json, prefix: string): string | undefined {
  const delegate = stringAt(rule, 'delegate', 'name');
  if (at(rule, 'delegate') !== undefined && at(rule, 'delegate') !== null)
    return `the rules of its delegate ${delegate ?? ''} must stay within its matches`;
  if (stringAt(rule, 'redirect', 'prefixRewrite'))
    return 'Istio takes redirect.prefixRewrite beside prefix matches only';
  const uri = stringAt(rule, 'rewrite', 'uri');
  if (!uri || uri.endsWith('/') || isObject(at(rule, 'rewrite', 'uriRegexRewrite'))) return undefined;
  return `with rewrite.uri ${uri} Envoy would turn ${prefix}/x into ${uri}x`;
}

/** The match as it is once written by segments: below the prefix, and the prefix itself. */
export function bySegments(match: RouteMatch): RouteMatch[] {
  const uri = (kind: UriMatch['kind'], end: string): UriMatch => ({
    ...match.uri,
    kind,
    text: match.uri.text + end,
    folded: match.uri.folded + end,
  });
  return [
    { ...match, uri: uri('prefix', '/') },
    { ...match, uri: uri('exact', '') },
  ];
}

/** Writes a match by segments; `index` is its position once the rule's earlier matches are written so. */
export function segmentOperations({ rule, match, prefix }: Overreach, index: number): Operation[] {
  const path = ['spec', 'http', rule.index, 'match'] as const;
  const matches = listAt(rule.value, 'match');
  const written: JsonObject = objectAt(matches[match]);
  const exact: JsonObject = { ...structuredClone(written), uri: { exact: prefix } };
  const below: Operation = { op: 'replace', path: pointer(...path, index, 'uri', 'prefix'), value: `${prefix}/` };
  // Istio warns of a match that is there twice.
  if (matches.some((other) => isSame(other, exact))) return [below];
  return [below, { op: 'add', path: pointer(...path, index + 1), value: exact }];
}
