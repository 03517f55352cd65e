// YAML that readers differ on, or that numbers cannot hold: it means what it means to Kubernetes (go-yaml), or is an
// error with its place.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { InputError } from '../src/errors.ts';
import type { Json } from '../src/manifest/node.ts';
import type { Operation } from '../src/manifest/operation.ts';
import { printScalar } from '../src/manifest/print.ts';
import { readDocuments } from '../src/manifest/read.ts';
import { resolvePlain } from '../src/manifest/scalar.ts';
import { splice } from '../src/manifest/splice.ts';
import { applyOperations, patchDocuments, patchText } from '../src/patch.ts';

const odd = suite('odd YAML');

function read(text: string): Json[] {
  return readDocuments({ path: 'odd.yaml', text }).map(({ value }) => value);
}

/** Where the file is refused, as `line:column`. */
function refusedAt(text: string): string {
  try {
    readDocuments({ path: 'odd.yaml', text });
  } catch (error) {
    assert.instance(error, InputError);
    const { place } = error as InputError;
    return `${place?.line}:${place?.column}`;
  }
  return 'read';
}

/** What go-yaml 2 gives, through sigs.k8s.io/yaml. */
const scalars: readonly (readonly [text: string, value: Json])[] = [
  ['786e737', '786e737'],
  ['-1e400', '-1e400'],
  ['1e3', 1000],
  ['1e21', 1e21],
  ['-0', 0],
  ['-0x0', 0],
  ['-0.0', -0],
  ['0xFFFFFFFFFFFFFFFF', 2 ** 64],
  ['0x1FFFFFFFFFFFFFFFF', '0x1FFFFFFFFFFFFFFFF'],
  ['-0x8000000000000000', -(2 ** 63)],
  ['-0x8000000000000001', '-0x8000000000000001'],
  ['0777777777777777777777777', 7.777777777777778e23],
  ['0123456789', 123456789],
  ['012', 10],
  ['1_000', 1000],
];
for (const [text, value] of scalars)
  odd(`${text} is ${typeof value === 'string' ? 'text' : value}`, () => {
    assert.ok(Object.is(resolvePlain(text), value), `${resolvePlain(text)}`);
  });

odd('a number is printed so that it is read again as it was', () => {
  for (const value of [-0, 0, 1e21, 0.1, Infinity, -Infinity, 123456789]) {
    const again = resolvePlain(printScalar(value));
    assert.ok(Object.is(again, value), `${value} becomes ${again}`);
  }
  assert.is(printScalar('786e737'), '"786e737"');
});

odd('an integer whose digits were lost is never written', () => {
  for (const text of ['9007199254740993', '0xFFFFFFFFFFFFFFFF', '-9223372036854775808'])
    assert.throws(() => printScalar(resolvePlain(text) as number), /more digits than can be copied/);
  const text = 'a: &a {port: 9007199254740993}\nb: *a\n';
  const [document] = readDocuments({ path: 'odd.yaml', text });
  const operations: Operation[] = [{ op: 'replace', path: '/a/port', value: 1 }];
  const expected = applyOperations(document!.value, operations);
  const [edits] = patchDocuments([{ document: document!, operations, expected }]);
  assert.instance(edits, InputError);
  // What no edit touches keeps its digits.
  assert.is(patchText('a: 9007199254740993\n', [{ op: 'add', path: '/b', value: 1 }]), 'a: 9007199254740993\nb: 1\n');
});

const lineEnds = [
  ['U+0085', '\x85'],
  ['U+2028', '\u2028'],
  ['U+2029', '\u2029'],
  ['a carriage return', '\r'],
] as const;
for (const [name, lineEnd] of lineEnds)
  odd(`${name} outside of quotes is refused with its place`, () => {
    assert.is(refusedAt(`a: 1\n# c${lineEnd}b: 2\n`), '2:4');
    assert.is(refusedAt(`a: 1 # c${lineEnd}b: 2\n`), '1:9');
    assert.is.not(refusedAt(`a: [b # c${lineEnd}  ]`), 'read');
    assert.is(refusedAt(`a: |\n  b${lineEnd}  c\n`), '2:4');
    assert.is(refusedAt(`a: b${lineEnd}  c\n`), '1:5');
    assert.is(refusedAt(`a: 1\n---\nb: &x 1 # c${lineEnd}d: 2\nc: *x\n`), '3:12');
  });

odd('line separators inside of quotes are text', () => {
  assert.equal(read('{"a": "b\u2028c"}'), [{ a: 'b\u2028c' }]);
  assert.equal(read("a: 'b\u2029c'\n"), [{ a: 'b\u2029c' }]);
  assert.is(refusedAt('a: "b\x85c"\n'), '1:6');
  assert.is(patchText('{"a": "b\u2028c"}', [{ op: 'add', path: '/d', value: 1 }]), '{"a": "b\u2028c", "d": 1}');
});

odd('a byte-order mark before a comment inside the stream does not prevent an edit', () => {
  const text = 'a: 1\n---\n\ufeff# licence\nb: 2\n';
  const [, document] = readDocuments({ path: 'odd.yaml', text });
  const operations: Operation[] = [{ op: 'add', path: '/c', value: 3 }];
  const [edits] = patchDocuments([{ document: document!, operations, expected: { b: 2, c: 3 } }]);
  assert.not.instance(edits, InputError);
  assert.is(splice(text, edits as never), `${text}c: 3\n`);
});

odd('several JSON objects in one file are documents, each with its place', () => {
  assert.equal(read('{"a": "}{"}\n{"b": 2}{"c": {}}\n'), [{ a: '}{' }, { b: 2 }, { c: {} }]);
  assert.equal(read('\ufeff{\n  "a": 1\n}\n{\n  "b": 2\n}\n'), [{ a: 1 }, { b: 2 }]);
  const text = '{"a": 1}\n{"b": 2}\n';
  const [, document] = readDocuments({ path: 'odd.yaml', text });
  const operations: Operation[] = [{ op: 'add', path: '/c', value: 3 }];
  const [edits] = patchDocuments([{ document: document!, operations, expected: { b: 2, c: 3 } }]);
  assert.is(splice(text, edits as never), '{"a": 1}\n{"b": 2, "c": 3}\n');
  assert.is(refusedAt('{"a": 1}\n{b: *x}\n'), '2:1');
});

odd('blanks at the end of a text inside the text are kept', () => {
  const text = 'mesh: |\n  a: 1\n  b: c \n';
  assert.is(
    patchText(text, [{ op: 'replace', path: '/mesh', value: 'a: 1\nb: c \nd: 2\n' }]),
    'mesh: |\n  a: 1\n  b: c \n  d: 2\n',
  );
  assert.is(patchText(text, [{ op: 'replace', path: '/mesh', value: 'a: 1\nb: c\n' }]), 'mesh: |\n  a: 1\n  b: c\n');
});

odd('what aliases expand to is limited for all documents together', () => {
  const levels = Array.from({ length: 13 }, (_, level) => `a${level + 1}: &a${level + 1} [*a${level}, *a${level}]\n`);
  const one = `---\na0: &a0 [x, x]\n${levels.join('')}`;
  assert.is(read(one).length, 1);
  assert.throws(() => read(one.repeat(100)), /aliases expand to more than 1000000 nodes in all files/);
});

odd.run();
