import { headerValue } from './application.ts';
import type { Mesh } from './mesh.ts';
import { type Observations, prove } from './proof.ts';
import { service, stream, workload } from './shop.ts';

const shop = stream(service('login', 'http:8080'), workload('login'), workload('client'));
const flags = ['--modernize-envoy-filters'];
const manager = 'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';

/** The FAQ's filter once somebody gave it the v3 type. */
const maxHeader = `
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
            "@type": ${manager}
            max_request_headers_kb: 96`;

function lua(network: string, http: string): string {
  return `
apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata:
  name: greeting
  namespace: shop
spec:
  workloadSelector:
    labels:
      app: login
  configPatches:
    - applyTo: HTTP_FILTER
      match:
        context: SIDECAR_INBOUND
        listener:
          filterChain:
            filter:
              name: ${network}
              subFilter:
                name: ${http}
      patch:
        operation: INSERT_BEFORE
        value:
          name: envoy.lua
          typed_config:
            "@type": type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua
            inline_code: |
              function envoy_on_response(handle)
                handle:headers():add("x-greeting", "hello")
              end`;
}

async function status(mesh: Mesh): Promise<Observations> {
  const headers = [['x-large', 'a'.repeat(80_000)]] as const;
  return {
    'a header of 80,000 bytes': (await mesh.send('shop/client', 8080, { host: 'login.shop:8080', headers })).status,
  };
}

async function greeting(mesh: Mesh): Promise<Observations> {
  const { status: code, headers } = await mesh.send('shop/client', 8080, { host: 'login.shop:8080' });
  return { status: code, 'header that Lua adds': headerValue(headers, 'x-greeting') ?? 'none' };
}

prove('modernize-envoy-filters', [
  {
    name: 'a limit of headers under the old filter name',
    manifests: stream(maxHeader, shop),
    flags,
    observe: status,
    before: { 'a header of 80,000 bytes': 431 },
    after: { 'a header of 80,000 bytes': 200 },
    istio: ['1.31', '1.24'],
  },
  {
    name: 'a limit of headers under the old filter name, where that still works',
    manifests: stream(maxHeader, shop),
    flags,
    observe: status,
    before: {},
    after: {},
    keeps: { 'a header of 80,000 bytes': 200 },
    istio: ['1.18'],
    inspect: (rewritten) => {
      if (rewritten.includes('envoy.http_connection_manager')) throw new Error('the old name is still there');
    },
  },
  {
    name: 'Lua before a router of the old name',
    manifests: stream(lua('envoy.http_connection_manager', 'envoy.router'), shop),
    flags,
    observe: greeting,
    before: { 'header that Lua adds': 'none' },
    after: { 'header that Lua adds': 'hello' },
    keeps: { status: 200 },
    istio: ['1.31', '1.24'],
  },
  {
    name: 'clusters by a short service name',
    manifests: stream(
      `
apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata:
  name: patience
  namespace: shop
spec:
  configPatches:
    - applyTo: CLUSTER
      match:
        context: SIDECAR_OUTBOUND
        cluster:
          service: login
      patch:
        operation: MERGE
        value:
          connect_timeout: 2.5s`,
      shop,
    ),
    flags,
    observe: async (mesh) => {
      const clusters = await mesh.configured('shop/client', 'dynamic_active_clusters');
      return {
        'connect timeout of the cluster': clusters.includes('"connect_timeout": "2.500s"') ? '2.5s' : 'default',
      };
    },
    before: { 'connect timeout of the cluster': 'default' },
    after: { 'connect timeout of the cluster': '2.5s' },
  },
]);
