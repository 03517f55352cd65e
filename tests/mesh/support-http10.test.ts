import type { Mesh } from './mesh.ts';
import { type Observations, prove } from './proof.ts';
import { gateway, ingress, istiodDeployment, service, stream, workload } from './shop.ts';

const legacy = stream(service('legacy', 'http:8080'), workload('legacy'), workload('client'));

/** The answer to GET in both versions of HTTP, on every kind of proxy that stands in the way. */
async function throughSidecars(mesh: Mesh): Promise<Observations> {
  const host = 'legacy.shop:8080';
  const old = await mesh.send('shop/client', 8080, { version: '1.0', host });
  const oldAtServer = await mesh.sendToPod('shop/legacy', 9080, { version: '1.0', host });
  const now = await mesh.send('shop/client', 8080, { host });
  return {
    'HTTP/1.0 through client and server sidecar': `${old.status} ${old.reason}`,
    'HTTP/1.0 from a client without sidecar': `${oldAtServer.status} ${oldAtServer.reason}`,
    'HTTP/1.1': now.status,
  };
}

const refused = {
  'HTTP/1.0 through client and server sidecar': '426 Upgrade Required',
  'HTTP/1.0 from a client without sidecar': '426 Upgrade Required',
};
const served = {
  'HTTP/1.0 through client and server sidecar': '200 OK',
  'HTTP/1.0 from a client without sidecar': '200 OK',
};

/** The same fault and cure wherever the manifests hold istiod's environment. */
const installs = {
  'no install resource: a patch of istiod is emitted': '',
  'Deployment istiod': istiodDeployment,
  IstioOperator: `
apiVersion: install.istio.io/v1alpha1
kind: IstioOperator
metadata:
  name: installed
  namespace: istio-system
spec:
  values:
    pilot:
      env:
        PILOT_TRACE_SAMPLING: "1"`,
  'Istio of the Sail operator': `
apiVersion: sailoperator.io/v1
kind: Istio
metadata:
  name: default
spec:
  namespace: istio-system
  values:
    pilot:
      env:
        PILOT_TRACE_SAMPLING: "1"`,
  'HelmRelease of Flux': `
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata:
  name: istiod
  namespace: istio-system
spec:
  interval: 1h
  chart:
    spec:
      chart: istiod
      sourceRef:
        kind: HelmRepository
        name: istio
  values:
    pilot:
      env:
        PILOT_TRACE_SAMPLING: "1"`,
};

prove('support-http10', [
  ...Object.entries(installs).map(([name, install]) => ({
    name,
    manifests: install === '' ? legacy : stream(install, legacy),
    flags: ['--support-http10'],
    observe: throughSidecars,
    before: refused,
    after: served,
    keeps: { 'HTTP/1.1': 200 },
    // 1.18 renders an IstioOperator with code that is gone since; the harness does not carry it.
    ...(name === 'IstioOperator' ? { istio: ['1.31', '1.24'] } : {}),
  })),
  {
    name: 'ingress gateway',
    manifests: stream(
      istiodDeployment,
      gateway,
      ingress('legacy', 8080),
      service('legacy', 'http:8080'),
      workload('legacy'),
    ),
    flags: ['--support-http10'],
    observe: async (mesh) => {
      const { status, reason } = await mesh.send('istio-system/istio-ingressgateway', 8080, {
        version: '1.0',
        host: 'shop.example.com',
      });
      return { 'HTTP/1.0 through the gateway': `${status} ${reason}` };
    },
    before: { 'HTTP/1.0 through the gateway': '426 Upgrade Required' },
    after: { 'HTTP/1.0 through the gateway': '200 OK' },
  },
  {
    name: 'workload scope: one workload, its annotation kept',
    manifests: stream(
      service('legacy', 'http:8080'),
      workload('legacy', { proxyConfig: 'proxyMetadata:\n  ISTIO_META_OWNER_TEAM: shop' }),
      workload('client'),
    ),
    flags: ['--support-http10', '--set', 'support-http10.scope=workload', '--set', 'support-http10.names=[legacy]'],
    observe: throughSidecars,
    before: { 'HTTP/1.0 from a client without sidecar': '426 Upgrade Required' },
    after: { 'HTTP/1.0 from a client without sidecar': '200 OK' },
    // The client's own proxy is another workload, and was not asked for.
    keeps: { 'HTTP/1.0 through client and server sidecar': '426 Upgrade Required', 'HTTP/1.1': 200 },
  },
  {
    name: 'workload scope: every workload',
    manifests: legacy,
    flags: ['--support-http10', '--set', 'support-http10.scope=workload'],
    observe: throughSidecars,
    before: refused,
    after: served,
    keeps: { 'HTTP/1.1': 200 },
  },
  {
    name: 'default host, for requests without Host',
    manifests: stream(istiodDeployment, legacy),
    flags: ['--support-http10', '--set', 'support-http10.defaultHost=legacy.shop.svc.cluster.local'],
    observe: async (mesh) => {
      const nameless = await mesh.send('shop/client', 8080, { version: '1.0', host: null });
      const named = await mesh.send('shop/client', 8080, { version: '1.0', host: 'legacy' });
      return {
        'HTTP/1.0 without Host': `${nameless.status} ${nameless.reason}`,
        'HTTP/1.0 with Host': `${named.status} ${named.reason}`,
      };
    },
    before: { 'HTTP/1.0 without Host': '426 Upgrade Required', 'HTTP/1.0 with Host': '426 Upgrade Required' },
    after: { 'HTTP/1.0 without Host': '200 OK', 'HTTP/1.0 with Host': '200 OK' },
  },
]);
