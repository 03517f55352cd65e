import { type Behaviour, headerValue } from './application.ts';
import type { Mesh } from './mesh.ts';
import { type Observations, prove } from './proof.ts';
import { gateway, service, stream, workload } from './shop.ts';

/** Says which rule of the VirtualService a request came by; Istio's own route marks nothing. */
const echoRule: Behaviour = ({ headers }) => ({ body: headerValue(headers, 'x-rule') ?? "Istio's own" });
const applications = { 'shop/web': echoRule };

const shop = stream(service('web', 'http:8080'), workload('web', { sidecar: false }), workload('client'), gateway);

function rule(name: string, match = ''): string {
  return `
    - name: ${name}
${match}      headers:
        request:
          set:
            x-rule: ${name}
      route:
        - destination:
            host: web`;
}

const canary = '      match:\n        - uri:\n            prefix: /canary\n';

function virtualService(hosts: string, gateways: string, ...rules: readonly string[]): string {
  return `
apiVersion: networking.istio.io/v1beta1
kind: VirtualService
metadata:
  name: web
  namespace: shop
spec:
  hosts: ${hosts}
${gateways === '' ? '' : `  gateways: ${gateways}\n`}  http:${rules.join('')}`;
}

function asking(...paths: readonly string[]): (mesh: Mesh) => Promise<Observations> {
  return async (mesh) => {
    const seen: Record<string, string> = {};
    for (const path of paths) {
      const inside = await mesh.send('shop/client', 8080, { host: 'web.shop:8080', path });
      seen[`route of ${path} inside the mesh`] = inside.status === 200 ? inside.body : String(inside.status);
      const outside = await mesh.send('istio-system/istio-ingressgateway', 8080, { host: 'shop.example.com', path });
      seen[`route of ${path} at the gateway`] = outside.status === 200 ? outside.body : String(outside.status);
    }
    return seen;
  };
}

prove('reach-mesh', [
  {
    name: 'a VirtualService for a gateway only',
    manifests: stream(shop, virtualService('[shop.example.com]', '[shop]', rule('canary', canary), rule('rest'))),
    flags: ['--reach-mesh'],
    applications,
    observe: asking('/canary', '/'),
    before: { 'route of /canary inside the mesh': "Istio's own", 'route of / inside the mesh': "Istio's own" },
    after: { 'route of /canary inside the mesh': 'canary', 'route of / inside the mesh': 'rest' },
    keeps: { 'route of /canary at the gateway': 'canary', 'route of / at the gateway': 'rest' },
  },
  {
    name: 'rules that leave requests out',
    manifests: stream(shop, virtualService('[shop.example.com]', '[shop]', rule('canary', canary))),
    flags: ['--reach-mesh'],
    applications,
    observe: asking('/canary', '/'),
    before: { 'route of /canary inside the mesh': "Istio's own" },
    after: { 'route of /canary inside the mesh': 'canary' },
    keeps: {
      'route of /canary at the gateway': 'canary',
      'route of / inside the mesh': "Istio's own",
      'route of / at the gateway': '404',
    },
  },
  {
    name: 'the host *',
    manifests: stream(shop, virtualService('["*"]', '[shop]', rule('canary', canary))),
    flags: ['--reach-mesh'],
    applications,
    observe: asking('/canary', '/'),
    before: { 'route of /canary inside the mesh': "Istio's own" },
    after: { 'route of /canary inside the mesh': 'canary' },
    keeps: {
      'route of /canary at the gateway': 'canary',
      'route of / inside the mesh': "Istio's own",
      'route of / at the gateway': '404',
    },
  },
  {
    name: 'a match for every gateway',
    manifests: stream(
      shop,
      virtualService(
        '[shop.example.com]',
        '[shop]',
        rule('canary', `${canary}          gateways: [shop]\n`),
        rule('rest'),
      ),
    ),
    flags: ['--reach-mesh'],
    applications,
    observe: asking('/canary', '/'),
    before: { 'route of /canary inside the mesh': "Istio's own", 'route of / inside the mesh': "Istio's own" },
    after: { 'route of /canary inside the mesh': 'canary', 'route of / inside the mesh': 'rest' },
    keeps: { 'route of /canary at the gateway': 'canary', 'route of / at the gateway': 'rest' },
  },
  {
    name: 'a port of the Gateway that the Service does not have',
    manifests: stream(
      service('web', 'http:9090'),
      workload('web', { sidecar: false }),
      workload('client'),
      gateway,
      virtualService('[shop.example.com]', '[shop]', rule('canary', `${canary}          port: 8080\n`)),
    ),
    flags: ['--reach-mesh'],
    applications,
    observe: async (mesh) => {
      const { body } = await mesh.send('shop/client', 9090, { host: 'web.shop:9090', path: '/canary' });
      return { 'route of /canary inside the mesh': body };
    },
    before: { 'route of /canary inside the mesh': "Istio's own" },
    after: { 'route of /canary inside the mesh': 'canary' },
  },
  {
    name: 'a host with a dot',
    manifests: stream(shop, virtualService('[web.shop]', '', rule('rest'))),
    flags: ['--reach-mesh'],
    applications,
    observe: async (mesh) => {
      const { body } = await mesh.send('shop/client', 8080, { host: 'web.shop:8080', path: '/' });
      return { 'route of / inside the mesh': body };
    },
    before: { 'route of / inside the mesh': "Istio's own" },
    after: { 'route of / inside the mesh': 'rest' },
  },
]);
