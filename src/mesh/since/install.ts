import { announcement, code, type Fact, note } from './fact.ts';

const gatewayApi = 'https://istio.io/latest/docs/tasks/traffic-management/ingress/gateway-api/#deployment-methods';
const webhook19 = code('1.9.0', 'manifests/charts/istio-control/istio-discovery/templates/mutatingwebhook.yaml');

/** How Istio is installed and injected, how proxies start, DNS and tracing. */
export const installFacts = {
  podLabelSelectors: {
    what: 'the injection webhooks look at labels of pods',
    since: '1.10',
    source: code('1.10.0', 'manifests/charts/istio-control/istio-discovery/templates/mutatingwebhook.yaml'),
  },
  legacySelectorsSwitch: {
    what: '`sidecarInjectorWebhook.useLegacySelectors: false` makes the webhooks look at labels of pods',
    since: '1.9',
    source: webhook19,
  },
  falseLabelOfPods: {
    what: 'a webhook leaves out pods with the label `sidecar.istio.io/inject: "false"`',
    since: '1.9',
    source: webhook19,
  },
  onlyTrueAndFalse: {
    what: 'injection words other than "true" and "false" count for nothing; before, they mean no',
    since: '1.27',
    source: code('1.27.0', 'pkg/kube/inject/inject.go'),
  },
  firstRevisionIsDefault: {
    what: 'istioctl makes the first control plane of a cluster the default one, whatever its revision',
    since: '1.12',
    source: announcement('1.12'),
  },
  operatorInCluster: {
    what: 'an operator in the cluster applies IstioOperator resources',
    until: '1.23',
    source: 'https://istio.io/latest/blog/2024/in-cluster-operator-deprecation-announcement/',
  },
  gatewayListReplacesProfile: {
    what: 'gateways listed in an IstioOperator replace those of its profile; before, the two lists are merged by name',
    since: '1.24',
    source: code('1.31.0', 'operator/pkg/render/manifest.go'),
  },
  gatewayChartServiceAnnotations: {
    what: 'the `gateway` chart has `service.annotations`; before, `annotations` go to the Service',
    since: '1.13',
    source: code('1.13.0', 'manifests/charts/gateway/values.yaml'),
  },
  infrastructureAnnotations: {
    what: 'the Service of a Gateway takes `spec.infrastructure.annotations` in place of the own ones of the Gateway',
    since: '1.21',
    source: gatewayApi,
  },
  topLevelChartEnv: {
    what: 'the istiod chart has `env` beside `pilot.env`',
    since: '1.24',
    source: code('1.24.0', 'manifests/charts/istio-control/istio-discovery/values.yaml'),
  },
  sharedMeshConfig: {
    what: 'istiod reads a second mesh config (`SHARED_MESH_CONFIG`)',
    since: '1.10',
    source: code('master', 'pilot/pkg/bootstrap/mesh.go'),
  },
  mergedProxyMetadata: {
    what: '`proxyMetadata` of an annotation is merged with that of the mesh config; before, it replaces it',
    since: '1.11',
    source: code('1.11.0', 'pkg/config/mesh/mesh.go'),
  },
  proxyConfigResource: {
    what: 'ProxyConfig is a kind of resource',
    since: '1.13',
    source: 'https://istio.io/latest/docs/reference/config/networking/proxy-config/',
  },
  holdValue: {
    what: 'the istiod chart has `global.proxy.holdApplicationUntilProxyStarts`',
    since: '1.7',
    source: code('1.7.0', 'manifests/charts/istio-control/istio-discovery/files/injection-template.yaml'),
  },
  holdInProxyConfig: {
    what: 'the proxy config has `holdApplicationUntilProxyStarts`',
    since: '1.8',
    source: announcement('1.8'),
  },
  nativeSidecars: {
    what: 'proxies can be native sidecars (`ENABLE_NATIVE_SIDECARS`)',
    since: '1.19',
    source: announcement('1.19'),
  },
  nativeSidecarAnnotation: {
    what: 'the annotation `sidecar.istio.io/nativeSidecar` of a pod decides about its proxy',
    since: '1.24',
    source: announcement('1.24'),
  },
  nativeSidecarsByDefault: {
    what: 'proxies are native sidecars where nodes run Kubernetes 1.33 or later',
    since: '1.27',
    source: announcement('1.27'),
  },
  reentrantIstioInit: {
    what: 'istio-init may run twice: it finds its iptables rules and leaves them',
    since: '1.24',
    source: note('50328'),
  },
  dnsCapture: {
    what: 'sidecars answer DNS (`ISTIO_META_DNS_CAPTURE`)',
    since: '1.8',
    source: announcement('1.8'),
  },
  wellFormedDns: {
    what: 'answers of the DNS proxy can be read by every resolver',
    since: '1.9.2',
    source: 'https://github.com/istio/istio/pull/31251',
  },
  dnsAutoAllocate: {
    what: '`ISTIO_META_DNS_AUTO_ALLOCATE` decides whether ServiceEntries without addresses get one; before, DNS capture does',
    since: '1.9',
    until: '1.24',
    source: announcement('1.9'),
  },
  ipAutoAllocation: {
    what: 'istiod gives ServiceEntries their addresses (`PILOT_ENABLE_IP_AUTOALLOCATE` is on)',
    since: '1.25',
    source: note('54690'),
  },
  defaultZipkin: {
    what: 'spans go to `zipkin.istio-system` by default',
    until: '1.21',
    source: note('drop-default-tracing'),
  },
  opencensusTracing: {
    what: 'there is the tracing provider `opencensus`',
    until: '1.22',
    source: note('opencensus-removal'),
  },
  lightstepTracing: {
    what: 'there is the tracing provider `lightstep`',
    until: '1.26',
    source: note('54002'),
  },
  rbacV1: {
    what: 'ServiceRole, ServiceRoleBinding and ClusterRbacConfig are kinds of Istio',
    until: '1.6',
    source: 'https://istio.io/latest/docs/reference/config/security/authorization-policy/',
  },
  mixer: {
    what: 'there is Mixer, with its kinds of `config.istio.io`',
    until: '1.7',
    source: announcement('1.8', 'upgrade'),
  },
} as const satisfies Readonly<Record<string, Fact>>;
