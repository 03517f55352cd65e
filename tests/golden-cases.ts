import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';
import { configFromValue, intentsOf } from '../src/config/config.ts';
import { isObject, type Json, type JsonObject } from '../src/manifest/node.ts';
import { readDocuments } from '../src/manifest/read.ts';
import { parseVersion } from '../src/mesh/version.ts';
import { type Remediation, remediate } from '../src/run/remediate.ts';

/** One golden case. */
export interface Case {
  readonly name: string;
  readonly remedy: string;
  readonly input: string;
  readonly expected: URL;
  readonly settings: JsonObject;
  readonly findings: readonly Json[];
  readonly diagnosis: readonly Json[] | undefined;
}

/** What a stream of the run's output is: the files, then the new documents. */
export function streamOf({ files, emitted }: Remediation): string {
  let stream = files.map(({ text }) => text).join('');
  for (const { text } of emitted) {
    if (stream !== '' && !stream.endsWith('\n')) stream += '\n';
    stream += stream === '' ? text : `---\n${text}`;
  }
  return stream;
}

/** The only intent of a run, as a config says it. */
export function intent(remedy: string, parameters: Json): ReturnType<typeof intentsOf> {
  return intentsOf(
    configFromValue({
      apiVersion: 'meshmend.dev/v1alpha1',
      kind: 'MeshRemedies',
      metadata: { name: 'case' },
      spec: { intents: { [remedy]: parameters } },
    }),
  );
}

export function run(text: string, { remedy, settings }: Case, mode: 'rewrite' | 'diagnose'): Remediation {
  const intents = intent(remedy, mode === 'rewrite' ? (settings['parameters'] ?? {}) : {});
  const { istioVersion } = settings;
  const version = istioVersion === undefined ? undefined : parseVersion(String(istioVersion));
  assert.ok(version || istioVersion === undefined, `${istioVersion} is not a version`);
  const file = { path: 'input.yaml', text, named: true };
  return remediate([file], {
    mode,
    intents,
    fixes: mode === 'diagnose',
    ...(version ? { istioVersion: version } : {}),
  });
}

/** The cases of a remedy, its example first. */
export function casesOf(remedy: string): Case[] {
  const cases: Case[] = [];
  const add = (name: string, input: URL, expected: URL, folder: URL): void => {
    const settings = valueIfThere(new URL('case.yaml', folder)) ?? {};
    const findings = valueIfThere(new URL('findings.yaml', folder)) ?? [];
    const diagnosis = valueIfThere(new URL('diagnosis.yaml', folder));
    // What is not understood would assert nothing, without a word.
    assert.ok(isObject(settings), `${folder}case.yaml is a mapping`);
    assert.ok(Array.isArray(findings), `${folder}findings.yaml is a list`);
    assert.ok(diagnosis === undefined || Array.isArray(diagnosis), `${folder}diagnosis.yaml is a list`);
    const known = /^(input\.\w+|(expected|before|after|case|findings|diagnosis)\.yaml)$/;
    const unknown = readdirSync(folder).filter((file) => !known.test(file));
    assert.equal(unknown, [], `files that no test reads in ${folder}`);
    cases.push({
      name,
      remedy,
      input: readFileSync(input, 'utf8'),
      expected,
      settings: settings as JsonObject,
      findings: findings as Json[],
      diagnosis: diagnosis as Json[] | undefined,
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

/** The value of a file of one document; undefined where the file is missing. */
function valueIfThere(url: URL): Json | undefined {
  if (!existsSync(url)) return undefined;
  const [document] = readDocuments({ path: fileURLToPath(url), text: readFileSync(url, 'utf8') });
  return document?.value;
}
