// Long documents are proved by their edited parts alone: that must never say anything else than the whole text says.
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { InputError } from '../src/errors.ts';
import { editedValue } from '../src/manifest/edited-value.ts';
import { type Document, isSame } from '../src/manifest/node.ts';
import { readDocuments, readTree } from '../src/manifest/read.ts';
import { sortEdits, splice, type TextEdit } from '../src/manifest/splice.ts';
import { printStyled, values } from './styled-yaml.ts';

const property = suite('edited value (random)');
const runs = Number(process.env['RUNS'] ?? 6000);
const seed = process.env['SEED'] === undefined ? 20_261_122 : Number(process.env['SEED']);

/** What an edit may bring in; most of it breaks something. */
const pieces = [
  ...[
    '',
    ' ',
    '\n',
    '\n\n',
    '  ',
    '\t',
    '\r\n',
    '#',
    ' # c\n',
    ':',
    ': ',
    ',',
    '|',
    '|+\n',
    '"',
    "'",
    '[',
    ']',
    '{',
    '}',
  ],
  ...[
    '&a ',
    '*a',
    '<<: ',
    '? ',
    '!!str ',
    '%',
    '@',
    '---\n',
    '---',
    '...\n',
    '- ',
    '- x\n',
    '\n- x',
    '\n- x: 1\n  y: 2\n',
  ],
  ...[
    'k: v\n',
    '\nk: v',
    '\nitems: []\n',
    '\nspec: 1',
    'x',
    '1',
    '\n  z: 1',
    '\n    deep: [1, 2]',
    '\n  text: |\n    - a\n',
  ],
];

const list = fc.array(fc.oneof(values, fc.constant({ kind: 'Service', spec: { a: 1, b: 'two\nlines\n' } })), {
  maxLength: 4,
});
const share = fc.double({ min: 0, max: 1, noNaN: true });
const anyEdit = fc.tuple(share, fc.constantFrom(0, 0, 0, 1, 2, 5), fc.constantFrom(...pieces), fc.boolean());
const harmless = fc.tuple(share, fc.constant(0), fc.constantFrom(' # c', '\n# c', '\n\n', 'x', ' '), fc.constant(true));
const cases = fc.record({
  value: fc.record({ apiVersion: values, items: list, spec: values, other: list }, { requiredKeys: ['items'] }),
  // A multiple of 4 makes flow collections, at the root too.
  style: fc.array(fc.constantFrom(1, 2, 3, 5, 6, 7, 9, 10, 11), { minLength: 20, maxLength: 40 }),
  isFirst: fc.boolean(),
  edits: fc.array(fc.oneof({ weight: 2, arbitrary: harmless }, anyEdit), { minLength: 1, maxLength: 3 }),
});

/** Edits that do not overlap, at these shares of the document, or at the end of the line there. */
function editsIn(document: Document, wanted: readonly (readonly [number, number, string, boolean])[]): TextEdit[] {
  const { text } = document.file;
  const size = document.end - document.content;
  const sorted = sortEdits(
    wanted.map(([share, length, piece, isAtLineEnd]) => {
      const at = document.content + Math.floor(share * size);
      const lineEnd = text.indexOf('\n', at);
      const start = isAtLineEnd && lineEnd !== -1 && lineEnd < document.end ? lineEnd : at;
      return { start, end: Math.min(start + length, document.end), text: piece };
    }),
  );
  return sorted.filter((edit, index) => index === 0 || edit.start >= sorted[index - 1]!.end);
}

property('what it tells is what the whole text means', () => {
  let told = 0;
  let changed = 0;
  fc.assert(
    fc.property(cases, ({ value, style, isFirst, edits: wanted }) => {
      let next = 0;
      const printed = printStyled(value, () => style[next++ % style.length]!).text;
      const text = isFirst ? `${printed.replace(/\n?$/, '\n')}---\nkind: Last\n` : `kind: First\n---\n${printed}`;
      const documents = readDocuments({ path: 'random.yaml', text });
      const index = isFirst ? 0 : 1;
      const document = documents[index]!;
      const edits = editsIn(document, wanted);
      const claimed = editedValue(document, readTree(document), edits);
      if (claimed === undefined) return;
      told++;
      const edited = splice(text, edits);
      try {
        const read = readDocuments({ path: 'edited.yaml', text: edited });
        assert.is(read.length, 2);
        assert.ok(isSame(read[index]!.value, claimed), 'it means something else');
      } catch (error) {
        if (error instanceof InputError || error instanceof Error)
          error.message += `\n${text}\n=> ${JSON.stringify(edits)} =>\n${edited}\n${JSON.stringify(claimed)}`;
        throw error;
      }
      if (!isSame(claimed, document.value)) changed++;
    }),
    { numRuns: runs, seed, includeErrorInReport: true },
  );
  // Else the property would hold of nothing.
  assert.ok(told > runs / 20, `${told} of ${runs} could be told`);
  assert.ok(changed > runs / 50, `${changed} of them meant something new`);
});

property('an anchored part may mean something elsewhere, so the whole must be read', () => {
  const text = 'items:\n- &a {x: 1}\n- *a\n';
  const [document] = readDocuments({ path: 'anchors.yaml', text });
  assert.is(
    editedValue(document!, readTree(document!), [{ start: text.indexOf('1'), end: text.indexOf('1') + 1, text: '2' }]),
    undefined,
  );
});

property.run();
