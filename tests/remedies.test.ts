// Golden cases: tests/remedies/<remedy>/<case>/, and examples/<remedy>/ as the first case of each remedy.
// findings.yaml lists what a rewrite must say, diagnosis.yaml what a diagnosis of the input must say; an empty
// diagnosis.yaml ([]) says that it finds neither error nor warning.
// UPDATE_GOLDEN=1 writes what comes out; read it by eye before it is committed.
import { readFileSync, writeFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Finding } from '../src/finding.ts';
import { isObject, type Json, type JsonObject } from '../src/manifest/node.ts';
import { remedies } from '../src/remedies/index.ts';
import { casesOf, run, streamOf } from './golden-cases.ts';

const isUpdating = process.env['UPDATE_GOLDEN'] !== undefined;
if (isUpdating && process.env['CI']) throw new Error('UPDATE_GOLDEN is for people, not for CI');

function assertSaid(findings: readonly Finding[], expected: Json): void {
  const isThere = findings.some((finding) => matches(finding, expected));
  const all = findings.map(({ severity, outcome, message }) => `${severity} ${outcome}: ${message}`).join('\n');
  assert.ok(isThere, `no finding is like ${JSON.stringify(expected)} among\n${all}`);
}

function matches(finding: Finding, expected: Json): boolean {
  if (!isObject(expected)) return false;
  return Object.entries(expected).every(([key, value]) => {
    const actual = (finding as unknown as JsonObject)[key];
    if (key === 'message') return true;
    if (key === 'resource') return isObject(actual) && actual['name'] === value;
    return actual === value;
  });
}

for (const { id } of remedies) {
  const golden = suite(id);
  const cases = casesOf(id);
  for (const each of cases) {
    golden(each.name, () => {
      const first = run(each.input, each, 'rewrite');
      const output = streamOf(first);
      if (isUpdating) writeFileSync(each.expected, output);
      assert.fixture(output, readFileSync(each.expected, 'utf8'));

      for (const expected of each.findings) assertSaid(first.findings, expected);

      if (each.diagnosis) {
        const { findings } = run(each.input, each, 'diagnose');
        for (const expected of each.diagnosis) assertSaid(findings, expected);
        const faults = findings.filter(({ severity }) => severity !== 'info');
        if (each.diagnosis.length === 0) assert.equal(faults, [], 'nothing is wrong with the input');
      }

      const second = run(output, each, 'rewrite');
      assert.is(streamOf(second), output, 'a second run changes nothing');
      const changes = second.findings.filter(({ change }) => (change?.length ?? 0) > 0);
      assert.equal(changes, [], 'a second run finds nothing to change');
    });
  }
  golden.run();
}
