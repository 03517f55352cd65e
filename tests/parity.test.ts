// Every remedy has all its parts, nothing belongs to a remedy that is gone, and pages stay out of the KRM function.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { InputError } from '../src/errors.ts';
import { catalogue } from '../src/remedies/catalogue.ts';
import { parsePage } from './authoring/page.ts';
import { type Parity, parityOf } from './authoring/parity.ts';

const root = new URL('../', import.meta.url);
const parity = suite('parity');

parity('every remedy has its page, example, cases and proof', () => {
  const { faults, warnings } = parityOf(root);
  for (const warning of warnings) console.warn(`warning: ${warning}`);
  assert.is(faults.join('\n'), '');
});

for (const { id, faults, findings } of catalogue)
  parity(`${id}: the page explains each code of its findings`, () => {
    const codes = Object.keys(faults?.kinds ?? {});
    const explained = Object.keys(findings);
    const path = `src/remedies/${id}/page.md`;
    assert.equal(
      explained.filter((code) => !codes.includes(code)),
      [],
      `codes in ${path} that no finding has`,
    );
    assert.equal(
      codes.filter((code) => !explained.includes(code)),
      [],
      `codes that ## Findings in ${path} does not explain`,
    );
  });

const sections = ['Symptom', 'Cause', 'Change', 'Versions', 'Caution', 'Check'].map(
  (heading) => `## ${heading}\n\nText.\n`,
);
const front = 'title: Grass grows\nsummary: Mow lawns\nfaq: []\norder: 10\nsymptoms: [grass]\n';
const pageText = (more = ''): string => `---\n${front}${more}---\n\n${sections.join('\n')}`;

function parityWith(files: Readonly<Record<string, string>>): Parity {
  const folder = mkdtempSync(join(tmpdir(), 'meshmend-parity-'));
  try {
    for (const [path, text] of Object.entries({ 'examples/PROOF.md': '', ...files })) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    return parityOf(pathToFileURL(`${folder}/`));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const whole = {
  'src/remedies/mow-lawns/index.ts': '',
  'src/remedies/mow-lawns/page.md': pageText(),
  'examples/mow-lawns/before.yaml': '',
  'examples/mow-lawns/after.yaml': '',
  'examples/PROOF.md': '# Proof\n\n## mow-lawns\n',
  'tests/remedies/mow-lawns.md': '',
  'templates/mow-lawns/mower.yaml.hbs': '',
};

parity('a remedy that is whole has no fault', () => {
  assert.equal(parityWith(whole), { faults: [], warnings: [] });
});

parity('a remedy that is half added: each missing part by name', () => {
  assert.equal(parityWith({ 'src/remedies/mow-lawns/index.ts': '' }).faults, [
    'mow-lawns: src/remedies/mow-lawns/page.md is missing',
    'mow-lawns: examples/mow-lawns/before.yaml is missing',
    'mow-lawns: examples/mow-lawns/after.yaml is missing',
    'mow-lawns: tests/remedies/mow-lawns.md is missing: it has no golden cases',
  ]);
});

parity('no proof is a fault, a warning while the remedy is not stable, or has a reason', () => {
  const page = 'src/remedies/mow-lawns/page.md';
  const unproven = { ...whole, 'examples/PROOF.md': '' };
  assert.match(parityWith(unproven).faults.join(), /^mow-lawns: examples\/PROOF\.md has no section `## mow-lawns`/);
  const unstable = parityWith({ ...unproven, [page]: pageText('stable: false\n') });
  assert.is(unstable.faults.length, 0);
  assert.is(unstable.warnings.length, 1);
  const excused = { ...unproven, [page]: pageText('proof: no request passes a lawn\n') };
  assert.equal(parityWith(excused), { faults: [], warnings: [] });
  const both = { ...whole, [page]: pageText('proof: no request passes a lawn\n') };
  assert.match(parityWith(both).faults.join(), 'so `proof` in src/remedies/mow-lawns/page.md is wrong');
});

parity('what is left of a remedy that is gone', () => {
  const { 'src/remedies/mow-lawns/index.ts': _, ...left } = whole;
  assert.equal(parityWith(left).faults, [
    'src/remedies/mow-lawns belongs to no remedy: src/remedies/mow-lawns/index.ts is missing',
    'examples/mow-lawns belongs to no remedy: src/remedies/mow-lawns/index.ts is missing',
    'templates/mow-lawns belongs to no remedy: src/remedies/mow-lawns/index.ts is missing',
    'tests/remedies/mow-lawns belongs to no remedy: src/remedies/mow-lawns/index.ts is missing',
    'examples/PROOF.md has mow-lawns, which is not a remedy',
  ]);
});

parity('the KRM function is built without the pages', async () => {
  const { metafile } = await build({
    entryPoints: [fileURLToPath(new URL('src/krm/main.ts', root))],
    absWorkingDir: fileURLToPath(root),
    bundle: true,
    platform: 'node',
    write: false,
    metafile: true,
    logLevel: 'silent',
  });
  const inputs = Object.keys(metafile.inputs);
  assert.ok(inputs.includes('src/remedies/index.ts'));
  assert.equal(
    inputs.filter((path) => /pages\.generated|catalogue/.test(path)),
    [],
  );
});

parity.run();

const reading = suite('pages');

/** What is said of a page, with its place. */
function faultIn(text: string): string {
  try {
    parsePage({ path: 'page.md', text });
  } catch (error) {
    assert.instance(error, InputError);
    return (error as InputError).report();
  }
  throw new Error('the page was accepted');
}

reading('a page: front matter, one paragraph a section, findings by code', () => {
  const findings = '\n## Findings\n\n- `tall`: It is tall.\n  Very tall.\n- `dry`: It is dry.\n';
  const { page, order, stable, proof } = parsePage({
    path: 'page.md',
    text: pageText().replace('Text.\n', 'Two\nlines.\n') + findings,
  });
  assert.equal([order, stable, proof], [10, true, undefined]);
  assert.equal(page, {
    title: 'Grass grows',
    summary: 'Mow lawns',
    faq: [],
    symptoms: ['grass'],
    symptom: 'Two lines.',
    cause: 'Text.',
    change: 'Text.',
    versions: 'Text.',
    caution: 'Text.',
    check: 'Text.',
    findings: { tall: 'It is tall. Very tall.', dry: 'It is dry.' },
  });
});

reading('versions come from facts', () => {
  const versions = (text: string): string => {
    const page = pageText().replace('## Versions\n\nText.', `## Versions\n\n${text}`);
    return parsePage({ path: 'page.md', text: page }).page.versions;
  };
  assert.is(
    versions('{no503Retries.before}, {no503Retries.since}, {v2Types.until}, {v2Types.after}.'),
    '1.23, 1.24, 1.18, 1.19.',
  );
  assert.is(versions('`{attempts: 0}` stays.'), '`{attempts: 0}` stays.');
  assert.match(
    faultIn(pageText().replace('Text.', '{no503Retry.since}.')),
    /^page\.md:9: \{no503Retry\.since\}: there is no such fact; did you mean no503Retries\?/,
  );
  assert.match(faultIn(pageText().replace('Text.', '{v2Types.since}.')), 'this fact has no such version');
});

reading('a fault: with file and line', () => {
  const faults: readonly (readonly [text: string, fault: string])[] = [
    ['# Lawns\n', 'page.md:1:1: a page begins with front matter between two lines `---`\n'],
    [pageText('ordr: 1\n'), 'page.md:7:1: the front matter has no field `ordr`\nhint: did you mean order?\n'],
    [
      pageText().replace('order: 10', 'order: first'),
      'page.md:5:1: the front matter needs a whole number in `order`\n',
    ],
    [
      pageText().replace('[grass]', '[431]'),
      'page.md:6:1: the front matter needs a list of texts in `symptoms`, numbers in quotes\n',
    ],
    [pageText().replace('summary: Mow lawns\n', ''), 'page.md:2:1: the front matter needs a text in `summary`\n'],
    [
      pageText().replace('## Cause', '## Causes'),
      'page.md:13: expected one of the headings ## Cause, ## Change, ## Versions, ## Caution, ## Check, ## Findings\n',
    ],
    [pageText().replace(sections[1]!, ''), 'page.md:8: the section ## Cause is missing\n'],
    [pageText().replace('Text.\n', ''), 'page.md:9: the section ## Symptom is empty\n'],
    [pageText().replace('Text.\n', 'Text.\n\nMore.\n'), 'page.md:13: the section ## Symptom is one paragraph\n'],
    [pageText().replace('Text.\n', 'Text\n'), 'page.md:11: the section ## Symptom ends without a full stop\n'],
    [`${pageText()}\n## Findings\n\n* tall\n`, 'page.md:35: expected an item "- `code`: text"\n'],
  ];
  for (const [text, fault] of faults) assert.is(faultIn(text), fault);
});

reading.run();
