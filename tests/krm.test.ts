import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { InputError } from '../src/errors.ts';
import { answerList, answerPlugin } from '../src/krm/function.ts';
import type { Json } from '../src/manifest/node.ts';
import { readDocuments } from '../src/manifest/read.ts';
import { at, listAt } from '../src/mesh/read.ts';

const test = suite('krm');
const mark = 'meshmend.dev/applied';

const route = `- apiVersion: networking.istio.io/v1
  kind: VirtualService
  metadata:
    name: reviews
    annotations: # of the reader
      internal.config.kubernetes.io/index: '0'
      internal.config.kubernetes.io/path: 'shop/reviews.yaml'
  spec:
    hosts: [reviews] # short
    http:
    - route:
      - destination: {host: reviews}
`;
const other = `- apiVersion: v1
  kind: ConfigMap
  metadata: {name: settings}
  data: {DEBUG: "on", ZIP: "0123"}
`;

function list(items: string, intents: string, spec = ''): string {
  return `apiVersion: config.kubernetes.io/v1
kind: ResourceList
items:${items === '' ? ' []\n' : `\n${items}`}functionConfig:
  apiVersion: meshmend.dev/v1alpha1
  kind: MeshRemedies
  metadata: {name: shop}
  spec:
    istioVersion: "1.23"
${spec}    intents: ${intents}
`;
}

function parse(text: string): Json {
  const documents = readDocuments({ path: 'output', text });
  assert.is(documents.length, 1);
  return documents[0]!.value;
}

function fault(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    assert.instance(error, InputError);
    return (error as InputError).report();
  }
  throw new Error('nothing was thrown');
}

test('edits keep all other bytes, and results come last', () => {
  const input = list(route + other, '{disable-retries: {}}');
  const { exitCode, output, message } = answerList(input);
  assert.is(exitCode, 0);
  const results = output.indexOf('results:');
  assert.is(output.slice(0, results).replace(/ +retries:\n +attempts: 0\n/, ''), input);
  assert.equal(at(parse(output), 'results'), [
    {
      message: at(parse(output), 'results', 0, 'message') as string,
      severity: at(parse(output), 'results', 0, 'severity') as string,
      resourceRef: { apiVersion: 'networking.istio.io/v1', kind: 'VirtualService', name: 'reviews' },
      field: { path: 'spec.http[0].retries', proposedValue: { attempts: 0 } },
      file: { path: 'shop/reviews.yaml', index: 0 },
      tags: {
        code: 'disable-retries/default-retries',
        remedy: 'disable-retries',
        outcome: 'change',
        source: at(parse(output), 'results', 0, 'tags', 'source') as string,
      },
    },
  ]);
  assert.match(message, /^meshmend: MeshRemedies shop: 1 change; for Istio 1\.23/);
  assert.not.match(output, mark);
});

test('nothing to do gives every item back as it came', () => {
  const input = list(other, '{disable-retries: {}}');
  const { output, message } = answerList(input);
  assert.ok(output.startsWith(input));
  assert.match(message, '[disable-retries/nothing-to-do]');
});

test('new resources are items, and a second run adds none', () => {
  const once = answerList(list(route + other, '{support-http10: {}}'));
  assert.equal(
    listAt(parse(once.output), 'items').map((item) => at(item, 'kind')),
    ['VirtualService', 'ConfigMap', 'Deployment'],
  );
  const again = answerList(once.output.replace(/^results:[\s\S]*/m, ''));
  assert.equal(at(parse(again.output), 'items'), at(parse(once.output), 'items'));
});

test('results of earlier functions stay', () => {
  const { output } = answerList(`${list(route, '{disable-retries: {}}')}results:\n- message: before\n`);
  assert.is(listAt(parse(output), 'results').length, 2);
  assert.is(at(parse(output), 'results', 0, 'message'), 'before');
});

test('v1beta1, JSON, empty and missing items', () => {
  const v1beta1 = list(route, '{support-http10: {}}').replace(
    'io/v1\nkind: ResourceList',
    'io/v1beta1\nkind: ResourceList',
  );
  assert.is(at(parse(answerList(v1beta1).output), 'apiVersion'), 'config.kubernetes.io/v1beta1');
  const json = `${JSON.stringify(parse(list(route, '{support-http10: {}}')))}\n`;
  assert.is(listAt(JSON.parse(answerList(json).output), 'items').length, 2);
  for (const items of [' []\n', '\n', ' null\n']) {
    const empty = list('', '{support-http10: {}}').replace(/^items: \[\]\n/m, `items:${items}`);
    const { output, message } = answerList(empty);
    assert.is(listAt(parse(output), 'items').length, 1, JSON.stringify(items));
    assert.match(message, /no resources came in/);
  }
  const missing = list('', '{support-http10: {}}').replace(/^items: \[\]\n/m, '');
  assert.is(listAt(parse(answerList(missing).output), 'items').length, 1);
});

test('a kustomize build gets a mark on a changed resource, and on no other', () => {
  const id = "kustomize.config.k8s.io/id: 'name: reviews'\n      ";
  const built = other.replace('{name: settings}', "{name: settings, annotations: {kustomize.config.k8s.io/id: 'x'}}");
  const items =
    built + route.replace('internal.config.kubernetes.io/index', `${id}internal.config.kubernetes.io/index`);
  const { output } = answerList(list(items, '{disable-retries: {}}'));
  assert.is(at(parse(output), 'items', 0, 'metadata', 'annotations', mark), undefined);
  assert.is(at(parse(output), 'items', 1, 'metadata', 'annotations', mark), 'shop');
  assert.is(at(parse(output), 'results', 0, 'file'), undefined, 'the paths of a build are invented');
  const both = answerList(list(items, '{disable-retries: {}, support-http10: {}}'));
  assert.is(at(parse(both.output), 'items', 1, 'metadata', 'annotations', mark), undefined);
  assert.is(at(parse(both.output), 'items', 2, 'metadata', 'annotations', mark), 'shop');
});

test('check prints nothing, and fails when something is missing', () => {
  const failed = answerList(list(route, '{disable-retries: {}}', '    mode: check\n'));
  assert.equal([failed.exitCode, failed.output], [1, '']);
  assert.match(failed.message, /missing: VirtualService reviews/);
  const passed = answerList(list(other, '{disable-retries: {}}', '    mode: check\n'));
  assert.equal([passed.exitCode, passed.output], [0, '']);
});

test('a refused intent fails and prints nothing', () => {
  const refused = list(route, '{disable-retries: {scope: mesh}}').replace('"1.23"', '"1.8"');
  const { exitCode, output, message } = answerList(refused);
  assert.equal([exitCode, output], [1, '']);
  assert.match(message, /refused/);
});

test('a ConfigMap says the same in flat text, quoted or not', () => {
  for (const data of [
    '{disable-retries: "true", istioVersion: "1.10"}',
    '{disable-retries: true, istioVersion: 1.10}',
    '{disable-retries.explicit: disable, istioVersion: "1.10"}',
  ]) {
    const config = `functionConfig:\n  apiVersion: v1\n  kind: ConfigMap\n  metadata: {name: flat}\n  data: ${data}\n`;
    const { output, message } = answerList(
      `apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n${route}${config}`,
    );
    assert.is(at(parse(output), 'items', 0, 'spec', 'http', 0, 'retries', 'attempts'), 0);
    assert.match(message, /ConfigMap flat: .*Istio 1\.10 \(data\.istioVersion\)/);
  }
});

test('true and false switch intents on and off', () => {
  const edits = (intents: string): number => listAt(parse(answerList(list(route, intents)).output), 'results').length;
  const isEdited = (output: string): boolean =>
    at(parse(output), 'items', 0, 'spec', 'http', 0, 'retries', 'attempts') === 0;
  for (const on of ['true', '{}', '~']) assert.ok(isEdited(answerList(list(route, `{disable-retries: ${on}}`)).output));
  assert.is(edits('{disable-retries: true, support-http10: false}'), 1);
  const off = answerList(list(route, '{disable-retries: false}'));
  assert.not.ok(isEdited(off.output));
  assert.is(off.exitCode, 0);
  const settings = (data: string): string =>
    `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: flat}\ndata: {disable-retries: ${data}}\n`;
  const plain = route.replace(/^(- | {2})/gm, '');
  for (const on of ['true', '"true"', '~', '""']) assert.match(answerPlugin(plain, settings(on)).output, 'attempts: 0');
  for (const off of ['false', '"false"']) assert.is(answerPlugin(plain, settings(off)).output, plain);
});

test('severities hold, and settings that have no effect are named', () => {
  const severities = '    severities: {disable-retries: warning, disable-retries/default-retries: error}\n';
  const { output } = answerList(list(route, '{disable-retries: {}}', severities));
  assert.is(at(parse(output), 'results', 0, 'severity'), 'error');
  const unused = '    exclude: [a]\n    environments: [{name: prod, builds: [prod]}]\n';
  const { message } = answerList(list(route, '{disable-retries: {}}', unused));
  assert.match(message, /^meshmend: MeshRemedies shop: `environments` of the config is not used yet/m);
  assert.match(message, /^meshmend: MeshRemedies shop: `exclude` of the config is not used/m);
  assert.match(
    fault(() => answerList(list(route, '{disable-retries: {}}', '    severities: {disable-retrys: off}\n'))),
    /spec\.severities\.disable-retrys names no remedy or code\nhint: did you mean disable-retries\?/,
  );
});

test('faults name the config, the key and the nearest right one', () => {
  for (const [text, message] of [
    [
      list(route, '{disable-retrys: {}}'),
      /^MeshRemedies shop: .*"disable-retrys"\nhint: did you mean disable-retries\?\n$/,
    ],
    [
      list(route, '{disable-retries: {expliict: keep}}'),
      /MeshRemedies shop: .*"expliict"\nhint: did you mean explicit\?/,
    ],
    [list(route, '{}'), /MeshRemedies shop: spec\.intents names no remedy/],
    [list(route, '{support-http10: {surface: helm-values}}'), /MeshRemedies shop: support-http10 gives Helm values/],
    [list(route, '{}').replace(/functionConfig[\s\S]*/, ''), /no functionConfig/],
    [list(route, '{}').replace('kind: MeshRemedies', 'kind: Other'), /Other shop: kind must be MeshRemedies/],
    ['', /standard input is empty/],
    ['a: 1\n', /something else/],
    [`${list(route, '{}')}---\na: 1\n`, /more than one document/],
    ['kind: ResourceList\napiVersion: config.kubernetes.io/v9\n', /./],
    ['kind: ResourceList\napiVersion: config.kubernetes.io/v1\nitems: {}\n', /items of the ResourceList is not a list/],
    ['a: [\n', /standard input:/],
  ] as const)
    assert.match(
      fault(() => answerList(text)),
      message,
    );
});

test('the legacy plugin reads and prints plain documents', () => {
  const config = list('', '{disable-retries: {}, support-http10: {}}')
    .replace(/[\s\S]*functionConfig:\n/, '')
    .replace(/^ {2}/gm, '');
  const text = `${route.replace(/^(- | {2})/gm, '')}---\n${other.replace(/^(- | {2})/gm, '')}`;
  const { output } = answerPlugin(text, config);
  assert.is(
    output.slice(0, output.indexOf('---\napiVersion: apps/v1')).replace(/ +retries:\n +attempts: 0\n/, ''),
    text,
  );
  assert.not.match(output, mark);
  const generated = answerPlugin('', config);
  assert.match(generated.output, /^apiVersion: apps\/v1\n[\s\S]*meshmend\.dev\/applied: shop/);
});

test.run();
