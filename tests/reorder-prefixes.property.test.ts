import fc from 'fast-check';
import jsonpatch from 'fast-json-patch';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Json, JsonObject } from '../src/manifest/node.ts';
import type { Operation } from '../src/manifest/operation.ts';
import { meshOf } from '../src/mesh/mesh.ts';
import { resourceFrom } from '../src/mesh/resource.ts';
import { newestKnown } from '../src/mesh/version.ts';
import reorderPrefixes from '../src/remedies/reorder-prefixes/index.ts';
import { type Planned, planFor } from '../src/run/plan.ts';

/*
 * Random VirtualServices and requests. The matcher below knows nothing of the remedy: it is written from
 * https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPMatchRequest
 */

type StringMatch = { exact?: string; prefix?: string; regex?: string };
interface Match {
  uri?: StringMatch;
  ignoreUriCase?: boolean;
  method?: StringMatch;
  headers?: Record<string, StringMatch>;
  withoutHeaders?: Record<string, StringMatch>;
  queryParams?: Record<string, StringMatch>;
  port?: number;
  gateways?: string[];
  sourceLabels?: Record<string, string>;
  sourceNamespace?: string;
}
interface Rule {
  name: string;
  match?: Match[];
  rewrite?: { uri: string };
}
interface Spec {
  hosts: string[];
  gateways?: string[];
  http: Rule[];
}
interface Request {
  path: string;
  method: string;
  headers: Record<string, string>;
  query: Record<string, string>;
  port: number;
  gateway: string;
  labels: Record<string, string>;
  namespace: string;
}

function takes(wanted: StringMatch, value: string | undefined, ignoreCase = false): boolean {
  if (value === undefined) return false;
  const fold = (text: string): string => (ignoreCase ? text.toLowerCase() : text);
  if (wanted.exact !== undefined) return fold(value) === fold(wanted.exact);
  if (wanted.prefix !== undefined) return fold(value).startsWith(fold(wanted.prefix));
  if (wanted.regex === '*' || wanted.regex === undefined) return true;
  return new RegExp(`^(?:${wanted.regex})$`).test(value);
}

function qualified(gateway: string): string {
  if (gateway === 'mesh') return gateway;
  return gateway.includes('/') ? gateway.replace(/^\.\//, 'default/') : `default/${gateway}`;
}

function matches(match: Match, request: Request): boolean {
  const { uri, method, port } = match;
  if (uri && !takes(uri, request.path, match.ignoreUriCase && uri.regex === undefined)) return false;
  if (method && !takes(method, request.method)) return false;
  if (port !== undefined && port !== request.port) return false;
  return matchesHeaders(match, request) && matchesQuery(match, request) && matchesSource(match, request);
}

function matchesHeaders({ headers = {}, withoutHeaders = {} }: Match, request: Request): boolean {
  const isTaken = ([name, wanted]: [string, StringMatch]): boolean =>
    takes(wanted, request.headers[name.toLowerCase()]);
  return Object.entries(headers).every(isTaken) && !Object.entries(withoutHeaders).some(isTaken);
}

function matchesQuery({ queryParams = {} }: Match, { query }: Request): boolean {
  return Object.entries(queryParams).every(([name, wanted]) => takes(wanted, query[name]));
}

/** A match with gateways is not asked for its labels and namespace. */
function matchesSource({ gateways, sourceLabels = {}, sourceNamespace }: Match, request: Request): boolean {
  if (gateways) return gateways.map(qualified).includes(request.gateway);
  if (sourceNamespace !== undefined && sourceNamespace !== request.namespace) return false;
  return Object.entries(sourceLabels).every(([label, value]) => request.labels[label] === value);
}

interface Hit {
  rule: Rule;
  match: Match;
}

/** Every rule's first match of a request, in the rules' order. */
function hits(spec: Spec, request: Request): Hit[] {
  if (!(spec.gateways ?? ['mesh']).map(qualified).includes(request.gateway)) return [];
  return spec.http.flatMap((rule) => {
    const match = (rule.match ?? [{}]).find((candidate) => matches(candidate, request));
    return match ? [{ rule, match }] : [];
  });
}

function isAnyUri({ uri }: Match): boolean {
  return !uri || uri.prefix === '/' || uri.prefix === '' || uri.regex === '.*';
}

/** A match with gateways is not asked for its source. */
function isCatchAll(match: Match): boolean {
  const source = match.gateways ? ['sourceLabels', 'sourceNamespace'] : [];
  const asksNothing = ['uri', 'ignoreUriCase', 'gateways', ...source];
  return isAnyUri(match) && Object.keys(match).every((key) => asksNothing.includes(key));
}

/** True when a request that one match had may now go to the other. */
function maySupersede(now: Match, then: Match): boolean {
  if (isCatchAll(then)) return true;
  if (then.uri?.regex !== undefined && !isAnyUri(then)) return false;
  if (now.uri?.exact !== undefined) return then.uri?.exact === undefined;
  const length = isAnyUri(then) ? 0 : (then.uri?.prefix?.length ?? Number.POSITIVE_INFINITY);
  return !isAnyUri(now) && (now.uri?.prefix?.length ?? -1) > length;
}

// ---- random input ----

const path = fc.constantFrom('/a', '/ab', '/a/', '/a/b', '/a/b/c', '/abc', '/A', '/a/B', '/b', '/b/a', '/', '/aB/c');
const uri = fc.oneof(
  { weight: 6, arbitrary: path.map((prefix) => ({ prefix })) },
  { weight: 3, arbitrary: path.map((exact) => ({ exact })) },
  { weight: 1, arbitrary: fc.constantFrom('/a.*', '/a/[bc]+', '/b(/.*)?', '.*', '/ab?').map((regex) => ({ regex })) },
  { weight: 1, arbitrary: fc.constant({ prefix: '' }) },
);
const value = fc.oneof(
  fc.constantFrom('v1', 'v2').map((exact) => ({ exact })),
  fc.constantFrom('v', 'v1').map((prefix) => ({ prefix })),
  fc.constantFrom('v.*', '*').map((regex) => ({ regex })),
);
const method = fc.oneof(
  fc.constantFrom('GET', 'POST').map((exact) => ({ exact })),
  fc.constant({ prefix: 'P' }),
  fc.constant({ regex: 'GET|PUT' }),
);
const seldom = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined, freq: 4 }).map((drawn) => drawn);
const rarely = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.tuple(fc.nat(9), arbitrary).map(([dice, drawn]) => (dice === 0 ? drawn : undefined));
const headerName = fc.constantFrom('x-a', 'X-A', 'x-b');
const dictionary = <T>(key: fc.Arbitrary<string>, arbitrary: fc.Arbitrary<T>) =>
  fc.dictionary(key, arbitrary, { minKeys: 1, maxKeys: 2 });
const gateway = fc.constantFrom('mesh', 'gw', './gw', 'default/gw', 'other/gw');

const matchArbitrary: fc.Arbitrary<Match> = fc
  .record({
    uri: fc.tuple(fc.nat(9), uri).map(([dice, drawn]) => (dice === 0 ? undefined : drawn)),
    ignoreUriCase: rarely(fc.boolean()),
    method: rarely(method),
    headers: rarely(dictionary(headerName, value)),
    withoutHeaders: rarely(dictionary(headerName, value)),
    queryParams: rarely(dictionary(fc.constantFrom('p', 'q'), value)),
    port: rarely(fc.constantFrom(80, 443)),
    gateways: rarely(fc.uniqueArray(gateway, { minLength: 1, maxLength: 2 })),
    sourceLabels: rarely(dictionary(fc.constantFrom('app', 'tier'), fc.constantFrom('a', 'b'))),
    sourceNamespace: rarely(fc.constantFrom('one', 'two')),
  })
  .map((match) => JSON.parse(JSON.stringify(match)) as Match);

const ruleArbitrary = fc.record({
  match: fc.oneof(
    { weight: 12, arbitrary: fc.array(matchArbitrary, { minLength: 1, maxLength: 1 }) },
    { weight: 4, arbitrary: fc.array(matchArbitrary, { minLength: 2, maxLength: 3 }) },
    { weight: 1, arbitrary: fc.constant(undefined) },
  ),
  rewrite: seldom(fc.constantFrom({ uri: '/' }, { uri: '/new' })),
});

const specArbitrary: fc.Arbitrary<Spec> = fc
  .record({
    gateways: fc.constantFrom<string[] | undefined>(undefined, ['mesh', 'gw'], ['gw', 'other/gw']),
    rules: fc.array(ruleArbitrary, { minLength: 2, maxLength: 7 }),
  })
  .map(({ gateways, rules }) => ({
    hosts: ['shop.example.com'],
    ...(gateways ? { gateways } : {}),
    http: rules.map((rule, index) => JSON.parse(JSON.stringify({ name: `r${index}`, ...rule })) as Rule),
  }));

const requestArbitrary: fc.Arbitrary<Request> = fc.record({
  path: fc.tuple(path, fc.constantFrom('', '', '/', '/b', 'b', 'B/c', '/b/c')).map((parts) => parts.join('')),
  method: fc.constantFrom('GET', 'POST', 'PUT'),
  headers: fc.dictionary(fc.constantFrom('x-a', 'x-b'), fc.constantFrom('v1', 'v2', 'w'), { maxKeys: 2 }),
  query: fc.dictionary(fc.constantFrom('p', 'q'), fc.constantFrom('v1', 'v2', 'w'), { maxKeys: 2 }),
  port: fc.constantFrom(80, 443),
  gateway: fc.constantFrom('mesh', 'default/gw', 'other/gw'),
  labels: fc.dictionary(fc.constantFrom('app', 'tier'), fc.constantFrom('a', 'b'), { maxKeys: 2 }),
  namespace: fc.constantFrom('one', 'two'),
});

// ---- the remedy ----

function plan(spec: Spec, style: 'order' | 'segments'): Planned[] {
  const value = { apiVersion: 'networking.istio.io/v1', kind: 'VirtualService', metadata: { name: 'shop' }, spec };
  const resource = resourceFrom(value as unknown as JsonObject);
  assert.ok(resource);
  const parameters = { style, namespaces: undefined, names: undefined };
  return [
    ...planFor(
      reorderPrefixes,
      { mesh: meshOf([resource]), version: newestKnown, parameters: parameters as never },
      'rewrite',
    ),
  ];
}

function operationsOf(plan: readonly Planned[]): Operation[] {
  return plan.flatMap(({ step }) => (step.outcome === 'change' ? (step.patch?.operations ?? []) : []));
}

function apply(spec: Spec, operations: readonly Operation[]): Spec {
  const document = structuredClone({ spec }) as unknown as Json;
  const { newDocument } = jsonpatch.applyPatch(document, structuredClone(operations) as jsonpatch.Operation[], true);
  return (newDocument as unknown as { spec: Spec }).spec;
}

const property = suite('reorder-prefixes (random)');
const settings = { seed: Number(process.env['SEED'] ?? 20_261_122), numRuns: Number(process.env['RUNS'] ?? 1000) };
const caseArbitrary = [specArbitrary, fc.array(requestArbitrary, { minLength: 40, maxLength: 40 })] as const;

property(
  'order: a request goes elsewhere only if an exact path, a longer prefix, or anything behind a catch-all was hidden',
  () => {
    fc.assert(
      fc.property(...caseArbitrary, (spec, requests) => {
        const after = apply(spec, operationsOf(plan(spec, 'order')));
        const names = (rules: readonly Rule[]): string[] => rules.map(({ name }) => name);
        assert.equal(names(after.http).sort(), names(spec.http).sort());
        for (const request of requests) {
          const [then, now] = [hits(spec, request), hits(after, request)];
          // Not only the winners: no two rules that meet have changed places without a reason.
          for (const [place, winner] of now.entries()) {
            for (const loser of now.slice(place + 1)) {
              const came = then.findIndex(({ rule }) => rule.name === winner.rule.name);
              const went = then.findIndex(({ rule }) => rule.name === loser.rule.name);
              if (went < came)
                assert.ok(maySupersede(winner.match, loser.match), `${loser.rule.name} -> ${winner.rule.name}`);
            }
          }
        }
      }),
      settings,
    );
  },
);

property('order: a rule that moves hid another or was hidden, as far as requests can show', () => {
  fc.assert(
    fc.property(...caseArbitrary, (spec, requests) => {
      for (const { fault, step } of plan(spec, 'order')) {
        if (step.outcome !== 'change') continue;
        const moved = Number(fault.path?.split('/')[3]);
        const after = apply(spec, operationsOf(plan(spec, 'order'))).http.map(({ name }) => Number(name.slice(1)));
        const position = (rule: number): number => after.indexOf(rule);
        const partners = [...spec.http.keys()].filter((other) => {
          const [first, second] = other < moved ? [other, moved] : [moved, other];
          return first !== second && position(second) < position(first) && mayHide(spec, first, second, requests);
        });
        assert.ok(partners.length > 0, `rule ${moved} moved for nothing`);
      }
    }),
    settings,
  );
});

/** False when some request shows that no match of `first` takes all of a match of `second`. */
function mayHide(spec: Spec, first: number, second: number, requests: readonly Request[]): boolean {
  const [outer, inner] = [spec.http[first]!.match ?? [{}], spec.http[second]!.match ?? [{}]];
  const reachable = requests.filter(({ gateway }) => (spec.gateways ?? ['mesh']).map(qualified).includes(gateway));
  return outer.some((p) =>
    inner.some((q) => maySupersede(q, p) && reachable.every((request) => !matches(q, request) || matches(p, request))),
  );
}

for (const style of ['order', 'segments'] as const) {
  property(`${style}: a second plan changes nothing`, () => {
    fc.assert(
      fc.property(specArbitrary, (spec) => {
        const after = apply(spec, operationsOf(plan(spec, style)));
        assert.equal(operationsOf(plan(after, style)), []);
      }),
      settings,
    );
  });
}

property('order: among plain rules no exact path and no longer prefix stays hidden', () => {
  const plain = uri.filter((drawn) => !('regex' in drawn));
  const rules = fc.array(plain, { minLength: 2, maxLength: 8 });
  fc.assert(
    fc.property(rules, fc.boolean(), (drawn, ignoreUriCase) => {
      const fold = (text = ''): string => (ignoreUriCase ? text.toLowerCase() : text);
      const http = drawn.map((uri, index) => ({ name: `r${index}`, match: [{ uri, ignoreUriCase }] }) as Rule);
      const after = apply({ hosts: ['a.com'], http }, operationsOf(plan({ hosts: ['a.com'], http }, 'order')));
      const matches = after.http.map(({ match }) => match![0]!);
      for (const [place, later] of matches.entries()) {
        for (const earlier of matches.slice(0, place)) {
          const isTaken =
            isAnyUri(earlier) ||
            fold(later.uri?.exact ?? later.uri?.prefix).startsWith(fold(earlier.uri?.prefix ?? 'exact'));
          assert.not.ok(isTaken && !isAnyUri(later) && maySupersede(later, earlier), JSON.stringify(matches));
        }
      }
    }),
    settings,
  );
});

property('segments: other requests go where they went, unless they ran on inside the last segment of a prefix', () => {
  fc.assert(
    fc.property(...caseArbitrary, (spec, requests) => {
      const after = apply(spec, operationsOf(plan(spec, 'segments')));
      for (const request of requests) {
        const [[then], [now]] = [hits(spec, request), hits(after, request)];
        if (then?.rule.name === now?.rule.name || !then) continue;
        const prefix = then.match.uri?.prefix ?? '';
        const ranOn = prefix !== '' && !prefix.endsWith('/') && !['/', undefined].includes(request.path[prefix.length]);
        assert.ok(ranOn || (now && maySupersede(now.match, then.match)), `${then.rule.name} -> ${now?.rule.name}`);
      }
    }),
    settings,
  );
});

property.run();
