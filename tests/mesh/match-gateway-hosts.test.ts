import type { Mesh } from './mesh.ts';
import { type Observations, prove } from './proof.ts';
import { gateway, service, stream, workload } from './shop.ts';

const shop = stream(service('web', 'http:8080'), workload('web', { sidecar: false }));

/** The shop's gateway with other hosts than its own. */
function gatewayFor(...hosts: readonly string[]): string {
  return gateway.replace('        - shop.example.com', hosts.map((host) => `        - "${host}"`).join('\n'));
}

function virtualService(...hosts: readonly string[]): string {
  return `
apiVersion: networking.istio.io/v1beta1
kind: VirtualService
metadata:
  name: web
  namespace: shop
spec:
  hosts:
${hosts.map((host) => `    - ${host}`).join('\n')}
  gateways:
    - shop
  http:
    - route:
        - destination:
            host: web
            port:
              number: 8080`;
}

function asking(...hosts: readonly string[]): (mesh: Mesh) => Promise<Observations> {
  return async (mesh) => {
    const seen: Record<string, number> = {};
    for (const host of hosts) {
      const { status } = await mesh.send('istio-system/istio-ingressgateway', 8080, { host });
      seen[`status for ${host}`] = status;
    }
    return seen;
  };
}

prove('match-gateway-hosts', [
  {
    name: 'a host that the Gateway does not have',
    manifests: stream(shop, gatewayFor('shop.example.com'), virtualService('bookinfo.example.com')),
    flags: ['--match-gateway-hosts'],
    observe: asking('bookinfo.example.com', 'shop.example.com'),
    before: { 'status for bookinfo.example.com': 404 },
    after: { 'status for bookinfo.example.com': 200 },
    keeps: { 'status for shop.example.com': 404 },
  },
  {
    name: 'a wildcard that does not cover its own domain',
    manifests: stream(shop, gatewayFor('*.example.com'), virtualService('example.com')),
    flags: ['--match-gateway-hosts'],
    observe: asking('example.com'),
    before: { 'status for example.com': 404 },
    after: { 'status for example.com': 200 },
  },
  {
    name: 'one host of two',
    manifests: stream(shop, gatewayFor('shop.example.com'), virtualService('shop.example.com', 'www.example.org')),
    flags: ['--match-gateway-hosts'],
    observe: asking('www.example.org', 'shop.example.com'),
    before: { 'status for www.example.org': 404 },
    after: { 'status for www.example.org': 200 },
    keeps: { 'status for shop.example.com': 200 },
  },
  {
    name: 'hosts in another case',
    manifests: stream(shop, gatewayFor('shop.example.com'), virtualService('Shop.Example.com')),
    flags: ['--match-gateway-hosts'],
    observe: asking('shop.example.com'),
    before: { 'status for shop.example.com': 404 },
    after: { 'status for shop.example.com': 200 },
  },
  {
    name: 'hosts with the namespace before them',
    manifests: stream(shop, gatewayFor('./shop.example.com'), virtualService('bookinfo.example.com')),
    flags: ['--match-gateway-hosts'],
    observe: asking('bookinfo.example.com'),
    before: { 'status for bookinfo.example.com': 404 },
    after: { 'status for bookinfo.example.com': 200 },
  },
]);
