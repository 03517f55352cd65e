import type { Json } from '../manifest/node.ts';
import { at } from './read.ts';
import { readStringMatch } from './string-match.ts';

/**
 * What a match says of the path. `any` is every path: no condition, prefix `/` or empty, regex `.*`. `folded` is the
 * text in ASCII lower case, as Envoy compares when `ignoreUriCase` is set, which no regex heeds.
 *
 * @see https://github.com/istio/istio/blob/1.31.0/pilot/pkg/networking/core/route/route.go `TranslateRouteMatch`
 */
export interface UriMatch {
  readonly kind: 'any' | 'exact' | 'prefix' | 'regex' | 'opaque';
  readonly text: string;
  readonly folded: string;
  readonly ignoreCase: boolean;
}

const anyUri: UriMatch = { kind: 'any', text: '', folded: '', ignoreCase: false };

/** Reads the uri condition of an HTTPMatchRequest. */
export function readUriMatch(match: Json | undefined): UriMatch {
  const { kind, text } = readStringMatch(at(match, 'uri'));
  if (kind === 'present') return at(match, 'uri', 'regex') === '*' ? opaqueUri('*') : anyUri;
  if (kind === 'opaque') return opaqueUri(text);
  if (kind === 'prefix' && (text === '' || text === '/')) return anyUri;
  if (kind === 'regex') return text === '.*' ? anyUri : { kind, text, folded: text, ignoreCase: false };
  return { kind, text, folded: fold(text), ignoreCase: at(match, 'ignoreUriCase') === true };
}

function opaqueUri(text: string): UriMatch {
  return { kind: 'opaque', text, folded: text, ignoreCase: false };
}

function fold(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** True when every path that `inner` takes is provably one that `outer` takes. */
export function uriContains(outer: UriMatch, inner: UriMatch): boolean {
  if (outer.kind === 'any') return true;
  if (outer.kind === 'regex' || outer.kind === 'opaque') return inner.kind === outer.kind && inner.text === outer.text;
  if (inner.kind !== 'exact' && (inner.kind !== 'prefix' || outer.kind === 'exact')) return false;
  const isFolded = outer.ignoreCase || inner.ignoreCase;
  const [outside, inside] = isFolded ? [outer.folded, inner.folded] : [outer.text, inner.text];
  if (outer.kind === 'exact' ? inside !== outside : !beginsWith(inside, outside)) return false;
  // `inner` takes every spelling, so `outer` must not be particular about one.
  return outer.ignoreCase || !inner.ignoreCase || !/[A-Za-z]/.test(outer.text);
}

/** False when provably no path is taken by both. A regex may share paths with anything. */
export function uriOverlaps(a: UriMatch, b: UriMatch): boolean {
  if (!isLiteral(a) || !isLiteral(b)) return true;
  const isFolded = a.ignoreCase || b.ignoreCase;
  const [first, second] = isFolded ? [a.folded, b.folded] : [a.text, b.text];
  if (a.kind === 'exact') return b.kind === 'exact' ? first === second : beginsWith(first, second);
  return beginsWith(second, first) || (b.kind === 'prefix' && beginsWith(first, second));
}

/** The same as `startsWith`, which compares letter by letter: with thousands of long paths that is what takes time. */
function beginsWith(text: string, prefix: string): boolean {
  return text.length >= prefix.length && text.slice(0, prefix.length) === prefix;
}

function isLiteral({ kind }: UriMatch): boolean {
  return kind === 'exact' || kind === 'prefix';
}

/** True when `inner`, of which `outer` takes every path, is the more telling of the two: exact, or a longer prefix. */
export function isMoreSpecific(inner: UriMatch, outer: UriMatch): boolean {
  if (outer.kind === 'any') return isLiteral(inner);
  if (outer.kind !== 'prefix') return false;
  return inner.kind === 'exact' || (inner.kind === 'prefix' && inner.text.length > outer.text.length);
}

/** True when `inner` goes on inside the last path segment of the prefix `outer`: `/usrv-expand` for `/usrv`. */
export function continuesSegment(inner: UriMatch, outer: UriMatch): boolean {
  if (outer.kind !== 'prefix' || outer.text.endsWith('/') || !isLiteral(inner)) return false;
  const next = inner.text[outer.text.length];
  return next !== undefined && next !== '/';
}
