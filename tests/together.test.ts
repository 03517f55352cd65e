// All intents at once, over the input of every golden case: they must not undo each other's work, nor leave a fault that
// one of them is there to mend. And all of them over manifests whose values are of the wrong kind.
import { isDeepStrictEqual } from 'node:util';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseAllDocuments } from 'yaml';
import { configFromFlags, intentsOf } from '../src/config/config.ts';
import { InputError } from '../src/errors.ts';
import type { Finding } from '../src/finding.ts';
import { formatVersion, newestKnown, parseVersion, type Version } from '../src/mesh/version.ts';
import { remedies } from '../src/remedies/index.ts';
import { type InputFile, type Remediation, remediate } from '../src/run/remediate.ts';
import { type Case, casesOf } from './golden-cases.ts';

const ids = remedies.map(({ id }) => id);
const asked = intentsFor(ids.filter((id) => id !== 'grant-cluster-access')); // which wants accounts
const all = intentsFor(ids);

function intentsFor(intents: readonly string[]): ReturnType<typeof intentsOf> {
  return intentsOf(configFromFlags({ intents, set: [], istioVersion: undefined }));
}

function versionOf({ settings }: Case): { istioVersion?: Version } {
  const version = parseVersion(settings.istioVersion ?? '');
  return version ? { istioVersion: version } : {};
}

/** What a run leaves: the files, and one more with what it adds. */
function filesOf({ files, emitted }: Remediation): InputFile[] {
  const left = files.map(({ file, text }) => ({ path: file.path, text, named: true }));
  if (emitted.length === 0) return left;
  const text = emitted.map((each) => each.text).join('---\n');
  return [...left, { path: 'meshmend-resources.yaml', text, named: true }];
}

/** True when the run that was asked for was to make this change: with other parameters it is another run's. */
function isLeftOver({ severity, outcome, remedy, parameters = {} }: Finding): boolean {
  if (severity === 'info' || outcome !== 'change') return false;
  return Object.entries(parameters).every(
    ([name, value]) => name === 'names' || name === 'namespaces' || asked.get(remedy)?.[name] === value,
  );
}

const together = suite('all intents at once');
const cases = ids.flatMap((id) => casesOf(id));
for (const each of cases) {
  together(`${each.remedy}: ${each.name}`, () => {
    const version = versionOf(each);
    const first = remediate([{ path: 'input.yaml', text: each.input, named: true }], {
      mode: 'rewrite',
      intents: asked,
      ...version,
    });
    const files = filesOf(first);
    const second = remediate(files, { mode: 'rewrite', intents: asked, ...version });
    const changes = second.findings.filter(({ change }) => (change?.length ?? 0) > 0);
    assert.equal(
      changes.map(({ remedy, message }) => `${remedy}: ${message}`),
      [],
      'a second run finds nothing to change',
    );
    assert.equal(
      filesOf(second).map(({ text }) => text),
      files.map(({ text }) => text),
    );
    const refused = new Set(first.findings.filter(({ outcome }) => outcome === 'refuse').map(({ remedy }) => remedy));
    const { findings } = remediate(files, { mode: 'diagnose', intents: all, ...version });
    // What the whole run leaves to the user to choose, a run for one resource may do.
    const isChosen = ({ remedy, resource }: Finding): boolean =>
      second.findings.some(
        (other) => other.outcome === 'advise' && other.remedy === remedy && isDeepStrictEqual(other.resource, resource),
      );
    const left = findings.filter(
      (finding) => isLeftOver(finding) && !refused.has(finding.remedy) && !isChosen(finding),
    );
    assert.equal(
      left.map(({ remedy, message }) => `${remedy}: ${message}`),
      [],
      'what can be mended is mended',
    );
  });
}
together.run();

// Values of the wrong kind, at random places: a clear error at most. The seed is fixed, so that a failure can be repeated.
const wrongKinds = suite('wrong kinds');
let seed = 7;
function random(below: number): number {
  seed = (seed * 1103515245 + 12345) & 0x7fffffff;
  return Math.floor((seed / 0x80000000) * below);
}
const odd: readonly unknown[] = [
  null,
  3,
  'x',
  ['y'],
  {},
  [],
  '',
  true,
  [null],
  { a: 1 },
  '*',
  'a b: [',
  ['mesh'],
  [[1]],
];

type Spot = readonly [holder: Record<string, unknown>, key: string];
function spotsIn(value: unknown): Spot[] {
  if (typeof value !== 'object' || value === null) return [];
  const holder = value as Record<string, unknown>;
  return Object.keys(holder).flatMap((key): Spot[] => [
    ...(key === 'kind' || key === 'apiVersion' ? [] : [[holder, key] as const]),
    ...spotsIn(holder[key]),
  ]);
}

/** Puts odd values at three places; a later one may lie inside an earlier one. */
function spoil(values: readonly unknown[]): void {
  for (let change = 0; change < 3; change++) {
    const spots = spotsIn(values);
    const [holder, key] = spots[random(spots.length)] ?? [{}, ''];
    holder[key] = structuredClone(odd[random(odd.length)]);
  }
}

function assertNoCrash(text: string, istioVersion: Version, name: string): void {
  for (const mode of ['rewrite', 'diagnose'] as const) {
    const request = { mode, intents: mode === 'rewrite' ? asked : all, istioVersion, fixes: true };
    try {
      remediate([{ path: 'input.yaml', text, named: true }], request);
    } catch (error) {
      if (!(error instanceof InputError)) assert.unreachable(`${mode} of ${name}: ${(error as Error).stack}\n${text}`);
    }
  }
}

const versions = ['1.6', '1.8', '1.12', '1.20', '1.24', formatVersion(newestKnown)];
wrongKinds('end no run with a crash', () => {
  for (let run = 0; run < 600; run++) {
    const { input, remedy, name } = cases[random(cases.length)] as Case;
    const documents = parseAllDocuments(input, { merge: true, version: '1.1', logLevel: 'silent' });
    if (!Array.isArray(documents)) continue;
    const values = documents.map((document): unknown => document.toJS());
    spoil(values);
    const text = values.map((value) => JSON.stringify(value)).join('\n---\n');
    const istioVersion = parseVersion(versions[random(versions.length)] as string)!;
    assertNoCrash(text, istioVersion, `${remedy}/${name}`);
  }
});
wrongKinds.run();
