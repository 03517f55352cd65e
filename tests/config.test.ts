// Configs from every source, on a scratch remedy that has a parameter of each type.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { configSchema } from '../src/cli/schema.ts';
import {
  type Config,
  combine,
  configFromFile,
  configFromFlags,
  configFromSettings,
  configFromValue,
  intentsOf,
} from '../src/config/config.ts';
import { InputError } from '../src/errors.ts';
import type { Json } from '../src/manifest/node.ts';
import { nearest } from '../src/nearest.ts';
import { defineFaults } from '../src/remedies/fault.ts';
import { selection } from '../src/remedies/parameter.ts';
import { defineRemedy, type Remedy } from '../src/remedies/remedy.ts';

const known: readonly Remedy[] = [
  defineRemedy({
    id: 'paint-fences',
    source: 'https://example.org',
    parameters: {
      ...selection,
      colour: { type: 'enum', values: ['red', 'green', 'on'], default: 'red', help: 'which colour' },
      brand: { type: 'string', pattern: '^[a-z0-9.]+$', help: 'which paint' },
      twice: { type: 'boolean', default: false, help: 'paint again' },
      coats: { type: 'integer', minimum: 1, maximum: 9, default: 2, help: 'how many coats' },
      drying: { type: 'duration', default: '30s', help: 'time to dry' },
      selector: { type: 'labels', help: 'which fences' },
      posts: {
        type: 'objects',
        fields: {
          host: { type: 'string', help: 'name' },
          port: { type: 'integer', minimum: 1, maximum: 65535, default: 80, help: 'port' },
        },
        required: ['host'],
        short: 'host',
        help: 'which posts',
      },
    },
    faults: defineFaults({}),
    find: () => [],
  }) as Remedy,
  defineRemedy({
    id: 'mow-lawns',
    source: 'https://example.org',
    parameters: {},
    faults: defineFaults({}),
    find: () => [],
  }) as Remedy,
];

function fromText(lines: readonly string[]): Config {
  const text = `apiVersion: meshmend.dev/v1alpha1\nkind: MeshRemedies\n${lines.join('\n')}\n`;
  return configFromFile({ path: 'c.yaml', text }, known);
}

function intents(...lines: readonly string[]): Config {
  return fromText(['spec:', '  intents:', ...lines.map((line) => `    ${line}`)]);
}

function fault(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof InputError) return error.report().trimEnd();
    throw error;
  }
  throw new Error('no error');
}

const files = suite('MeshRemedies file');

files('values of every type, defaults filled in at the end', () => {
  const config = intents(
    'mow-lawns:',
    'paint-fences:',
    '  names: "a*"',
    '  namespaces: [x, z]',
    '  colour: green',
    '  brand: acme',
    '  twice: yes',
    '  coats: 3',
    '  drying: 1m30s',
    '  selector: {app: x}',
    '  posts: [a, {host: b, port: 8080}]',
  );
  const filled = intentsOf(config, known);
  assert.equal([...filled.keys()], ['paint-fences', 'mow-lawns'], 'in the order of the remedies');
  assert.equal(filled.get('paint-fences'), {
    namespaces: ['x', 'z'],
    names: ['a*'],
    colour: 'green',
    brand: 'acme',
    twice: true,
    coats: 3,
    drying: '1m30s',
    selector: { app: 'x' },
    posts: [
      { host: 'a', port: 80 },
      { host: 'b', port: 8080 },
    ],
  });
  assert.equal(intentsOf(intents('paint-fences: {}'), known).get('paint-fences'), {
    colour: 'red',
    twice: false,
    coats: 2,
    drying: '30s',
  });
});

files('version and mode', () => {
  const { istioVersion, istioVersionSource, mode } = fromText(['spec: {istioVersion: "1.27.1", mode: check}']);
  assert.equal(istioVersion, { minor: 27, patch: 1 });
  assert.is(istioVersionSource, 'c.yaml');
  assert.is(mode, 'check');
});

files('true, nothing and {} switch an intent on, false switches it off', () => {
  for (const value of ['true', '{}', '', '~']) {
    const config = intents(`mow-lawns: ${value}`);
    assert.equal([...config.intents], [['mow-lawns', {}]], value);
    assert.ok(intentsOf(config, known).has('mow-lawns'), value);
  }
  const off = intents('mow-lawns: false', 'paint-fences: true');
  assert.equal([...intentsOf(off, known).keys()], ['paint-fences']);
  const flags = { intents: ['mow-lawns'], set: [] };
  assert.ok(intentsOf(configFromFlags(flags, off, known), known).has('mow-lawns'), 'a flag switches it on again');
  const on: Config = { intents: new Map([['mow-lawns', {}]]) };
  assert.not.ok(intentsOf(combine(on, off), known).has('mow-lawns'), 'off above is off');
  assert.ok(intentsOf(combine(off, on), known).has('mow-lawns'), 'on above is on');
});

files('settings of the repository', () => {
  const config = fromText([
    'spec:',
    '  exclude: ["vendor/**", "*.gen.yaml"]',
    '  severities: {mow-lawns: off, paint-fences/no-paint: "warning", paint-fences: "off"}',
    '  environments:',
    '  - {name: prod, builds: ["clusters/prod/*"], istioVersion: "1.27"}',
    '  - {name: dev, builds: [clusters/dev, {chart: charts/web, values: [dev.yaml]}, {chart: charts/db}]}',
  ]);
  assert.equal(config.exclude, ['vendor/**', '*.gen.yaml']);
  assert.equal(
    [...(config.severities ?? [])].map(([name, { level }]) => [name, level]),
    [
      ['mow-lawns', 'off'],
      ['paint-fences/no-paint', 'warning'],
      ['paint-fences', 'off'],
    ],
  );
  assert.equal(config.environments, [
    { name: 'prod', builds: ['clusters/prod/*'], istioVersion: { minor: 27 } },
    {
      name: 'dev',
      builds: ['clusters/dev', { chart: 'charts/web', values: ['dev.yaml'] }, { chart: 'charts/db', values: [] }],
    },
  ]);
  assert.equal(fromText(['spec: {exclude: ~, severities: ~, environments: ~}']).exclude, undefined);
  assert.equal(fromText(['spec: {exclude: []}']).exclude, []);
});

files('JSON, anchors and merge keys', () => {
  const text = '{"apiVersion":"meshmend.dev/v1alpha1","kind":"MeshRemedies","spec":{"intents":{"mow-lawns":{}}}}';
  assert.ok(configFromFile({ path: 'c.json', text }, known).intents.has('mow-lawns'));
  const config = fromText([
    'metadata: {annotations: &a {coats: 4}}',
    'spec: {intents: {paint-fences: {<<: *a, brand: x}}}',
  ]);
  assert.equal(config.intents.get('paint-fences'), { coats: 4, brand: 'x' });
  assert.is(
    fault(() => fromText(['metadata: {x: &a {coats: 40}}', 'spec: {intents: {paint-fences: {<<: *a}}}'])),
    'c.yaml:3:26: spec.intents.paint-fences.coats must be a whole number from 1 to 9, not 40',
  );
});

const faults: readonly (readonly [lines: readonly string[], report: string])[] = [
  [['spce: {}'], 'c.yaml:3:1: the config has no field "spce"\nhint: did you mean spec?'],
  [['spec:', '  intent: {}'], 'c.yaml:4:3: spec has no field "intent"\nhint: did you mean intents?'],
  [['spec: []'], 'c.yaml:3:7: spec must be a mapping'],
  [['spec: {intents: [mow-lawns]}'], 'c.yaml:3:17: spec.intents must be a mapping of remedies'],
  [['spec: {mode: chek}'], 'c.yaml:3:14: spec.mode must be rewrite or check, not "chek"\nhint: did you mean check?'],
  [
    ['spec: {istioVersion: 1.10}'],
    'c.yaml:3:22: spec.istioVersion must be a version as a string\nhint: quote it: "1.10"',
  ],
  [
    ['spec: {istioVersion: newest}'],
    'c.yaml:3:22: spec.istioVersion is not an Istio version: "newest"\nhint: write it as 1.27 or 1.27.1',
  ],
  [['spec: {istioVersion: "1.5.9"}'], 'c.yaml:3:22: spec.istioVersion is Istio 1.5.9; meshmend knows 1.6 and later'],
];

const repositoryFaults: readonly (readonly [spec: string, report: string])[] = [
  ['exclude: {a: 1}', 'c.yaml:3:17: spec.exclude must be a string or a list of strings, not {"a":1}'],
  ['severities: [a]', 'c.yaml:3:20: spec.severities must be a mapping of codes or remedies to severities'],
  [
    'severities: {mow-lawns: warn}',
    'c.yaml:3:32: spec.severities.mow-lawns must be error, warning, info or off, not "warn"\nhint: did you mean warning?',
  ],
  ['environments: {a: 1}', 'c.yaml:3:22: spec.environments must be a list of environments'],
  ['environments: [{builds: [a]}]', 'c.yaml:3:23: spec.environments[0] lacks name'],
  ['environments: [{name: a}]', 'c.yaml:3:23: spec.environments[0] lacks builds'],
  [
    'environments: [{name: a, build: [a]}]',
    'c.yaml:3:33: spec.environments[0] has no field "build"\nhint: did you mean builds?',
  ],
  [
    'environments: [{name: a, builds: [a]}, {name: a, builds: [b]}]',
    'c.yaml:3:54: spec.environments[1].name is taken: another environment is "a"',
  ],
  [
    'environments: [{name: a, builds: [a], istioVersion: 1.27}]',
    'c.yaml:3:60: spec.environments[0].istioVersion must be a version as a string\nhint: quote it: "1.27"',
  ],
  ['environments: [{name: a, builds: [{values: [a]}]}]', 'c.yaml:3:42: spec.environments[0].builds[0] lacks chart'],
];

for (const [lines, report] of [
  ...faults,
  ...repositoryFaults.map(([spec, text]) => [[`spec: {${spec}}`], text] as const),
])
  files(lines.join(' '), () =>
    assert.is(
      fault(() => fromText(lines)),
      report,
    ),
  );

const id = 'spec.intents.paint-fences';
const valueFaults: readonly (readonly [value: string, report: string])[] = [
  ['coat: 1', `5:20: ${id} has no parameter "coat"\nhint: did you mean coats?`],
  ['coats: 10', `5:27: ${id}.coats must be a whole number from 1 to 9, not 10`],
  ['coats: 1.5', `5:27: ${id}.coats must be a whole number from 1 to 9, not 1.5`],
  ['coats: "2"', `5:27: ${id}.coats must be a whole number from 1 to 9, not "2"`],
  ['coats: ~', `5:27: ${id}.coats must be a whole number from 1 to 9, not empty`],
  ['colour: gren', `5:28: ${id}.colour must be red, green or on, not "gren"\nhint: did you mean green?`],
  ['twice: 1', `5:27: ${id}.twice must be true or false, not 1`],
  ['brand: 1.10', `5:27: ${id}.brand must be a string that matches ^[a-z0-9.]+$, not 1.1\nhint: quote it`],
  ['colour: on', `5:28: ${id}.colour must be red, green or on, not true\nhint: quote it`],
  ['brand: A', `5:27: ${id}.brand must be a string that matches ^[a-z0-9.]+$, not "A"`],
  ['drying: 30', `5:28: ${id}.drying must be a duration such as 30s, 1m30s or 100ms, not 30`],
  ['names: [a, 1]', `5:31: ${id}.names[1] must be a string, not 1`],
  ['names: []', `5:27: ${id}.names must be a string or a list of strings, not []`],
  [`names: "${'*a'.repeat(127)}"`, `5:27: ${id}.names has 254 characters; at most 253 are allowed`],
  [`names: [a, ${'a'.repeat(254)}]`, `5:31: ${id}.names[1] has 254 characters; at most 253 are allowed`],
  ['selector: {a: 1}', `5:34: ${id}.selector.a must be a string, not 1\nhint: quote it`],
  ['posts: [{port: 1}]', `5:28: ${id}.posts[0] lacks host`],
  ['posts: [{host: a, port: 0}]', `5:44: ${id}.posts[0].port must be a whole number from 1 to 65535, not 0`],
  ['posts: [{hots: a}]', `5:29: ${id}.posts[0] has no parameter "hots"\nhint: did you mean host?`],
  ['__proto__: {a: 1}', `5:20: ${id} has no parameter "__proto__"`],
];

for (const [value, report] of valueFaults)
  files(value, () => {
    assert.ok(fault(() => intents(`paint-fences: {${value}}`)).startsWith(`c.yaml:${report}`), report);
  });

files('what is not a config', () => {
  const read = (text: string): string => fault(() => configFromFile({ path: 'c.yaml', text }, known));
  assert.match(read(''), 'c.yaml: is empty');
  assert.match(read('a: 1\n---\nb: 1\n'), 'holds 2 documents');
  assert.match(read('[1]\n'), 'c.yaml:1:1: the config must be a MeshRemedies');
  assert.match(read('kind: MeshRemedies\n'), 'apiVersion is missing');
  assert.match(read('apiVersion: v1\nkind: MeshRemedies\n'), 'c.yaml:1:13: apiVersion must be meshmend.dev/v1alpha1');
  assert.match(read('a: [\n'), /^c\.yaml:\d+:\d+: /);
  assert.match(
    fault(() => intents('mow-lawn: {}')),
    'c.yaml:5:5: spec.intents has no remedy "mow-lawn"\nhint: did you mean mow-lawns?',
  );
  assert.match(
    fault(() => intents('mow-lawns: 1')),
    'c.yaml:5:16: spec.intents.mow-lawns must be a mapping of parameters',
  );
});

files.run();

const others = suite('other sources');

const flags = { intents: [] as string[], set: [] as string[] };

others('an object without positions', () => {
  const value = (spec: Json): Json => ({ apiVersion: 'meshmend.dev/v1alpha1', kind: 'MeshRemedies', spec });
  assert.ok(configFromValue(value({ intents: { 'mow-lawns': null } }), known).intents.has('mow-lawns'));
  assert.is(
    fault(() => configFromValue(value({ intents: { 'paint-fences': { coats: 0 } } }), known)),
    'spec.intents.paint-fences.coats must be a whole number from 1 to 9, not 0',
  );
});

others('flags, whose values are YAML', () => {
  const set = [
    'paint-fences.names=[a, "b"]',
    'paint-fences.brand=1.10',
    'paint-fences.coats=1',
    'paint-fences.coats=5',
  ];
  const config = configFromFlags({ intents: ['paint-fences'], set, istioVersion: '1.8' }, undefined, known);
  assert.equal(config.intents.get('paint-fences'), { names: ['a', 'b'], brand: '1.10', coats: 5 });
  assert.equal(config.istioVersion, { minor: 8 });
  assert.is(config.istioVersionSource, '--istio-version');
});

others('flags lie over a config', () => {
  const base = fromText(['spec: {istioVersion: "1.20", intents: {paint-fences: {coats: 3, brand: a}}}']);
  const set = ['paint-fences.coats=4'];
  const config = configFromFlags({ intents: ['mow-lawns'], set }, base, known);
  assert.equal(config.intents.get('paint-fences'), { coats: 4, brand: 'a' });
  assert.ok(config.intents.has('mow-lawns'));
  assert.equal(config.istioVersion, { minor: 20 });
  assert.match(
    fault(() => configFromFlags({ ...flags, set }, undefined, known)),
    'paint-fences was not asked for\nhint: add --paint-fences',
  );
});

others('flat settings, as a ConfigMap and Argo CD have them', () => {
  const label = (key: string): string => `data.${key}`;
  const read = (data: Record<string, string>): Config => configFromSettings(Object.entries(data), label, known);
  const config = read({ istioVersion: '1.10', mode: 'check', 'mow-lawns': 'true', 'paint-fences.colour': 'on' });
  assert.equal(config.istioVersion, { minor: 10 });
  assert.is(config.mode, 'check');
  assert.equal(
    [...config.intents],
    [
      ['mow-lawns', {}],
      ['paint-fences', { colour: 'on' }],
    ],
  );
  assert.equal(
    [...read({ 'mow-lawns': 'false', 'paint-fences': '{coats: 3}' }).intents],
    [
      ['mow-lawns', false],
      ['paint-fences', { coats: 3 }],
    ],
  );
  assert.match(
    fault(() => read({ 'paint-fences.coats': 'x' })),
    /^data\.paint-fences\.coats must be a whole number/,
  );
  assert.match(
    fault(() => read({ 'paint-fence': '' })),
    'data.paint-fence names no remedy\nhint: did you mean paint-fences?',
  );
});

others('combined: the later one wins, parameter by parameter', () => {
  const a: Config = { mode: 'check', intents: new Map([['paint-fences', { coats: 1, brand: 'a' }]]) };
  const b: Config = { intents: new Map([['paint-fences', { coats: 2 }]]) };
  assert.equal(combine(a, b).intents.get('paint-fences'), { coats: 2, brand: 'a' });
  assert.is(combine(a, b).mode, 'check');
});

others('nearest names', () => {
  assert.is(nearest('explict', ['explicit', 'emit']), 'explicit');
  assert.is(nearest('--disable', ['--disable-retries', '--diff']), '--disable-retries');
  assert.is(nearest('zzzzzz', ['explicit', 'emit']), undefined);
});

others('the schema says what the validation does', () => {
  const schema = configSchema(known.map((remedy) => ({ ...remedy, summary: '' }))) as {
    properties: { spec: { properties: { intents: { properties: Json } } } };
  };
  const intentSchemas = schema.properties.spec.properties.intents.properties as Record<string, Record<string, Json>>;
  const properties = intentSchemas['paint-fences']?.['properties'] as Record<string, Json>;
  assert.is(intentSchemas['paint-fences']?.['additionalProperties'], false);
  assert.equal(intentSchemas['paint-fences']?.['type'], ['object', 'boolean', 'null']);
  assert.equal(properties['names'], {
    description: selection.names.help,
    anyOf: [
      { type: 'string', minLength: 1, maxLength: 253 },
      { type: 'array', items: { type: 'string', minLength: 1, maxLength: 253 }, minItems: 1 },
    ],
  });
  assert.equal(properties['coats'], {
    description: 'how many coats',
    type: 'integer',
    minimum: 1,
    maximum: 9,
    default: 2,
  });
  assert.equal(properties['colour'], { description: 'which colour', enum: ['red', 'green', 'on'], default: 'red' });
  assert.equal(properties['selector'], {
    description: 'which fences',
    type: 'object',
    additionalProperties: { type: 'string' },
  });
});

others.run();
