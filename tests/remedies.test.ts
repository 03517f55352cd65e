// Golden cases: tests/remedies/<remedy>/<case>/, and examples/<remedy>/ as the first case of each remedy.
// findings.yaml lists what a rewrite must say, diagnosis.yaml what a diagnosis of the input must say; an empty
// diagnosis.yaml ([]) says that it finds neither error nor warning.
// UPDATE_GOLDEN=1 writes what comes out; read it by eye before it is committed.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { configFromValue, intentsOf } from '../src/config.ts';
import type { Finding } from '../src/finding.ts';
import { isObject, type Json, type JsonObject } from '../src/manifest/node.ts';
import { parseText } from '../src/manifest/read.ts';
import { parseVersion } from '../src/mesh/version.ts';
import { type Remediation, remediate } from '../src/remediate.ts';
import { remedies } from '../src/remedies/index.ts';

const isUpdating = process.env['UPDATE_GOLDEN'] !== undefined;
if (isUpdating && process.env['CI']) throw new Error('UPDATE_GOLDEN is for people, not for CI');

interface Case {
  readonly name: string;
  readonly remedy: string;
  readonly input: string;
  readonly expected: URL;
  readonly settings: JsonObject;
  readonly findings: readonly Json[];
  readonly diagnosis: readonly Json[] | undefined;
}

/** What a stream of the run's output is: the files, then the new documents. */
function streamOf({ files, emitted }: Remediation): string {
  let stream = files.map(({ text }) => text).join('');
  for (const { text } of emitted) {
    if (stream !== '' && !stream.endsWith('\n')) stream += '\n';
    stream += stream === '' ? text : `---\n${text}`;
  }
  return stream;
}

function intent(remedy: string, parameters: Json): ReturnType<typeof intentsOf> {
  return intentsOf(
    configFromValue({
      apiVersion: 'meshmend.dev/v1alpha1',
      kind: 'MeshRemedies',
      metadata: { name: 'case' },
      spec: { intents: { [remedy]: parameters } },
    }),
  );
}

async function run(text: string, { remedy, settings }: Case, mode: 'rewrite' | 'diagnose'): Promise<Remediation> {
  const intents = intent(remedy, mode === 'rewrite' ? (settings['parameters'] ?? {}) : {});
  const version = parseVersion(String(settings['istioVersion'] ?? ''));
  const file = { path: 'input.yaml', text, named: true };
  return remediate([file], { mode, intents, ...(version ? { istioVersion: version } : {}) });
}

function assertSaid(findings: readonly Finding[], expected: Json): void {
  const isThere = findings.some((finding) => matches(finding, expected));
  const all = findings.map(({ severity, outcome, message }) => `${severity} ${outcome}: ${message}`).join('\n');
  assert.ok(isThere, `no finding is like ${JSON.stringify(expected)} among\n${all}`);
}

function casesOf(remedy: string): Case[] {
  const cases: Case[] = [];
  const add = (name: string, input: URL, expected: URL, folder: URL): void => {
    const settings = parseText(readIfThere(new URL('case.yaml', folder)));
    const findings = parseText(readIfThere(new URL('findings.yaml', folder)));
    const diagnosis = parseText(readIfThere(new URL('diagnosis.yaml', folder)));
    cases.push({
      name,
      remedy,
      input: readFileSync(input, 'utf8'),
      expected,
      settings: isObject(settings) ? settings : {},
      findings: Array.isArray(findings) ? findings : [],
      diagnosis: Array.isArray(diagnosis) ? diagnosis : undefined,
    });
  };
  const example = new URL(`../examples/${remedy}/`, import.meta.url);
  add('example', new URL('before.yaml', example), new URL('after.yaml', example), example);
  const root = new URL(`remedies/${remedy}/`, import.meta.url);
  if (existsSync(root)) {
    for (const name of readdirSync(root).sort()) {
      const folder = new URL(`${name}/`, root);
      const input = readdirSync(folder).find((file) => file.startsWith('input.'));
      assert.ok(input, `${remedy}/${name} has no input`);
      add(name, new URL(input, folder), new URL('expected.yaml', folder), folder);
    }
  }
  return cases;
}

function readIfThere(url: URL): string {
  return existsSync(url) ? readFileSync(url, 'utf8') : '';
}

function matches(finding: Finding, expected: Json): boolean {
  if (!isObject(expected)) return false;
  return Object.entries(expected).every(([key, value]) => {
    const actual = (finding as unknown as JsonObject)[key];
    if (key === 'message') return typeof actual === 'string' && actual.includes(String(value));
    if (key === 'resource') return isObject(actual) && actual['name'] === value;
    return actual === value;
  });
}

for (const { id } of remedies) {
  const golden = suite(id);
  const cases = casesOf(id);
  for (const each of cases) {
    golden(each.name, async () => {
      const first = await run(each.input, each, 'rewrite');
      const output = streamOf(first);
      if (isUpdating) writeFileSync(each.expected, output);
      assert.fixture(output, readFileSync(each.expected, 'utf8'));

      for (const expected of each.findings) assertSaid(first.findings, expected);

      if (each.diagnosis) {
        const { findings } = await run(each.input, each, 'diagnose');
        for (const expected of each.diagnosis) assertSaid(findings, expected);
        const faults = findings.filter(({ severity }) => severity !== 'info');
        if (each.diagnosis.length === 0) assert.equal(faults, [], 'nothing is wrong with the input');
      }

      const second = await run(output, each, 'rewrite');
      assert.is(streamOf(second), output, 'a second run changes nothing');
      const changes = second.findings.filter(({ change }) => (change?.length ?? 0) > 0);
      assert.equal(changes, [], 'a second run finds nothing to change');
    });
  }
  golden.run();
}
