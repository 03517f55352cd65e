import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { applyPatch } from 'diff';
import * as assert from 'uvu/assert';
import { configFromValue, intentsOf } from '../src/config/config.ts';
import { isObject, type Json } from '../src/manifest/node.ts';
import { readDocuments } from '../src/manifest/read.ts';
import { parseVersion } from '../src/mesh/version.ts';
import { type Remediation, remediate } from '../src/run/remediate.ts';
import { readGoldenFile, type Section } from './golden-file.ts';

/** One golden case. */
export interface Case {
  readonly name: string;
  readonly remedy: string;
  readonly section: Section;
  readonly input: string;
  /** What holds the expected output; undefined where the section's diff leads to it. */
  readonly expected: URL | undefined;
  readonly settings: Settings;
}

export interface Settings {
  readonly istioVersion?: string;
  readonly parameters?: Json;
  /** Parts of what Istio may complain of in this case, where that is the price of what was asked for. */
  readonly accepts?: readonly string[];
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
  const intents = intent(remedy, mode === 'rewrite' ? (settings.parameters ?? {}) : {});
  const { istioVersion } = settings;
  const version = istioVersion === undefined ? undefined : parseVersion(istioVersion);
  assert.ok(version || istioVersion === undefined, `${istioVersion} is not a version`);
  const file = { path: 'input.yaml', text, named: true };
  return remediate([file], {
    mode,
    intents,
    fixes: mode === 'diagnose',
    ...(version ? { istioVersion: version } : {}),
  });
}

const folder = new URL('remedies/', import.meta.url);

export function goldenFile(remedy: string): URL {
  return new URL(`${remedy}.md`, folder);
}

/** The cases of a remedy, in the order of its file: its example first. */
export function casesOf(remedy: string): Case[] {
  const sections = readGoldenFile(readFileSync(goldenFile(remedy), 'utf8'), `tests/remedies/${remedy}.md`, remedy);
  const named = sections.flatMap(({ folder: raw }) => (raw === undefined ? [] : [new URL(raw, folder).href]));
  assert.is(named[0], new URL(`../examples/${remedy}/`, import.meta.url).href, `${remedy}: its example comes first`);
  const unnamed = rawFolders(remedy).filter((url) => !named.includes(url));
  assert.equal(unnamed, [], `folders that no case of ${remedy} names`);
  return sections.map((section) => caseOf(remedy, section));
}

/**
 * What a rewrite of the case must print.
 *
 * @throws Error when the case's diff does not fit its input
 */
export function expectedOf({ input, expected, section: { diff, place } }: Case): string {
  if (expected) return readFileSync(expected, 'utf8');
  const output = diff === '' ? input : applyPatch(input, diff, { autoConvertLineEndings: false });
  if (output === false) throw new Error(`${place}: the diff does not fit the input`);
  return output;
}

function rawFolders(remedy: string): string[] {
  const parent = new URL(`${remedy}/`, folder);
  return existsSync(parent) ? readdirSync(parent).map((name) => new URL(`${name}/`, parent).href) : [];
}

function caseOf(remedy: string, section: Section): Case {
  const { name, place, input, folder: raw } = section;
  const settings = settingsOf(section);
  if (raw !== undefined) return { name, remedy, section, settings, ...rawCase(new URL(raw, folder), place) };
  assert.is.not(input ?? '', '', `${place}: the input is empty`);
  return { name, remedy, section, settings, input: input as string, expected: undefined };
}

function rawCase(url: URL, place: string): Pick<Case, 'input' | 'expected'> {
  const files = readdirSync(url);
  const before = files.find((file) => /^(before\.yaml|input\.\w+)$/.test(file));
  const after = files.find((file) => /^(after|expected)\.yaml$/.test(file));
  assert.ok(before && after && files.length === 2, `${place}: the folder holds an input, its expected output, no more`);
  return { input: readFileSync(new URL(before, url), 'utf8'), expected: new URL(after, url) };
}

const settingNames = ['istioVersion', 'parameters', 'accepts'];

function settingsOf({ settings, place }: Section): Settings {
  const value = settings === '' ? {} : readDocuments({ path: place, text: settings })[0]?.value;
  assert.ok(isObject(value), `${place}: the settings are not a mapping`);
  const unknown = Object.keys(value).filter((key) => !settingNames.includes(key));
  assert.equal(unknown, [], `${place}: unknown settings`);
  return value as Settings;
}
