/** Manifests of a small shop that the cases share: said in a line where a line is enough, as YAML that a user would write. */

/** Joins manifests to one stream. */
export function stream(...manifests: readonly string[]): string {
  return `${manifests.map((text) => text.trim()).join('\n---\n')}\n`;
}

/** A Service `name` in front of the workload of that name; each port is `name:number`, as `http:8080`. */
export function service(name: string, ...ports: readonly string[]): string {
  const lines = ports.map((port) => {
    const [portName, number] = port.split(':');
    return `    - name: ${portName}\n      port: ${number}\n      targetPort: ${Number(number) + 1000}`;
  });
  return `
apiVersion: v1
kind: Service
metadata:
  name: ${name}
  namespace: shop
spec:
  selector:
    app: ${name}
  ports:
${lines.join('\n')}`;
}

/** A Deployment; `proxyConfig` is the text of its annotation `proxy.istio.io/config`. */
export function workload(
  name: string,
  options: { sidecar?: boolean; labels?: Readonly<Record<string, string>>; proxyConfig?: string } = {},
): string {
  const labels = {
    app: name,
    ...options.labels,
    ...(options.sidecar === false ? { 'sidecar.istio.io/inject': 'false' } : {}),
  };
  const labelLines = Object.entries(labels).map(([key, value]) => `        ${key}: "${value}"`);
  const annotations = options.proxyConfig
    ? `
      annotations:
        proxy.istio.io/config: |
${options.proxyConfig
  .trim()
  .split('\n')
  .map((line) => `          ${line}`)
  .join('\n')}`
    : '';
  return `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
  namespace: shop
spec:
  selector:
    matchLabels:
      app: ${name}
  template:
    metadata:
      labels:
${labelLines.join('\n')}${annotations}
    spec:
      containers:
        - name: app
          image: example/${name}:1`;
}

/** An ingress gateway on port 8080 for `shop.example.com`, and what its Deployment and Service look like. */
export const gateway = `
apiVersion: networking.istio.io/v1beta1
kind: Gateway
metadata:
  name: shop
  namespace: shop
spec:
  selector:
    istio: ingressgateway
  servers:
    - port:
        number: 8080
        name: http
        protocol: HTTP
      hosts:
        - shop.example.com
---
apiVersion: v1
kind: Service
metadata:
  name: istio-ingressgateway
  namespace: istio-system
spec:
  selector:
    istio: ingressgateway
  ports:
    - name: http2
      port: 8080
      targetPort: 8080
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: istio-ingressgateway
  namespace: istio-system
spec:
  selector:
    matchLabels:
      istio: ingressgateway
  template:
    metadata:
      annotations:
        inject.istio.io/templates: gateway
      labels:
        istio: ingressgateway
        sidecar.istio.io/inject: "true"
    spec:
      containers:
        - name: istio-proxy
          image: auto`;

/** Sends what arrives at the gateway to a Service. */
export function ingress(name: string, port: number): string {
  return `
apiVersion: networking.istio.io/v1beta1
kind: VirtualService
metadata:
  name: ${name}-ingress
  namespace: shop
spec:
  hosts:
    - shop.example.com
  gateways:
    - shop
  http:
    - route:
        - destination:
            host: ${name}
            port:
              number: ${port}`;
}

/** Istiod's Deployment as far as the remedies read it. */
export const istiodDeployment = `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: istiod
  namespace: istio-system
spec:
  selector:
    matchLabels:
      app: istiod
  template:
    metadata:
      labels:
        app: istiod
    spec:
      containers:
        - name: discovery
          image: istio/pilot
          env:
            - name: PILOT_TRACE_SAMPLING
              value: "1"`;

/** The mesh config's ConfigMap with a text of its own. */
export function meshConfigMap(mesh: string): string {
  return `
apiVersion: v1
kind: ConfigMap
metadata:
  name: istio
  namespace: istio-system
data:
  mesh: |-
${mesh
  .trim()
  .split('\n')
  .map((line) => `    ${line}`)
  .join('\n')}`;
}
