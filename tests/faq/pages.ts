import { configFromFlags, intentsOf } from '../../src/config/config.ts';
import type { Finding, Severity } from '../../src/finding.ts';
import type { JsonObject } from '../../src/manifest/node.ts';
import { parseVersion } from '../../src/mesh/version.ts';
import { remedies } from '../../src/remedies/index.ts';
import { type Remediation, type Request, remediate } from '../../src/run/remediate.ts';
import { intent } from '../golden-cases.ts';

/** What a page of the FAQ is about, written anew, and what meshmend has to make of it. */
export interface Page {
  /** The page's title; a page with several problems stands here several times, each with a word of its own. */
  readonly title: string;
  readonly problem?: string;
  readonly manifests: string;
  readonly istioVersion: string;
  readonly remedy: string;
  /** What a diagnosis must say, in a finding of the remedy. */
  readonly finds: { readonly severity: Severity; readonly says: RegExp };
  /** What must be given for the rewrite beyond what the finding itself asks for. */
  readonly parameters?: JsonObject;
  /** What the rewritten manifests must hold; undefined for a page that only gives advice. */
  readonly mended?: readonly (string | RegExp)[];
  /** What `explain` must be asked, and what its answer must hold. */
  readonly explain: readonly [question: string, says: RegExp];
}

/** What every remedy says of a page's manifests. */
export function diagnosePage(page: Page, manifests: string): Remediation {
  const all = configFromFlags({ intents: remedies.map(({ id }) => id), set: [], istioVersion: undefined });
  return run(page, manifests, 'diagnose', intentsOf(all));
}

/** Tells the finding that a page is about. */
export function isFindingOf({ remedy, finds }: Page): (finding: Finding) => boolean {
  return (finding) =>
    finding.remedy === remedy && finding.severity === finds.severity && finds.says.test(finding.message);
}

/** The manifests as the page's remedy writes them: with what its finding asks for, and what the page adds. */
export function rewritePage(page: Page, manifests: string, finding?: Finding): Remediation {
  const parameters = { ...finding?.parameters, ...page.parameters };
  return run(page, manifests, 'rewrite', intent(page.remedy, parameters));
}

function run({ istioVersion }: Page, text: string, mode: Request['mode'], intents: Request['intents']): Remediation {
  const version = parseVersion(istioVersion);
  const file = { path: 'page.yaml', text, named: true };
  return remediate([file], { mode, intents, ...(version && { istioVersion: version }) });
}

const workload = (name: string, rest = ''): string => `apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, namespace: shop}
spec:
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata:
      labels: {app: ${name}}
    spec:
      containers:
        - name: ${name}
          image: registry.example.com/${name}:1${rest}
`;

export const pages: readonly Page[] = [
  {
    title: 'How to Add Mesh Permissions to a Cluster',
    istioVersion: '1.31',
    manifests: `apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  name: 100087654321-ClusterRole
  labels: {cloud.tencent.com/tke-account: "100087654321"}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: tke:ro}
subjects:
  - {apiGroup: rbac.authorization.k8s.io, kind: User, name: 100087654321-1650879262}
`,
    remedy: 'grant-cluster-access',
    finds: { severity: 'info', says: /100087654321-ClusterRole.*lack/ },
    parameters: { accounts: [{ user: '100087654321-1650879262', uin: '100087654321', role: 'admin' }] },
    mended: ['kind: ClusterRoleBinding', 'name: tke:admin', 'cloud.tencent.com/tke-account: "100087654321"'],
    explain: ['no cluster permission', /RBAC/],
  },
  {
    title: 'Cluster Management by Sub-account Fails',
    istioVersion: '1.31',
    manifests: `apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: developers, labels: {cloud.tencent.com/tke-account: "100087654321"}}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: tke:developer}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: 100087654321-1650879262}]
`,
    remedy: 'grant-cluster-access',
    finds: { severity: 'warning', says: /tke:developer/ },
    explain: ['sub-account insufficient permission', /RBAC/],
  },
  {
    title: 'Pod Startup Fails Because the Envoy Sidecar Is Unready',
    istioVersion: '1.18',
    manifests: workload('nginx'),
    remedy: 'hold-application',
    finds: { severity: 'info', says: /first calls may fail/ },
    mended: ['proxy.istio.io/config', 'holdApplicationUntilProxyStarts: true'],
    explain: ['holdApplicationUntilProxyStarts', /longer|later|wait/],
  },
  {
    title: 'Envoy Status Code 431 "Request Header Fields Too Large" Is Returned',
    istioVersion: '1.31',
    manifests: workload('shop'),
    remedy: 'raise-header-limit',
    finds: { severity: 'info', says: /60 KiB/ },
    mended: ['max_request_headers_kb: 96', 'envoy.filters.network.http_connection_manager', 'connection_manager.v3'],
    explain: ['HTTP/1.1 431 Request Header Fields Too Large', /60 KiB/],
  },
  {
    title: 'Envoy Status Code 431 "Request Header Fields Too Large" Is Returned',
    problem: "the page's own filter on today's Istio",
    istioVersion: '1.31',
    manifests: `apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: {name: headers, namespace: istio-system}
spec:
  configPatches:
    - applyTo: NETWORK_FILTER
      match: {context: ANY, listener: {filterChain: {filter: {name: envoy.http_connection_manager}}}}
      patch:
        operation: MERGE
        value:
          typed_config:
            "@type": type.googleapis.com/envoy.config.filter.network.http_connection_manager.v2.HttpConnectionManager
            max_request_headers_kb: 96
`,
    remedy: 'modernize-envoy-filters',
    finds: { severity: 'error', says: /v2|envoy\.http_connection_manager/ },
    mended: ['name: envoy.filters.network.http_connection_manager', 'http_connection_manager.v3.HttpConnectionManager'],
    explain: ['referenced type unknown (hint: try using the v3 XDS API)', /v3/],
  },
  {
    title: 'Envoy Converts Headers to Lowercase',
    istioVersion: '1.31',
    manifests: workload('legacy'),
    remedy: 'preserve-header-case',
    finds: { severity: 'info', says: /lower case/ },
    mended: ['preserveHttp1HeaderCase: true'],
    explain: ['lowercase', /lower case/],
  },
  {
    title: 'Envoy Converts Headers to Lowercase',
    problem: 'a format on listeners only',
    istioVersion: '1.18',
    manifests: `apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: {name: proper-case, namespace: istio-system}
spec:
  configPatches:
    - applyTo: NETWORK_FILTER
      match: {listener: {filterChain: {filter: {name: envoy.filters.network.http_connection_manager}}}}
      patch:
        operation: MERGE
        value:
          typed_config:
            "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
            http_protocol_options: {header_key_format: {proper_case_words: {}}}
---
apiVersion: v1
kind: Service
metadata: {name: legacy, namespace: shop}
spec:
  selector: {app: legacy}
  ports: [{name: http, port: 80}]
`,
    remedy: 'preserve-header-case',
    finds: { severity: 'warning', says: /responses get it and requests still reach servers in lower case/ },
    mended: [/applyTo: CLUSTER[\s\S]*proper_case_words/],
    explain: ['proper_case_words', /both directions/],
  },
  {
    title: 'Headless Service-related FAQs',
    problem: 'a load balancing policy that has no effect',
    istioVersion: '1.31',
    manifests: `apiVersion: v1
kind: Service
metadata: {name: carts, namespace: shop}
spec:
  clusterIP: None
  selector: {app: carts}
  ports: [{name: http, port: 80, targetPort: 8080}]
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: carts, namespace: shop}
spec:
  host: carts
  trafficPolicy:
    loadBalancer: {consistentHash: {httpHeaderName: x-user}}
`,
    remedy: 'balance-headless',
    finds: { severity: 'warning', says: /carts/ },
    mended: ['name: carts-balanced'],
    explain: ['consistentHash', /headless/],
  },
  {
    title: 'Headless Service-related FAQs',
    problem: 'a server without a sidecar: UF,URX',
    istioVersion: '1.6.0',
    manifests: `apiVersion: v1
kind: Service
metadata: {name: redis, namespace: default}
spec:
  clusterIP: None
  selector: {app: redis}
  ports: [{name: tcp-redis, port: 6379}]
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: redis, namespace: default}
spec:
  serviceName: redis
  selector: {matchLabels: {app: redis}}
  template:
    metadata:
      labels: {app: redis}
      annotations: {sidecar.istio.io/inject: "false"}
    spec:
      containers: [{name: redis, image: "redis:6"}]
`,
    remedy: 'plaintext-headless',
    finds: { severity: 'warning', says: /redis/ },
    mended: ['host: redis.default.svc.cluster.local', 'mode: DISABLE'],
    explain: ['UF,URX', /sidecar/],
  },
  {
    title: 'Headless Service-related FAQs',
    problem: 'a registry that gives pod IPs: 404',
    istioVersion: '1.31',
    manifests: `apiVersion: v1
kind: Service
metadata: {name: orders, namespace: shop}
spec:
  clusterIP: None
  selector: {app: orders}
  ports:
    - name: http
      port: 8080
`,
    remedy: 'headless-passthrough',
    finds: { severity: 'info', says: /orders/ },
    mended: ['appProtocol: tcp'],
    explain: ['404 registry', /Host/],
  },
  {
    title: 'Headless Service-related FAQs',
    problem: 'a rebuilt pod is never found again',
    istioVersion: '1.6.0',
    manifests: `apiVersion: v1
kind: Service
metadata: {name: orders, namespace: shop}
spec:
  clusterIP: None
  selector: {app: orders}
  ports: [{name: tcp, port: 8080}]
`,
    remedy: 'upgrade-istio',
    finds: { severity: 'info', says: /1\.\d+/ },
    explain: ['rebuilt pod', /upgrad/i],
  },
  {
    title: 'Istio-init Crashes',
    istioVersion: '1.18',
    manifests: `apiVersion: batch/v1
kind: CronJob
metadata: {name: tidy-nodes, namespace: kube-system}
spec:
  schedule: "0 3 * * *"
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: Never
          containers:
            - name: prune
              image: docker:24-cli
              command: [sh, -c, docker system prune -f]
              volumeMounts: [{name: socket, mountPath: /var/run/docker.sock}]
          volumes: [{name: socket, hostPath: {path: /var/run/docker.sock}}]
`,
    remedy: 'protect-init-containers',
    finds: { severity: 'warning', says: /istio-init/ },
    mended: ['suspend: true'],
    explain: ['Init:CrashLoopBackOff', /iptables/],
  },
  {
    title: 'VirtualService Does Not Take Effect',
    problem: 'callers inside the mesh',
    istioVersion: '1.31',
    manifests: `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: productpage, namespace: shop}
spec:
  gateways:
    - istio-test/test-gateway
  hosts:
    - bookinfo.example.com
  http:
    - route:
        - destination: {host: productpage, port: {number: 9080}}
---
apiVersion: v1
kind: Service
metadata: {name: productpage, namespace: shop}
spec:
  selector: {app: productpage}
  ports: [{name: http, port: 9080}]
`,
    remedy: 'reach-mesh',
    finds: { severity: 'info', says: /productpage/ },
    mended: [/gateways:\n {4}- istio-test\/test-gateway\n {4}- mesh\n/, /- productpage/],
    explain: ['VirtualService not effective mesh gateways', /mesh/],
  },
  {
    title: 'VirtualService Does Not Take Effect',
    problem: 'hosts of Gateway and VirtualService that never meet',
    istioVersion: '1.31',
    manifests: `apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: test-gateway, namespace: istio-test}
spec:
  selector: {istio: ingressgateway}
  servers:
    - port: {number: 80, name: http, protocol: HTTP}
      hosts:
        - shop.example.com
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: productpage, namespace: shop}
spec:
  gateways: [istio-test/test-gateway]
  hosts:
    - bookinfo.example.com
  http:
    - route:
        - destination: {host: productpage}
`,
    remedy: 'match-gateway-hosts',
    finds: { severity: 'warning', says: /bookinfo\.example\.com/ },
    mended: [/hosts:\n {8}- shop\.example\.com\n {8}- .*bookinfo\.example\.com/],
    explain: ['404 gateway hosts', /Gateway/],
  },
  {
    title: 'Inappropriate VirtualService Route Matching Order',
    istioVersion: '1.31',
    manifests: `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: test, namespace: default}
spec:
  gateways: [default/example-gw]
  hosts: [test.example.com]
  http:
    - match:
        - uri: {prefix: /usrv}
      route:
        - destination: {host: usrv.default.svc.cluster.local}
    - match:
        - uri: {prefix: /usrv-expand}
      route:
        - destination: {host: usrv-expand.default.svc.cluster.local}
`,
    remedy: 'reorder-prefixes',
    finds: { severity: 'warning', says: /\/usrv-expand/ },
    mended: [/usrv-expand\}[\s\S]*\/usrv\}/],
    explain: ['longest prefix', /first rule/],
  },
  {
    title: 'Failed to Access an Ingress Gateway from the Public Network',
    istioVersion: '1.31',
    manifests: `apiVersion: v1
kind: Service
metadata:
  name: istio-ingressgateway
  namespace: istio-system
  annotations:
    service.cloud.tencent.com/loadbalance-type: OPEN
spec:
  type: LoadBalancer
  selector: {istio: ingressgateway}
  ports:
    - {name: http2, port: 80, targetPort: 8080, nodePort: 30080}
`,
    remedy: 'expose-gateway',
    finds: { severity: 'info', says: /security group/ },
    mended: ['service.cloud.tencent.com/direct-access: "true"'],
    explain: ['security group NodePort', /security group/],
  },
  {
    title: 'Parsing Fails After Smart DNS Is Enabled',
    istioVersion: '1.8.6',
    manifests: `${workload('prices')}---
apiVersion: v1
kind: ConfigMap
metadata: {name: istio, namespace: istio-system}
data:
  mesh: |
    defaultConfig:
      proxyMetadata:
        ISTIO_META_DNS_CAPTURE: "true"
`,
    remedy: 'native-dns',
    finds: { severity: 'info', says: /GRPC_DNS_RESOLVER|gRPC/ },
    mended: ['GRPC_DNS_RESOLVER', 'native'],
    explain: ['alpine musl', /1\.9\.2/],
  },
  {
    title: 'Locality Load Balancing Does Not Take Effect',
    istioVersion: '1.31',
    manifests: `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: nginx, namespace: shop}
spec:
  host: nginx
  trafficPolicy:
    loadBalancer:
      localityLbSetting:
        failover: [{from: ap-east, to: ap-west}]
`,
    remedy: 'locality-failover',
    finds: { severity: 'warning', says: /outlierDetection/ },
    mended: ['consecutive5xxErrors: 3', 'interval: 30s', 'baseEjectionTime: 30s'],
    explain: ['locality load balancing', /outlierDetection/],
  },
  {
    title: 'Client Status Code 426 "Upgrade Required" Is Returned',
    istioVersion: '1.31',
    manifests: `apiVersion: apps/v1
kind: Deployment
metadata: {name: istiod, namespace: istio-system}
spec:
  selector: {matchLabels: {app: istiod}}
  template:
    metadata: {labels: {app: istiod}}
    spec:
      containers:
        - name: discovery
          image: istio/pilot:1.31.0
`,
    remedy: 'support-http10',
    finds: { severity: 'info', says: /426/ },
    mended: [/name: PILOT_HTTP10\n\s+value: "true"/],
    explain: ['426 Upgrade Required', /HTTP\/1\.0/],
  },
  {
    title: 'Sidecars Are Not Automatically Injected',
    istioVersion: '1.31',
    manifests: `apiVersion: v1
kind: Namespace
metadata:
  name: shop
  labels:
    istio-injection: enabled
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: istiod-1-31-0, namespace: istio-system, labels: {app: istiod, istio.io/rev: 1-31-0}}
spec:
  selector: {matchLabels: {app: istiod, istio.io/rev: 1-31-0}}
  template:
    metadata: {labels: {app: istiod, istio.io/rev: 1-31-0}}
    spec:
      containers: [{name: discovery, image: "istio/pilot:1.31.0", env: [{name: REVISION, value: 1-31-0}]}]
`,
    remedy: 'inject-sidecars',
    finds: { severity: 'warning', says: /1-31-0/ },
    mended: [/labels:\n {4}istio\.io\/rev: "1-31-0"\n---/],
    explain: ['istio-injection', /revision/],
  },
  {
    title: 'Circuit Breaking Does Not Take Effect',
    istioVersion: '1.31',
    manifests: `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: nginx, namespace: shop}
spec:
  host: nginx
  trafficPolicy:
    connectionPool:
      tcp:
        maxConnections: 1
`,
    remedy: 'strict-circuit-breaking',
    finds: { severity: 'warning', says: /queue/ },
    mended: ['http1MaxPendingRequests: 1'],
    explain: ['circuit breaking', /http1MaxPendingRequests/],
  },
  {
    title: "404 Is Returned During Access to a StatefulSet's Pod IP Address",
    istioVersion: '1.31',
    manifests: `apiVersion: v1
kind: Service
metadata: {name: ledger, namespace: shop}
spec:
  clusterIP: None
  selector: {app: ledger}
  ports: [{name: http-api, port: 8080}]
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: ledger, namespace: shop}
spec:
  serviceName: ledger
  selector: {matchLabels: {app: ledger}}
  template:
    metadata: {labels: {app: ledger}}
    spec:
      containers: [{name: ledger, image: "registry.example.com/ledger:1"}]
`,
    remedy: 'headless-passthrough',
    finds: { severity: 'info', says: /ledger/ },
    mended: ['appProtocol: tcp'],
    explain: ['404 StatefulSet pod IP', /Host/],
  },
  {
    title: 'Service Is Abnormal Due to a Retry Policy',
    istioVersion: '1.31',
    manifests: `apiVersion: v1
kind: Service
metadata: {name: ratings, namespace: shop}
spec:
  selector: {app: ratings}
  ports: [{name: http, port: 9080}]
`,
    remedy: 'disable-retries',
    finds: { severity: 'info', says: /retries failed requests/ },
    mended: ['attempts: 0', 'host: ratings.shop.svc.cluster.local'],
    explain: ['retries idempotent', /attempts: 0/],
  },
  {
    title: 'Incomplete Call Tracing Information',
    istioVersion: '1.31',
    manifests: `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: orders, namespace: shop}
spec:
  hosts: [orders]
  http:
    - headers:
        request:
          remove: [x-internal, traceparent]
      route:
        - destination: {host: orders}
`,
    remedy: 'keep-trace-headers',
    finds: { severity: 'warning', says: /traceparent/ },
    mended: ['remove: [x-internal]'],
    explain: ['incomplete call tracing', /traceparent/],
  },
];
