// The pages of the FAQ, each by what it is about: diagnosed, rewritten, settled after one run, clean in a second
// diagnosis; and explained. That Istio takes what comes out is seen to by tests/mesh/golden.test.ts.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { explain } from '../src/cli/answer.ts';
import type { Finding } from '../src/finding.ts';
import { catalogue } from '../src/remedies/catalogue.ts';
import { type Answer, answerText } from '../src/report/explain.ts';
import { diagnosePage, isFindingOf, type Page, pages, rewritePage } from './faq/pages.ts';
import { streamOf } from './golden-cases.ts';

const faq = suite('FAQ');
for (const page of pages) faq(nameOf(page), () => isSolved(page));

faq('every page that a remedy claims is here, and all 18 are claimed', () => {
  const claimed = catalogue.flatMap(({ faq: titles }) => titles);
  const titles = new Set(pages.map(({ title }) => title));
  assert.is(titles.size, 18);
  assert.equal([...new Set(claimed)].sort(), [...titles].sort());
});
faq.run();

function nameOf({ title, problem }: Page): string {
  return problem === undefined ? title : `${title}: ${problem}`;
}

function isSolved(page: Page): void {
  const { remedy, mended = [] } = page;
  const { findings } = diagnosePage(page, page.manifests);
  const isIt = isFindingOf(page);
  const found = findings.find(isIt);
  assert.ok(found, `not diagnosed among\n${findings.map(lineOf).join('\n')}`);

  if (page.mended) {
    const rewritten = rewritePage(page, page.manifests, found);
    const output = streamOf(rewritten);
    for (const part of mended)
      assert.ok(
        typeof part === 'string' ? output.includes(part) : part.test(output),
        `${part} is missing in\n${output}`,
      );
    assert.is(streamOf(rewritePage(page, output, found)), output, 'a second run changes nothing');
    const again = diagnosePage(page, output);
    const left = again.findings.filter((finding) => finding.severity !== 'info' || isIt(finding));
    assert.equal(left.map(lineOf), [], 'a second diagnosis is clean');
  } else assert.is(found.outcome, 'advise');

  const [question, says] = page.explain;
  const answer = explain([question]);
  assert.ok(
    answer?.pages.some(({ id }) => id === remedy),
    `explain ${question}: ${answer?.pages.map(({ id }) => id)}`,
  );
  assert.match(answerText(answer as Answer, false).replace(/\s+/g, ' '), says);
}

function lineOf({ remedy, severity, outcome, message }: Finding): string {
  return `${severity} ${outcome} ${remedy}: ${message}`;
}
