import { announcement, code, type Fact, note } from './fact.ts';

/** HTTP/1.0, the case of header names, header limits, and what istiod writes into the HTTP options of a cluster. */
export const httpFacts = {
  nativeHeaderCase: {
    what: '`proxyHeaders.preserveHttp1HeaderCase` of the proxy config keeps the case of HTTP/1 header names',
    since: '1.25',
    source: 'https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/#ProxyConfig-ProxyHeaders',
  },
  nativeHeaderCaseKeepsHttp10: {
    what: '`preserveHttp1HeaderCase` leaves HTTP/1.0 switched on',
    since: '1.27.1',
    backports: ['1.25.5', '1.26.4'],
    source: note('57528'),
  },
  nativeHeaderCaseInPassthrough: {
    what: '`preserveHttp1HeaderCase` also reaches requests to hosts that the mesh does not know',
    since: '1.28',
    source: announcement('1.28'),
  },
  nativeHeaderCaseOverUpgrade: {
    what: '`preserveHttp1HeaderCase` wins over `h2UpgradePolicy: UPGRADE`',
    since: '1.28',
    source: code('1.28.0', 'pilot/pkg/networking/core/cluster_builder.go'),
  },
  statefulHeaderFormatter: {
    what: 'proxies can remember the case of header names (`stateful_formatter`, Envoy 1.18)',
    since: '1.10',
    source: 'https://www.envoyproxy.io/docs/envoy/v1.18.0/version_history/current',
  },
  typedProtocolOptions: {
    what: 'istiod writes the HTTP options of a cluster into `typed_extension_protocol_options`, not into fields of the cluster',
    since: '1.10',
    source: code('1.10.0', 'pilot/pkg/networking/core/v1alpha3/cluster_builder.go'),
  },
  emptyHttp2Options: {
    what: 'istiod leaves `http2_protocol_options` of clusters empty; before, it writes `max_concurrent_streams: 1073741824`',
    since: '1.15',
    source: code('1.15.0', 'pilot/pkg/networking/core/v1alpha3/cluster_builder.go'),
  },
  maxRequestsInHttpOptions: {
    what: 'istiod writes `maxRequestsPerConnection` into the HTTP options of a cluster',
    since: '1.12',
    source: code('1.12.0', 'pilot/pkg/networking/core/v1alpha3/cluster_builder.go'),
  },
  maxConnectionDuration: {
    what: 'DestinationRules have `connectionPool.tcp.maxConnectionDuration`',
    since: '1.15',
    source:
      'https://istio.io/latest/docs/reference/config/networking/destination-rule/#ConnectionPoolSettings-TCPSettings',
  },
  tcpIdleTimeoutForHttp: {
    what: 'HTTP clusters without `http.idleTimeout` take `connectionPool.tcp.idleTimeout`',
    since: '1.21',
    source: announcement('1.21'),
  },
  inboundClustersByTargetPort: {
    what: 'inbound clusters are named by the port of the container, not by that of the Service',
    since: '1.8.1',
    source: code('1.9.0', 'pilot/pkg/networking/util/util.go'),
  },
  inboundClustersWithoutService: {
    what: 'an EnvoyFilter that matches an inbound cluster by its Service never applies',
    since: '1.8',
    until: '1.9',
    source: code('1.9.0', 'pilot/pkg/networking/core/v1alpha3/envoyfilter/cluster_patch.go'),
  },
  http10DetectedBySwitch: {
    what: 'ports without a declared protocol detect HTTP/1.0 only where istiod has `PILOT_HTTP10`',
    since: '1.13',
    source: code('1.13.0', 'pilot/pkg/networking/core/v1alpha3/listener.go'),
  },
  headersUpTo8192Kib: {
    what: '`max_request_headers_kb` may be up to 8192; before, up to 96 (Envoy 1.19)',
    since: '1.11',
    source: 'https://github.com/envoyproxy/envoy/pull/15921',
  },
} as const satisfies Readonly<Record<string, Fact>>;
