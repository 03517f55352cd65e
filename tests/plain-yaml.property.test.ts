// The fast reader of common YAML is held against the event parser of all of it: the same tree, offset by offset, or
// no answer. Never may it read what the parser refuses.
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { RawDocument } from '../src/manifest/compose.ts';
import { readByEvents } from '../src/manifest/events.ts';
import { nodeValue } from '../src/manifest/node-value.ts';
import { nodes, plainValues } from '../src/manifest/plain-yaml/builder.ts';
import { readPlain } from '../src/manifest/plain-yaml/read-plain.ts';
import { printStyled, values } from './styled-yaml.ts';

const property = suite('common YAML (random)');
const runs = Number(process.env['RUNS'] ?? 3000);
const seed = process.env['SEED'] === undefined ? 20_261_122 : Number(process.env['SEED']);
const pieces = [
  '',
  ' ',
  '  ',
  '\n',
  '\n  ',
  ': ',
  ':',
  '- ',
  '-',
  '#',
  ' # c',
  '"',
  "'",
  '[',
  ']',
  '{',
  '}',
  ',',
  '|',
  '>',
  '|\n  ',
  '&a ',
  '*a',
  '!t ',
  '\t',
  '?',
  '? ',
  '\r\n',
  '\\',
  '---\n',
  'x',
  '1',
  '%',
  '@',
  '<<: ',
  '{}',
  '[]',
  '\n\n',
  '- - ',
  '>-\n ',
];

function parse(text: string): RawDocument[] | undefined {
  try {
    return readByEvents(text);
  } catch {
    return undefined;
  }
}

const styled = fc.record({
  value: values.filter((value) => typeof value === 'object' && value !== null),
  style: fc.array(fc.nat(11), { minLength: 40, maxLength: 60 }),
  changes: fc.array(fc.record({ at: fc.nat(200), cut: fc.nat(3), piece: fc.constantFrom(...pieces) }), {
    maxLength: 3,
  }),
});

/** A comment right behind a quote or a bracket: go-yaml reads it, js-yaml wants a blank there. */
const closedComment = /(["'[\]{},])#/g;

function meaning(root: RawDocument['root']): string {
  return JSON.stringify(nodeValue(root)).replaceAll(' #', '#');
}

let read = 0;
property('the two readers agree', () => {
  fc.assert(
    fc.property(styled, ({ value, style, changes }) => {
      let next = 0;
      let { text } = printStyled(value, () => style[next++ % style.length]! + Math.floor(next / style.length));
      for (const { at, cut, piece } of changes) {
        const place = at % (text.length + 1);
        text = text.slice(0, place) + piece + text.slice(place + cut);
      }
      // Documents are parted before this reader sees them, and odd characters sent to the other.
      if (
        /\r(?!\n)|^(%|\.\.\.)|[^\t\n\r\x20-\x7e\xa0-\ud7ff\u{10000}-\u{10ffff}]/mu.test(text) ||
        /\n---(\s|$)/.test(text)
      )
        return;
      const root = readPlain(text, 0, text.length, nodes)?.root;
      if (!root) return;
      read++;
      assert.equal(readPlain(text, 0, text.length, plainValues)?.root, nodeValue(root), text);
      const parsed = parse(text);
      if (!parsed && text.search(closedComment) !== -1) {
        const spaced = parse(text.replace(closedComment, '$1 #'));
        assert.ok(spaced, `read what the parser refuses with a blank before the comment, too:\n${text}`);
        assert.is(meaning(spaced[0]!.root), meaning(root), text);
        return;
      }
      assert.ok(parsed, `read what the parser refuses:\n${text}`);
      assert.is(parsed.length, 1, text);
      assert.ok(
        isDeepStrictEqual(parsed[0]!.root, root),
        `read otherwise:\n${text}\n${JSON.stringify(parsed[0]!.root)}\n${JSON.stringify(root)}`,
      );
    }),
    { numRuns: runs, seed, includeErrorInReport: true },
  );
});

property('most of it is read', () => {
  assert.ok(read > runs / 3, `${read} of ${runs}`);
});

property.run();
