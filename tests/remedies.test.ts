// Golden cases: tests/remedies/<remedy>.md; golden-file.ts says how they are written.
// `npm test -- <remedy>` and `npm test -- <remedy>/<case>` run these alone.
// UPDATE_GOLDEN=1 writes what comes out (diffs and findings, not the inputs); read it by eye before it is committed.
import { readFileSync, writeFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Finding } from '../src/finding.ts';
import { remedies } from '../src/remedies/index.ts';
import { unifiedDiff } from '../src/report/diff.ts';
import type { Remediation } from '../src/run/remediate.ts';
import { type Case, casesOf, expectedOf, goldenFile, run, streamOf } from './golden-cases.ts';
import { type Results, readGoldenFile, type Section, withResults } from './golden-file.ts';

const isUpdating = process.env['UPDATE_GOLDEN'] !== undefined;
if (isUpdating && process.env['CI']) throw new Error('UPDATE_GOLDEN is for people, not for CI');
/** What tests/run.ts was asked for. */
const [onlyRemedy, onlyCase] = process.env['GOLDEN_CASES']?.split('/') ?? [];

/** A finding without its message, which may be worded otherwise: what it is, what became of it, and where it is. */
function lineOf({ severity, outcome, code, resource, path, line, column, suppressed }: Finding): string {
  const parts = [`\`${severity}\``, `\`${outcome}\``, `\`${code}\``];
  if (resource?.kind) {
    const { kind, namespace, name } = resource;
    parts.push(kind, namespace === undefined ? name : `${namespace}/${name}`);
  }
  if (path !== undefined) parts.push(`\`${path}\``);
  if (line !== undefined) parts.push(`${line}:${column}`);
  if (suppressed !== undefined) parts.push('suppressed');
  return parts.join(' ');
}

/** The hunks of the diff from the input to all that the rewrite prints. */
function diffOf(before: string, rewritten: Remediation): string {
  const after = streamOf(rewritten);
  const kept = rewritten.files.map(({ text }) => text).join('');
  const added = { start: before.length, end: before.length, text: after.slice(kept.length) };
  const edits = [...rewritten.files.flatMap((file) => file.edits), ...(added.text === '' ? [] : [added])];
  const [, , ...hunks] = unifiedDiff({ path: '', before, after, edits }).split('\n');
  return hunks.map((line) => (line === ' ' ? '' : line)).join('\n'); // editors take blanks off the ends of lines
}

/** Writes what comes out into the golden file, and gives the case as it is then. */
function updated(each: Case, first: Remediation, lists: Pick<Results, 'rewrite' | 'diagnose'>): Case {
  const output = streamOf(first);
  if (each.expected) writeFileSync(each.expected, output);
  // A diff that leads to this output stays as it is.
  const diff = each.expected ? '' : leadsTo(each, output) ? each.section.diff : diffOf(each.input, first);
  const file = goldenFile(each.remedy);
  const text = readFileSync(file, 'utf8');
  const sectionIn = (of: string): Section =>
    readGoldenFile(of, file.pathname, each.remedy).find(({ name }) => name === each.name) as Section;
  const written = withResults(text, sectionIn(text), { ...lists, diff });
  if (written !== text) writeFileSync(file, written);
  return { ...each, section: sectionIn(written) };
}

function leadsTo(each: Case, output: string): boolean {
  try {
    return expectedOf(each) === output;
  } catch {
    return false; // it was for another input
  }
}

function check(written: Case): void {
  const first = run(written.input, written, 'rewrite');
  const output = streamOf(first);
  const rewrite = first.findings.map(lineOf);
  const diagnose = run(written.input, written, 'diagnose').findings.map(lineOf);
  const each = isUpdating ? updated(written, first, { rewrite, diagnose }) : written;
  const { place, rewrite: toRewrite, diagnose: toDiagnose } = each.section;

  assert.fixture(output, expectedOf(each));
  assert.ok(toRewrite && toDiagnose, `${place}: no findings are listed; UPDATE_GOLDEN=1 writes them`);
  assert.fixture(rewrite.join('\n'), toRewrite.join('\n'), `${place}: other findings in rewrite`);
  assert.fixture(diagnose.join('\n'), toDiagnose.join('\n'), `${place}: other findings in diagnose`);

  const second = run(output, each, 'rewrite');
  assert.is(streamOf(second), output, 'a second run changes nothing');
  const changes = second.findings.filter(({ change }) => (change?.length ?? 0) > 0);
  assert.equal(changes, [], 'a second run finds nothing to change');
}

let chosen = 0;
for (const { id } of remedies) {
  if (onlyRemedy !== undefined && onlyRemedy !== id) continue;
  const golden = suite(id);
  for (const each of casesOf(id)) {
    if (onlyCase !== undefined && onlyCase !== each.name) continue;
    chosen++;
    golden(each.name, () => check(each));
  }
  golden.run();
}
if (chosen === 0) throw new Error(`no golden case is called ${process.env['GOLDEN_CASES']}`);
