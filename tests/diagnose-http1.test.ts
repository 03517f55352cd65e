// What support-http10 and preserve-header-case find wrong when nobody asks for them.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseVersion } from '../src/mesh/version.ts';
import { remediate } from '../src/run/remediate.ts';
import { intent } from './golden-cases.ts';

const diagnose = suite('diagnose HTTP/1.0 and header case');

function findings(text: string, version: string): string[] {
  const intents = new Map([...intent('support-http10', {}), ...intent('preserve-header-case', {})]);
  const istioVersion = parseVersion(version)!;
  const request = { mode: 'diagnose', intents, istioVersion } as const;
  const found = remediate([{ path: 'input.yaml', text, named: true }], request);
  const faults = found.findings.filter(({ severity }) => severity !== 'info');
  return faults.map(({ severity, outcome, code }) => `${severity} ${outcome}: ${code}`);
}

const meshConfig = (text: string): string =>
  `{apiVersion: v1, kind: ConfigMap, metadata: {name: istio, namespace: istio-system}, data: {mesh: ${JSON.stringify(text)}}}`;
const workload = (annotation: string): string =>
  `{apiVersion: v1, kind: Pod, metadata: {name: soap, annotations: {proxy.istio.io/config: ${JSON.stringify(annotation)}}}}`;
const istiod = (env: string): string =>
  `{apiVersion: apps/v1, kind: Deployment, metadata: {name: istiod, namespace: istio-system}, spec: {template: {spec: {containers: [{name: discovery, env: [${env}]}]}}}}`;
const filter = (patch: string): string =>
  `{apiVersion: networking.istio.io/v1alpha3, kind: EnvoyFilter, metadata: {name: ours, namespace: istio-system}, spec: {configPatches: [${patch}]}}`;
const manager = (name: string): string =>
  `{applyTo: NETWORK_FILTER, match: {listener: {filterChain: {filter: {name: ${name}}}}}, patch: {operation: MERGE, value: {typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager, http_protocol_options: {header_key_format: {proper_case_words: {}}}}}}}`;
const everyCluster =
  '{applyTo: CLUSTER, match: {context: SIDECAR_OUTBOUND}, patch: {operation: MERGE, value: {typed_extension_protocol_options: {envoy.extensions.upstreams.http.v3.HttpProtocolOptions: {explicit_http_config: {http_protocol_options: {header_key_format: {proper_case_words: {}}}}}}}}}';

const service = '{apiVersion: v1, kind: Service, metadata: {name: soap}, spec: {ports: [{name: http, port: 80}]}}';

const preserve = 'defaultConfig: {proxyHeaders: {preserveHttp1HeaderCase: true}}';
const cases: readonly (readonly [
  what: string,
  version: string,
  manifests: readonly string[],
  found: readonly string[],
])[] = [
  ['nothing', '1.27', [workload('concurrency: 2')], []],
  [
    'metadata "true"',
    '1.27',
    [workload('proxyMetadata: {ISTIO_META_HTTP10: "true"}')],
    ['warning change: support-http10/ignored-metadata'],
  ],
  ['metadata "1"', '1.27', [workload('proxyMetadata: {ISTIO_META_HTTP10: "1"}')], []],
  [
    'a number in env',
    '1.27',
    [istiod('{name: PILOT_HTTP10, value: 1}')],
    ['error change: support-http10/unquoted-switch'],
  ],
  [
    'both at 1.27.0',
    '1.27.0',
    [istiod('{name: PILOT_HTTP10, value: "1"}'), meshConfig(preserve)],
    ['warning change: support-http10/header-case-clash'],
  ],
  ['both at 1.27.1', '1.27.1', [istiod('{name: PILOT_HTTP10, value: "1"}'), meshConfig(preserve)], []],
  ['the field too early', '1.24', [meshConfig(preserve)], ['warning advise: preserve-header-case/ignored-field']],
  [
    'an annotation that drops it',
    '1.27',
    [meshConfig(preserve), workload('proxyHeaders: {requestId: {disabled: true}}')],
    ['warning change: preserve-header-case/lost-field'],
  ],
  [
    'an annotation that says no',
    '1.27',
    [meshConfig(preserve), workload('proxyHeaders: {preserveHttp1HeaderCase: false}')],
    [],
  ],
  [
    'listeners only',
    '1.24',
    [filter(manager('envoy.filters.network.http_connection_manager')), service],
    ['warning change: preserve-header-case/one-way-filter'],
  ],
  [
    'listeners only, without a Service that the command could write a filter for',
    '1.24',
    [filter(manager('envoy.filters.network.http_connection_manager'))],
    ['warning advise: preserve-header-case/one-way-filter'],
  ],
  ['a filter that matches nothing', '1.24', [filter(manager('envoy.http_connection_manager'))], []],
  ['every cluster', '1.24', [filter(everyCluster)], ['error advise: preserve-header-case/unscoped-filter']],
  [
    'nginx',
    '1.24',
    [
      '{apiVersion: v1, kind: ConfigMap, metadata: {name: front}, data: {a.conf: "location / { proxy_pass http://a; }"}}',
    ],
    ['warning advise: support-http10/nginx-upstream'],
  ],
  ...(
    [
      ['nginx to its own pod', 'location / { proxy_pass http://127.0.0.1:8080/; }', ''],
      [
        'nginx to its own pod, by upstream',
        'upstream app { server localhost:80; } location / { proxy_pass http://app; }',
        '',
      ],
      ['nginx by TLS', 'location / { proxy_pass https://a; }', ''],
      ['nginx by HTTP/1.1', 'location / { proxy_http_version 1.1; proxy_pass http://a; }', ''],
      ['nginx without a sidecar', 'location / { proxy_pass http://a; }', 'labels: {sidecar.istio.io/inject: "false"}'],
    ] as const
  ).map(
    ([what, text, metadata]) =>
      [
        what,
        '1.24',
        [
          `{apiVersion: v1, kind: ConfigMap, metadata: {name: front}, data: {a.conf: "${text}"}}`,
          `{apiVersion: v1, kind: Pod, metadata: {name: front, ${metadata}}, spec: {volumes: [{name: c, configMap: {name: front}}]}}`,
        ],
        [],
      ] as const,
  ),
];

for (const [what, version, manifests, expected] of cases) {
  diagnose(what, () => {
    const found = findings(manifests.join('\n---\n'), version);
    assert.equal(found, expected);
  });
}

diagnose.run();
