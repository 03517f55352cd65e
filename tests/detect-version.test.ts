import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readDocuments } from '../src/manifest/read.ts';
import { detectVersion, resolveVersion } from '../src/mesh/detect-version.ts';
import { type Mesh, meshOf } from '../src/mesh/mesh.ts';
import { resourcesOf } from '../src/mesh/resource.ts';
import { formatVersion, newestKnown, parseVersion } from '../src/mesh/version.ts';

const detect = suite('detect version');

function mesh(...documents: readonly string[]): Mesh {
  return meshOf(readDocuments({ path: 'mesh.yaml', text: documents.join('\n---\n') }).flatMap(resourcesOf));
}

function istiod(image: string, name = 'istiod'): string {
  return `{apiVersion: apps/v1, kind: Deployment, metadata: {name: ${name}, namespace: istio-system}, spec: {template: {spec: {containers: [{name: discovery, image: "${image}"}]}}}}`;
}

function argo(source: string): string {
  return `{apiVersion: argoproj.io/v1alpha1, kind: Application, metadata: {name: a}, spec: {source: ${source}}}`;
}

function flux(chart: string, repository = 'charts'): string {
  return `{apiVersion: helm.toolkit.fluxcd.io/v2, kind: HelmRelease, metadata: {name: r}, spec: {chart: {spec: {${chart}, sourceRef: {name: ${repository}}}}}}`;
}

const digest = `sha256:${'0'.repeat(64)}`;
const found: readonly (readonly [what: string, manifest: string, version: string | undefined])[] = [
  ['a plain image', istiod('docker.io/istio/pilot:1.24.2'), '1.24.2'],
  ['a mirror with a port', istiod('registry.example.com:5000/mirror/pilot:1.27.0'), '1.27.0'],
  ['distroless', istiod('gcr.io/istio-release/pilot:1.18.7-distroless'), '1.18.7'],
  ['debug with a digest', istiod(`registry.istio.io/release/pilot:1.31.1-debug@${digest}`), '1.31.1'],
  ['a digest alone', istiod(`istio/pilot@${digest}`), undefined],
  ['a branch build', istiod('gcr.io/istio-testing/pilot:latest'), undefined],
  ['no image', istiod(''), undefined],
  [
    'a proxy in a DaemonSet',
    '{apiVersion: apps/v1, kind: DaemonSet, metadata: {name: gw}, spec: {template: {spec: {containers: [{name: istio-proxy, image: "istio/proxyv2:1.12.9"}]}}}}',
    '1.12.9',
  ],
  [
    'a native sidecar in a Pod',
    '{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {initContainers: [{name: istio-proxy, image: "istio/proxyv2:1.29.0"}]}}',
    '1.29.0',
  ],
  [
    'IstioOperator',
    '{apiVersion: install.istio.io/v1alpha1, kind: IstioOperator, metadata: {name: o}, spec: {tag: 1.8.6}}',
    '1.8.6',
  ],
  [
    'Sail',
    '{apiVersion: sailoperator.io/v1, kind: Istio, metadata: {name: default}, spec: {version: v1.27.1}}',
    '1.27.1',
  ],
  [
    'Sail, newest patch',
    '{apiVersion: sailoperator.io/v1, kind: Istio, metadata: {name: default}, spec: {version: v1.27-latest}}',
    '1.27',
  ],
  [
    'another Istio kind',
    '{apiVersion: example.com/v1, kind: Istio, metadata: {name: default}, spec: {version: v1.27.1}}',
    undefined,
  ],
  ['Flux', flux('chart: istiod, version: ~1.24.0'), '1.24.0'],
  ['Flux, base chart of Istio', flux('chart: base, version: 1.25.x', 'istio'), '1.25'],
  ["Flux, somebody's base chart", flux('chart: base, version: 1.25.0'), undefined],
  ['Argo CD', argo('{chart: istiod, targetRevision: 1.30.*}'), '1.30'],
  [
    'Argo CD, gateway chart',
    argo('{chart: gateway, repoURL: "https://istio-release.storage.googleapis.com/charts", targetRevision: 1.28.3}'),
    '1.28.3',
  ],
  [
    'a revision label',
    '{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {istio.io/rev: 1-8-1}}}',
    '1.8.1',
  ],
  [
    'a revision tag',
    '{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {istio.io/rev: stable}}}',
    undefined,
  ],
];

for (const [what, manifest, version] of found) {
  detect(what, () => {
    const detected = detectVersion(mesh(manifest));
    assert.is(detected && formatVersion(detected.version), version);
  });
}

detect('istiod itself is trusted before what installs it, proxies and labels', () => {
  const label = '{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {istio.io/rev: 1-6-14}}}';
  const both = mesh(label, flux('chart: istiod, version: 1.26.0'), istiod('istio/pilot:1.27.3'));
  assert.equal(detectVersion(both), {
    version: { minor: 27, patch: 3 },
    source: 'image pilot of Deployment istio-system/istiod',
  });
});

detect('of several the oldest counts, and the others are told', () => {
  const canary = mesh(istiod('istio/pilot:1.27.3', 'istiod-1-27-3'), istiod('istio/pilot:1.26.8', 'istiod-1-26-8'));
  const detected = detectVersion(canary);
  assert.is(formatVersion(detected!.version), '1.26.8');
  assert.match(detected!.source, 'the oldest of several (also 1.27.3)');
});

detect('what is not known counts as the nearest known', () => {
  const newer = resolveVersion(undefined, mesh(istiod('istio/pilot:1.40.2')));
  assert.equal(newer.version, newestKnown);
  assert.match(newer.source, `says 1.40.2; the newest known is ${formatVersion(newestKnown)}`);
  assert.is(formatVersion(resolveVersion(parseVersion('1.4.3'), mesh()).version), '1.6');
});

detect('what is given comes first, and the newest known last', () => {
  assert.is(formatVersion(resolveVersion(parseVersion('1.24'), mesh(istiod('istio/pilot:1.27.3'))).version), '1.24');
  assert.equal(resolveVersion(undefined, mesh()).version, newestKnown);
});

detect('odd shapes tell nothing and do no harm', () => {
  const odd = [
    '{apiVersion: apps/v1, kind: Deployment, metadata: {name: istiod}, spec: {template: {spec: {containers: {discovery: 1}}}}}',
    '{apiVersion: apps/v1, kind: Deployment, metadata: {name: istiod}, spec: {template: {spec: {containers: [null, 3, {image: 7}]}}}}',
    '{apiVersion: install.istio.io/v1alpha1, kind: IstioOperator, metadata: {name: o}, spec: {tag: 1.10}}',
    '{apiVersion: argoproj.io/v1alpha1, kind: Application, metadata: {name: a}, spec: {sources: [null, {chart: 3}]}}',
    '{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {istio.io/rev: 1}}}',
  ];
  assert.is(detectVersion(mesh(...odd)), undefined);
});

detect.run();
