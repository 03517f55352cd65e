import { isObject, type Json, type JsonObject } from '../manifest/node.ts';
import type { Mesh } from './mesh.ts';
import { at, listAt, objectAt, stringAt } from './read.ts';
import { namespaceOf, type Resource } from './resource.ts';
import { describeMatch, type RouteMatch, readMatches } from './route-match.ts';
import { contains, readStringMatch } from './string-match.ts';
import { delegateOf } from './virtual-service.ts';

/** One HTTP rule of a VirtualService. */
export interface RouteRule {
  readonly value: Json;
  /** Position in `spec.http`. */
  readonly index: number;
  /** `http[2] (prefix /usrv)`, or with its name: `http[2] "checkout" (prefix /usrv)`. */
  readonly label: string;
  /** What it takes; of a rule with a known delegate, what the delegate's rules take within it. */
  readonly matches: readonly RouteMatch[];
  /** The delegate as `namespace/name`, when it is not among the manifests: the rule then counts as taking all it matches. */
  readonly unknownDelegate: string | undefined;
}

/** Reads the HTTP rules of a VirtualService. */
export function rulesOf(mesh: Mesh, virtualService: Resource): RouteRule[] {
  return listAt(virtualService.value, 'spec', 'http').map((value, index) => {
    const written = writtenMatches(value);
    const own = readMatches(written, virtualService);
    const delegate = delegateOf(mesh, { virtualService, index, value: objectAt(value) });
    const joined = delegate && joinedMatches(written, delegate);
    return {
      value,
      index,
      label: labelOf(value, index, own),
      // What is not a rule, and a delegate without rules, takes nothing.
      matches: !isObject(value) || joined?.length === 0 ? [] : joined ? readMatches(joined, virtualService) : own,
      unknownDelegate: delegate ? undefined : delegateNameOf(value, virtualService),
    };
  });
}

/** The matches of a rule; anything but a list counts as one match that cannot be understood. */
function writtenMatches(rule: Json): readonly Json[] {
  const match = at(rule, 'match');
  return match === undefined || match === null || Array.isArray(match) ? listAt(rule, 'match') : [match];
}

function labelOf(rule: Json, index: number, matches: readonly RouteMatch[]): string {
  const name = stringAt(rule, 'name');
  const [first, ...others] = matches.map(describeMatch);
  const more = others.length === 0 ? '' : ` and ${others.length} more`;
  return `http[${index}]${name ? ` "${name}"` : ''} (${first}${more})`;
}

function delegateNameOf(rule: Json, virtualService: Resource): string | undefined {
  const name = stringAt(rule, 'delegate', 'name');
  return name && `${stringAt(rule, 'delegate', 'namespace') || namespaceOf(virtualService)}/${name}`;
}

/**
 * The matches that a rule has once its delegate's rules take its place: each of the delegate's, joined with each
 * of the rule's own that allows it. A delegate's rule without matches takes the whole of the root's.
 *
 * @see https://github.com/istio/istio/blob/1.31.0/pilot/pkg/model/virtualservice.go `mergeHTTPMatchRequests`
 */
function joinedMatches(written: readonly Json[], delegate: Resource): Json[] {
  const roots = written.length === 0 ? [{}] : written;
  return listAt(delegate.value, 'spec', 'http').flatMap((part) => {
    const leaves = writtenMatches(part).length === 0 ? [{}] : writtenMatches(part);
    const joined = leaves.map((leaf) => roots.filter((root) => !conflicts(root, leaf)).map((root) => join(root, leaf)));
    return joined.some((found) => found.length === 0) ? [] : joined.flat(); // one orphan drops the delegate's whole rule
  });
}

const stringFields = ['uri', 'scheme', 'method', 'authority'];
const mapFields = ['headers', 'withoutHeaders', 'queryParams', 'sourceLabels'];

function join(root: Json, leaf: Json): JsonObject {
  const joined: JsonObject = { ...objectAt(root), ...objectAt(leaf) };
  for (const field of mapFields) joined[field] = { ...objectAt(root, field), ...objectAt(leaf, field) };
  if (listAt(leaf, 'gateways').length === 0) joined['gateways'] = [...listAt(root, 'gateways')];
  return joined;
}

/** True when a delegate's match is not within a root's: Istio drops it then. */
function conflicts(root: Json, leaf: Json): boolean {
  if (Object.keys(objectAt(leaf)).length === 0) return false;
  const gateways = listAt(root, 'gateways');
  return (
    stringFields.some((field) => disagree(at(root, field), at(leaf, field))) ||
    mapFields.some((field) =>
      Object.entries(objectAt(leaf, field)).some(([key, value]) => disagree(at(root, field, key), value)),
    ) ||
    (at(root, 'ignoreUriCase') === true) !== (at(leaf, 'ignoreUriCase') === true) ||
    differ(at(root, 'port'), at(leaf, 'port')) ||
    (Boolean(at(root, 'sourceNamespace')) && at(root, 'sourceNamespace') !== at(leaf, 'sourceNamespace')) ||
    (gateways.length > 0 && listAt(leaf, 'gateways').some((name) => !gateways.includes(name)))
  );
}

function disagree(root: Json | undefined, leaf: Json | undefined): boolean {
  if (typeof root === 'string' || typeof leaf === 'string') return differ(root, leaf); // a source label
  if (!root || !leaf) return false;
  const [outer, inner] = [readStringMatch(root), readStringMatch(leaf)];
  return !isLiteral(outer.kind) || !isLiteral(inner.kind) || !contains(outer, inner);
}

function isLiteral(kind: string): boolean {
  return kind === 'exact' || kind === 'prefix';
}

function differ(root: Json | undefined, leaf: Json | undefined): boolean {
  return Boolean(root) && Boolean(leaf) && root !== leaf;
}
