// Proof on YAML that we did not write: Istio's own, much of it odd on purpose. Not part of `npm test`: it needs Go, and
// the built dist/meshmend.cjs. Run: npm run test:corpus
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { parseAllDocuments } from 'yaml';
import { configFromFlags, intentsOf } from '../../src/config/config.ts';
import { InputError } from '../../src/errors.ts';
import { readDocuments } from '../../src/manifest/read.ts';
import { meshOf } from '../../src/mesh/mesh.ts';
import { formatVersion, newestKnown, parseVersion } from '../../src/mesh/version.ts';
import { remedies } from '../../src/remedies/index.ts';
import { planFor } from '../../src/run/plan.ts';
import { remediate } from '../../src/run/remediate.ts';
import { undueChanges, type Value } from './allowed.ts';
import { copyIstioYaml, filesBelow, readByGo } from './istio-yaml.ts';

const newest = formatVersion(newestKnown);
const versions = ['1.6', '1.18', '1.24', newest];
/** All that can be asked for without parameters: the others refuse, whatever is there. */
const intents = remedies.map(({ id }) => id).filter(runsByItself);
/** What the folder, which is no one's mesh, makes remedies refuse at some versions. */
const refusals: readonly (readonly [text: string, versions: readonly string[]])[] = [
  ['Istio 1.6 cannot hold applications back', ['1.6']],
  ['Envoy can preserve header case from Istio 1.10', ['1.6']],
];
const diagnosed = ['1.6', '1.12', '1.20', newest];
/** What is wrong in Istio's own samples, as we see it: none of them is meant to be broken. */
const faultsOfSamples: readonly (readonly [file: string, text: string])[] = [
  ['samples/bookinfo/networking/fault-injection-details-v1.yaml', 'is never reached'],
  ['samples/bookinfo/policy/productpage_envoy_ratelimit.yaml', 'without `transport_api_version`'],
];

const program = fileURLToPath(new URL('../../dist/meshmend.cjs', import.meta.url));
const added = new Set(['meshmend-resources.yaml', 'meshmend-values.yaml']);

/** Its lines end with a carriage return alone, which meshmend refuses, and Kubernetes reads. */
const refusedFile = 'releasenotes/notes/45413.yaml';

/** go-yaml takes the address `2001:db8::` for a string; by the specification it is a key without a value. */
const readOtherwise = new Set(['pkg/config/validation/testdata/crds/serviceentry-valid.yaml']);

const faults: string[] = [];
let checks = 0;
function check(isRight: boolean, fault: () => string): void {
  checks++;
  if (!isRight) faults.push(fault());
}

const { folder, files } = copyIstioYaml();
const textOf = new Map(files.map((file) => [file, readFileSync(join(folder, file), 'utf8')]));
const readable = [...textOf].filter(([path]) => path !== refusedFile);
console.log(`${files.length} files of Istio in ${folder}`);

for (const version of versions) {
  const count = wholeFolder(version);
  console.log(`Istio ${version}: whole folder: ${count} files changed`);
}
for (const version of ['1.6', '1.24', newest]) {
  const count = eachFile(version);
  console.log(`Istio ${version}: each file alone: ${count} files changed`);
}
for (const version of diagnosed) {
  const count = diagnoseEach(version);
  console.log(`Istio ${version}: each file diagnosed: ${count} findings`);
}
readers();

for (const fault of faults) console.error(`fault: ${fault}`);
console.log(`${checks} checks, ${faults.length} faults`);
if (faults.length === 0) rmSync(dirname(folder), { recursive: true });
process.exitCode = faults.length === 0 ? 0 : 1;

function runsByItself(id: string): boolean {
  const remedy = remedies.find((each) => each.id === id)!;
  const values = intentsOf(configFromFlags({ intents: [id], set: [], istioVersion: undefined })).get(id) ?? {};
  const target = { mesh: meshOf([]), version: newestKnown, parameters: values as never };
  return [...planFor(remedy, target, 'rewrite')].every(({ step }) => step.outcome !== 'refuse');
}

/** All these intents over the folder, by the command line: into a new tree, and from that into a third. */
function wholeFolder(version: string): number {
  const once = `${folder}-${version}`;
  const run = rewrite(folder, once, version);
  // The rest is done.
  const expected = refusals.filter(([, at]) => at.includes(version)).map(([text]) => text);
  check(
    run.status === (expected.length > 0 ? 1 : 0),
    () => `${version}: exit ${run.status}: ${run.stderr.slice(-500)}`,
  );
  const refused = run.stderr.split('\n').filter((line) => line.includes('refused: '));
  check(
    refused.length === expected.length && expected.every((text) => refused.some((line) => line.includes(text))),
    () => `${version}: refused otherwise: ${refused.join('; ')}`,
  );
  check(!/\n\s+at /.test(run.stderr), () => `${version}: a crash: ${run.stderr.slice(-1500)}`);
  check(run.stdout === '', () => `${version}: something on stdout`);
  const reported = new Set(
    [...run.stderr.matchAll(/^ {2}(\S+?):\d+:\d+: changed: /gm)].map(([, file]) => file?.slice(folder.length + 1)),
  );
  const there = filesBelow(once);
  const lost = files.filter((file) => !there.includes(file));
  const foreign = there.filter((file) => !files.includes(file) && !added.has(file));
  check(lost.length + foreign.length === 0, () => `${version}: lost ${lost}, unasked ${foreign}`);
  const changed = files.filter((file) => readFileSync(join(once, file), 'utf8') !== textOf.get(file));
  for (const file of changed) {
    check(reported.has(file), () => `${version}: ${file} changed without a word`);
    compare(version, file, readFileSync(join(once, file), 'utf8'));
  }
  const twice = `${once}-again`;
  rewrite(once, twice, version);
  for (const file of filesBelow(twice))
    check(readFileSync(join(once, file)).equals(readFileSync(join(twice, file))), () => `${version}: again ${file}`);
  check(isDeepStrictEqual(filesBelow(twice), there), () => `${version}: a second run adds files`);
  return changed.length;
}

function rewrite(from: string, to: string, version: string): { status: number | null; stdout: string; stderr: string } {
  const flags = intents.map((intent) => `--${intent}`);
  const kept = ['--exclude', refusedFile, '--keep-going', '--verbose'];
  const args = [program, 'rewrite', from, ...flags, '--istio-version', version, '-o', to, ...kept];
  return spawnSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 1 << 28 });
}

/** Every file as a mesh of its own, so that what stands in one does not keep a remedy from another. */
function eachFile(version: string): number {
  const flags = { intents, set: [], istioVersion: version };
  const asked = intentsOf(configFromFlags(flags));
  const istioVersion = parseVersion(version)!;
  let changed = 0;
  for (const [path, text] of readable) {
    const run = (input: string) =>
      remediate([{ path, text: input, named: false }], { mode: 'rewrite', intents: asked, istioVersion });
    try {
      const first = run(text).files[0]!.text;
      if (first === text) continue;
      changed++;
      compare(version, path, first);
      const second = run(first).files[0]!.text;
      check(second === first, () => `${version}: ${path} alone: a second run changes it`);
    } catch (error) {
      check(false, () => `${version}: ${path} alone: ${error instanceof InputError ? error.report() : error}`);
    }
  }
  return changed;
}

/** A diagnosis of every file alone, by all remedies. */
function diagnoseEach(version: string): number {
  const asked = intentsOf(configFromFlags({ intents: remedies.map(({ id }) => id), set: [], istioVersion: version }));
  const istioVersion = parseVersion(version)!;
  let count = 0;
  for (const [path, text] of readable) {
    try {
      const request = { mode: 'diagnose', intents: asked, istioVersion, fixes: true } as const;
      const { findings } = remediate([{ path, text, named: false }], request);
      count += findings.length;
      // The samples use what Istio 1.6 does not have, and that is told of.
      if (!path.startsWith('samples/') || version === '1.6') continue;
      for (const { severity, message } of findings.filter((finding) => finding.severity !== 'info')) {
        const isKnown = faultsOfSamples.some(([file, part]) => file === path && message.includes(part));
        check(isKnown, () => `${version}: ${path}: ${severity}: ${message}`);
      }
    } catch (error) {
      check(false, () => `${version}: diagnosis of ${path}: ${(error as Error).stack}`);
    }
  }
  return count;
}

/** Holds what came out against what went in, by another YAML parser and by rules of this test's own. */
function compare(version: string, file: string, text: string): void {
  const [before, after] = [valuesOf(textOf.get(file)!), valuesOf(text)];
  check(before.length <= after.length, () => `${version}: ${file} lost a document`);
  for (const [index, value] of before.entries()) {
    const undue = undueChanges(value, after[index]);
    check(undue.length === 0, () => `${version}: ${file}: ${undue.join('; ')}`);
  }
}

function valuesOf(text: string): Value[] {
  const documents = parseAllDocuments(text, { merge: true, version: '1.1', logLevel: 'silent' });
  return Array.isArray(documents) ? documents.map((document) => document.toJS({ maxAliasCount: 1e4 })) : [];
}

/** What go-yaml reads we read, and as the same values. */
function readers(): void {
  const byGo = readByGo(folder, files);
  let read = 0;
  for (const [path, text] of textOf) {
    const expected = path === refusedFile ? undefined : byGo.get(path);
    try {
      const values = readDocuments({ path, text }).map(({ value }) => value);
      read++;
      if (expected && !readOtherwise.has(path))
        check(isDeepStrictEqual(plain(values), plain(expected)), () => `${path}: go-yaml reads other values`);
    } catch (error) {
      check(error instanceof InputError, () => `${path}: ${(error as Error).stack}`);
      check(expected === undefined, () => `go-yaml reads ${path}: ${(error as Error).message}`);
    }
  }
  console.log(`go-yaml reads ${byGo.size} files, meshmend ${read}`);
}

/**
 * As JSON, without empty documents and without the last line breaks of strings: go-yaml counts none for a block scalar
 * that ends with the file, against the specification.
 */
function plain(values: readonly Value[]): Value {
  const text = JSON.stringify(values.filter((value) => value !== null));
  return JSON.parse(text, (_, value) => (typeof value === 'string' ? value.replace(/\n+$/, '') : value));
}
