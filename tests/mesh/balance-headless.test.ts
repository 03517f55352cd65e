import { captureLabel } from './cluster.ts';
import type { Mesh } from './mesh.ts';
import { type Observations, prove } from './proof.ts';
import { service, stream, workload } from './shop.ts';

const pods = 3;
/** Stands for an address of a Service: any will do, since on an HTTP port the sidecar goes by the Host header. */
const clusterIp = '127.255.255.254';

const cart = service('cart', 'http:9080')
  .replace('targetPort: 10080', 'targetPort: 9080')
  .replace('spec:', 'spec:\n  clusterIP: None');

const manifests = stream(
  cart,
  workload('cart').replace('spec:\n  selector', `spec:\n  replicas: ${pods}\n  selector`),
  workload('client', { labels: { [captureLabel]: 'true' } }),
  `
apiVersion: networking.istio.io/v1beta1
kind: DestinationRule
metadata:
  name: cart
  namespace: shop
spec:
  host: cart
  trafficPolicy:
    loadBalancer:
      consistentHash:
        httpHeaderName: x-session`,
);

/** How many pods answer the requests of one session; DNS gives the client another pod each time. */
async function podsOfOneSession(mesh: Mesh, host: string, addresses: readonly string[]): Promise<string> {
  const answered = new Set<string>();
  for (let request = 0; request < 2 * pods; request++) {
    const address = addresses[request % addresses.length]!;
    const headers = [['x-session', 'one']] as const;
    const { status, body } = await mesh.dial('shop/client', { address, port: 9080 }, { host, headers });
    answered.add(status === 200 ? body.trim() : `no answer (${status})`);
  }
  const [only = ''] = answered;
  return answered.size > 1 ? `${answered.size} pods` : only.startsWith('no') ? only : '1 pod';
}

/** Type and policy of a host's cluster in the client's proxy. */
async function cluster(mesh: Mesh, host: string): Promise<string> {
  const { configs = [] } = JSON.parse(await mesh.configured('shop/client', 'dynamic_active_clusters')) as {
    configs?: { cluster: { name: string; type?: string; lb_policy?: string } }[];
  };
  const found = configs.find(({ cluster }) => cluster.name === `outbound|9080||${host}.shop.svc.cluster.local`);
  return found ? `${found.cluster.type ?? 'STATIC'}, ${found.cluster.lb_policy ?? 'ROUND_ROBIN'}` : 'none';
}

async function observe(mesh: Mesh): Promise<Observations> {
  const addresses = mesh.addresses('shop/cart');
  return {
    'one session, by cart': await podsOfOneSession(mesh, 'cart.shop', addresses),
    'cluster of cart': await cluster(mesh, 'cart'),
    'one session, by cart-balanced': await podsOfOneSession(mesh, 'cart-balanced.shop', [clusterIp]),
    'cluster of cart-balanced': await cluster(mesh, 'cart-balanced'),
  };
}

prove('balance-headless', [
  {
    name: 'session persistence of a headless Service',
    manifests,
    flags: ['--balance-headless'],
    applications: {},
    observe,
    before: { 'one session, by cart-balanced': 'no answer (503)', 'cluster of cart-balanced': 'none' },
    after: { 'one session, by cart-balanced': '1 pod', 'cluster of cart-balanced': 'EDS, RING_HASH' },
    keeps: { 'one session, by cart': `${pods} pods`, 'cluster of cart': 'ORIGINAL_DST, CLUSTER_PROVIDED' },
  },
]);
