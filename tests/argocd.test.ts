// The Argo CD plugin without Argo CD: settings, announcements, what is printed and what is refused. tests/argocd/ runs it
// under the real plugin server. npm run generate writes the announcements into examples/argocd/plugin.yaml.
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadAll } from 'js-yaml';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { dynamicAnnouncements, staticAnnouncements } from '../src/argocd/announcements.ts';
import { failureText } from '../src/argocd/frontend.ts';
import { type Generated, generate } from '../src/argocd/generate.ts';
import { settingsFrom, settingsOf, variableOf } from '../src/argocd/parameters.ts';
import { helmArgs } from '../src/argocd/source.ts';
import { type Config, configFromFile } from '../src/config/config.ts';
import { InputError } from '../src/errors.ts';
import { parseText } from '../src/manifest/read.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const examples = join(root, 'examples/argocd');

type Env = Readonly<Record<string, string>>;
type Files = Readonly<Record<string, string>>;

const made: string[] = [];
process.on('exit', () => {
  for (const path of made) rmSync(path, { recursive: true, force: true });
});

function folder(files: Files): string {
  const path = mkdtempSync(join(tmpdir(), 'meshmend-argocd-'));
  made.push(path);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), content);
  }
  return path;
}

/** Runs the plugin in a folder of these files. */
function generateIn(files: Files, env: Env = {}, inside = '.'): Promise<Generated> {
  return generateAt(join(folder(files), inside), env);
}

async function generateAt(path: string, env: Env = {}): Promise<Generated> {
  const here = process.cwd();
  process.chdir(path);
  try {
    return await generate(undefined, env);
  } finally {
    process.chdir(here);
  }
}

/** The error of a run, as the first line that Argo CD shows. */
async function failure(run: () => unknown): Promise<string> {
  try {
    await run();
  } catch (error) {
    if (error instanceof InputError) return failureText(error).split('\n')[0] as string;
    throw error;
  }
  throw new Error('nothing was refused');
}

function parameters(...list: readonly object[]): Env {
  return { ARGOCD_APP_PARAMETERS: JSON.stringify(list) };
}

const nothing: Config = { intents: new Map() };

function intents(env: Env, base = nothing): Record<string, unknown> {
  const { intents } = settingsFrom(base, env).config;
  return Object.fromEntries([...intents].filter(([, values]) => values !== false));
}

function config(spec: string): string {
  return `apiVersion: meshmend.dev/v1alpha1\nkind: MeshRemedies\nmetadata: {name: shop}\nspec: ${spec}\n`;
}

const asks = config('{istioVersion: "1.24", intents: {disable-retries: {}}}');

function virtualService(name: string): string {
  return `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: ${name}, namespace: shop}
spec: {hosts: [${name}.shop.svc.cluster.local], http: [{route: [{destination: {host: ${name}}}]}]}
`;
}

const settings = suite('settings');

settings('come from parameters of every shape', () => {
  const env = parameters(
    { name: 'disable-retries', string: 'true' },
    { name: 'disable-retries.explicit', string: 'disable' },
    { name: 'disable-retries.names', array: ['a', '1.10', 'on'] },
    { name: 'strict-circuit-breaking', map: { pending: '7', names: 'a' } },
    { name: 'istioVersion', string: '1.10' },
  );
  assert.equal(intents(env), {
    'disable-retries': { explicit: 'disable', names: ['a', '1.10', 'on'] },
    'strict-circuit-breaking': { pending: 7, names: ['a'] },
  });
  assert.equal(settingsFrom(nothing, env).config.istioVersion, { minor: 10 });
  assert.is(settingsFrom(nothing, env).config.istioVersionSource, 'plugin parameter istioVersion');
});

settings('are none with null, an empty list, empty text and no variable', () => {
  for (const text of ['null', '[]', '', ' ']) assert.equal(intents({ ARGOCD_APP_PARAMETERS: text }), {});
  assert.equal(intents({}), {});
});

settings('count as not set when the user interface leaves them empty', () => {
  const empties = parameters(
    { name: 'disable-retries', string: '' },
    { name: 'disable-retries.names', array: [] },
    { name: 'strict-circuit-breaking', map: {} },
    { name: 'istioVersion' },
    { name: 'mode', string: null },
  );
  assert.equal(intents({ ...empties, ARGOCD_ENV_MESHMEND_DISABLE_RETRIES: '' }), {});
});

settings('override each other: meshmend.yaml, parameters, env', () => {
  const text = config('{istioVersion: "1.20", intents: {disable-retries: {explicit: keep, names: [a], emit: true}}}');
  const base = configFromFile({ path: 'meshmend.yaml', text });
  const middle = parameters(
    { name: 'disable-retries.explicit', string: 'disable' },
    { name: 'disable-retries.names', array: ['b'] },
    { name: 'istioVersion', string: '1.21' },
  );
  const env = { ...middle, ARGOCD_ENV_MESHMEND_DISABLE_RETRIES_NAMES: '[c, d]', ARGOCD_ENV_MESHMEND_MODE: 'check' };
  assert.equal(intents(middle, base), { 'disable-retries': { explicit: 'disable', names: ['b'], emit: true } });
  assert.equal(intents(env, base), { 'disable-retries': { explicit: 'disable', names: ['c', 'd'], emit: true } });
  const { config: result } = settingsFrom(base, { ...env, ARGOCD_ENV_MESHMEND_ISTIO_VERSION: '1.22.3' });
  assert.equal(result.istioVersion, { minor: 22, patch: 3 });
  assert.is(result.istioVersionSource, 'plugin env MESHMEND_ISTIO_VERSION');
  assert.is(result.mode, 'check');
});

settings('switch an intent off that a source below asks for, and on again above', () => {
  const base = configFromFile({ path: 'meshmend.yaml', text: asks });
  const off = parameters({ name: 'disable-retries', string: 'false' });
  assert.equal(intents(off, base), {});
  assert.equal(intents({ ...off, ARGOCD_ENV_MESHMEND_DISABLE_RETRIES: 'true' }, base), { 'disable-retries': {} });
  assert.equal(intents({ ARGOCD_ENV_MESHMEND_DISABLE_RETRIES: 'false' }, base), {});
});

settings('leave the env of others alone', () => {
  const env = { ARGOCD_ENV_MODE: 'x', ARGOCD_ENV_DISABLE_RETRIES: 'x', MESHMEND_MODE: 'x', PARAM_MODE: 'x' };
  assert.equal(settingsFrom(nothing, env).config, nothing);
});

settings('that nobody knows name the nearest', async () => {
  const told = (env: Env): Promise<string> => failure(() => settingsFrom(nothing, env));
  assert.is(
    await told(parameters({ name: 'disable-retrys', string: 'true' })),
    'unknown plugin parameter disable-retrys; did you mean disable-retries?',
  );
  assert.is(
    await told(parameters({ name: 'alow-empty', string: '' })),
    'unknown plugin parameter alow-empty; did you mean allow-empty?',
  );
  assert.is(
    await told(parameters({ name: 'disable-retries', map: { explict: 'keep' } })),
    'unknown plugin parameter disable-retries.explict; did you mean disable-retries.explicit?',
  );
  assert.is(
    await told({ ARGOCD_ENV_MESHMEND_DISABLE_RETRY: 'true' }),
    'unknown plugin env MESHMEND_DISABLE_RETRY; did you mean MESHMEND_DISABLE_RETRIES?',
  );
  assert.is(
    await told(parameters({ name: 'xyzzy', string: 'true' })),
    'unknown plugin parameter xyzzy; meshmend argocd parameters --all lists them',
  );
});

settings('with a value that does not fit say where it stands', async () => {
  const told = (env: Env): Promise<string> => failure(() => settingsFrom(nothing, env));
  assert.is(
    await told(parameters({ name: 'disable-retries.explicit', string: 'kep' })),
    'plugin parameter disable-retries.explicit must be keep or disable, not "kep"; did you mean keep?',
  );
  assert.is(
    await told({ ARGOCD_ENV_MESHMEND_ALLOW_EMPTY: 'maybe' }),
    'plugin env MESHMEND_ALLOW_EMPTY must be true or false, not "maybe"',
  );
  assert.match(await told(parameters({ name: 'release-name', string: '--post-renderer=x' })), 'must be a string that');
  assert.is(await told({ ARGOCD_APP_PARAMETERS: '[' }), 'ARGOCD_APP_PARAMETERS is no JSON');
  assert.match(await told({ ARGOCD_APP_PARAMETERS: '{}' }), 'ARGOCD_APP_PARAMETERS is not a list');
  assert.match(await told(parameters({ string: 'x' })), 'a plugin parameter has no name');
});

settings('have variables that do not collide', () => {
  const names = settingsOf().map(({ name }) => name);
  assert.is(new Set(names).size, names.length);
  assert.is(new Set(names.map(variableOf)).size, names.length);
  assert.is(variableOf('istioVersion'), 'MESHMEND_ISTIO_VERSION');
});

settings.run();

const announcements = suite('announcements');

announcements('say every parameter in the shape that Argo CD takes', () => {
  const all = staticAnnouncements();
  assert.equal(
    all.map(({ name }) => name),
    settingsOf().map(({ name }) => name),
  );
  for (const { name, title, tooltip, collectionType, string, array, map } of all) {
    assert.ok(title !== '' && tooltip !== '', name);
    assert.ok(string === undefined || (typeof string === 'string' && collectionType === undefined), name);
    assert.ok(
      array === undefined || (collectionType === 'array' && array.every((item) => typeof item === 'string')),
      name,
    );
    assert.ok(map === undefined || collectionType === 'map', name);
  }
  const byName = new Map(all.map((announcement) => [announcement.name, announcement]));
  assert.is(byName.get('disable-retries')?.string, 'false');
  assert.is(byName.get('disable-retries.explicit')?.string, 'keep');
  assert.is(byName.get('strict-circuit-breaking.pending')?.itemType, 'number');
});

announcements('are the static parameters of plugin.yaml', () => {
  const [plugin] = loadAll(readFileSync(join(examples, 'plugin.yaml'), 'utf8')) as {
    spec: { parameters: { static: unknown } };
  }[];
  assert.equal(plugin?.spec.parameters.static, JSON.parse(JSON.stringify(staticAnnouncements())));
});

announcements('of a folder say what its meshmend.yaml sets', () => {
  const spec =
    '{istioVersion: "1.24", intents: {disable-retries: {names: [a, b], emit: false}, strict-circuit-breaking: {pending: 3}}}';
  const told = dynamicAnnouncements(configFromFile({ path: 'meshmend.yaml', text: config(spec) }));
  const values = told.map(({ name, string, array }) => [name, string ?? array]);
  assert.equal(values, [
    ['strict-circuit-breaking', 'true'],
    ['strict-circuit-breaking.pending', '3'],
    ['disable-retries', 'true'],
    ['disable-retries.names', ['a', 'b']],
    ['disable-retries.emit', 'false'],
    ['istioVersion', '1.24'],
  ]);
});

announcements.run();

const output = suite('what is printed');

const names = (stdout: string): string[] =>
  loadAll(stdout).map((manifest) => {
    const { kind, metadata } = manifest as { kind: string; metadata: { name: string } };
    return `${kind}/${metadata.name}`;
  });

output('is the folder, mended, without its config', async () => {
  const { stdout, stderr, exitCode } = await generateIn({
    'meshmend.yaml': asks,
    'a.yaml': virtualService('a'),
    'sub/b.yaml': `# nothing but a comment\n---\n${virtualService('b')}`,
    'sub/meshmend.yaml': asks,
    'intents.yaml': asks,
    'sub/kustomization.yaml': 'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n',
    'values.yaml': 'image: {tag: "1"}\n',
    'README.md': '# shop\n',
  });
  assert.is(exitCode, 0);
  assert.equal(names(stdout), ['VirtualService/a', 'VirtualService/b']);
  assert.is(stdout.match(/attempts: 0/g)?.length, 2);
  assert.match(stderr, /^Istio 1\.24 \(meshmend\.yaml\)\n/);
  assert.match(stderr, 'values.yaml: left out: it is no Kubernetes object');
  assert.match(stderr, 'intents.yaml: left out: it is a config');
  assert.match(stderr, 'sub/kustomization.yaml: left out: it is for kustomize');
});

output('holds what is in every folder but those that hold no manifests', async () => {
  const files = { 'meshmend.yaml': asks, 'vendor/a.yaml': virtualService('a'), '.github/b.yaml': virtualService('b') };
  const { stdout } = await generateIn({ ...files, 'node_modules/c.yaml': virtualService('c') });
  assert.equal(names(stdout).sort(), ['VirtualService/a', 'VirtualService/b']);
});

output('is whole or nothing: a link that cannot be followed is an error', async () => {
  const where = folder({ 'meshmend.yaml': asks, 'a.yaml': virtualService('a') });
  symlinkSync('/etc/hostname', join(where, 'b.yaml'));
  assert.match(await failure(() => generateAt(where)), /^b\.yaml: link leads out of the folder; remove the link/);
});

output('has Lists expanded, each item as it was written', async () => {
  const list = `%YAML 1.2
---
apiVersion: v1
kind: List
items:
  - apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata: {name: a}
    spec: {hosts: [a.x.svc.cluster.local], http: [{route: [{destination: {host: a}}]}]}
  - {apiVersion: v1, kind: ConfigMap, metadata: {name: flow, labels: &l {octal: "012"}}}
  -
    apiVersion: v1
    kind: ConfigMap
    metadata: {name: block, labels: *l}
    data:
      text: |
        ---
        kind: Trap
  - apiVersion: v1
    kind: List
    items:
      - {apiVersion: v1, kind: ConfigMap, metadata: {name: inner}, data: {big: 12345678901234567890}}
  - {apiVersion: v1, kind: List, items: []}
`;
  const json = JSON.stringify({
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualServiceList',
    items: [parseText(virtualService('j'))],
  });
  const { stdout } = await generateIn({ 'meshmend.yaml': asks, 'l.yaml': list, 'm.json': json });
  assert.equal(names(stdout), [
    'VirtualService/a',
    'ConfigMap/flow',
    'ConfigMap/block',
    'ConfigMap/inner',
    'VirtualService/j',
  ]);
  assert.is(stdout.match(/"?attempts"?: 0/g)?.length, 2);
  assert.match(stdout, 'big: 12345678901234567890');
  const block = loadAll(stdout)[2] as { metadata: unknown; data: { text: string } };
  assert.equal(block.metadata, { name: 'block', labels: { octal: '012' } });
  assert.is(block.data.text, '---\nkind: Trap\n');
});

output('is nothing when an intent cannot be applied', async () => {
  const spec = '{istioVersion: "1.6", intents: {disable-retries: {scope: mesh}}}';
  const { stdout, stderr, exitCode } = await generateIn({
    'meshmend.yaml': config(spec),
    'a.yaml': virtualService('a'),
  });
  assert.is(stdout, '');
  assert.is(exitCode, 1);
  assert.match(stderr, /^disable-retries cannot be applied: /);
});

output('is what was read in mode check, unless it needs mending', async () => {
  const check = parameters({ name: 'mode', string: 'check' });
  const files = { 'meshmend.yaml': asks, 'a.yaml': virtualService('a') };
  const { stdout, stderr, exitCode } = await generateIn(files, check);
  assert.is(stdout, '');
  assert.is(exitCode, 1);
  assert.match(stderr, /^mode check: 1 change to make, first disable-retries: VirtualService a: /);
  const mended = await generateIn(files);
  const again = await generateIn({ ...files, 'a.yaml': mended.stdout }, check);
  assert.is(again.exitCode, 0);
  assert.is(again.stdout, mended.stdout);
});

output.run();

const refusals = suite('what is refused');

const refused = (files: Files, env: Env = {}): Promise<string> =>
  failure(() => generateIn({ 'meshmend.yaml': asks, ...files }, env));

refusals('an application without resources, unless that is allowed', async () => {
  const told = await refused({ 'values.yaml': 'a: 1\n' }, { ARGOCD_APP_SOURCE_PATH: 'apps/shop' });
  const expected =
    'no resources in folder apps/shop: Argo CD would prune all that the application had; plugin parameter allow-empty: "true" lets it through';
  assert.is(told, expected);
  const allowed = parameters({ name: 'allow-empty', string: 'true' });
  const { stdout, exitCode } = await generateIn({ 'meshmend.yaml': asks }, allowed);
  assert.equal([stdout, exitCode], ['', 0]);
});

refusals('an application of which nothing but additions would be left', async () => {
  const spec = '{istioVersion: "1.24", intents: {support-http10: {}}}';
  const files = { 'meshmend.yaml': config(spec) };
  assert.match(await refused(files), /^no resources in folder \./);
  const { stdout } = await generateIn(files, parameters({ name: 'allow-empty', string: 'true' }));
  assert.is(names(stdout).length, 1);
});

refusals('a folder without intents', async () => {
  assert.match(
    await failure(() => generateIn({ 'a.yaml': virtualService('a') })),
    /^no intent is set; name one in meshmend/,
  );
});

refusals('what would be pruned for a slip of the pen', async () => {
  const broken = await refused({ 'a.yaml': virtualService('a'), 'b.yaml': 'kind: Service\n  metadata: x\n' });
  assert.match(broken, /^b\.yaml:\d+:\d+: /);
  const half = await refused({ 'a.yaml': virtualService('a'), 'b.yaml': 'apiVersion: v1\nkid: Service\n' });
  assert.is(half, 'b.yaml:1:1: is half a manifest: no kind that is a string');
  const item = await refused({ 'a.yaml': 'apiVersion: v1\nkind: List\nitems:\n- {kind: Service}\n' });
  assert.match(item, 'a.yaml:4:3: item of a List has no apiVersion or no kind');
  const settingsText = await refused({ 'a.yaml': virtualService('a'), 'meshmend.yaml': config('{intent: {}}') });
  assert.is(settingsText, 'meshmend.yaml:4:8: spec has no field "intent"; did you mean intents?');
});

refusals('settings that only Helm values can hold', async () => {
  const spec = '{istioVersion: "1.24", intents: {disable-retries: {scope: mesh, surface: helm-values}}}';
  const told = await refused({ 'meshmend.yaml': config(spec), 'a.yaml': virtualService('a') });
  assert.match(told, /^disable-retries gives Helm values of istiod here, and Argo CD applies resources only/);
  const values = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n---\npilot: {}\nmeshConfig: {}\n';
  const edited = await refused({ 'meshmend.yaml': config(spec), 'a.yaml': values });
  assert.match(edited, /^a\.yaml: holds Helm values to change, and Argo CD applies resources only/);
});

refusals('on a first line under 200 characters, with all of it below', () => {
  const long = 'x'.repeat(300);
  const text = failureText(new InputError(long, { hint: 'no way' }));
  assert.is(text.split('\n')[0]?.length, 199);
  assert.match(text, `…\n${long}\nhint: no way\n`);
  assert.is(failureText(new InputError('a', { hint: 'b' })), 'a; b\n');
  assert.match(failureText(new TypeError('oops')), /^internal error of meshmend: oops\nTypeError: oops\n/);
});

refusals('a meshmend.yaml that is a link out of the repository', async () => {
  const elsewhere = folder({ 'meshmend.yaml': asks });
  const repository = folder({ 'a.yaml': virtualService('a') });
  symlinkSync(join(elsewhere, 'meshmend.yaml'), join(repository, 'meshmend.yaml'));
  assert.is(await failure(() => generateAt(repository)), 'meshmend.yaml: is a link out of the repository');
  const inside = folder({ 'a.yaml': virtualService('a'), 'config.txt': asks });
  symlinkSync('config.txt', join(inside, 'meshmend.yaml'));
  assert.match((await generateAt(inside)).stdout, 'attempts: 0');
});

refusals.run();

const rendered = suite('kustomize and helm');

/** Puts stand-ins for the tools on PATH, and nothing else. */
async function withTools<T>(tools: Files, run: () => Promise<T>): Promise<T> {
  const bin = folder(Object.fromEntries(Object.entries(tools).map(([name, text]) => [name, `#!/bin/sh\n${text}\n`])));
  for (const name of Object.keys(tools)) chmodSync(join(bin, name), 0o755);
  const path = process.env['PATH'];
  process.env['PATH'] = bin;
  try {
    return await run();
  } finally {
    process.env['PATH'] = path;
  }
}

const kustomized = {
  'meshmend.yaml': asks,
  'kustomization.yaml': 'resources: [a.yaml]\n',
  'a.yaml': virtualService('raw'),
};
const printed = `echo 'a warning' >&2\n/bin/cat <<'E'\n${virtualService('rendered')}E`;

rendered('render the folder, which is not read itself', async () => {
  const { stdout, stderr } = await withTools({ kustomize: printed }, () => generateIn(kustomized));
  assert.equal(names(stdout), ['VirtualService/rendered']);
  assert.match(stdout, 'attempts: 0');
  assert.match(stderr, 'kustomize build: a warning');
});

rendered('may hand on the config, which is dropped', async () => {
  const both = `/bin/cat <<'E'\n${asks}---\n${virtualService('rendered')}E`;
  const { stdout } = await withTools({ kustomize: both }, () => generateIn(kustomized));
  assert.equal(names(stdout), ['VirtualService/rendered']);
});

rendered('are missed by name', async () => {
  const told = (files: Files): Promise<string> =>
    withTools({}, () => failure(() => generateIn(files, { ARGOCD_APP_NAME: 'shop' })));
  assert.match(
    await told(kustomized),
    /^kustomization\.yaml needs kustomize, which is not on PATH; add it to the image/,
  );
  assert.match(
    await told({ 'meshmend.yaml': asks, 'Chart.yaml': 'name: x\n' }),
    /^Chart\.yaml needs helm, which is not on PATH/,
  );
});

rendered('fail with their own reason first', async () => {
  const script = 'echo \'# Warning: old field\' >&2; echo "Error: $PWD/a.yaml: no such file" >&2; exit 1';
  const told = await withTools({ kustomize: script }, () => failure(() => generateIn(kustomized)));
  assert.is(told, 'kustomize build failed: a.yaml: no such file');
  const silent = await withTools({ kustomize: 'exit 3' }, () => failure(() => generateIn(kustomized)));
  assert.is(silent, 'kustomize build failed: exit status 3');
});

rendered('are stopped before Argo CD stops all', async () => {
  const limit = parameters({ name: 'timeout', string: '300ms' });
  const told = await withTools({ kustomize: '/bin/sleep 20' }, () => failure(() => generateIn(kustomized, limit)));
  assert.match(told, /^kustomize build took longer than 0\.3 s; raise the plugin parameter timeout/);
});

rendered('print nothing but manifests', async () => {
  const told = await withTools({ kustomize: "echo 'INFO: loaded'" }, () => failure(() => generateIn(kustomized)));
  assert.match(told, /^kustomize build:1:1: is not a manifest: it has neither apiVersion nor kind/);
});

rendered('get what Argo CD says of the application', () => {
  const plugin = settingsFrom(nothing, parameters()).plugin;
  const env = {
    ARGOCD_APP_NAME: 'team-a_shop',
    ARGOCD_APP_NAMESPACE: 'prod',
    KUBE_VERSION: '1.31',
    KUBE_API_VERSIONS: 'v1,apps/v1',
  };
  assert.equal(helmArgs(plugin, env), [
    'template',
    'shop',
    '.',
    '--include-crds',
    '--namespace=prod',
    '--kube-version=1.31',
    '--api-versions=v1',
    '--api-versions=apps/v1',
  ]);
  assert.throws(() => helmArgs(plugin, {}), /Chart.yaml needs a release name/);
});

rendered('read values files of the repository only', async () => {
  const chart = {
    'meshmend.yaml': asks,
    'apps/shop/meshmend.yaml': asks,
    'apps/shop/Chart.yaml': 'name: x\n',
    'apps/shop/-v.yaml': '',
    'apps/common.yaml': '',
  };
  const args = (...files: string[]): Promise<Generated> =>
    withTools({ helm: `printf '%s\\n' "$@" >&2\n${printed}` }, () =>
      generateIn(
        chart,
        {
          ...parameters({ name: 'values-files', array: files }, { name: 'release-name', string: 'mine' }),
          ARGOCD_APP_SOURCE_PATH: 'apps/shop',
        },
        'apps/shop',
      ),
    );
  const { stderr } = await args('-v.yaml', '../common.yaml');
  assert.match(stderr, 'template\nmine\n.\n--include-crds\n--values=./-v.yaml\n--values=./../common.yaml\n');
  for (const outside of ['/etc/passwd', '../../../../etc/passwd', 'https://example.com/v.yaml'])
    assert.match(await failure(() => args(outside)), /outside of the repository$|no such values file$/);
  assert.is(await failure(() => args('none.yaml')), 'none.yaml: no such values file');
});

rendered('get no path that helm would take for several or unquote', async () => {
  const files = (name: string): Files => ({
    'meshmend.yaml': asks,
    'Chart.yaml': 'name: x\n',
    'v.yaml': '',
    [name]: '',
  });
  // A decoy folder makes the whole of it an existing file of the repository.
  for (const name of ['v.yaml,/etc/hostname', '"v.yaml","x"', "v'.yaml", 'v\\.yaml', 'v\n.yaml', '{v,w}.yaml']) {
    const env = {
      ...parameters({ name: 'values-files', array: [name] }, { name: 'release-name', string: 'mine' }),
      ARGOCD_APP_SOURCE_PATH: '.',
    };
    const told = await withTools({ helm: printed }, () => failure(() => generateIn(files(name), env)));
    assert.match(told, /: path of a values file has characters that helm divides or unquotes/);
  }
});

rendered('must print UTF-8', async () => {
  const script = `${printed}\nprintf '# \\377\\n'`;
  const told = await withTools({ kustomize: script }, () => failure(() => generateIn(kustomized)));
  assert.match(told, /^kustomize build:\d+:3: not valid UTF-8/);
});

rendered('are ended with all that they started', async () => {
  const limit = parameters({ name: 'timeout', string: '300ms' });
  const file = join(folder({ pid: '' }), 'pid');
  const script = `/bin/sleep 60 & echo $! > '${file}'; wait`;
  await withTools({ kustomize: script }, () => failure(() => generateIn(kustomized, limit)));
  const pid = readFileSync(file, 'utf8').trim();
  // The kernel may still be at it.
  for (let tries = 0; tries < 200 && isRunning(pid); tries++) await new Promise((resolve) => setTimeout(resolve, 10));
  assert.not.ok(isRunning(pid));
});

/** True for a process that is neither gone nor a zombie. */
function isRunning(pid: string): boolean {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', pid], { encoding: 'utf8' });
  return /^[^Z\s]/.test(stdout.trim());
}

rendered('cannot start lines with what they say', async () => {
  const script = `echo '::stop-commands::x' >&2; printf '\\033[2J##[error]a\\n' >&2; ${printed}`;
  const { stderr } = await withTools({ kustomize: script }, () => generateIn(kustomized));
  assert.not.match(stderr, /^\s*::|##\[|\p{Cc}(?<!\n)/mu);
  const failing = `${script}\nexit 1`;
  const told = await withTools({ kustomize: failing }, async () => {
    try {
      await generateIn(kustomized);
      return '';
    } catch (error) {
      return failureText(error);
    }
  });
  assert.match(told, 'a warning');
  assert.not.match(told, /^\s*::|##\[|\p{Cc}(?<!\n)/mu);
});

rendered('do not follow links of a chart out of the repository', async () => {
  const repository = folder({ 'Chart.yaml': 'name: x\n', 'meshmend.yaml': asks, 'templates/a.yaml': '' });
  symlinkSync('/etc/hostname', join(repository, 'templates/b.yaml'));
  const told = await failure(() => generateAt(repository));
  assert.is(told, 'templates/b.yaml: is a link out of the repository, which helm would follow');
});

rendered('do not follow a link out of the repository', async () => {
  const repository = folder({ 'Chart.yaml': 'name: x\n' });
  symlinkSync('/etc/hostname', join(repository, 'v.yaml'));
  const here = process.cwd();
  process.chdir(repository);
  try {
    const { plugin } = settingsFrom(nothing, parameters({ name: 'values-files', array: ['v.yaml'] }));
    assert.throws(() => helmArgs(plugin, { ARGOCD_APP_NAME: 'x' }), /values file outside of the repository/);
  } finally {
    process.chdir(here);
  }
});

rendered.run();

const shipped = suite('examples/argocd');

const example = (name: string): unknown => parseText(readFileSync(join(examples, name), 'utf8'));

shipped('the sidecar is the same for kustomize and for Helm', () => {
  const patch = example('repo-server/sidecar.yaml') as {
    spec: { template: { spec: { containers: unknown; volumes: unknown } } };
  };
  const { repoServer } = example('helm-values.yaml') as { repoServer: { extraContainers: unknown; volumes: unknown } };
  const { containers, volumes } = patch.spec.template.spec;
  assert.equal({ containers, volumes }, { containers: repoServer.extraContainers, volumes: repoServer.volumes });
});

shipped('the Application sets what the plugin knows', async () => {
  const { spec } = example('application.yaml') as {
    spec: { source: { plugin: { parameters: object[]; env: { name: string; value: string }[] } } };
  };
  const { parameters: given, env } = spec.source.plugin;
  const variables = Object.fromEntries(env.map(({ name, value }) => [`ARGOCD_ENV_${name}`, value]));
  const files = Object.fromEntries(
    ['meshmend.yaml', 'shop.yaml'].map((name) => [name, readFileSync(join(examples, 'app', name), 'utf8')]),
  );
  const plain = await generateIn(files);
  assert.equal(names(plain.stdout), [
    'Service/orders',
    'VirtualService/orders',
    'Service/stock',
    'VirtualService/stock-no-retries',
  ]);
  const set = await generateIn(files, { ...parameters(...given), ...variables });
  assert.equal(names(set.stdout), ['Service/orders', 'VirtualService/orders', 'Service/stock']);
  assert.is(set.stdout.match(/attempts: 0/g)?.length, 2, 'explicit retries too');
});

shipped.run();
