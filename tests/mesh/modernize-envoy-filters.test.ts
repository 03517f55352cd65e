import { headerValue } from './application.ts';
import type { Mesh } from './mesh.ts';
import { type Case, type Observations, prove } from './proof.ts';
import { gateway, service, stream, workload } from './shop.ts';

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

/** Patches of an EnvoyFilter in the gateway's listeners, as people wrote them for Istio 1.5. */
function atGateway(...patches: readonly string[]): string {
  return `
apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata:
  name: old
  namespace: istio-system
spec:
  workloadSelector:
    labels:
      istio: ingressgateway
  configPatches:${patches.join('')}`;
}

/** A patch that is positioned by old names. */
function inserting(value: string): string {
  return `
    - applyTo: HTTP_FILTER
      match:
        context: GATEWAY
        listener: {filterChain: {filter: {name: envoy.http_connection_manager, subFilter: {name: envoy.router}}}}
      patch:
        operation: INSERT_BEFORE
        value: ${value}`;
}

const gatewayShop = stream(
  shop,
  gateway,
  `
apiVersion: networking.istio.io/v1beta1
kind: VirtualService
metadata:
  name: login
  namespace: shop
spec:
  hosts: [shop.example.com]
  gateways: [shop]
  http:
    - route: [{destination: {host: login.shop.svc.cluster.local, port: {number: 8080}}}]`,
);

/** What is half right has no effect before, and must have none after: with the names alone put right, the gateway has no listener. */
function leftAlone(name: string, filter: string): Case {
  return {
    name: `${name} is left as it is`,
    manifests: stream(filter, gatewayShop),
    flags,
    observe: async (mesh) => ({
      'status at the gateway': (
        await mesh.send('istio-system/istio-ingressgateway', 8080, { host: 'shop.example.com' })
      ).status,
    }),
    before: {},
    after: {},
    keeps: { 'status at the gateway': 200 },
    inspect: (rewritten) => {
      if (!rewritten.includes('envoy.http_connection_manager')) throw new Error('a part of the patch was changed');
    },
    istio: ['1.31', '1.24'],
  };
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
  leftAlone(
    'a filter with untyped settings',
    atGateway(inserting('{name: custom.lua, config: {inlineCode: "function envoy_on_request(h) end"}}')),
  ),
  leftAlone(
    'an access log with untyped settings',
    atGateway(`
    - applyTo: NETWORK_FILTER
      match:
        context: GATEWAY
        listener: {filterChain: {filter: {name: envoy.http_connection_manager}}}
      patch:
        operation: MERGE
        value:
          typed_config:
            "@type": ${manager}
            access_log: [{name: envoy.file_access_log, config: {path: /dev/stdout}}]`),
  ),
  leftAlone(
    'gzip, which Envoy no longer has,',
    atGateway(
      inserting(
        '{name: envoy.gzip, typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.gzip.v3.Gzip}}',
      ),
    ),
  ),
  leftAlone(
    'external authorization by a cluster of API v2',
    atGateway(
      inserting(
        '{name: envoy.ext_authz, typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthz, grpc_service: {envoy_grpc: {cluster_name: authz}, timeout: 0.25s}}}',
      ),
      `
    - applyTo: CLUSTER
      match: {context: GATEWAY}
      patch:
        operation: ADD
        value:
          name: authz
          type: STRICT_DNS
          connect_timeout: 0.25s
          http2_protocol_options: {}
          hosts: [{socket_address: {address: 127.0.0.1, port_value: 9191}}]`,
    ),
  ),
  leftAlone(
    'a buffer without its size',
    atGateway(
      inserting(
        '{name: envoy.buffer, typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.buffer.v3.Buffer}}',
      ),
    ),
  ),
  leftAlone(
    'a header limit that Envoy does not take',
    atGateway(`
    - applyTo: NETWORK_FILTER
      match:
        context: GATEWAY
        listener: {filterChain: {filter: {name: envoy.http_connection_manager}}}
      patch:
        operation: MERGE
        value: {typed_config: {"@type": ${manager}, max_request_headers_kb: 9000}}`),
  ),
  leftAlone(
    'the removal of the router',
    atGateway(`
    - applyTo: HTTP_FILTER
      match:
        context: GATEWAY
        listener: {filterChain: {filter: {name: envoy.http_connection_manager, subFilter: {name: envoy.router}}}}
      patch:
        operation: REMOVE`),
  ),
  leftAlone(
    'a second router',
    atGateway(
      inserting(
        '{name: mine, typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}}',
      ),
    ),
  ),
  {
    name: 'automatic HTTP for a cluster without TLS is left as it is',
    manifests: stream(
      `
apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata:
  name: auto
  namespace: shop
spec:
  configPatches:
    - applyTo: CLUSTER
      match: {context: SIDECAR_OUTBOUND, cluster: {service: login}}
      patch:
        operation: MERGE
        value:
          typed_extension_protocol_options:
            envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
              "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
              auto_config: {}`,
      shop,
    ),
    flags,
    observe: async (mesh) => ({
      status: (await mesh.send('shop/client', 8080, { host: 'login.shop:8080' })).status,
    }),
    before: {},
    after: {},
    keeps: { status: 200 },
  },
  {
    name: 'settings of routes for a filter by its old name',
    manifests: stream(
      lua('envoy.filters.network.http_connection_manager', 'envoy.filters.http.router')
        .replace('app: login', 'app: client')
        .replace('SIDECAR_INBOUND', 'SIDECAR_OUTBOUND')
        .replace('name: envoy.lua', 'name: envoy.filters.http.lua'),
      `
apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata:
  name: no-greeting
  namespace: shop
spec:
  configPatches:
    - applyTo: HTTP_ROUTE
      match: {context: SIDECAR_OUTBOUND, routeConfiguration: {vhost: {name: "login.shop.svc.cluster.local:8080"}}}
      patch:
        operation: MERGE
        value:
          typed_per_filter_config:
            envoy.lua:
              "@type": type.googleapis.com/envoy.extensions.filters.http.lua.v3.LuaPerRoute
              disabled: true`,
      shop,
    ),
    flags,
    observe: greeting,
    before: { 'header that Lua adds': 'hello' },
    after: { 'header that Lua adds': 'none' },
    keeps: { status: 200 },
  },
]);
