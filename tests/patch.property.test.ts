// Random documents in random style, random patches: what is not asked for stays byte for byte, and two other parsers
// agree on what the result means.
import fc from 'fast-check';
import { load, YAML11_SCHEMA } from 'js-yaml';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { type Document, isObject, type Json } from '../src/manifest/node.ts';
import type { Operation } from '../src/manifest/operation.ts';
import { pointer } from '../src/manifest/pointer.ts';
import { readDocuments } from '../src/manifest/read.ts';
import { splice, type TextEdit } from '../src/manifest/splice.ts';
import { applyOperations, patchDocuments } from '../src/patch.ts';
import { printStyled, values } from './styled-yaml.ts';

const property = suite('patch (random)');
const runs = Number(process.env['RUNS'] ?? 3000);
const seed = process.env['SEED'] === undefined ? 20_261_122 : Number(process.env['SEED']);

/** A stream of numbers from a list of them, over and over. */
function drawFrom(numbers: readonly number[]): () => number {
  let next = 0;
  return () => numbers[next++ % numbers.length]! + Math.floor(next / numbers.length);
}

function unused(names: readonly string[], keys: readonly string[]): string {
  return names.find((name) => !keys.includes(name)) ?? 'zz';
}

/** An operation that fits the value, chosen by the stream. */
function operationFor(value: Json, draw: () => number, fresh: Json): Operation | undefined {
  const collections: { path: (string | number)[]; value: Json[] | { [key: string]: Json } }[] = [];
  const visit = (node: Json, path: (string | number)[]): void => {
    if (Array.isArray(node)) {
      collections.push({ path, value: node });
      for (const [index, item] of node.entries()) visit(item, [...path, index]);
    } else if (isObject(node)) {
      collections.push({ path, value: node });
      for (const [key, item] of Object.entries(node)) if (key !== '__proto__') visit(item, [...path, key]);
    }
  };
  visit(value, []);
  const target = collections[draw() % Math.max(collections.length, 1)];
  if (!target) return undefined;
  const keys = Array.isArray(target.value)
    ? [...target.value.keys()]
    : Object.keys(target.value).filter((key) => key !== '__proto__');
  const key = keys[draw() % Math.max(keys.length, 1)];
  const kind = draw() % 5;
  if (kind === 0 || key === undefined) {
    const at = Array.isArray(target.value)
      ? draw() % 2
        ? '-'
        : draw() % (target.value.length + 1)
      : unused(['new', 'y', 'a b', 'retries'], keys as string[]);
    return { op: 'add', path: pointer(...target.path, at), value: fresh };
  }
  if (kind === 1) return { op: 'remove', path: pointer(...target.path, key) };
  if (kind === 2 && Array.isArray(target.value)) {
    return {
      op: 'move',
      from: pointer(...target.path, key),
      path: pointer(...target.path, draw() % target.value.length),
    };
  }
  return { op: 'replace', path: pointer(...target.path, key), value: fresh };
}

const cases = fc.record({
  value: values.filter((value) => typeof value === 'object' && value !== null),
  style: fc.array(fc.nat(11), { minLength: 40, maxLength: 60 }),
  choices: fc.array(fc.nat(20), { minLength: 20, maxLength: 30 }),
  fresh: fc.array(values, { minLength: 3, maxLength: 3 }),
  count: fc.integer({ min: 1, max: 3 }),
});

function mustPatch(document: Document, operations: readonly Operation[], expected: Json): readonly TextEdit[] {
  const [edits] = patchDocuments([{ document, operations, expected }]);
  if (edits instanceof Error) throw new Error(`${edits.message}\n${document.file.text}\n${JSON.stringify(operations)}`);
  return edits!;
}

property('edits mean what fast-json-patch makes, to two other parsers, and lose no comment', () => {
  fc.assert(
    fc.property(cases, ({ value, style, choices, fresh, count }) => {
      const { text } = printStyled(value, drawFrom(style));
      const [document] = readDocuments({ path: 'random.yaml', text });
      assert.ok(document, `nothing read:\n${text}`);
      assert.equal(document!.value, value, `read wrongly:\n${text}`);

      const draw = drawFrom(choices);
      const operations: Operation[] = [];
      let expected = document!.value;
      for (let index = 0; index < count; index++) {
        const operation = operationFor(expected, draw, fresh[index]!);
        if (!operation) break;
        operations.push(operation);
        expected = applyOperations(expected, [operation]);
      }
      const edits = mustPatch(document!, operations, expected);
      const edited = splice(text, edits);

      assert.equal(
        load(edited, { schema: YAML11_SCHEMA, filename: 'x' } as never) ?? null,
        expected,
        `js-yaml reads otherwise:\n${edited}`,
      );
      assert.equal(
        parse(edited, { version: '1.2', uniqueKeys: true, logLevel: 'silent' }) ?? null,
        expected,
        `yaml reads otherwise:\n${edited}`,
      );
      if (operations.every(({ op }) => op === 'move' || op === 'add')) {
        for (const [mark] of text.matchAll(/# c\d+c/g))
          assert.ok(edited.includes(mark), `${mark} is lost:\n${text}\n=>\n${edited}`);
      }
      if (operations.length === 0) assert.is(edited, text);
    }),
    { numRuns: runs, seed, includeErrorInReport: true },
  );
});

property.run();
