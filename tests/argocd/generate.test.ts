// `meshmend argocd` under the real argocd-cmp-server with the plugin.yaml that we ship: check, match, parameters, generate.
import { load } from 'js-yaml';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { staticAnnouncements } from '../../src/argocd/announcements.ts';
import {
  asks,
  chart,
  config,
  kustomized,
  overlay,
  parameters,
  plain,
  virtualService,
  withFiles,
} from './applications.ts';
import { toolPath } from './binaries.ts';
import type { Application } from './client.ts';
import { type Manifest, rewritten } from './rewrite.ts';
import { buildProgram, type Sidecar, startSidecar } from './server.ts';

buildProgram();
const kustomize = toolPath('kustomize');
const helm = toolPath('helm');
if (kustomize === undefined) throw new Error('kustomize is missing: run `npm run tools`');

/** Where no helm can be built, a stand-in that prints its arguments and what a chart might. */
const helmStandIn = `/bin/cat <<E\n${virtualService('stand-in')}---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: args}\ndata: {args: "$*"}\nE`;

const sidecar = await startSidecar({ tools: { kustomize, helm: helm ?? helmStandIn } });

async function generated(application: Application, env: Readonly<Record<string, string>> = {}): Promise<Manifest[]> {
  const manifests = await sidecar.generate({ ...application, env: { ...application.env, ...env } });
  return manifests.map((text) => JSON.parse(text) as Manifest);
}

interface VirtualService {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly http: readonly { readonly retries?: { readonly attempts: number } }[] };
}

/** `attempts` of the routes of a VirtualService, in order. */
function attempts(manifests: readonly Manifest[], name: string): unknown[] {
  const routes = manifests.filter(({ kind }) => kind === 'VirtualService') as unknown as VirtualService[];
  const { spec } = routes.find(({ metadata }) => metadata.name === name) as VirtualService;
  return spec.http.map(({ retries }) => retries?.attempts);
}

const flags = ['--disable-retries', '--istio-version', '1.24'];
const server = suite('the plugin server');

server('takes plugin.yaml, which leaves discovery out', async () => {
  assert.is((await sidecar.check()).isDiscoveryConfigured, false);
  assert.equal(await sidecar.match(plain), { isSupported: false, isDiscoveryEnabled: false });
});

server('finds folders with a meshmend.yaml when discovery is put in', async () => {
  const discovering = await startSidecar({
    pluginYaml: (text) => text.replace('  generate:\n', '  discover: {fileName: ./meshmend.yaml}\n  generate:\n'),
  });
  assert.is((await discovering.check()).isDiscoveryConfigured, true);
  assert.equal(await discovering.match(plain), { isSupported: true, isDiscoveryEnabled: true });
  assert.equal(await discovering.match({ ...plain, path: 'apps/other' }), {
    isSupported: false,
    isDiscoveryEnabled: true,
  });
  discovering.close();
});

server('announces every parameter, and before them what meshmend.yaml sets', async () => {
  const all = staticAnnouncements();
  const without = await sidecar.parameters({ ...plain, path: 'apps/other' });
  assert.equal(
    without.map(({ name, string }) => [name, string]),
    all.map(({ name, string = '' }) => [name, string]),
  );
  const spec = '{istioVersion: "1.24", intents: {disable-retries: {explicit: disable, names: [a, b]}}}';
  const announced = await sidecar.parameters(withFiles(plain, { 'meshmend.yaml': config(spec) }));
  assert.is(announced.length, all.length + 4);
  assert.equal(
    announced.slice(0, 4).map(({ name, string, array }) => [name, string, array]),
    [
      ['disable-retries', 'true', []],
      ['disable-retries.names', '', ['a', 'b']],
      ['disable-retries.explicit', 'disable', []],
      ['istioVersion', '1.24', []],
    ],
  );
});

server('tells of a broken meshmend.yaml where parameters are asked for', async () => {
  const told = await failure(sidecar.parameters(withFiles(plain, { 'meshmend.yaml': config('{intents: {x: {}}}') })));
  assert.match(told, 'meshmend.yaml:4:18: spec.intents has no remedy "x"');
});

server.run();

const generates = suite('generate');

generates('a plain folder as meshmend rewrite does, Lists expanded, without the config', async () => {
  const manifests = await generated(plain);
  assert.equal(manifests, rewritten(plain, flags));
  assert.equal(
    manifests.map(({ kind, metadata }) => `${kind}/${(metadata as { name: string }).name}`),
    [
      'ConfigMap/first',
      'ConfigMap/second',
      'Service/stock',
      'Service/orders',
      'VirtualService/orders',
      'VirtualService/stock-no-retries',
    ],
  );
  assert.equal(attempts(manifests, 'orders'), [0, 5]);
});

generates('a kustomization', async () => {
  const manifests = await generated(kustomized);
  assert.equal(manifests, rewritten(kustomized, flags, [kustomize, 'build', '.']));
  assert.equal(attempts(manifests, 'my-orders'), [0, 5]);
});

generates('an overlay that reads ../../base', async () => {
  const manifests = await generated(overlay);
  assert.equal(manifests, rewritten(overlay, flags, [kustomize, 'build', '.']));
  assert.ok(manifests.every(({ metadata }) => (metadata as { namespace: string }).namespace === 'prod'));
});

const release = { ARGOCD_APP_NAMESPACE: 'prod', KUBE_VERSION: '1.31.0', KUBE_API_VERSIONS: 'v1,apps/v1' };

if (helm !== undefined) {
  generates('a chart, by the release name, namespace and values files of the Application', async () => {
    const plainChart = await generated(chart, release);
    const template = [helm, 'template', 'shop', '.', '--namespace=prod', '--include-crds'];
    assert.equal(plainChart, rewritten(chart, flags, template));
    const set = parameters(
      { name: 'release-name', string: 'mine' },
      { name: 'namespace', string: 'own' },
      { name: 'values-files', array: ['../common.yaml', 'prod.yaml'] },
    );
    const route = (await generated(chart, { ...release, ...set })).find(({ kind }) => kind === 'VirtualService');
    assert.equal(route?.['metadata'], { name: 'mine', namespace: 'own', annotations: { replicas: '3' } });
    assert.equal(route?.['spec'], {
      hosts: ['production.shop.svc.cluster.local'],
      http: [{ route: [{ destination: { host: 'production' } }], retries: { attempts: 0 } }],
    });
  });
} else {
  generates('a chart, with a stand-in for helm that shows its arguments', async () => {
    const set = parameters({ name: 'values-files', array: ['../common.yaml', 'prod.yaml'] });
    const manifests = await generated(chart, { ...release, ...set });
    assert.equal(attempts(manifests, 'stand-in'), [0, 5]);
    const args = manifests.find(({ kind }) => kind === 'ConfigMap')?.['data'];
    assert.equal(args, {
      args: 'template shop . --include-crds --namespace=prod --kube-version=1.31.0 --api-versions=v1 --api-versions=apps/v1 --values=./../common.yaml --values=./prod.yaml',
    });
  });
}

generates('a stream, after another tool', async () => {
  const chained = await startSidecar({
    tools: { kustomize, sh: '/bin/sh' },
    pluginYaml: (text) =>
      text.replace('[meshmend, argocd, generate]', '[sh, -c, "kustomize build . | meshmend argocd generate -"]'),
  });
  const manifests = await chained.generate(overlay);
  assert.equal(
    manifests.map((text) => JSON.parse(text)),
    await generated(overlay),
  );
  chained.close();
});

generates('by meshmend.yaml, overridden by parameters, overridden by env', async () => {
  assert.equal(attempts(await generated(plain, { ARGOCD_APP_PARAMETERS: 'null' }), 'orders'), [0, 5]);
  const disable = parameters({ name: 'disable-retries.explicit', string: 'disable' });
  assert.equal(attempts(await generated(plain, disable), 'orders'), [0, 0]);
  const keep = { ...disable, ARGOCD_ENV_MESHMEND_DISABLE_RETRIES_EXPLICIT: 'keep' };
  assert.equal(attempts(await generated(plain, keep), 'orders'), [0, 5]);
  const bare: Application = { path: '.', repository: { 'orders.yaml': virtualService('orders') } };
  assert.equal(attempts(await generated(bare, disable), 'orders'), [0, 0]);
});

generates('nothing when that is allowed', async () => {
  const empty: Application = { path: 'app', repository: { 'app/meshmend.yaml': asks } };
  assert.equal(await generated(empty, parameters({ name: 'allow-empty', string: 'true' })), []);
});

generates('and says in the log what it did', async () => {
  await generated(plain);
  assert.match(sidecar.log(), 'Istio 1.24 (meshmend.yaml)');
});

generates.run();

/** What a user reads, without what Argo CD puts before it. */
async function failure(answer: Promise<unknown>): Promise<string> {
  try {
    await answer;
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('it did not fail');
}

const failures = suite('a user reads');

/** The first line of what the plugin said; Argo CD's own words before it are checked. */
async function reads(application: Application, env = {}, from: Sidecar = sidecar): Promise<string> {
  const text = await failure(from.generate({ ...application, env }));
  const before = /^error generating manifests: `meshmend argocd generate` failed exit status [12]: /;
  assert.match(text, before);
  const [line = ''] = text.replace(before, '').split('\n');
  assert.ok(line.length < 200, line);
  return line;
}

failures('where a manifest is broken', async () => {
  const broken = withFiles(plain, { 'broken.yaml': 'apiVersion: v1\nkind: Service\nmetadata: {name: x\nspec: {}\n' });
  assert.match(await reads(broken), /^broken\.yaml:[45]:\d+: /);
  const half = withFiles(plain, { 'half.yaml': 'apiVersion: v1\nkid: Service\n' });
  assert.is(await reads(half), 'half.yaml:1:1: is half a manifest: no kind that is a string');
});

failures('which parameter is unknown, and the nearest', async () => {
  const told = await reads(plain, parameters({ name: 'disable-retires', string: 'true' }));
  assert.is(told, 'unknown plugin parameter disable-retires; did you mean disable-retries?');
  const env = await reads(plain, { ARGOCD_ENV_MESHMEND_ALLOW_EMTPY: 'true' });
  assert.is(env, 'unknown plugin env MESHMEND_ALLOW_EMTPY; did you mean MESHMEND_ALLOW_EMPTY?');
});

failures('that a folder without resources would prune the application', async () => {
  const empty: Application = { path: 'app', repository: { 'app/meshmend.yaml': asks } };
  const expected =
    'no resources in folder app: Argo CD would prune all that the application had; plugin parameter allow-empty: "true" lets it through';
  assert.is(await reads(empty), expected);
});

failures('which tool is missing', async () => {
  const bare = await startSidecar();
  const build = await reads(overlay, {}, bare);
  assert.is(
    build,
    'kustomization.yaml needs kustomize, which is not on PATH; add it to the image of the plugin sidecar, as examples/argocd/Dockerfile does',
  );
  assert.match(await reads(chart, {}, bare), /^Chart\.yaml needs helm, which is not on PATH; add it/);
  bare.close();
});

failures('what kustomize says', async () => {
  const lost = withFiles(overlay, { 'kustomization.yaml': 'resources: [../../nowhere]\n' });
  const told = await reads(lost);
  assert.match(told, /^kustomize build failed: accumulating resources: /);
  assert.match(told, /nowhere/);
});

failures('that a tool takes too long, while there is time to say so', async () => {
  const slow = await startSidecar({ tools: { kustomize: 'exec /bin/sleep 30' } });
  const told = await reads(kustomized, parameters({ name: 'timeout', string: '1s' }), slow);
  assert.match(told, /^kustomize build took longer than 1 s; raise the plugin parameter timeout/);
  const killed = await failure(slow.generate({ ...kustomized, deadlineMs: 1500 }));
  assert.match(killed, /killed|Deadline exceeded|deadline/i);
  slow.close();
});

failures('why an intent cannot be applied', async () => {
  const spec = '{istioVersion: "1.6", intents: {disable-retries: {scope: mesh}}}';
  assert.match(
    await reads(withFiles(plain, { 'meshmend.yaml': config(spec) })),
    /^disable-retries cannot be applied: /,
  );
  const values = '{istioVersion: "1.24", intents: {disable-retries: {scope: mesh, surface: helm-values}}}';
  assert.match(
    await reads(withFiles(plain, { 'meshmend.yaml': config(values) })),
    /^disable-retries gives Helm values of istiod here, and Argo CD applies resources only/,
  );
});

failures.run();

const crowd = suite('200 applications at once');

crowd('get each its own manifests', async () => {
  const count = 200;
  const names = Array.from({ length: count }, (_, index) => `app-${index}`);
  const answers = await Promise.all(
    names.map((name, index) => {
      const application: Application = {
        name,
        path: name,
        repository: { [`${name}/meshmend.yaml`]: asks, [`${name}/vs.yaml`]: virtualService(name) },
        deadlineMs: 180_000,
      };
      // Every other one by parameters too.
      const env = index % 2 === 0 ? {} : parameters({ name: 'disable-retries.explicit', string: 'disable' });
      return sidecar.generate({ ...application, env });
    }),
  );
  for (const [index, manifests] of answers.entries()) {
    const name = names[index] as string;
    const expected = load(virtualService(name)) as { spec: { http: { retries?: object }[] } };
    expected.spec.http[0]!.retries = { attempts: 0 };
    if (index % 2 === 1) expected.spec.http[1]!.retries = { attempts: 0 };
    assert.equal(
      manifests.map((text) => JSON.parse(text)),
      [expected],
    );
  }
});

crowd('leave nothing behind', () => sidecar.close());

crowd.run();
