import { announcement, code, type Fact, note } from './fact.ts';

const localityChecks = code('1.31.0', 'pkg/config/validation/agent/validation.go');
const distribution = code('1.30.0', 'pilot/pkg/model/service.go');

function destinationRule(message: string): string {
  return `https://istio.io/latest/docs/reference/config/networking/destination-rule/#${message}`;
}

/** Routes, retries, connection pools, load balancing, headless Services and TLS. */
export const trafficFacts = {
  networkingV1: {
    what: 'VirtualServices, DestinationRules and ServiceEntries are served as `networking.istio.io/v1`',
    since: '1.22',
    source: 'https://istio.io/latest/news/releases/1.22.x/announcing-1.22/',
  },
  defaultHttpRetryPolicy: {
    what: 'the mesh config has `defaultHttpRetryPolicy`',
    since: '1.12',
    source: 'https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/#MeshConfig-default_http_retry_policy',
  },
  no503Retries: {
    what: 'default retries leave a plain 503 alone',
    since: '1.24',
    source: note('50506'),
  },
  inboundRetries: {
    what: 'sidecars repeat a request to their own application that was reset before it was sent (`reset-before-request`, 2 attempts)',
    since: '1.24',
    source: code('1.27.0', 'pilot/pkg/networking/core/route/route.go'),
  },
  defaultInboundHttpRetryPolicy: {
    what: 'the mesh config has `defaultInboundHttpRetryPolicy`',
    since: '1.32',
    source: note('default-inbound-http-retry-policy'),
  },
  backendUtilization: {
    what: 'DestinationRules have `loadBalancer.backendUtilization`',
    since: '1.32',
    source: destinationRule('LoadBalancerSettings'),
  },
  failurePercentageThreshold: {
    what: 'DestinationRules have `outlierDetection.failurePercentageThreshold`',
    since: '1.32',
    source: destinationRule('OutlierDetection'),
  },
  caCertCredentialName: {
    what: 'DestinationRules have `tls.caCertCredentialName`',
    since: '1.32',
    source: destinationRule('ClientTLSSettings'),
  },
  gatewayAlpnProtocols: {
    what: 'Gateways have `tls.alpnProtocols` and `tls.ecdhCurves`',
    since: '1.32',
    source: 'https://istio.io/latest/docs/reference/config/networking/gateway/#ServerTLSSettings',
  },
  sidecarConnectionPool: {
    what: 'Sidecars have `inboundConnectionPool`',
    since: '1.20',
    source: 'https://istio.io/latest/docs/reference/config/networking/sidecar/#Sidecar-inbound_connection_pool',
  },
  defaultTrafficPolicy: {
    what: 'the mesh config has `defaultTrafficPolicy`',
    since: '1.31',
    source: 'https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/#MeshConfig-default_traffic_policy',
  },
  consecutiveErrors: {
    what: '`outlierDetection.consecutiveErrors` counts gateway errors',
    until: '1.6',
    source: destinationRule('OutlierDetection'),
  },
  firstEjectionCounted: {
    what: '`maxEjectionPercent` counts for the first pod too (Envoy 1.28)',
    since: '1.20',
    source: 'https://www.envoyproxy.io/docs/envoy/latest/version_history/v1.28/v1.28.0',
  },
  localityWithoutService: {
    what: 'a client that no Service selects has a locality',
    since: '1.20',
    source: note('locality-service'),
  },
  failoverRegionsChecked: {
    what: 'the webhook rejects `failover.from` and `to` that are not plain regions',
    since: '1.13',
    source: localityChecks,
  },
  failoverBesideTopologyRejected: {
    what: 'the webhook rejects `failover` beside a topology label in `failoverPriority`',
    since: '1.20',
    source: localityChecks,
  },
  trafficDistribution: {
    what: 'sidecars follow `trafficDistribution: PreferClose` of a Service',
    since: '1.25',
    source: announcement('1.25'),
  },
  trafficDistributionByZone: {
    what: 'sidecars follow `trafficDistribution: PreferSameZone` and `PreferSameNode` of a Service',
    since: '1.27',
    source: announcement('1.27'),
  },
  trafficDistributionOfNamespace: {
    what: 'the annotation `networking.istio.io/traffic-distribution` of a Namespace counts for its Services',
    since: '1.30',
    source: distribution,
  },
  connectionsToGonePodsClosed: {
    what: 'proxies close connections to pods that are gone, also behind headless Services',
    since: '1.6',
    source: 'https://github.com/istio/istio/issues/21964',
  },
  headlessWithoutMtls: {
    what: 'sidecars start no mTLS to pods without sidecars behind headless Services',
    since: '1.7',
    backports: ['1.6.6'],
    source: 'https://github.com/istio/istio/pull/24319',
  },
  headlessAutoMtls: {
    what: 'sidecars use mTLS to a headless Service where all its pods have sidecars',
    since: '1.8',
    source: announcement('1.8'),
  },
  headlessAuto404: {
    what: 'requests to a pod address on an undeclared port of a headless Service get 404',
    since: '1.8',
    until: '1.11',
    source: note('headless-auto-http'),
  },
  headlessAutoAnyHost: {
    what: 'an undeclared port of a headless Service takes requests with any Host header',
    since: '1.12',
    source: note('headless-auto-http'),
  },
  externalNameAlias: {
    what: 'an ExternalName Service is an alias of the host it names',
    since: '1.21',
    source: note('external-name-on'),
  },
  serversVerified: {
    what: 'a DestinationRule that starts TLS without `caCertificates` verifies servers by the CAs of the system',
    since: '1.21',
    source: note('enable-verify-certificate-at-client'),
  },
  autoSniByDefault: {
    what: 'TLS that a DestinationRule starts takes the server name from the request (`ENABLE_AUTO_SNI` is on)',
    since: '1.21',
    source: note('enable-verify-certificate-at-client'),
  },
} as const satisfies Readonly<Record<string, Fact>>;
