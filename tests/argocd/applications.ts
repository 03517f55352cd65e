import type { Application } from './client.ts';
import type { Files } from './tar.ts';

/** A MeshRemedies; `spec` is YAML in flow style. */
export function config(spec: string): string {
  return `apiVersion: meshmend.dev/v1alpha1\nkind: MeshRemedies\nmetadata: {name: shop}\nspec: ${spec}\n`;
}

/** Switches retries off, as Istio 1.24 needs it. */
export const asks = config('{istioVersion: "1.24", intents: {disable-retries: {}}}');

/** The parameters of an Application, as Argo CD hands them over. */
export function parameters(...list: readonly object[]): Readonly<Record<string, string>> {
  return { ARGOCD_APP_PARAMETERS: JSON.stringify(list) };
}

export function virtualService(name: string): string {
  return `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: ${name}
  namespace: shop
spec:
  hosts:
    - ${name}.shop.svc.cluster.local
  http:
    - route:
        - destination:
            host: ${name}
    - match:
        - uri: {prefix: /slow}
      retries: {attempts: 5}
      route:
        - destination:
            host: ${name}
`;
}

export function service(name: string): string {
  return `apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: shop}
spec:
  selector: {app: ${name}}
  ports: [{name: http, port: 80}]
`;
}

const list = `apiVersion: v1
kind: List
items:
  - apiVersion: v1
    kind: ConfigMap
    metadata: {name: first, namespace: shop}
    data: {"on": "012"}
  - {apiVersion: v1, kind: ConfigMap, metadata: {name: second, namespace: shop}}
`;

/** A folder of manifests. */
export const plain: Application = {
  path: 'apps/shop',
  repository: {
    'apps/shop/meshmend.yaml': asks,
    'apps/shop/orders.yaml': `${service('orders')}---\n${virtualService('orders')}`,
    'apps/shop/more/stock.yaml': service('stock'),
    'apps/shop/more/list.yaml': list,
    'apps/other/other.yaml': service('other'),
    'README.md': '# shop\n',
  },
};

const base: Files = {
  'kustomization.yaml': 'resources: [orders.yaml, stock.yaml]\n',
  'orders.yaml': virtualService('orders'),
  'stock.yaml': service('stock'),
};

/** A folder with a kustomization. */
export const kustomized: Application = {
  path: '.',
  repository: {
    ...base,
    'kustomization.yaml': `namePrefix: my-\n${base['kustomization.yaml']}`,
    'meshmend.yaml': asks,
  },
};

/** An overlay, which needs the rest of the repository. */
export const overlay: Application = {
  path: 'shop/overlays/prod',
  repository: {
    ...Object.fromEntries(Object.entries(base).map(([name, text]) => [`shop/base/${name}`, text])),
    'shop/overlays/prod/kustomization.yaml': 'namespace: prod\nresources: [../../base]\n',
    'shop/overlays/prod/meshmend.yaml': asks,
  },
};

/** A chart with a values file beside it and one above. */
export const chart: Application = {
  path: 'charts/shop',
  repository: {
    'charts/shop/Chart.yaml': 'apiVersion: v2\nname: shop\nversion: 1.0.0\n',
    'charts/shop/meshmend.yaml': asks,
    'charts/shop/values.yaml': 'host: default\nreplicas: 1\n',
    'charts/shop/prod.yaml': 'host: production\n',
    'charts/common.yaml': 'host: common\nreplicas: 3\n',
    'charts/shop/crds/crd.yaml': `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: things.example.com}
spec: {group: example.com}
`,
    'charts/shop/templates/route.yaml': `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: {{ .Release.Name }}, namespace: {{ .Release.Namespace }}, annotations: {replicas: "{{ .Values.replicas }}"}}
spec:
  hosts: [{{ .Values.host }}.shop.svc.cluster.local]
  http:
    - route: [{destination: {host: {{ .Values.host }}}}]
`,
  },
};

/** An application with one file more or other. */
export function withFiles({ repository, ...rest }: Application, files: Files): Application {
  const inside = Object.entries(files).map(([name, text]) => [rest.path === '.' ? name : `${rest.path}/${name}`, text]);
  return { ...rest, repository: { ...repository, ...Object.fromEntries(inside) } };
}
