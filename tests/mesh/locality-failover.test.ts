import type { Behaviour } from './application.ts';
import type { Mesh } from './mesh.ts';
import { type Observations, prove } from './proof.ts';
import { service, stream, workload } from './shop.ts';

const zones = ['a', 'b', 'c'];
const stockIn = (zone: string): string => `shop/stock-${zone}`;

const shop = stream(
  service('stock', 'http:8080'),
  ...zones.map((zone) => workload(`stock-${zone}`, { labels: { app: 'stock', 'istio-locality': `eu.${zone}` } })),
  workload('client', { labels: { 'istio-locality': 'eu.a' } }),
);

/** The pod of the client's own zone fails on one path; those of other zones do not. */
const failing: Behaviour = ({ path }) => ({ status: path === '/broken' ? 500 : 200 });

const near = 'requests that leave the zone, of 30';
const over = 'answers once the own zone failed three times';

async function ask(mesh: Mesh, count: number, path: string): Promise<readonly number[]> {
  const statuses: number[] = [];
  for (let sent = 0; sent < count; sent++) {
    const { status } = await mesh.send('shop/client', 8080, { host: 'stock.shop:8080', path });
    statuses.push(status);
  }
  return statuses;
}

async function whereTo(mesh: Mesh): Promise<Observations> {
  await ask(mesh, 30, '/');
  const away = zones.slice(1).reduce((sum, zone) => sum + mesh.received(stockIn(zone)).length, 0);
  return { [near]: away === 0 ? 'none' : 'some' };
}

async function whereToAndOver(mesh: Mesh): Promise<Observations> {
  const seen = await whereTo(mesh);
  let failed = 0;
  for (let tries = 0; failed < 3 && tries < 100; tries++) {
    const [status] = await ask(mesh, 1, '/broken');
    if (status === 500) failed++;
  }
  // Envoy's main thread ejects the pod, a moment after a worker saw the third error.
  await new Promise((resolve) => setTimeout(resolve, 500));
  const statuses = await ask(mesh, 30, '/broken');
  return { ...seen, [over]: statuses.every((status) => status === 200) ? 'all 200' : 'some still 500' };
}

const spread = { observe: whereTo, before: { [near]: 'some' }, after: { [near]: 'none' } };
const failsOver = {
  observe: whereToAndOver,
  applications: { [stockIn('a')]: failing },
  before: { [near]: 'some', [over]: 'some still 500' },
  after: { [near]: 'none', [over]: 'all 200' },
};
const all = ['--set', 'locality-failover.maxEjectionPercent=100'];

prove('locality-failover', [
  {
    name: 'a DestinationRule that asks for locality',
    manifests: stream(
      shop,
      `
apiVersion: networking.istio.io/v1beta1
kind: DestinationRule
metadata:
  name: stock
  namespace: shop
spec:
  host: stock
  trafficPolicy:
    loadBalancer:
      localityLbSetting:
        enabled: true`,
    ),
    flags: ['--locality-failover'],
    ...spread,
  },
  {
    name: 'a Service without a DestinationRule',
    manifests: shop,
    flags: ['--locality-failover', '--set', 'locality-failover.names=stock', ...all],
    ...failsOver,
  },
  {
    name: 'a port that replaces an order of its own',
    manifests: stream(
      shop,
      `
apiVersion: networking.istio.io/v1beta1
kind: DestinationRule
metadata:
  name: stock
  namespace: shop
spec:
  host: stock
  trafficPolicy:
    outlierDetection:
      consecutive5xxErrors: 3
    loadBalancer:
      localityLbSetting:
        failoverPriority:
          - topology.kubernetes.io/region
          - topology.kubernetes.io/zone
    portLevelSettings:
      - port:
          number: 8080
        connectionPool:
          tcp:
            maxConnections: 100`,
    ),
    flags: ['--locality-failover', ...all],
    ...failsOver,
  },
  {
    name: 'a mesh that has locality load balancing off',
    manifests: stream(
      shop,
      `
apiVersion: v1
kind: ConfigMap
metadata:
  name: istio
  namespace: istio-system
data:
  mesh: |-
    localityLbSetting:
      enabled: false`,
    ),
    flags: ['--locality-failover', '--set', 'locality-failover.names=stock'],
    ...spread,
  },
]);
