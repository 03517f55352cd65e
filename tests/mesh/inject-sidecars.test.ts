import type { InjectedPod } from './istiod.ts';
import { type Observations, proveInjection } from './proof.ts';
import { stream, workload } from './shop.ts';

function namespace(labels: string): string {
  return `
apiVersion: v1
kind: Namespace
metadata:
  name: shop
  labels: {${labels}}`;
}

/** The istiod chart with a revision, as Flux installs it: its webhooks are rendered and asked for each pod. */
const revisioned = `
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata:
  name: istiod
  namespace: istio-system
spec:
  chart:
    spec:
      chart: istiod
  values:
    revision: canary`;

const byOperator = `
apiVersion: install.istio.io/v1alpha1
kind: IstioOperator
metadata:
  name: canary
  namespace: istio-system
spec:
  revision: canary`;

function seen(pods: readonly InjectedPod[], name: string): Observations {
  const { webhook, pod } = pods.find(({ workload: found }) => found === `Deployment shop/${name}`)!;
  const { containers, initContainers = [] } = pod.spec;
  const isThere = [...containers, ...initContainers].some((container) => container.name === 'istio-proxy');
  return { 'webhook that takes the pod': webhook || 'none', sidecar: isThere ? 'yes' : 'no' };
}

const without = { 'webhook that takes the pod': 'none', sidecar: 'no' };
const withOne = (webhook: string): Observations => ({
  'webhook that takes the pod': `${webhook}.sidecar-injector.istio.io`,
  sidecar: 'yes',
});
const inject = '--inject-sidecars';
const optedOut = 'sidecar of a pod that opts out';

const annotated = workload('cart').replace(
  '      labels:\n',
  '      annotations:\n        sidecar.istio.io/inject: "true"\n      labels:\n',
);

proveInjection('inject-sidecars', [
  {
    name: 'istio-injection=enabled, and a control plane with a revision',
    manifests: stream(
      revisioned,
      namespace('istio-injection: enabled'),
      workload('cart'),
      workload('tool', { sidecar: false }),
    ),
    flags: [inject],
    observe: (pods) => ({ ...seen(pods, 'cart'), [optedOut]: seen(pods, 'tool')['sidecar'] ?? '' }),
    before: without,
    after: withOne('rev.namespace'),
    keeps: { [optedOut]: 'no' },
  },
  {
    name: 'both labels',
    manifests: stream(byOperator, namespace('istio-injection: enabled, istio.io/rev: canary'), workload('cart')),
    flags: [inject],
    observe: (pods) => seen(pods, 'cart'),
    before: without,
    after: withOne('rev.namespace'),
  },
  {
    name: 'label of a revision that is gone, control plane without one',
    manifests: stream(namespace('istio.io/rev: 1-19-3'), workload('cart')),
    flags: [inject, '--set', 'inject-sidecars.revision=default'],
    observe: (pods) => seen(pods, 'cart'),
    before: without,
    after: withOne('namespace'),
  },
  {
    name: 'a pod that asks by annotation, in a namespace without labels',
    manifests: stream(namespace('team: shop'), annotated, workload('stock')),
    flags: [inject, '--set', 'inject-sidecars.names=cart'],
    observe: (pods) => ({ ...seen(pods, 'cart'), 'sidecar of its neighbour': seen(pods, 'stock')['sidecar'] ?? '' }),
    before: without,
    after: withOne('object'),
    keeps: { 'sidecar of its neighbour': 'no' },
  },
  {
    name: 'a pod that asks by label, and a control plane with a revision',
    manifests: stream(
      revisioned,
      namespace('team: shop'),
      workload('cart', { labels: { 'sidecar.istio.io/inject': 'true' } }),
    ),
    flags: [inject, '--set', 'inject-sidecars.names=cart'],
    observe: (pods) => seen(pods, 'cart'),
    before: without,
    after: withOne('rev.object'),
  },
  {
    name: 'a pod that opts out by "False"',
    manifests: stream(
      namespace('istio-injection: enabled'),
      workload('cart', { labels: { 'sidecar.istio.io/inject': 'False' } }),
    ),
    flags: [inject, '--set', 'inject-sidecars.revision=default'],
    observe: (pods) => seen(pods, 'cart'),
    before: withOne('namespace'),
    after: without,
    istio: ['1.31'],
  },
  {
    name: 'a pod that asks by "enabled"',
    manifests: stream(
      namespace('istio-injection: enabled'),
      workload('cart', { labels: { 'sidecar.istio.io/inject': 'enabled' } }),
    ),
    flags: [inject, '--set', 'inject-sidecars.revision=default'],
    observe: (pods) => seen(pods, 'cart'),
    before: { ...withOne('namespace'), sidecar: 'no' },
    after: withOne('namespace'),
    istio: ['1.24'],
  },
]);
