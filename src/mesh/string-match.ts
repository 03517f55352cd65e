import { isObject, type Json } from '../manifest/node.ts';

/**
 * An Istio StringMatch, read from untyped JSON. `present` takes every value of a header or query parameter that is
 * there; `opaque` is one that Istio would refuse, of which nothing but equality is known.
 *
 * @see https://istio.io/latest/docs/reference/config/networking/virtual-service/#StringMatch
 */
export interface StringMatch {
  readonly kind: 'exact' | 'prefix' | 'regex' | 'present' | 'opaque';
  /** The text to compare with; JSON for an opaque one, empty for a present one. */
  readonly text: string;
}

const forms = ['exact', 'prefix', 'regex'] as const;

/** Reads a StringMatch; null and `{}` ask for presence, and so does the regex `*`, which RE2 does not accept. */
export function readStringMatch(value: Json | undefined): StringMatch {
  if (value === undefined || value === null) return { kind: 'present', text: '' };
  const keys = isObject(value) ? Object.keys(value).filter((key) => value[key] !== null) : [];
  if (isObject(value) && keys.length === 0) return { kind: 'present', text: '' };
  const [kind] = forms.filter((form) => form === keys[0]);
  const text = kind && isObject(value) ? value[kind] : undefined;
  if (kind === undefined || keys.length > 1 || typeof text !== 'string')
    return { kind: 'opaque', text: JSON.stringify(value) };
  // https://github.com/istio/istio/blob/1.31.0/pilot/pkg/networking/core/route/route.go `canBeConvertedToPresentMatch`
  return kind === 'regex' && text === '*' ? { kind: 'present', text: '' } : { kind, text };
}

/** True when every text that `inner` takes is provably one that `outer` takes; regexes are compared as texts. */
export function contains(outer: StringMatch, inner: StringMatch): boolean {
  switch (outer.kind) {
    case 'present':
      return inner.kind !== 'opaque';
    case 'prefix':
      return (inner.kind === 'prefix' || inner.kind === 'exact') && inner.text.startsWith(outer.text);
    default:
      return inner.kind === outer.kind && inner.text === outer.text;
  }
}

/** True when provably no text is taken by both. */
export function excludes(a: StringMatch, b: StringMatch): boolean {
  if (a.kind === 'exact' && b.kind === 'exact') return a.text !== b.text;
  if (a.kind === 'exact' && b.kind === 'prefix') return !a.text.startsWith(b.text);
  if (a.kind === 'prefix' && b.kind === 'exact') return !b.text.startsWith(a.text);
  if (a.kind === 'prefix' && b.kind === 'prefix') return !a.text.startsWith(b.text) && !b.text.startsWith(a.text);
  return false;
}
