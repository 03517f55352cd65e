import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { existingPart, operationsBetween, operationsToMerge, operationsToSet } from '../src/operations.ts';
import { applyOperations } from '../src/patch.ts';

const setting = suite('setting');

setting('makes missing and null parents', () => {
  assert.equal(operationsToSet({ a: null }, ['a', 'b'], 1), {
    outcome: 'change',
    operations: [{ op: 'replace', path: '/a', value: { b: 1 } }],
    path: '/a',
  });
  assert.equal(operationsToSet(null, ['a', 'b'], 1), {
    outcome: 'change',
    operations: [{ op: 'add', path: '/a', value: { b: 1 } }],
    path: '/a',
  });
});

setting('removes the keys that an object must not have', () => {
  const found = operationsToSet({ a: { b: 1, c: 2 } }, ['a'], { b: 3 });
  assert.equal(found.outcome === 'change' && found.operations, [
    { op: 'remove', path: '/a/c' },
    { op: 'replace', path: '/a/b', value: 3 },
  ]);
});

setting('says what is in the way', () => {
  assert.equal(operationsToSet({ a: 'text' }, ['a', 'b'], 1), {
    outcome: 'cannot',
    reason: '`/a` is not a mapping',
  });
  assert.equal(operationsToSet('text', ['a'], 1), { outcome: 'cannot', reason: 'the text is not a mapping' });
});

setting.run();

const merging = suite('merging');

merging('leaves what is beside', () => {
  const root = { spec: { http: { a: 1 } } };
  const operations = operationsToMerge(root, ['spec'], { http: { b: 2 }, tcp: { c: 3 } });
  assert.equal(applyOperations(root, operations), { spec: { http: { a: 1, b: 2 }, tcp: { c: 3 } } });
});

merging('makes parents, and replaces what cannot be one', () => {
  assert.equal(operationsToMerge({}, ['spec', 'tcp'], { c: 3 }), [
    { op: 'add', path: '/spec', value: { tcp: { c: 3 } } },
  ]);
  assert.equal(operationsToMerge({ spec: 'text' }, ['spec', 'tcp'], { c: 3 }), [
    { op: 'replace', path: '/spec', value: { tcp: { c: 3 } } },
  ]);
});

merging.run();

const comparing = suite('comparing');

comparing('finds the operations from one value to another', () => {
  const [before, after] = [
    { a: [1], b: { c: 1, d: 2 }, e: 'x' },
    { a: [1, 2], b: { c: 1, f: 3 } },
  ];
  assert.equal(applyOperations(before, operationsBetween(before, after)), after);
});

comparing('keeps keys where it is told so', () => {
  const before = { metadata: { labels: { a: '1' } }, spec: { x: 1, y: 2 } };
  const after = { metadata: { labels: { b: '2' } }, spec: { x: 1 } };
  const operations = operationsBetween(before, after, ([field]) => field !== 'spec');
  assert.equal(applyOperations(before, operations), {
    metadata: { labels: { a: '1', b: '2' } },
    spec: { x: 1 },
  });
});

comparing.run();

const finding = suite('the part of a path that is there');

finding('ends before the first missing key', () => {
  assert.equal(existingPart({ a: [{ b: null }] }, ['a', 0, 'b', 'c']), ['a', 0, 'b']);
  assert.equal(existingPart({ a: 1 }, ['b', 'c']), []);
});

finding.run();
