import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { InputError } from '../src/errors.ts';
import { newestKnown } from '../src/mesh/version.ts';
import { catalogue } from '../src/remedies/catalogue.ts';
import { sarifLog } from '../src/report/sarif.ts';
import { allCodes, codeFilter } from '../src/run/codes.ts';
import { remediate } from '../src/run/remediate.ts';
import { intent } from './golden-cases.ts';

const codes = suite('codes of findings');

const rule = (annotation: string): string => `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: shop
  annotations:
    meshmend.dev/skip: "${annotation}"
spec:
  hosts: [shop]
  http:
    - retries: {perTryTimeout: 1s}
      route:
        - destination: {host: shop}
    - route:
        - destination: {host: shop}
`;

function findingsOf(text: string, mode: 'rewrite' | 'diagnose', reports?: (code: string) => boolean) {
  const file = { path: 'shop.yaml', text, named: true };
  const intents = intent('disable-retries', {});
  return remediate([file], { mode, intents, istioVersion: newestKnown, ...(reports && { reports }) }).findings;
}

function codesOf(text: string, mode: 'rewrite' | 'diagnose', reports?: (code: string) => boolean): string[] {
  return findingsOf(text, mode, reports).map(({ code, suppressed }) => (suppressed === undefined ? code : `(${code})`));
}

codes('are <remedy>/<fault> in kebab case, each once', () => {
  const all = allCodes();
  assert.equal([...new Set(all)], all);
  for (const code of all) assert.match(code, /^[a-z0-9]+(-[a-z0-9]+)*\/[a-z0-9]+(-[a-z0-9]+)*$/);
});

codes('a remedy in the skip annotation leaves all of its findings as they are, suppressed', () => {
  assert.equal(codesOf(rule('disable-retries: reads only'), 'rewrite'), [
    '(disable-retries/rejected-retries)',
    '(disable-retries/default-retries)',
    'disable-retries/inbound-retries',
  ]);
  const [finding] = findingsOf(rule('disable-retries: reads only'), 'diagnose');
  assert.is(finding?.suppressed, 'reads only');
  assert.is(finding?.outcome, 'keep');
});

codes('a code in the skip annotation leaves only that finding as it is', () => {
  const text = rule('disable-retries/default-retries: reads only');
  assert.equal(codesOf(text, 'rewrite'), [
    'disable-retries/rejected-retries',
    '(disable-retries/default-retries)',
    'disable-retries/inbound-retries',
  ]);
});

codes('an unknown name in the skip annotation is a finding, with the nearest name', () => {
  const [finding] = findingsOf(rule('disable-retry: reads only'), 'diagnose');
  assert.is(finding?.code, 'meshmend/unknown-skip');
  assert.is(finding?.severity, 'warning');
  assert.is(finding?.line, 6);
  assert.match(finding?.message ?? '', 'Did you mean disable-retries?');
});

codes('an entry of the skip annotation without a reason is a finding, and holds', () => {
  assert.equal(codesOf(rule('disable-retries'), 'diagnose'), [
    'meshmend/skip-without-reason',
    '(disable-retries/rejected-retries)',
    '(disable-retries/default-retries)',
  ]);
});

codes('--select and --ignore take codes and remedies', () => {
  const all = ['disable-retries/rejected-retries', 'disable-retries/default-retries'];
  const text = rule('')
    .replace('""', '"#"')
    .replace(/ {2}annotations:\n.*\n/, '');
  assert.equal(codesOf(text, 'diagnose', codeFilter([], [])), all);
  assert.equal(codesOf(text, 'diagnose', codeFilter(['disable-retries'], [])), all);
  assert.equal(codesOf(text, 'diagnose', codeFilter(['disable-retries/rejected-retries'], [])), all.slice(0, 1));
  assert.equal(codesOf(text, 'diagnose', codeFilter([], ['disable-retries/rejected-retries'])), all.slice(1));
  assert.equal(codesOf(text, 'diagnose', codeFilter(['reach-mesh,disable-retries'], ['disable-retries'])), []);
});

codes('--select of an unknown code names the nearest', () => {
  try {
    codeFilter(['disable-retries/reject-retries'], []);
    assert.unreachable();
  } catch (error) {
    assert.instance(error, InputError);
    assert.match((error as InputError).report(), 'did you mean disable-retries/rejected-retries?');
  }
});

codes('each is a rule of the SARIF log, and a suppressed finding is a suppressed result', () => {
  const findings = findingsOf(rule('disable-retries/default-retries: reads only'), 'diagnose');
  const log = JSON.parse(
    sarifLog(findings, {
      remedies: catalogue,
      version: '0',
      fallback: undefined,
      fixes: new Map(),
      command: () => undefined,
    }),
  );
  const [{ tool, results }] = log.runs;
  const ids: string[] = tool.driver.rules.map(({ id }: { id: string }) => id);
  assert.equal([...new Set(ids)], ids);
  for (const { ruleId, ruleIndex } of results) assert.is(ids[ruleIndex], ruleId);
  assert.equal(
    results.map(({ suppressions }: { suppressions?: unknown }) => suppressions),
    [undefined, [{ kind: 'inSource', justification: 'reads only' }]],
  );
});

codes.run();
