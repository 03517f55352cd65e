import type { Headers } from './application.ts';
import type { Mesh } from './mesh.ts';
import { type Observations, prove } from './proof.ts';
import { gateway, ingress, service, stream, workload } from './shop.ts';

const sent: Headers = [
  ['traceparent', '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'],
  ['x-b3-traceid', '0af7651916cd43dd8448eb211c80319c'],
  ['x-debug', '1'],
];

const shop = stream(service('stock', 'http:8080'), workload('stock'), workload('client'));

async function arrived(mesh: Mesh, from: string, host: string): Promise<Observations> {
  await mesh.send(from, 8080, { host, headers: sent });
  const headers = mesh.received('shop/stock').at(-1)?.headers ?? [];
  const seen = sent.map(([name, value]) => {
    const found = headers.find(([each]) => each.toLowerCase() === name)?.[1];
    return [`${name} at the application`, found === undefined ? 'missing' : found === value ? 'as sent' : 'another'];
  });
  return Object.fromEntries(seen) as Observations;
}

const traces = (state: string): Observations => ({
  'traceparent at the application': state,
  'x-b3-traceid at the application': state,
});

prove('keep-trace-headers', [
  {
    name: 'a rule and a destination that remove headers',
    manifests: stream(
      shop,
      `
apiVersion: networking.istio.io/v1beta1
kind: VirtualService
metadata:
  name: stock
  namespace: shop
spec:
  hosts:
    - stock
  http:
    - headers:
        request:
          remove: [x-debug, Traceparent]
      route:
        - destination:
            host: stock
          headers:
            request:
              remove:
                - x-b3-traceid`,
    ),
    flags: ['--keep-trace-headers'],
    observe: (mesh) => arrived(mesh, 'shop/client', 'stock.shop:8080'),
    before: traces('missing'),
    after: traces('as sent'),
    keeps: { 'x-debug at the application': 'missing' },
  },
  {
    name: 'values written over those of the caller',
    manifests: stream(
      shop,
      `
apiVersion: networking.istio.io/v1beta1
kind: VirtualService
metadata:
  name: stock
  namespace: shop
spec:
  hosts:
    - stock
  http:
    - headers:
        request:
          set:
            traceparent: 00-11111111111111111111111111111111-2222222222222222-01
            x-b3-traceid: "11111111111111111111111111111111"
      route:
        - destination:
            host: stock`,
    ),
    flags: ['--keep-trace-headers'],
    observe: (mesh) => arrived(mesh, 'shop/client', 'stock.shop:8080'),
    before: traces('another'),
    after: traces('as sent'),
    keeps: { 'x-debug at the application': 'as sent' },
  },
  {
    name: 'a gateway that removes headers',
    manifests: stream(
      shop,
      gateway,
      ingress('stock', 8080).replace(
        '    - route:',
        '    - headers:\n        request:\n          remove: [traceparent, x-b3-traceid]\n      route:',
      ),
    ),
    flags: ['--keep-trace-headers'],
    observe: (mesh) => arrived(mesh, 'istio-system/istio-ingressgateway', 'shop.example.com'),
    before: traces('missing'),
    after: traces('as sent'),
    keeps: { 'x-debug at the application': 'as sent' },
  },
]);
