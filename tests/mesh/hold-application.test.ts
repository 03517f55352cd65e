import type { InjectedPod } from './istiod.ts';
import { type Observations, proveInjection } from './proof.ts';
import { meshConfigMap, stream, workload } from './shop.ts';

const injected = `
apiVersion: v1
kind: Namespace
metadata:
  name: shop
  labels:
    istio-injection: enabled`;

/** From 1.27 on Istio makes native sidecars where all kubelets are 1.33 or later. */
function node(kubelet: string): string {
  return `
apiVersion: v1
kind: Node
metadata:
  name: worker
status:
  nodeInfo:
    kubeletVersion: ${kubelet}`;
}

const oldNodes = node('v1.32.4');

function startOrder(pods: readonly InjectedPod[], name = 'Deployment shop/orders'): Observations {
  const { spec } = pods.find(({ workload: found }) => found === name)!.pod;
  const lifecycle = spec.containers.find((container) => container.name === 'istio-proxy')?.lifecycle as
    | { postStart?: { exec?: { command?: readonly string[] } } }
    | undefined;
  return {
    containers: spec.containers.map((container) => container.name).join(', '),
    'hook of the proxy': lifecycle?.postStart?.exec?.command?.join(' ') ?? 'none',
  };
}

const sideBySide = { containers: 'app, istio-proxy', 'hook of the proxy': 'none' };
const held = { containers: 'istio-proxy, app', 'hook of the proxy': 'pilot-agent wait' };
const hold = '--hold-application';

function concurrencyOf(pods: readonly InjectedPod[]): string {
  const { spec } = pods.find(({ workload: found }) => found === 'Deployment shop/orders')!.pod;
  const args = spec.containers.find(({ name }) => name === 'istio-proxy')?.env ?? [];
  return /"concurrency":\s*(\d+)/.exec(args.find(({ name }) => name === 'PROXY_CONFIG')?.value ?? '')?.[1] ?? 'none';
}

proveInjection('hold-application', [
  {
    name: 'a workload without proxy config',
    manifests: stream(oldNodes, injected, workload('orders'), workload('stock')),
    flags: [hold, '--set', 'hold-application.names=orders'],
    observe: (pods) => ({
      ...startOrder(pods),
      'containers of another workload': startOrder(pods, 'Deployment shop/stock')['containers'] ?? '',
    }),
    before: sideBySide,
    after: held,
    keeps: { 'containers of another workload': 'app, istio-proxy' },
  },
  {
    name: 'a workload with proxy config of its own',
    manifests: stream(oldNodes, injected, workload('orders', { proxyConfig: 'concurrency: 3' })),
    flags: [hold],
    observe: (pods) => ({ ...startOrder(pods), 'concurrency of the proxy': concurrencyOf(pods) }),
    before: sideBySide,
    after: held,
    keeps: { 'concurrency of the proxy': '3' },
  },
  {
    name: 'the field misspelt with a capital',
    manifests: stream(oldNodes, injected, workload('orders', { proxyConfig: 'HoldApplicationUntilProxyStarts: true' })),
    flags: [hold],
    observe: (pods) => startOrder(pods),
    before: sideBySide,
    after: held,
  },
  {
    name: 'the annotation on the Deployment instead of its pods',
    manifests: stream(
      oldNodes,
      injected,
      workload('orders').replace(
        'name: orders\n',
        "name: orders\n  annotations:\n    proxy.istio.io/config: 'holdApplicationUntilProxyStarts: true'\n",
      ),
    ),
    flags: [hold],
    observe: (pods) => startOrder(pods),
    before: sideBySide,
    after: held,
  },
  {
    name: 'whole mesh, by the mesh config',
    manifests: stream(oldNodes, injected, meshConfigMap('accessLogFile: /dev/stdout'), workload('orders')),
    flags: [hold, '--set', 'hold-application.scope=mesh'],
    observe: (pods) => startOrder(pods),
    before: sideBySide,
    after: held,
  },
  {
    name: 'native sidecars need nothing, on nodes of Kubernetes 1.33',
    manifests: stream(node('v1.33.1'), injected, workload('orders')),
    flags: [hold],
    observe: (pods) => ({ containers: startOrder(pods)['containers'] ?? '' }),
    before: {},
    after: {},
    keeps: { containers: 'app' },
    istio: ['1.31'],
  },
]);
