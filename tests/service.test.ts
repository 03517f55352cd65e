import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { JsonObject } from '../src/manifest/node.ts';
import { meshOf } from '../src/mesh/mesh.ts';
import { type Resource, resourceFrom } from '../src/mesh/resource.ts';
import {
  destinationRulesFor,
  isHeadless,
  isHttp1,
  isHttp2,
  portsOf,
  protocolOf,
  serviceHost,
  serviceOf,
} from '../src/mesh/service.ts';
import { hasSidecars } from '../src/mesh/workload.ts';

const service = suite('service');

function resource(apiVersion: string, kind: string, metadata: JsonObject, spec: JsonObject): Resource {
  return resourceFrom({ apiVersion, kind, metadata, spec }) as Resource;
}

// port, name, appProtocol, protocol → what Istio selects; after istio/istio pkg/config/kube/conversion_test.go
type Row = readonly [number, string | undefined, string | undefined, string | undefined, string];
const selections: readonly Row[] = [
  [80, undefined, undefined, 'TCP', 'auto'],
  [80, 'http', undefined, 'TCP', 'http'],
  [80, 'http-api', undefined, undefined, 'http'],
  [80, 'HTTP2-api', undefined, undefined, 'http2'],
  [80, 'http_proxy', undefined, undefined, 'http'],
  [80, 'grpc-web-x', undefined, undefined, 'grpc-web'],
  [80, 'grpc-x', undefined, undefined, 'grpc'],
  [80, 'https', undefined, undefined, 'https'],
  [80, 'tls-x', undefined, undefined, 'tls'],
  [80, 'redis', undefined, undefined, 'redis'],
  [80, 'mongo', undefined, undefined, 'mongo'],
  [80, 'mysql', undefined, undefined, 'mysql'],
  [80, 'web', undefined, undefined, 'auto'],
  [80, 'httpx', undefined, undefined, 'auto'],
  [53, 'http', undefined, 'UDP', 'udp'],
  [53, 'http', undefined, 'SCTP', 'sctp'],
  [3306, undefined, undefined, undefined, 'tcp'],
  [25, 'smtp', undefined, undefined, 'tcp'],
  [27017, 'http', undefined, undefined, 'http'],
  [80, 'http', 'tcp', undefined, 'tcp'],
  [80, 'http', 'unheard.of/protocol', undefined, 'auto'],
  [80, 'tcp', 'HTTP', undefined, 'http'],
  [80, undefined, 'kubernetes.io/h2c', undefined, 'http2'],
  [80, undefined, 'kubernetes.io/ws', undefined, 'http'],
  [80, undefined, 'kubernetes.io/wss', undefined, 'https'],
];
for (const [number, name, appProtocol, transport, expected] of selections) {
  service(`${number} ${name ?? '-'} ${appProtocol ?? '-'} ${transport ?? '-'} is ${expected}`, () => {
    assert.is(protocolOf(number, name, appProtocol, transport), expected);
  });
}

service('odd ports are left out, and the index counts them', () => {
  const odd = resource(
    'v1',
    'Service',
    { name: 'a' },
    { ports: [null, 'x', { port: '80' }, { port: 81, name: 7, targetPort: 'web' }] },
  );
  assert.equal(portsOf(odd), [{ number: 81, targetPort: 'web', protocol: 'auto', index: 3 }]);
  for (const ports of [null, {}, 'none', 3])
    assert.equal(portsOf(resource('v1', 'Service', { name: 'a' }, { ports })), []);
});

service('HTTP/1 and HTTP/2 are told apart, and auto is neither', () => {
  assert.ok(isHttp1('http') && isHttp2('http2') && isHttp2('grpc') && isHttp2('grpc-web'));
  for (const protocol of ['auto', 'https', 'tcp', 'tls'] as const) assert.not(isHttp1(protocol) || isHttp2(protocol));
});

service('a Service is found by its FQDN, headless or not', () => {
  const web = resource('v1', 'Service', { name: 'web', namespace: 'shop' }, { clusterIP: 'None' });
  const bare = resource('v1', 'Service', { name: 'bare' }, { clusterIP: '10.0.0.1' });
  const knative = resource('serving.knative.dev/v1', 'Service', { name: 'fn', namespace: 'shop' }, {});
  const mesh = meshOf([web, bare, knative]);
  assert.is(serviceHost(web), 'web.shop.svc.cluster.local');
  assert.is(serviceOf(mesh, 'web.shop.svc.cluster.local'), web);
  assert.is(serviceOf(mesh, 'bare.default.svc.cluster.local'), bare);
  assert.is(serviceOf(mesh, 'fn.shop.svc.cluster.local'), undefined);
  assert.ok(isHeadless(web));
  assert.not(isHeadless(bare));
});

service('DestinationRules are found by short name, FQDN and wildcard, the most specific first', () => {
  const rule = (name: string, namespace: string, host: string): Resource =>
    resource('networking.istio.io/v1', 'DestinationRule', { name, namespace }, { host });
  const mesh = meshOf([
    rule('all', 'istio-system', '*.local'),
    rule('short', 'shop', 'web'),
    rule('other', 'shop', 'other'),
    rule('full', 'client', 'web.shop.svc.cluster.local'),
    rule('elsewhere', 'client', 'web'),
    rule('half', 'shop', 'web.shop'),
  ]);
  const names = destinationRulesFor(mesh, 'web.shop.svc.cluster.local').map(({ name }) => name);
  assert.equal(names, ['short', 'full', 'all']);
});

service('its pods have sidecars unless the input says that none can be there', () => {
  const pods = (labels: JsonObject): Resource =>
    resource(
      'apps/v1',
      'Deployment',
      { name: 'pay', namespace: 'shop' },
      {
        template: { metadata: { labels: { app: 'pay', ...labels } }, spec: { containers: [] } },
      },
    );
  const namespace = (labels: JsonObject): Resource => resource('v1', 'Namespace', { name: 'shop', labels }, {});
  const pay = resource('v1', 'Service', { name: 'pay', namespace: 'shop' }, { selector: { app: 'pay' } });
  const off = { 'sidecar.istio.io/inject': 'false' };
  const asked = (...others: Resource[]): boolean => hasSidecars(meshOf([pay, ...others]), 'pay.shop.svc.cluster.local');
  assert.is(asked(), true);
  assert.is(asked(pods({})), true);
  assert.is(asked(pods(off), pods({})), true);
  assert.is(asked(pods(off)), false);
  assert.is(asked(namespace({ 'istio-injection': 'disabled' })), false);
  assert.is(asked(namespace({ 'istio.io/dataplane-mode': 'ambient' })), false);
});

service.run();
