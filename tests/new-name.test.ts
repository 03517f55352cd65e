import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Json } from '../src/manifest/node.ts';
import { distinctNames, dnsLabel, dnsName } from '../src/mesh/new-name.ts';
import { remediate } from '../src/run/remediate.ts';
import { intent } from './golden-cases.ts';

const names = suite('names of new resources');

names('are DNS subdomains', () => {
  assert.is(dnsName('meshmend-tcp-*.A.com'), 'meshmend-tcp-any.a.com');
  assert.is(dnsName('app_1 / web.'), 'app-1-web');
});

names('that are too long end in a hash, so that two of them differ', () => {
  const [one, two] = ['a', 'b'].map((end) => dnsName('x'.repeat(300) + end));
  assert.is(one?.length, 253);
  assert.is.not(one, two);
});

names('of Services are DNS labels', () => {
  assert.is(dnsLabel('web.v1-locality'), 'web-v1-locality');
  assert.is(dnsLabel(`${'x'.repeat(80)}-locality`).length, 63);
});

names('get a hash where two subjects of a namespace would share one, whatever their order', () => {
  const candidates = ['*.a.com', 'any.a.com', 'b.com'].map((host) => ({
    subject: host,
    namespace: 'shop',
    name: dnsName(host),
  }));
  const found = distinctNames(candidates);
  assert.is(found.get('b.com'), 'b.com');
  assert.match(found.get('*.a.com') ?? '', /^any\.a\.com-[0-9a-f]{8}$/);
  assert.match(found.get('any.a.com') ?? '', /^any\.a\.com-[0-9a-f]{8}$/);
  assert.is.not(found.get('*.a.com'), found.get('any.a.com'));
  assert.equal([...distinctNames([...candidates].reverse())].sort(), [...found].sort());
});

names('stay as they are in different namespaces, and for one subject that is there twice', () => {
  const found = distinctNames([
    { subject: 'web.a', namespace: 'a', name: 'web' },
    { subject: 'web.b', namespace: 'b', name: 'web' },
    { subject: 'web.b', namespace: 'b', name: 'web' },
  ]);
  assert.equal([...found.values()], ['web', 'web']);
});

const entries = ['*.a.com', 'any.a.com']
  .map((host, index) =>
    [
      'apiVersion: networking.istio.io/v1',
      'kind: ServiceEntry',
      `metadata: {name: entry-${index}, namespace: shop}`,
      `spec: {hosts: ["${host}"], ports: [{number: 80, name: http, protocol: HTTP}], resolution: NONE}`,
      '',
    ].join('\n'),
  )
  .join('---\n');

const asked: readonly [id: string, parameters: Json][] = [
  ['strict-circuit-breaking', { hosts: ['any.a.com', '*.a.com'], connections: 5 }],
  ['preserve-header-case', {}],
];
for (const [id, parameters] of asked) {
  names(`differ for *.a.com and any.a.com: ${id}`, () => {
    const run = (text: string) =>
      remediate([{ path: 'shop.yaml', text, named: true }], {
        mode: 'rewrite',
        intents: intent(id, parameters),
        istioVersion: { minor: 24 },
      });
    const first = run(entries);
    const emitted = first.emitted.map(({ text }) => text);
    for (const host of [/(host|service): any\.a\.com\n/, /(host|service): "\*\.a\.com"\n/]) {
      assert.is(emitted.filter((text) => host.test(text)).length, 1, `one resource for ${host}`);
    }
    const called = first.emitted.map(({ resource }) => resource?.name);
    assert.is(new Set(called).size, called.length);
    const second = run([entries, ...emitted].join('---\n'));
    assert.equal(second.emitted, []);
    assert.equal(
      second.findings.filter(({ change }) => (change?.length ?? 0) > 0),
      [],
    );
  });
}

names.run();
