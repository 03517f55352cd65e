/**
 * The file that the benchmark edits: a quarter each of Service, Deployment, VirtualService with three rules, and
 * DestinationRule, in the mixed style that people write, 450 bytes a document.
 *
 * @param count - of documents; a multiple of 4
 */
export function manifests(count: number): string {
  let text = '';
  for (let i = 0; i < count / 4; i++) text += documentsOf(`svc-${i}`, `ns-${i % 50}`);
  return text;
}

function documentsOf(name: string, namespace: string): string {
  const host = `${name}.${namespace}.svc.cluster.local`;
  return `apiVersion: v1
kind: Service
metadata:
  name: ${name}
  namespace: ${namespace}
  labels:
    app: ${name}
spec:
  selector:
    app: ${name}
  ports:
    - name: http
      port: 80
      targetPort: 8080 # container
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
  namespace: ${namespace}
spec:
  replicas: 2
  selector:
    matchLabels: {app: ${name}}
  template:
    metadata:
      labels: {app: ${name}, version: v1}
    spec:
      containers:
        - name: app
          image: "registry.example.com/team/${name}:1.2.3"
          ports:
            - containerPort: 8080
          env:
            - name: LOG_LEVEL
              value: info
---
# routes of ${name}
apiVersion: networking.istio.io/v1beta1
kind: VirtualService
metadata:
  name: ${name}
  namespace: ${namespace}
spec:
  hosts:
    - ${host}
  http:
    - match:
        - uri:
            prefix: /api/v2
      route:
        - destination:
            host: ${host}
            subset: v2
    - match:
        - uri:
            prefix: /api
      route:
        - destination:
            host: ${host}
            subset: v1
    - route: # all else
        - destination:
            host: ${host}
---
apiVersion: networking.istio.io/v1beta1
kind: DestinationRule
metadata:
  name: ${name}
  namespace: ${namespace}
spec:
  host: ${host}
  trafficPolicy:
    connectionPool:
      tcp:
        maxConnections: 100
  subsets:
    - name: v1
      labels: {version: v1}
    - name: v2
      labels: {version: v2}
---
`;
}
