import { type Behaviour, nameOnWire } from './application.ts';
import type { Mesh } from './mesh.ts';
import { type Observations, prove } from './proof.ts';
import { gateway, ingress, meshConfigMap, service, stream, workload } from './shop.ts';

const sent = 'X-ReQuest-CASE';
const answered = 'X-From-APP';

const applications: Readonly<Record<string, Behaviour>> = {
  'shop/legacy': () => ({ headers: [[answered, '1']] }),
  'shop/echo': () => ({ grpcStatus: 0 }),
};

// The idle time and the number of requests go into the very message that a careless cluster patch replaces.
const pool = `
apiVersion: networking.istio.io/v1beta1
kind: DestinationRule
metadata:
  name: legacy
  namespace: shop
spec:
  host: legacy
  trafficPolicy:
    connectionPool:
      http:
        idleTimeout: 77s
        maxRequestsPerConnection: 7`;

const shop = stream(
  service('legacy', 'http:8080'),
  pool,
  workload('legacy'),
  service('echo', 'grpc:9000'),
  workload('echo'),
  workload('client'),
);

interface ClusterDump {
  readonly configs?: readonly {
    readonly cluster: { readonly name: string; readonly typed_extension_protocol_options?: Options };
  }[];
}
type Options = Readonly<Record<string, { readonly common_http_protocol_options?: Record<string, unknown> }>>;

/** Which options of the DestinationRule the client's proxy runs with. */
async function poolOptions(mesh: Mesh): Promise<string> {
  const dump = JSON.parse(await mesh.configured('shop/client', 'dynamic_active_clusters')) as ClusterDump;
  const cluster = dump.configs?.find(({ cluster }) => cluster.name.endsWith('|legacy.shop.svc.cluster.local'))?.cluster;
  const options = Object.values(cluster?.typed_extension_protocol_options ?? {})[0]?.common_http_protocol_options;
  return `${options?.['idle_timeout']}, ${options?.['max_requests_per_connection']} requests`;
}

async function bothDirections(mesh: Mesh, from: string, host: string): Promise<Observations> {
  const response = await mesh.send(from, 8080, { host, headers: [[sent, '1']] });
  const request = mesh.received('shop/legacy').at(-1);
  return {
    'request header at the application': nameOnWire(request?.headers ?? [], sent) ?? `none, status ${response.status}`,
    'response header at the client': nameOnWire(response.headers, answered) ?? `none, status ${response.status}`,
  };
}

async function besideOthers(mesh: Mesh): Promise<Observations> {
  const { grpcStatus } = await mesh.call('shop/client', 9000, { host: 'echo.shop:9000' });
  return {
    ...(await bothDirections(mesh, 'shop/client', 'legacy.shop:8080')),
    'gRPC service beside it: grpc-status': String(grpcStatus),
    "DestinationRule's idleTimeout and maxRequestsPerConnection": await poolOptions(mesh),
  };
}

const lowered = {
  'request header at the application': 'x-request-case',
  'response header at the client': 'x-from-app',
};
const preserved = { 'request header at the application': sent, 'response header at the client': answered };
const others = {
  'gRPC service beside it: grpc-status': '0',
  "DestinationRule's idleTimeout and maxRequestsPerConnection": '77s, 7 requests',
};
const mesh = meshConfigMap('accessLogFile: ""\ndefaultConfig:\n  concurrency: 2');

prove('preserve-header-case', [
  {
    name: 'sidecar to sidecar, whole mesh',
    manifests: stream(mesh, shop),
    flags: ['--preserve-header-case'],
    applications,
    observe: besideOthers,
    before: lowered,
    after: preserved,
    keeps: others,
  },
  {
    name: 'sidecar to sidecar, by workload',
    manifests: shop,
    flags: ['--preserve-header-case', '--set', 'preserve-header-case.scope=workload'],
    applications,
    observe: besideOthers,
    before: lowered,
    after: preserved,
    keeps: others,
  },
  {
    name: 'a workload whose annotation sets proxyHeaders of its own',
    manifests: stream(
      mesh,
      service('legacy', 'http:8080'),
      workload('legacy', { proxyConfig: 'proxyHeaders:\n  attemptCount:\n    disabled: true' }),
      workload('client'),
    ),
    flags: ['--preserve-header-case'],
    applications,
    observe: (mesh) => bothDirections(mesh, 'shop/client', 'legacy.shop:8080'),
    before: lowered,
    after: preserved,
  },
  {
    name: 'through the ingress gateway',
    manifests: stream(mesh, gateway, ingress('legacy', 8080), service('legacy', 'http:8080'), workload('legacy')),
    flags: ['--preserve-header-case'],
    applications,
    observe: (mesh) => bothDirections(mesh, 'istio-system/istio-ingressgateway', 'shop.example.com'),
    before: lowered,
    after: preserved,
  },
  {
    name: 'style proper-case',
    manifests: shop,
    flags: ['--preserve-header-case', '--set', 'preserve-header-case.style=proper-case'],
    applications,
    observe: besideOthers,
    before: lowered,
    after: {
      'request header at the application': 'X-Request-Case',
      'response header at the client': 'X-From-App',
    },
    keeps: others,
  },
  {
    name: 'style tcp',
    manifests: stream(
      service('legacy', 'http:8080'),
      workload('legacy'),
      service('echo', 'grpc:9000'),
      workload('echo'),
      workload('client'),
    ),
    flags: [
      '--preserve-header-case',
      '--set',
      'preserve-header-case.style=tcp',
      '--set',
      'preserve-header-case.names=[legacy]',
    ],
    applications,
    observe: async (mesh) => {
      const { grpcStatus } = await mesh.call('shop/client', 9000, { host: 'echo.shop:9000' });
      return {
        ...(await bothDirections(mesh, 'shop/client', 'legacy.shop:8080')),
        'gRPC service beside it: grpc-status': String(grpcStatus),
      };
    },
    before: lowered,
    after: preserved,
    keeps: { 'gRPC service beside it: grpc-status': '0' },
  },
]);
