import type { Behaviour } from './application.ts';
import type { Mesh } from './mesh.ts';
import { type Observations, prove } from './proof.ts';
import { meshConfigMap, service, stream, workload } from './shop.ts';

// Status 14, unavailable, is what Istio's default policy retries on every version.
const unavailable: Behaviour = () => ({ grpcStatus: 14 });
const broken: Behaviour = () => ({ status: 500 });

const orders = stream(service('orders', 'http:8080'), workload('orders'), workload('client'));

function route(name: string, http: string, hosts = `[${name}]`): string {
  return `
apiVersion: networking.istio.io/v1beta1
kind: VirtualService
metadata:
  name: ${name}
  namespace: shop
spec:
  hosts: ${hosts}
  http:
${http}`;
}

/** How often the application is asked when a client asks once. */
async function attempts(mesh: Mesh, path = '/'): Promise<number> {
  const before = mesh.received('shop/orders').length;
  await mesh.send('shop/client', 8080, { host: 'orders.shop:8080', path });
  return mesh.received('shop/orders').length - before;
}

async function once(mesh: Mesh): Promise<Observations> {
  return { 'attempts at the application': await attempts(mesh) };
}

const thrice = { 'attempts at the application': 3 };
const never = { 'attempts at the application': 1 };
const explicitRetries = `
    - route:
        - destination:
            host: orders
      retries:
        attempts: 2
        perTryTimeout: 2s
        retryOn: 5xx`;

prove('disable-retries', [
  {
    name: 'default policy, every route of a VirtualService',
    manifests: stream(
      orders,
      route(
        'orders',
        `
    - match:
        - uri:
            prefix: /v2
      route:
        - destination:
            host: orders
    - route:
        - destination:
            host: orders`,
      ),
    ),
    flags: ['--disable-retries'],
    applications: { 'shop/orders': unavailable },
    observe: async (mesh) => ({ 'attempts, /': await attempts(mesh), 'attempts, /v2': await attempts(mesh, '/v2') }),
    before: { 'attempts, /': 3, 'attempts, /v2': 3 },
    after: { 'attempts, /': 1, 'attempts, /v2': 1 },
  },
  {
    name: 'explicit retries are kept',
    manifests: stream(orders, route('orders', explicitRetries)),
    flags: ['--disable-retries', '--keep-going'],
    applications: { 'shop/orders': broken },
    observe: once,
    before: {},
    after: {},
    keeps: thrice,
  },
  {
    name: 'explicit retries, when asked to disable them',
    manifests: stream(orders, route('orders', explicitRetries)),
    flags: ['--disable-retries', '--set', 'disable-retries.explicit=disable'],
    applications: { 'shop/orders': broken },
    observe: once,
    before: thrice,
    after: never,
  },
  {
    name: 'delegate',
    manifests: stream(
      orders,
      route(
        'orders',
        `
    - match:
        - uri:
            prefix: /
      delegate:
        name: orders-routes
        namespace: shop`,
      ),
      `
apiVersion: networking.istio.io/v1beta1
kind: VirtualService
metadata:
  name: orders-routes
  namespace: shop
spec:
  http:
    - route:
        - destination:
            host: orders.shop.svc.cluster.local`,
    ),
    flags: ['--disable-retries'],
    applications: { 'shop/orders': unavailable },
    observe: once,
    before: thrice,
    after: never,
  },
  {
    name: 'service without a VirtualService',
    manifests: orders,
    flags: ['--disable-retries'],
    applications: { 'shop/orders': unavailable },
    observe: once,
    before: thrice,
    after: never,
  },
  {
    name: 'whole mesh, defaultHttpRetryPolicy',
    manifests: stream(meshConfigMap('accessLogFile: ""'), orders),
    flags: ['--disable-retries', '--set', 'disable-retries.scope=mesh'],
    applications: { 'shop/orders': unavailable },
    observe: once,
    before: thrice,
    after: never,
  },
]);
