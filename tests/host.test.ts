import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fqdnOf, hostCovers, indexByHost, namespaceOfHost } from '../src/mesh/host.ts';

const host = suite('host');

host('a short name is a Service of the namespace that names it', () => {
  assert.is(fqdnOf('reviews', 'shop'), 'reviews.shop.svc.cluster.local');
});

host('a name with a dot, a wildcard and an address stay literal', () => {
  for (const name of ['reviews.shop', 'example.com', '*', '*.example.com', '10.0.0.1', 'fd00::1', ''])
    assert.is(fqdnOf(name, 'shop'), name);
});

// The table of istio/istio pkg/config/host/name_test.go, TestNameSubsetOf
const covered: readonly [pattern: string, host: string, covers: boolean][] = [
  ['foo.com', 'foo.com', true],
  ['foo.com', 'bar.foo.com', false],
  ['*.com', 'foo.com', true],
  ['*.foo.com', 'foo.com', false],
  ['*.foo.com', 'bar.foo.com', true],
  ['*.foo.com', 'baz.bar.foo.com', true],
  ['*foo.com', 'foo.com', true],
  ['*', '*', true],
  ['*', 'foo.com', true],
  ['*', '*.com', true],
  ['*.com', '*', false],
  ['*.com', '*.foo.com', true],
  ['*.foo.com', '*.com', false],
  ['*.foo.com', '*.foo.com', true],
  ['foo.com', '*.com', false],
  ['foo.*', 'foo.com', false],
];
for (const [pattern, name, covers] of covered) {
  host(`${pattern} ${covers ? 'covers' : 'does not cover'} ${name}`, () => {
    assert.is(hostCovers(pattern, name), covers);
  });
  host(`an index finds ${name} by ${pattern} as hostCovers does`, () => {
    const index = indexByHost([[pattern, 'found']]);
    assert.equal(index.covering(name), covers ? ['found'] : []);
  });
}

host('an index gives the most specific host first, and items of one host in order', () => {
  const index = indexByHost([
    ['*', 1],
    ['*.shop.svc.cluster.local', 2],
    ['a.shop.svc.cluster.local', 3],
    ['*.local', 4],
    ['a.shop.svc.cluster.local', 5],
    ['b.shop.svc.cluster.local', 6],
  ]);
  assert.equal(index.covering('a.shop.svc.cluster.local'), [3, 5, 2, 4, 1]);
  assert.equal(index.covering('*.shop.svc.cluster.local'), [2, 4, 1]);
  assert.equal(index.at('*.local'), [4]);
  assert.equal(index.at('__proto__'), []);
});

host('only the FQDN of a Service has a namespace', () => {
  assert.is(namespaceOfHost('reviews.shop.svc.cluster.local'), 'shop');
  for (const name of ['reviews.shop', 'web-0.web.shop.svc.cluster.local', '*.shop', 'example.com'])
    assert.is(namespaceOfHost(name), undefined);
});

host.run();
