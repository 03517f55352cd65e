import type { Headers } from './application.ts';
import type { Mesh } from './mesh.ts';
import { type Observations, prove } from './proof.ts';
import { gateway, ingress, service, stream, workload } from './shop.ts';

const shop = stream(
  gateway,
  ingress('login', 8080),
  service('login', 'http:8080'),
  workload('login'),
  workload('client'),
);

function large(kib: number): Headers {
  // Envoy counts names, separators and the other headers too: a little less than the limit must pass.
  return [['x-large', 'a'.repeat(kib * 1024 - 1024)]];
}

function many(count: number): Headers {
  return Array.from({ length: count }, (_, index) => [`x-${index}`, 'a'] as const);
}

/** The status that the same headers get on every kind of hop. */
async function onEveryHop(mesh: Mesh, headers: Headers, what: string): Promise<Observations> {
  const inMesh = { host: 'login.shop:8080', headers };
  const throughGateway = await mesh.send('istio-system/istio-ingressgateway', 8080, {
    host: 'shop.example.com',
    headers,
  });
  const throughSidecars = await mesh.send('shop/client', 8080, inMesh);
  const atServer = await mesh.sendToPod('shop/login', 9080, inMesh);
  return {
    [`${what}, gateway and server sidecar`]: throughGateway.status,
    [`${what}, client and server sidecar`]: throughSidecars.status,
    [`${what}, server sidecar alone`]: atServer.status,
  };
}

function everywhere(what: string, status: number): Observations {
  return {
    [`${what}, gateway and server sidecar`]: status,
    [`${what}, client and server sidecar`]: status,
    [`${what}, server sidecar alone`]: status,
  };
}

const set = (values: string): string[] => ['--set', `raise-header-limit.${values}`];
const flag = '--raise-header-limit';

/** The FAQ's filter once somebody gave it the v3 type: accepted, and without effect since 1.19. */
function faqFilter(type: string): string {
  return `
apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata:
  name: max-header
  namespace: istio-system
spec:
  configPatches:
    - applyTo: NETWORK_FILTER
      match:
        context: ANY
        listener:
          filterChain:
            filter:
              name: "envoy.http_connection_manager"
      patch:
        operation: MERGE
        value:
          typed_config:
            "@type": type.googleapis.com/${type}
            max_request_headers_kb: 96`;
}
const v3 = 'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';
const v2 = 'envoy.config.filter.network.http_connection_manager.v2.HttpConnectionManager';

prove('raise-header-limit', [
  {
    name: 'every hop, by default',
    manifests: shop,
    flags: [flag],
    observe: async (mesh) => ({
      ...(await onEveryHop(mesh, large(80), '80 KiB')),
      ...(await onEveryHop(mesh, large(110), '110 KiB')),
      ...(await onEveryHop(mesh, large(20), '20 KiB')),
    }),
    before: everywhere('80 KiB', 431),
    after: everywhere('80 KiB', 200),
    keeps: { ...everywhere('110 KiB', 431), ...everywhere('20 KiB', 200) },
  },
  {
    name: 'larger than the FAQ thought possible, and many headers',
    manifests: shop,
    flags: [flag, ...set('kib=1024'), ...set('headers=400')],
    observe: async (mesh) => ({
      ...(await onEveryHop(mesh, large(900), '900 KiB')),
      ...(await onEveryHop(mesh, many(300), '300 headers')),
    }),
    before: { ...everywhere('900 KiB', 431), ...everywhere('300 headers', 431) },
    after: { ...everywhere('900 KiB', 200), ...everywhere('300 headers', 200) },
  },
  {
    name: "the FAQ's filter, dead since Istio 1.19",
    manifests: stream(faqFilter(v3), shop),
    flags: [flag],
    observe: async (mesh) => onEveryHop(mesh, large(80), '80 KiB'),
    before: everywhere('80 KiB', 431),
    after: everywhere('80 KiB', 200),
    istio: ['1.31', '1.24'],
  },
  {
    name: "the FAQ's filter where it still works, raised no more than it must be",
    manifests: stream(faqFilter(v2).replace('96', '70'), shop),
    flags: [flag],
    observe: async (mesh) => onEveryHop(mesh, large(80), '80 KiB'),
    before: everywhere('80 KiB', 431),
    after: everywhere('80 KiB', 200),
    istio: ['1.18'],
  },
  {
    name: 'gateways only: the sidecar behind answers instead',
    manifests: shop,
    flags: [flag, ...set('scope=gateways')],
    observe: async (mesh) => {
      const headers = large(80);
      const { status } = await mesh.send('istio-system/istio-ingressgateway', 8080, {
        host: 'shop.example.com',
        headers,
      });
      const limits = await mesh.configured('istio-system/istio-ingressgateway', 'dynamic_listeners');
      return {
        '80 KiB through the gateway': status,
        'limit of the gateway': /max_request_headers_kb": (\d+)/.exec(limits)?.[1] ?? 'default',
      };
    },
    before: { 'limit of the gateway': 'default' },
    after: { 'limit of the gateway': '96' },
    keeps: { '80 KiB through the gateway': 431 },
  },
  {
    name: 'one workload, above a lower limit for the whole mesh',
    manifests: stream(
      faqFilter(v3)
        .replace('envoy.http_connection_manager', 'envoy.filters.network.http_connection_manager')
        .replace('96', '64'),
      shop,
    ),
    flags: [flag, ...set('scope=workload'), ...set('selector={app: login}')],
    observe: async (mesh) => onEveryHop(mesh, large(80), '80 KiB'),
    before: { '80 KiB, server sidecar alone': 431 },
    after: { '80 KiB, server sidecar alone': 200 },
    keeps: { '80 KiB, gateway and server sidecar': 431, '80 KiB, client and server sidecar': 431 },
  },
  {
    name: 'a namespace that sets less than the mesh',
    manifests: stream(
      faqFilter(v3).replace('envoy.http_connection_manager', 'envoy.filters.network.http_connection_manager'),
      faqFilter(v3)
        .replace('envoy.http_connection_manager', 'envoy.filters.network.http_connection_manager')
        .replace('96', '61')
        .replace('istio-system', 'shop')
        .replace('ANY', 'SIDECAR_INBOUND'),
      shop,
    ),
    flags: [flag],
    observe: async (mesh) => onEveryHop(mesh, large(80), '80 KiB'),
    before: everywhere('80 KiB', 431),
    after: everywhere('80 KiB', 200),
  },
]);
