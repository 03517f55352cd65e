import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { distinctNames, dnsLabel, dnsName } from '../src/mesh/new-name.ts';

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

names.run();
