import { captureLabel } from './cluster.ts';
import type { Mesh } from './mesh.ts';
import { type Observations, prove } from './proof.ts';
import { meshConfigMap, service, stream, workload } from './shop.ts';

const port = 9080;

const orders = stream(
  service('orders', `http:${port}`)
    .replace(`targetPort: ${port + 1000}`, `targetPort: ${port}`)
    .replace('spec:', 'spec:\n  clusterIP: None'),
  workload('orders').replace('spec:\n  selector', 'spec:\n  replicas: 2\n  selector'),
  workload('client', { labels: { [captureLabel]: 'true' } }),
);

const registryOnly = meshConfigMap('outboundTrafficPolicy:\n  mode: REGISTRY_ONLY');

/** Who answers a call to the second pod. */
async function answerOf(mesh: Mesh, request: { host?: string }): Promise<string> {
  const address = mesh.addresses('shop/orders')[1]!;
  const { status, body } = await mesh.dial('shop/client', { address, port }, request);
  return status === 200 ? body.trim() : String(status);
}

/** The client's listeners that take connections to pods of orders, by what they stand for. */
async function listeners(mesh: Mesh): Promise<string> {
  const { configs = [] } = JSON.parse(await mesh.configured('shop/client', 'dynamic_listeners')) as {
    configs?: { name: string }[];
  };
  const addresses = mesh.addresses('shop/orders');
  const found = configs.filter(({ name }) => name.endsWith(`_${port}`)).map(({ name }) => name.split('_')[0]!);
  const pods = found.filter((address) => addresses.includes(address)).length;
  return [...(found.includes('0.0.0.0') ? ['all'] : []), ...(pods > 0 ? [`${pods} pods`] : [])].join(', ');
}

prove('headless-passthrough', [
  {
    name: 'a call by pod IP, REGISTRY_ONLY',
    manifests: stream(registryOnly, orders),
    flags: ['--headless-passthrough'],
    observe: async (mesh): Promise<Observations> => ({
      'Host is the address of pod orders-1': await answerOf(mesh, {}),
      'Host is the name of another program': await answerOf(mesh, { host: 'orders-registry' }),
      'Host is orders.shop': await answerOf(mesh, { host: 'orders.shop' }),
      'listeners of the client': await listeners(mesh),
    }),
    before: {
      'Host is the address of pod orders-1': '502',
      'Host is the name of another program': '502',
      'listeners of the client': 'all',
    },
    after: {
      'Host is the address of pod orders-1': 'orders-1',
      'Host is the name of another program': 'orders-1',
      'listeners of the client': '2 pods',
    },
    keeps: { 'Host is orders.shop': 'orders-1' },
  },
  {
    name: 'a call by pod IP, ALLOW_ANY',
    manifests: orders,
    flags: ['--headless-passthrough'],
    observe: async (mesh): Promise<Observations> => {
      const answer = await answerOf(mesh, {});
      return {
        'Host is the address of pod orders-1': answer,
        'connections of the client by cluster': await connections(mesh),
      };
    },
    before: { 'connections of the client by cluster': 'PassthroughCluster, which has no mTLS' },
    after: { 'connections of the client by cluster': 'orders' },
    keeps: { 'Host is the address of pod orders-1': 'orders-1' },
  },
]);

/** The clusters that the client's proxy has opened connections by. */
async function connections(mesh: Mesh): Promise<string> {
  const hosts = await mesh.admin('shop/client', '/clusters');
  const used = [...hosts.matchAll(/^(.+)::[^:]+:\d+::cx_total::[1-9]/gm)].map(([, name = '']) => name);
  return used
    .filter((name) => name === 'PassthroughCluster' || name.includes('orders'))
    .map((name) => (name === 'PassthroughCluster' ? `${name}, which has no mTLS` : 'orders'))
    .join(', ');
}
