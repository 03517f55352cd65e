// Kustomizations of the input: what they patch, name and keep apart.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { followPaths } from '../src/builds/followed-paths.ts';
import { readInput } from '../src/files/input.ts';
import { readOutside } from '../src/files/outside.ts';
import type { Finding } from '../src/finding.ts';
import { diagnose as find, remediate } from '../src/library.ts';
import type { Document } from '../src/manifest/node.ts';
import type { Operation } from '../src/manifest/operation.ts';
import { formatVersion, newestKnown } from '../src/mesh/version.ts';
import { remediate as run } from '../src/run/remediate.ts';

type Files = Readonly<Record<string, string>>;

function manifests(files: Files) {
  return Object.entries(files).map(([path, text]) => ({ path, text }));
}

function rewrite(files: Files, ...intents: string[]) {
  const done = remediate(manifests(files), { intents: Object.fromEntries(intents.map((id) => [id, true])) });
  const texts = Object.fromEntries(done.manifests.map(({ path, text }) => [path, text]));
  return { ...done, texts, codes: done.findings.map(brief) };
}

function diagnose(files: Files): string[] {
  return find(manifests(files))
    .findings.filter(({ severity }) => severity !== 'info')
    .map(brief);
}

function brief({ code, outcome }: Finding): string {
  return `${outcome} ${code}`;
}

const rule = `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: books}
spec:
  host: books
`;

const patches = suite('patches');

patches('a listed patch is not a resource, nor is an inline one', () => {
  const files = {
    'base/kustomization.yaml': 'resources: [books.yaml]\n',
    'base/books.yaml': `${rule}  trafficPolicy:
    connectionPool: {tcp: {maxConnections: 30}, http: {http1MaxPendingRequests: 30, http2MaxRequests: 90}}
`,
    'live/kustomization.yaml': 'namespace: library\nresources: [../base]\npatchesStrategicMerge: [more.yaml]\n',
    'live/more.yaml': `${rule}  trafficPolicy: {connectionPool: {tcp: {maxConnections: 700}}}\n`,
  };
  const { texts, codes } = rewrite(files, 'strict-circuit-breaking');
  assert.equal(texts, files);
  assert.equal(codes, ['keep strict-circuit-breaking/nothing-to-do']);
});

patches('a limit that an overlay decides is not judged by the base', () => {
  const files = {
    'base/kustomization.yaml': 'resources: [books.yaml]\n',
    'base/books.yaml': `${rule}  trafficPolicy: {connectionPool: {tcp: {maxConnections: 30}}}\n`,
    'live/kustomization.yaml': 'resources: [../base]\npatches: [{path: more.yaml}]\n',
    'live/more.yaml': `${rule}  trafficPolicy: {connectionPool: {tcp: {maxConnections: 700}}}\n`,
  };
  const { texts, findings } = rewrite(files, 'strict-circuit-breaking');
  assert.equal(texts, files);
  assert.is(findings[0]?.outcome, 'advise');
  assert.match(findings[0]?.message ?? '', 'live/more.yaml');
});

patches('what says `$patch`, or lacks what its kind cannot be without, is not a resource', () => {
  const files = {
    'a.yaml': 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec: {replicas: 3}\n',
    'b.yaml': 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: b}\n$patch: delete\n',
    'c.yaml':
      'apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: c}\nspec: {trafficPolicy: {connectionPool: {tcp: {maxConnections: 1}}}}\n',
  };
  const { texts } = rewrite(files, 'hold-application', 'strict-circuit-breaking');
  assert.equal(texts, files);
  assert.equal(diagnose(files), []);
});

const web = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web}
spec:
  gateways: [front]
  hosts: [web.example.test]
  http:
  - match: [{uri: {prefix: /books}}]
    route: [{destination: {host: books}}]
  - match: [{uri: {prefix: /books-admin}}]
    route: [{destination: {host: desk}}]
`;

patches('hosts that an overlay replaces are not edited in the base', () => {
  const files = {
    'base/kustomization.yaml': 'resources: [web.yaml]\n',
    'base/web.yaml': web.replace('desk', 'books'),
    'live/kustomization.yaml': `namespace: library
resources: [../base]
patches:
- patch: |-
    apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata: {name: web}
    spec: {hosts: [web.example.com]}
`,
  };
  const { texts, findings } = rewrite(files, 'reach-mesh');
  assert.equal(texts, files);
  assert.match(findings[0]?.message ?? '', 'patches[0] of live/kustomization.yaml');
});

for (const [form, listed, file] of [
  [
    'an inline patch',
    `patches:\n- target: {kind: VirtualService}\n  patch: |-\n    - {op: test, path: /spec/http/1/route/0/destination/host, value: desk}\n`,
    {},
  ],
  [
    'a JSON file',
    'patchesJson6902:\n- {target: {kind: VirtualService, name: web}, path: one.json}\n',
    { 'live/one.json': '[{"op": "replace", "path": "/spec/http/1/timeout", "value": "1s"}]\n' },
  ],
  [
    'a replacement',
    'replacements:\n- source: {kind: VirtualService, name: web, fieldPath: metadata.name}\n  targets: [{select: {kind: VirtualService, name: web}, fieldPaths: [spec.http.1.route.0.destination.host]}]\n',
    {},
  ],
] as const)
  patches(`an index in ${form} goes along`, () => {
    const files: Files = {
      'base/kustomization.yaml': 'resources: [web.yaml]\n',
      'base/web.yaml': web,
      'live/kustomization.yaml': `resources: [../base]\n${listed}`,
      ...file,
    };
    const { texts, codes } = rewrite(files, 'reorder-prefixes');
    assert.equal(codes, ['change reorder-prefixes/hidden-rule']);
    const path = Object.hasOwn(file, 'live/one.json') ? 'live/one.json' : 'live/kustomization.yaml';
    assert.is(texts[path], files[path]?.replace(/(http[/.])1/, '$10'));
    assert.equal(rewrite(texts, 'reorder-prefixes').texts, texts);
  });

patches('an index that cannot go along keeps the list as it is', () => {
  const files = {
    'base/kustomization.yaml': 'resources: [web.yaml]\n',
    'base/web.yaml': web,
    'live/kustomization.yaml': `resources: [../base]
patches:
- target: {kind: VirtualService, name: web}
  patch: |-
    - {op: add, path: /spec/http/0, value: {match: [{uri: {exact: /}}], redirect: {uri: /books}}}
    - {op: replace, path: /spec/http/2/timeout, value: 4s}
`,
  };
  const { texts, codes } = rewrite(files, 'reorder-prefixes');
  assert.equal(texts, files);
  assert.equal(codes, ['advise reorder-prefixes/hidden-rule']);
});

patches('the pointers of Argo CD go along', () => {
  const application = `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: web, namespace: argocd}
spec:
  ignoreDifferences:
  - {group: networking.istio.io, kind: VirtualService, jsonPointers: [/spec/http/0/route]}
`;
  const { texts } = rewrite({ 'web.yaml': web, 'app.yaml': application }, 'reorder-prefixes');
  assert.is(texts['app.yaml'], application.replace('http/0', 'http/1'));
});

patches('paths follow each kind of operation', () => {
  const after = (text: string, ...operations: Operation[]): string | undefined => {
    const paths = followPaths();
    const document = { file: { path: 'a', text: '' }, value: {}, index: 0 } as unknown as Document;
    const patch = {
      name: 'a',
      by: undefined,
      target: { group: undefined, kind: undefined, name: undefined, namespace: undefined, isPattern: false },
      body: undefined,
      paths: [{ document, pointer: '/at', form: 'pointer' as const, text }],
    };
    if (paths.leftBehind([patch], operations)) return undefined;
    paths.follow([patch], operations);
    const [edit] = paths.edits().get(document) ?? [];
    return edit?.op === 'replace' ? (edit.value as string) : text;
  };
  assert.is(after('/a/2/b', { op: 'move', from: '/a/2', path: '/a/0' }), '/a/0/b');
  assert.is(after('/a/0/b', { op: 'move', from: '/a/2', path: '/a/0' }), '/a/1/b');
  assert.is(after('/a/3/b', { op: 'move', from: '/a/2', path: '/a/0' }), '/a/3/b');
  assert.is(after('/a/3/b', { op: 'remove', path: '/a/1' }), '/a/2/b');
  assert.is(after('/a/1/b', { op: 'remove', path: '/a/1' }), undefined);
  assert.is(after('/a/1', { op: 'add', path: '/a/1', value: 0 }), '/a/2');
  assert.is(after('/a/1', { op: 'add', path: '/a/-', value: 0 }), '/a/1');
  assert.is(after('/a/1/b', { op: 'replace', path: '/a', value: [] }), undefined);
});

const environments = suite('environments');

const service = (namespace: string): string => `apiVersion: v1
kind: Service
metadata: {name: 'pay${namespace}'}
spec: {selector: {app: pay}, ports: [{name: http, port: 80}]}
`;
const routes = (name: string): string => `---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: ${name}}
spec:
  hosts: [pay]
  http:
  - route: [{destination: {host: pay}}]
`;

environments('each root is judged apart, in its namespace', () => {
  const files = {
    'red/kustomization.yaml': 'namespace: red\nresources: [pay.yaml]\n',
    'red/pay.yaml': service('') + routes('pay-red'),
    'blue/kustomization.yaml': 'namespace: blue\nresources: [pay.yaml]\n',
    'blue/pay.yaml': service('') + routes('pay-blue'),
  };
  assert.equal(diagnose(files), []);
  const { texts, findings } = rewrite(files, 'disable-retries');
  for (const path of ['red/pay.yaml', 'blue/pay.yaml']) assert.match(texts[path] ?? '', 'attempts: 0');
  assert.equal(
    findings.filter(({ outcome }) => outcome === 'change').map(({ resource }) => resource?.namespace),
    ['red', 'blue'],
  );
});

environments('routes of one root do not stand for those of another', () => {
  const files = {
    'red/kustomization.yaml': 'namespace: red\nresources: [pay.yaml]\n',
    'red/pay.yaml': service('') + routes('pay'),
    'blue/kustomization.yaml': 'namespace: blue\nresources: [pay.yaml]\n',
    'blue/pay.yaml': service(''),
  };
  const { emitted } = rewrite(files, 'disable-retries');
  assert.is(emitted.length, 1);
  assert.match(emitted[0] ?? '', 'namespace: blue');
});

environments('a base of several roots is edited and reported once', () => {
  const files = {
    'base/kustomization.yaml': 'resources: [web.yaml]\n',
    'base/web.yaml': web,
    'dev/kustomization.yaml': 'namespace: dev\nresources: [../base]\n',
    'live/kustomization.yaml': 'namespace: live\nresources: [../base]\n',
  };
  assert.is(diagnose(files).filter((each) => each.endsWith('hidden-rule')).length, 1);
  const { texts, codes } = rewrite(files, 'reorder-prefixes');
  assert.equal(codes, ['change reorder-prefixes/hidden-rule']);
  const text = texts['base/web.yaml'] ?? '';
  assert.ok(text.indexOf('/books-admin') < text.indexOf('/books}'));
});

environments('sibling folders with the same resources or hosts are alternatives', () => {
  const gateway = (host: string): string => `apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: front, namespace: library}
spec:
  selector: {istio: ingressgateway}
  servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["${host}"]}]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web, namespace: library}
spec:
  gateways: [front]
  hosts: [www.example.org]
  http: [{route: [{destination: {host: web.library.svc.cluster.local}}]}]
`;
  const files = { 'test/web.yaml': gateway('*'), 'live/web.yaml': gateway('shop.example.org') };
  assert.equal(diagnose(files), ['change match-gateway-hosts/no-common-host']);
});

environments('what installs Istio counts for all environments without an install of their own', () => {
  const files = {
    'mesh/kustomization.yaml': 'namespace: istio-system\nresources: [istio.yaml]\n',
    'mesh/istio.yaml':
      'apiVersion: install.istio.io/v1alpha1\nkind: IstioOperator\nmetadata: {name: mesh}\nspec: {tag: 1.24.1}\n',
    'red/kustomization.yaml': 'namespace: red\nresources: [pay.yaml]\n',
    'red/pay.yaml': service(''),
  };
  const { emitted, texts } = rewrite(files, 'support-http10');
  assert.equal(emitted, []);
  assert.match(texts['mesh/istio.yaml'] ?? '', 'PILOT_HTTP10');
});

const builds = suite('what a build sets');

const binding = `apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: robot}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
subjects:
- {kind: ServiceAccount, name: robot}
`;

builds('the namespace of an account of the same build', () => {
  const account = '---\napiVersion: v1\nkind: ServiceAccount\nmetadata: {name: robot}\n';
  const kustomization = 'namespace: library\nresources: [robot.yaml]\n';
  assert.equal(diagnose({ 'robot.yaml': binding + account, 'kustomization.yaml': kustomization }), []);
  const code = 'advise grant-cluster-access/account-without-namespace';
  assert.equal(diagnose({ 'robot.yaml': binding, 'kustomization.yaml': kustomization }), [code]);
  assert.equal(diagnose({ 'robot.yaml': binding + account }), [code]);
});

builds('a ytt template is not a plain manifest', () => {
  assert.equal(diagnose({ 'robot.yaml': `#@ load("@ytt:data", "data")\n${binding}` }), []);
});

builds('names that come later are not guessed', () => {
  const files = {
    'pay.yaml': service(''),
    'kustomization.yaml': 'namePrefix: x-\nnamespace: red\nresources: [pay.yaml]\n',
  };
  const { emitted, codes } = rewrite(files, 'disable-retries');
  assert.equal(emitted, []);
  assert.ok(codes.includes('advise disable-retries/default-retries'));
});

builds('placeholders are not names', () => {
  const { emitted } = rewrite({ 'pay.yaml': service('-$(env)') }, 'disable-retries');
  assert.equal(emitted, []);
});

builds('an IstioOperator needs no name', () => {
  const operator = 'apiVersion: install.istio.io/v1alpha1\nkind: IstioOperator\nspec: {tag: 1.18.2}\n';
  assert.is(find([{ path: 'a.yaml', text: operator }]).istioVersion, '1.18.2');
});

const release = (version: string): string => `---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: istiod, namespace: istio-system}
spec: {chart: {spec: {chart: istiod, version: '${version}'}}}
`;
const substitution = (from: string): string => `---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: mesh, namespace: flux-system}
spec: {path: ./mesh, postBuild: {${from}}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: versions, namespace: flux-system}
data: {mesh: 1.23.4}
`;
const applications = `apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: mesh, namespace: argocd}
spec:
  generators:
  - matrix: {generators: [{list: {elements: [{istio: 1.26.0}, {istio: 1.25.2}]}}]}
  template:
    metadata: {name: mesh}
    spec: {source: {repoURL: https://example.com/charts, chart: istiod, targetRevision: '{{ .istio }}'}}
`;
for (const [what, path, text, version] of [
  ['substitute', 'a.yaml', release('$\u007bmesh}') + substitution('substitute: {mesh: 1.22.1}'), '1.22.1'],
  [
    'substituteFrom',
    'a.yaml',
    release('$\u007bmesh}') + substitution('substituteFrom: [{kind: ConfigMap, name: versions}]'),
    '1.23.4',
  ],
  ['a default', 'a.yaml', release('$\u007bmesh:=1.21.0}'), '1.21.0'],
  ['a generator', 'a.yaml', applications, '1.25.2'],
  ['helmCharts', 'kustomization.yaml', 'helmCharts: [{name: istiod, version: 1.20.4}]\n', '1.20.4'],
  [
    'a dependency',
    'Chart.yaml',
    'apiVersion: v2\nname: mesh\ndependencies: [{name: istiod, version: ~1.20.4}]\n',
    '1.20.4',
  ],
  ['nothing', 'a.yaml', release('$\u007bmesh}'), formatVersion(newestKnown)],
] as const)
  builds(`the version by ${what}`, () => {
    assert.is(find([{ path, text }]).istioVersion, version);
  });

builds('a chart that a kustomization renders gets no partial istiod beside it', () => {
  const files = { 'kustomization.yaml': 'helmCharts: [{name: istiod, version: 1.20.4}]\n' };
  const { emitted, texts } = rewrite(files, 'support-http10');
  assert.equal([emitted, texts], [[], files]);
});

builds('what a kustomization uses outside of the input is judged, not edited', () => {
  const folder = mkdtempSync(join(tmpdir(), 'meshmend-builds-'));
  try {
    for (const name of ['base', 'live']) mkdirSync(join(folder, name));
    writeFileSync(join(folder, 'base/kustomization.yaml'), 'resources: [istio.yaml]\n');
    writeFileSync(
      join(folder, 'base/istio.yaml'),
      'apiVersion: install.istio.io/v1alpha1\nkind: IstioOperator\nspec: {tag: 1.24.1}\n',
    );
    writeFileSync(join(folder, 'live/kustomization.yaml'), 'resources: [../base]\n');
    const input = readInput([join(folder, 'live')]);
    const done = run([...input.files, ...readOutside(input)], {
      mode: 'rewrite',
      intents: new Map([['support-http10', { scope: 'mesh' }]]),
    });
    assert.is(formatVersion(done.version), '1.24.1');
    assert.equal(done.emitted, []);
    assert.equal(
      done.files.map(({ file, text }) => file.text === text),
      [true],
    );
    assert.is(done.findings[0]?.outcome, 'advise');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

patches.run();
environments.run();
builds.run();
