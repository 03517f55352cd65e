import type { Behaviour } from './application.ts';
import type { Mesh } from './mesh.ts';
import { eventually } from './processes.ts';
import { type Observations, prove } from './proof.ts';
import { service, stream, workload } from './shop.ts';

const slow: Behaviour = ({ path }) => ({ delayMs: path === '/slow' ? 1_500 : 0 });
const crowd = 6;
const question = `${crowd} requests at once, maxConnections 1`;

const stock = stream(
  service('stock', 'http:8080'),
  workload('stock', { labels: { version: 'v1' } }),
  workload('client'),
);

function destinationRule(spec: string): string {
  return `
apiVersion: networking.istio.io/v1beta1
kind: DestinationRule
metadata:
  name: stock
  namespace: shop
spec:
  host: stock
${spec}`;
}

const toSubset = `
apiVersion: networking.istio.io/v1beta1
kind: VirtualService
metadata:
  name: stock
  namespace: shop
spec:
  hosts:
    - stock
  http:
    - route:
        - destination:
            host: stock
            subset: v1
      retries:
        attempts: 0`;

async function crowded(mesh: Mesh): Promise<Observations> {
  const host = 'stock.shop:8080';
  // The slow one takes the only connection; of those that come meanwhile one waits, and the others are the question.
  const first = mesh.send('shop/client', 8080, { host, path: '/slow' });
  await eventually('the slow request is at the application', async () => {
    if (mesh.received('shop/stock').length === 0) throw new Error('not yet');
  });
  const others = Array.from({ length: crowd - 1 }, () => mesh.send('shop/client', 8080, { host }));
  const responses = await Promise.all([first, ...others]);
  const count = (status: number): number => responses.filter((response) => response.status === status).length;
  return { [question]: `${count(200)} × 200, ${count(503)} × 503` };
}

const limit = 10;
const burst = `${limit} requests at once on cold connections, maxConnections ${limit}`;
const flood = `${4 * limit} slow requests at once`;

/** What a limit must not reject, and then what it must. */
async function flooded(mesh: Mesh): Promise<Observations> {
  const rejected = async (count: number, path: string): Promise<number> => {
    const requests = Array.from({ length: count }, () =>
      mesh.send('shop/client', 8080, { host: 'stock.shop:8080', path }),
    );
    return (await Promise.all(requests)).filter(({ status }) => status === 503).length;
  };
  const cold = await rejected(limit, '/');
  const slowly = await rejected(4 * limit, '/slow');
  return { [burst]: `${cold} × 503`, [flood]: slowly === 0 ? 'all wait' : 'some get 503' };
}

const queued = { [question]: `${crowd} × 200, 0 × 503` };
const broken = { [question]: `2 × 200, ${crowd - 2} × 503` };

prove('strict-circuit-breaking', [
  {
    name: 'top level',
    manifests: stream(
      stock,
      destinationRule(`
  trafficPolicy:
    connectionPool:
      tcp:
        maxConnections: 1`),
    ),
    flags: ['--strict-circuit-breaking'],
    applications: { 'shop/stock': slow },
    observe: crowded,
    before: queued,
    after: broken,
  },
  {
    name: 'a subset with a pool of its own',
    manifests: stream(
      stock,
      toSubset,
      destinationRule(`
  trafficPolicy:
    connectionPool:
      tcp:
        maxConnections: 1
      http:
        http1MaxPendingRequests: 1
  subsets:
    - name: v1
      labels:
        version: v1
      trafficPolicy:
        connectionPool:
          tcp:
            maxConnections: 1`),
    ),
    flags: ['--strict-circuit-breaking'],
    applications: { 'shop/stock': slow },
    observe: crowded,
    before: queued,
    after: broken,
  },
  {
    name: 'a port level with a pool of its own',
    manifests: stream(
      stock,
      destinationRule(`
  trafficPolicy:
    connectionPool:
      tcp:
        maxConnections: 1
      http:
        http1MaxPendingRequests: 1
    portLevelSettings:
      - port:
          number: 8080
        connectionPool:
          tcp:
            maxConnections: 1`),
    ),
    flags: ['--strict-circuit-breaking'],
    applications: { 'shop/stock': slow },
    observe: crowded,
    before: queued,
    after: broken,
  },
  {
    name: 'a burst as large as the limit passes',
    manifests: stream(
      stock,
      destinationRule(`
  trafficPolicy:
    connectionPool:
      tcp:
        maxConnections: ${limit}`),
    ),
    flags: ['--strict-circuit-breaking'],
    applications: { 'shop/stock': slow },
    observe: flooded,
    keeps: { [burst]: '0 × 503' },
    before: { [flood]: 'all wait' },
    after: { [flood]: 'some get 503' },
  },
]);
