import { type Behaviour, type Headers, headerValue } from './application.ts';
import type { Mesh } from './mesh.ts';
import { type Observations, prove } from './proof.ts';
import { service, stream, workload } from './shop.ts';

/** Says which rule of the VirtualService a request came by. */
const echoRule: Behaviour = ({ headers }) => ({ body: headerValue(headers, 'x-rule') ?? 'none' });
const applications = { 'shop/web': echoRule };

const web = stream(service('web', 'http:8080'), workload('web', { sidecar: false }), workload('client'));

/** Rules in the order given: the name marks the requests that a rule takes. */
function rules(...each: readonly (readonly [name: string, match: string])[]): string {
  const http = each.map(([name, match]) => {
    const matches = match === '' ? '' : `      match:\n        - ${match.trim().split('\n').join('\n          ')}\n`;
    return `
    - name: ${name}
${matches}      headers:
        request:
          set:
            x-rule: ${name}
      route:
        - destination:
            host: web`;
  });
  return `
apiVersion: networking.istio.io/v1beta1
kind: VirtualService
metadata:
  name: web
  namespace: shop
spec:
  hosts:
    - web
  http:${http.join('')}`;
}

function asking(
  ...requests: readonly (readonly [path: string, ...headers: Headers])[]
): (mesh: Mesh) => Promise<Observations> {
  return async (mesh) => {
    const seen: Record<string, string> = {};
    for (const [path, ...headers] of requests) {
      const { body } = await mesh.send('shop/client', 8080, { host: 'web.shop:8080', path, headers });
      seen[`rule that takes ${[path, ...headers.map((header) => header.join(': '))].join(', ')}`] = body;
    }
    return seen;
  };
}

prove('reorder-prefixes', [
  {
    name: 'a short prefix before longer ones',
    manifests: stream(web, rules(['api', 'uri: {prefix: /api}'], ['api-v2', 'uri: {prefix: /api/v2}'], ['rest', ''])),
    flags: ['--reorder-prefixes'],
    applications,
    observe: asking(['/api/v2/items'], ['/api/items'], ['/']),
    before: { 'rule that takes /api/v2/items': 'api' },
    after: { 'rule that takes /api/v2/items': 'api-v2' },
    keeps: { 'rule that takes /api/items': 'api', 'rule that takes /': 'rest' },
  },
  {
    name: 'a prefix before an exact path',
    manifests: stream(web, rules(['all', 'uri: {prefix: /cart}'], ['checkout', 'uri: {exact: /cart/checkout}'])),
    flags: ['--reorder-prefixes'],
    applications,
    observe: asking(['/cart/checkout'], ['/cart/1']),
    before: { 'rule that takes /cart/checkout': 'all' },
    after: { 'rule that takes /cart/checkout': 'checkout' },
    keeps: { 'rule that takes /cart/1': 'all' },
  },
  {
    name: 'a prefix before a longer one that also asks for a header',
    manifests: stream(
      web,
      rules(['all', 'uri: {prefix: /search}'], ['beta', 'uri: {prefix: /search/new}\nheaders: {x-beta: {exact: "1"}}']),
    ),
    flags: ['--reorder-prefixes'],
    applications,
    observe: asking(['/search/new', ['x-beta', '1']], ['/search/new'], ['/search', ['x-beta', '1']]),
    before: { 'rule that takes /search/new, x-beta: 1': 'all' },
    after: { 'rule that takes /search/new, x-beta: 1': 'beta' },
    keeps: { 'rule that takes /search/new': 'all', 'rule that takes /search, x-beta: 1': 'all' },
  },
  {
    name: 'a catch-all before everything else',
    manifests: stream(web, rules(['rest', 'uri: {prefix: /}'], ['api', 'uri: {prefix: /api}'])),
    flags: ['--reorder-prefixes'],
    applications,
    observe: asking(['/api'], ['/other']),
    before: { 'rule that takes /api': 'rest' },
    after: { 'rule that takes /api': 'api' },
    keeps: { 'rule that takes /other': 'rest' },
  },
  {
    name: 'style segments',
    manifests: stream(
      web,
      rules(['usrv', 'uri: {prefix: /usrv}'], ['expand', 'uri: {prefix: /usrv-expand}'], ['rest', '']),
    ),
    flags: ['--reorder-prefixes', '--set', 'reorder-prefixes.style=segments'],
    applications,
    observe: asking(['/usrv-expand'], ['/usrvice'], ['/usrv'], ['/usrv/1']),
    before: { 'rule that takes /usrv-expand': 'usrv', 'rule that takes /usrvice': 'usrv' },
    after: { 'rule that takes /usrv-expand': 'expand', 'rule that takes /usrvice': 'rest' },
    keeps: { 'rule that takes /usrv': 'usrv', 'rule that takes /usrv/1': 'usrv' },
  },
]);
