import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Json, JsonObject } from '../src/manifest/node.ts';
import { resourceFrom } from '../src/mesh/resource.ts';
import {
  covers,
  describeMatch,
  hides,
  isCatchAll,
  overlaps,
  type RouteMatch,
  readMatches,
} from '../src/mesh/route-match.ts';
import { movesOf, planOrder, relationsOf } from '../src/remedies/reorder-prefixes/route-order.ts';
import { growth } from './growth.ts';

const match = suite('route match');
const order = suite('route order');

function read(written: Json, spec: JsonObject = { hosts: ['a.com'], gateways: ['gw', 'mesh'] }): RouteMatch {
  const resource = resourceFrom({
    apiVersion: 'v1',
    kind: 'VirtualService',
    metadata: { name: 'a', namespace: 'shop' },
    spec,
  });
  return readMatches([written], resource!)[0]!;
}

const prefix = (text: string, more: JsonObject = {}): RouteMatch => read({ uri: { prefix: text }, ...more });
const exact = (text: string, more: JsonObject = {}): RouteMatch => read({ uri: { exact: text }, ...more });
const regex = (text: string, more: JsonObject = {}): RouteMatch => read({ uri: { regex: text }, ...more });
const header = (value: Json, name = 'x-a'): JsonObject => ({ headers: { [name]: value } });

const table: [
  title: string,
  earlier: RouteMatch,
  later: RouteMatch,
  verdict: 'hides' | 'covers' | 'meets' | 'apart',
][] = [
  ['a longer prefix', prefix('/a'), prefix('/a/b'), 'hides'],
  ['a longer prefix without a segment', prefix('/usrv'), prefix('/usrv-expand'), 'hides'],
  ['a shorter prefix', prefix('/a/b'), prefix('/a'), 'meets'],
  ['the same prefix', prefix('/a'), prefix('/a'), 'covers'],
  ['exact below a prefix', prefix('/a'), exact('/a/b'), 'hides'],
  ['exact like the prefix', prefix('/a'), exact('/a'), 'hides'],
  ['exact outside the prefix', prefix('/a/'), exact('/a'), 'apart'],
  ['two exact paths', exact('/a'), exact('/b'), 'apart'],
  ['the same exact path', exact('/a'), exact('/a'), 'covers'],
  ['other prefixes', prefix('/a'), prefix('/b'), 'apart'],
  ['a regex below a prefix', prefix('/a'), regex('/a/.*'), 'meets'],
  ['the same regex', regex('/a/.*'), regex('/a/.*'), 'covers'],
  ['another regex', regex('/a/.*'), regex('/b'), 'meets'],
  ['a regex for all', regex('.*'), prefix('/a'), 'hides'],
  ['the root prefix', prefix('/'), regex('/a'), 'hides'],
  ['no uri', read({}), read(header({ exact: '1' })), 'hides'],
  ['two catch-alls', read({}), prefix('/'), 'covers'],
  [
    'any path of a method, regex',
    read({ method: { exact: 'GET' } }),
    regex('/a', { method: { exact: 'GET' } }),
    'covers',
  ],
  ['case ignored first', prefix('/API', { ignoreUriCase: true }), prefix('/api/v1'), 'hides'],
  ['case ignored later', prefix('/api'), prefix('/api/v1', { ignoreUriCase: true }), 'meets'],
  ['case ignored later, no letters', prefix('/1'), prefix('/1/a', { ignoreUriCase: true }), 'hides'],
  ['case differs', prefix('/API'), prefix('/api/v1'), 'apart'],
  ['a header more', prefix('/a'), prefix('/a/b', header({ exact: '1' })), 'hides'],
  ['a header less', prefix('/a', header({ exact: '1' })), prefix('/a/b'), 'meets'],
  [
    'a header name in other case',
    prefix('/a', header({ exact: '1' })),
    prefix('/a/b', header({ exact: '1' }, 'X-A')),
    'hides',
  ],
  ['another header value', prefix('/a', header({ exact: '1' })), prefix('/a/b', header({ exact: '2' })), 'apart'],
  ['a header prefix', prefix('/a', header({ prefix: 'v' })), prefix('/a/b', header({ exact: 'v1' })), 'hides'],
  ['a header that is there', prefix('/a', header({})), prefix('/a/b', header({ regex: 'x.*' })), 'hides'],
  ['a header regex', prefix('/a', header({ regex: 'v.*' })), prefix('/a/b', header({ exact: 'v1' })), 'meets'],
  [
    'a header kept out',
    prefix('/a', { withoutHeaders: { 'x-a': {} } }),
    prefix('/a/b', header({ exact: '1' })),
    'apart',
  ],
  [
    'another value kept out',
    prefix('/a', { withoutHeaders: { 'x-a': { exact: '1' } } }),
    prefix('/a/b', header({ exact: '2' })),
    'hides',
  ],
  [
    'claims may be lists',
    prefix('/a', header({ exact: '1' }, '@request.auth.claims.a')),
    prefix('/a/b', header({ exact: '2' }, '@request.auth.claims.a')),
    'meets',
  ],
  ['another port', prefix('/a', { port: 80 }), prefix('/a/b', { port: 81 }), 'apart'],
  ['any port', prefix('/a', { port: 0 }), prefix('/a/b', { port: 81 }), 'hides'],
  [
    'query parameters',
    prefix('/a', { queryParams: { q: { exact: '1' } } }),
    prefix('/a/b', { queryParams: { q: { exact: '1' } } }),
    'hides',
  ],
  ['another method', prefix('/a', { method: { exact: 'GET' } }), prefix('/a/b', { method: { exact: 'PUT' } }), 'apart'],
  ['a gateway of two', prefix('/a', { gateways: ['gw'] }), prefix('/a/b'), 'meets'],
  ['both gateways', prefix('/a', { gateways: ['mesh', './gw'] }), prefix('/a/b'), 'hides'],
  [
    'one gateway by three names',
    prefix('/a', { gateways: ['gw'] }),
    prefix('/a/b', { gateways: ['shop/gw', 'gw.shop.svc.cluster.local'] }),
    'hides',
  ],
  ['another gateway', prefix('/a', { gateways: ['gw'] }), prefix('/a/b', { gateways: ['mesh'] }), 'apart'],
  ['a gateway that is not served', prefix('/a'), prefix('/a/b', { gateways: ['other/gw'] }), 'apart'],
  [
    'labels of the source',
    prefix('/a', { sourceLabels: { app: 'a' } }),
    prefix('/a/b', { sourceLabels: { app: 'a', b: 'c' } }),
    'hides',
  ],
  [
    'another source',
    prefix('/a', { sourceLabels: { app: 'a' } }),
    prefix('/a/b', { sourceLabels: { app: 'b' } }),
    'apart',
  ],
  [
    'gateways switch source labels off',
    prefix('/a', { gateways: ['gw'], sourceLabels: { app: 'a' } }),
    prefix('/a/b', { gateways: ['gw'] }),
    'hides',
  ],
  [
    'another source namespace',
    prefix('/a', { sourceNamespace: 'a' }),
    prefix('/a/b', { sourceNamespace: 'b' }),
    'apart',
  ],
  ['a field of the future', prefix('/a', { moon: 'full' }), prefix('/a/b'), 'meets'],
  ['two uris in one', read({ uri: { prefix: '/a', exact: '/b' } }), prefix('/a/b'), 'meets'],
  ['names ask nothing', prefix('/a', { name: 'n', statPrefix: 's' }), prefix('/a/b'), 'hides'],
];

for (const [title, earlier, later, verdict] of table) {
  match(title, () => {
    assert.is(hides(earlier, later), verdict === 'hides', 'hides');
    assert.is(overlaps(earlier, later), verdict !== 'apart', 'overlaps');
    if (verdict !== 'apart') assert.is(covers(earlier, later), verdict !== 'meets', 'covers');
  });
}

match('odd values never throw', () => {
  for (const odd of [
    null,
    3,
    'a',
    [],
    { uri: 4 },
    { uri: [] },
    { headers: 3, port: 'a', gateways: 'x', sourceLabels: [] },
  ])
    for (const other of [odd, { uri: { prefix: '/a' } }]) assert.type(hides(read(odd), read(other)), 'boolean');
  assert.ok(isCatchAll(read(null)));
  assert.not.ok(isCatchAll(read('all')));
});

match('a match in words', () => {
  assert.is(describeMatch(read({})), 'every request');
  assert.is(
    describeMatch(prefix('/a', { method: { exact: 'GET' }, ignoreUriCase: true })),
    'prefix /a in any case, method GET',
  );
});

function reordered(...rules: RouteMatch[][]): { order: readonly number[]; moves: number } {
  const plan = planOrder(rules.length, relationsOf(rules));
  const list = rules.map((_, index) => index);
  const moves = movesOf(plan);
  for (const { from, to } of moves) list.splice(to, 0, ...list.splice(from, 1));
  assert.equal(list, [...plan.order], 'the moves make the order');
  return { order: plan.order, moves: moves.length };
}

order('the hidden rule moves, and only it', () => {
  assert.equal(reordered([prefix('/a')], [prefix('/z')], [prefix('/a/b')]), { order: [2, 0, 1], moves: 1 });
});
order('one that hides many moves itself', () => {
  const rules = [[prefix('/a')], [prefix('/z')], [prefix('/a/1')], [prefix('/a/2')]];
  assert.equal(reordered(...rules), { order: [1, 2, 3, 0], moves: 1 });
});
order('nothing passes a regex that it may meet', () => {
  assert.equal(reordered([prefix('/a')], [regex('/a.*')], [prefix('/a/b')]), { order: [0, 1, 2], moves: 0 });
});
order('a catch-all ends last, whatever comes behind it', () => {
  assert.equal(reordered([read({})], [regex('/a.*')], [prefix('/a/b')]), { order: [1, 2, 0], moves: 1 });
});
order('rules that hide only by a part stay', () => {
  assert.equal(reordered([prefix('/a'), prefix('/c/d')], [prefix('/a/b'), prefix('/c')]), { order: [0, 1], moves: 0 });
});
order('rules are compared in pairs, so four times as many take some sixteen times as much', () => {
  const ratio = growth(250, (count) => {
    const rules = Array.from({ length: count }, (_, index) => [
      prefix(`/team-${index % 40}/app-${2000 - index}`.slice(0, 9 + (index % 9))),
    ]);
    return () => reordered(...rules);
  });
  assert.ok(ratio < 32, `${ratio} times`);
});

match.run();
order.run();
