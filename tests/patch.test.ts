// Edits by example: what each kind of document looks like before and after. The random documents of
// patch.property.test.ts say that nothing is lost; these say that the result is what a person would have written.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { InputError } from '../src/errors.ts';
import { applyToDraft, openDraft, slotValue } from '../src/manifest/draft.ts';
import type { JsonObject } from '../src/manifest/node.ts';
import type { Operation } from '../src/manifest/operation.ts';
import { readDocuments, readTree } from '../src/manifest/read.ts';
import { readSecond } from '../src/manifest/second-reader.ts';
import { splice, type TextEdit } from '../src/manifest/splice.ts';
import { patchDocuments, patchText } from '../src/patch.ts';

const patch = suite('patch');

function example(name: string, before: string, operations: readonly Operation[], after: string): void {
  patch(name, () => assert.fixture(patchText(before, operations), after));
}

example(
  'keys are added below the last one, comments stay',
  `a: 1
b:
  c: 2 # x
# tail
`,
  [{ op: 'add', path: '/b/d', value: { e: [1, { f: 'on' }] } }],
  `a: 1
b:
  c: 2 # x
  d:
    e:
    - 1
    - f: "on"
# tail
`,
);

example(
  'a file without a last line break keeps none',
  `a: 1
b:
  c: 2`,
  [
    { op: 'add', path: '/b/d', value: 3 },
    { op: 'add', path: '/z', value: [1, 2] },
  ],
  `a: 1
b:
  c: 2
  d: 3
z:
- 1
- 2`,
);

example(
  'a moved item takes its comments with it',
  `spec:
  http:
  # first
  - route:
    - x: 1
    # deeper
  # second
  - route: # r
    - x: 2

  # third
  - match: [a]
`,
  [
    { op: 'move', from: '/spec/http/2', path: '/spec/http/0' },
    { op: 'add', path: '/spec/http/1/retries', value: { attempts: 0 } },
  ],
  `spec:
  http:
  # third
  - match: [a]
  # first
  - route:
    - x: 1
    retries:
      attempts: 0
    # deeper

  # second
  - route: # r
    - x: 2
`,
);

example(
  'JSON on one line',
  `{"a": {"b": 1},
 "c": [1,2]}
`,
  [
    { op: 'add', path: '/a/d', value: { e: 1 } },
    { op: 'add', path: '/c/-', value: 3 },
  ],
  `{"a": {"b": 1, "d": {"e": 1}},
 "c": [1,2, 3]}
`,
);

example(
  'JSON over several lines',
  `{
  "a": {
    "b": 1
  },
  "c": {}
}
`,
  [
    { op: 'add', path: '/a/d', value: { e: { f: 1 } } },
    { op: 'replace', path: '/c', value: { g: [1] } },
  ],
  `{
  "a": {
    "b": 1,
    "d": {
      "e": {
        "f": 1
      }
    }
  },
  "c": {"g": [1]}
}
`,
);

example(
  'aliases that want the same change as their anchor stay aliases',
  `a: &x {attempts: 3, perTryTimeout: 2s}
b: *x
`,
  [
    { op: 'replace', path: '/a/attempts', value: 0 },
    { op: 'remove', path: '/a/perTryTimeout' },
    { op: 'replace', path: '/b/attempts', value: 0 },
    { op: 'remove', path: '/b/perTryTimeout' },
  ],
  `a: &x {attempts: 0}
b: *x
`,
);

example(
  'an alias that wants no change is written out',
  `a: &x {attempts: 3, perTryTimeout: 2s}
b: *x
c: *x
`,
  [
    { op: 'replace', path: '/a/attempts', value: 0 },
    { op: 'replace', path: '/b/attempts', value: 0 },
  ],
  `a: &x {attempts: 0, perTryTimeout: 2s}
b: *x
c: {attempts: 3, perTryTimeout: 2s}
`,
);

example(
  'an alias that moves above its anchor is written out',
  `http:
- name: one
  route: &rt
  - host: a
- name: two
  route: *rt
`,
  [{ op: 'move', from: '/http/1', path: '/http/0' }],
  `http:
- name: two
  route:
  - host: a
- name: one
  route: &rt
  - host: a
`,
);

example(
  'a merged key is overridden where it is merged',
  `a: &x
  k: {z: 1}
b:
  <<: *x
  j: 2
`,
  [{ op: 'add', path: '/b/k/w', value: 5 }],
  `a: &x
  k: {z: 1}
b:
  <<: *x
  j: 2
  k:
    z: 1
    w: 5
`,
);

example(
  'what is merged elsewhere keeps its meaning',
  `a: &x
  k: 1
b:
  <<: *x
  j: 2
`,
  [{ op: 'replace', path: '/a/k', value: 5 }],
  `a: &x
  k: 5
b:
  <<: *x
  j: 2
  k: 1
`,
);

example(
  'quotes stay what they were, empty values are filled',
  `a:
  b: "1" # c
  d: 'q'
  e:
  f: # todo
`,
  [
    { op: 'replace', path: '/a/b', value: 'true' },
    { op: 'replace', path: '/a/d', value: "it's" },
    { op: 'replace', path: '/a/e', value: { x: 1 } },
    { op: 'replace', path: '/a/f', value: { x: [1] } },
  ],
  `a:
  b: "true" # c
  d: 'it''s'
  e:
    x: 1
  f: # todo
    x:
    - 1
`,
);

example(
  'empty flow collections become blocks when they get nested values',
  `a: {}
b: []
c: {x: {}}
`,
  [
    { op: 'add', path: '/a/x', value: { w: 1 } },
    { op: 'add', path: '/b/-', value: { w: 1 } },
    { op: 'add', path: '/c/x/z', value: 1 },
  ],
  `a:
  x:
    w: 1
b:
- w: 1
c: {x: {z: 1}}
`,
);

example(
  'lines of a block scalar that stay are not touched',
  `mesh: |-
  a: 1
  
  b: 2 # k
z: 1
`,
  [{ op: 'replace', path: '/mesh', value: 'a: 1\n\nb: 2 # k\nc: 3' }],
  `mesh: |-
  a: 1
  
  b: 2 # k
  c: 3
z: 1
`,
);

example(
  'sequences inside sequences',
  `- - a
  - b
- c
-
`,
  [
    { op: 'move', from: '/0/1', path: '/0/0' },
    { op: 'replace', path: '/2', value: { k: 1, l: 2 } },
  ],
  `- - b
  - a
- c
- k: 1
  l: 2
`,
);

example(
  'carriage returns',
  `a:\r
  - x: 1\r
  - w: 2\r
`,
  [
    { op: 'add', path: '/a/0/z', value: { q: 1 } },
    { op: 'add', path: '/a/-', value: { w: 1, v: 2 } },
  ],
  `a:\r
  - x: 1\r
    z:\r
      q: 1\r
  - w: 2\r
  - w: 1\r
    v: 2\r
`,
);

example(
  'removal behind a dash',
  `a:
- k: 1 # c
  # of l
  l: 2
- m: 1
`,
  [
    { op: 'remove', path: '/a/0/k' },
    { op: 'remove', path: '/a/1/m' },
  ],
  `a:
- # of l
  l: 2
- {}
`,
);

example(
  'removal leaves the comments on lines of their own',
  `retries:
  # how often
  attempts: 3
  # how long
  perTryTimeout: 2s # each
x: 1
`,
  [
    { op: 'remove', path: '/retries/perTryTimeout' },
    { op: 'replace', path: '/retries/attempts', value: 0 },
  ],
  `retries:
  # how often
  attempts: 0
  # how long
x: 1
`,
);

example(
  'nothing left is an empty mapping',
  `retries:
  attempts: 3
x: 1
`,
  [{ op: 'remove', path: '/retries/attempts' }],
  `retries: {}
x: 1
`,
);

example(
  'blank lines that belong to a block scalar stay in it',
  `r:
  t: |+
    x

`,
  [{ op: 'add', path: '/r/w', value: 1 }],
  `r:
  t: |+
    x

  w: 1
`,
);

example(
  'comments in flow collections stay with their items',
  `a: [
  1, # one
  2 # two
]
b: {
  x: 1, # c
  y: 2 # d
}
`,
  [
    { op: 'add', path: '/a/-', value: 3 },
    { op: 'add', path: '/b/z', value: 3 },
  ],
  `a: [
  1, # one
  2, # two
  3
]
b: {
  x: 1, # c
  y: 2, # d
  z: 3
}
`,
);

example(
  'a comment that goes on below its line is not torn',
  `route:
- host: a  # first line
           # second line
# of b
b: 1
`,
  [{ op: 'add', path: '/route/0/port', value: 80 }],
  `route:
- host: a  # first line
           # second line
  port: 80
# of b
b: 1
`,
);

example(
  'a text of several lines for a key that had none, with its comment',
  `a: # todo
b: 1
`,
  [{ op: 'replace', path: '/a', value: 'two\nlines' }],
  `a: |- # todo
  two
  lines
b: 1
`,
);

example(
  'no content but comments',
  `# only
`,
  [{ op: 'add', path: '/a', value: { b: 1 } }],
  `# only
a:
  b: 1
`,
);

example(
  'a folded scalar gives way',
  `a:
  b: >-
    folded
    text
  c: 1
`,
  [
    { op: 'replace', path: '/a/b', value: 'x' },
    { op: 'replace', path: '/a/c', value: { z: 1 } },
  ],
  `a:
  b: x
  c:
    z: 1
`,
);

example(
  'strings that readers could take for something else are quoted',
  `a: 1
`,
  [
    {
      op: 'add',
      path: '/b',
      value: [
        'on',
        '1.0',
        '0123',
        'n',
        '~',
        '',
        'a: b',
        '# c',
        '2001-01-01',
        '1:30',
        '0o14',
        '=',
        '<<',
        '<none>',
        '10.0.0.1',
        '30s',
        '/api/v2',
      ],
    },
  ],
  `a: 1
b:
- "on"
- "1.0"
- "0123"
- "n"
- "~"
- ""
- "a: b"
- "# c"
- "2001-01-01"
- "1:30"
- "0o14"
- "="
- "<<"
- "<none>"
- 10.0.0.1
- 30s
- /api/v2
`,
);

/** Lines inside of brackets and quotes may stand as far out as they like, to go-yaml. */
const farOut: readonly (readonly [text: string, value: JsonObject])[] = [
  ['a:\n  k: "foo\n bar"\n', { a: { k: 'foo bar' } }],
  ['a:\r\n  k: "foo # x\r\nbar"\r\n', { a: { k: 'foo # x bar' } }],
  ['a:\n  k: \'foo\n\n\nbar\'\n  l: ["a # b",\n"c"]\n  m: 2\n', { a: { k: 'foo\n\nbar', l: ['a # b', 'c'], m: 2 } }],
  ['a:\n  k: [a, # c\nb,\n {x: 1,\nz: &q "s\nt"}, *q\n]\n', { a: { k: ['a', 'b', { x: 1, z: 's t' }, 's t'] } }],
  ['a:\n  k: [a b\nc,\n\td]\n', { a: { k: ['a b c', 'd'] } }],
  ['\ufeffa:\n  k: "foo\\\nbar"\n', { a: { k: 'foobar' } }],
];

patch('lines of brackets and quotes that are indented too little are read as go-yaml reads them', () => {
  for (const [text, value] of farOut) {
    assert.equal(readDocuments({ path: '', text })[0]?.value, value, text);
    const eol = text.includes('\r') ? '\r\n' : '\n';
    assert.is(patchText(text, [{ op: 'add', path: '/a/new', value: 1 }]), `${text}  new: 1${eol}`);
  }
  for (const text of ['a:\n  k: [a # c\nb]\n', 'a:\n  k: "x\n...\ny"\n', 'a:\n  k: [1,\nb: 2\n'])
    assert.throws(() => readDocuments({ path: '', text }), 'deficient indentation');
});

patch('as many of such lines are read as cost little, since each has what is before it read again', () => {
  const keys = Array.from({ length: 20_000 }, (_, index) => `  k${index}: "v"\n`).join('');
  const read = (lines: number): number =>
    readDocuments({ path: '', text: `a:\n${keys}  l: [1${',\n1'.repeat(lines)}]\n` }).length;
  assert.is(read(10), 1);
  assert.throws(() => read(100), 'deficient indentation');
});

patch('the second parser refuses keys that stand twice, too', () => {
  const text = 'a:\n  k: [\n  ]\n  b: 1\n  "b": 2\n';
  assert.throws(() => readSecond(text), 'key "b" occurs twice in one mapping');
});

patch('what cannot be edited is refused with its place', () => {
  const text = 'a: &x\n  k: 1\nb:\n  <<: *x\n';
  assert.throws(
    () => patchText(text, [{ op: 'remove', path: '/b/k' }]),
    (error: unknown) => error instanceof InputError && /merges/.test(error.message) && error.place?.line === 4,
  );
});

const between = `a:
  - x: 1
#  - x: 2
  - x: 3
# another
  - x: 4
`;
const added: Operation = { op: 'add', path: '/a/-', value: { x: 5 } };
example('comments further out than their list: an item is added', between, [added], `${between}  - x: 5\n`);
example(
  'comments further out than their list: items move, they stay',
  between,
  [{ op: 'move', from: '/a/2', path: '/a/0' }],
  between.replace(/1|3|4/g, (x) => ({ 1: '4', 3: '1', 4: '3' })[x]!),
);
example(
  'blank lines between items stay',
  'a:\n  - x: 1\n\n  - x: 2\n\n  - x: 3\n',
  [{ op: 'remove', path: '/a/1' }],
  'a:\n  - x: 1\n\n  - x: 3\n',
);
for (const [index, after] of [
  'a:\n#  - x: 2\n  - x: 3\n# another\n  - x: 4\n',
  'a:\n  - x: 1\n#  - x: 2\n# another\n  - x: 4\n',
  'a:\n  - x: 1\n#  - x: 2\n  - x: 3\n# another\n',
].entries())
  example(
    `comments further out than their list: item ${index} goes, they stay`,
    between,
    [{ op: 'remove', path: `/a/${index}` }],
    after,
  );

example(
  'a comment right behind a quote or a bracket',
  `a: ["x"]# one
b:
  c: "y"# two
`,
  [
    { op: 'add', path: '/a/-', value: 'z' },
    { op: 'add', path: '/b/d', value: 1 },
  ],
  `a: ["x", z]# one
b:
  c: "y"# two
  d: 1
`,
);

patch('a byte-order mark before a later document is none of its first key', () => {
  const text = '\ufeffa: 1\n---\n\ufeffb: 2\n--- \n\ufeffc: 3\n';
  const documents = readDocuments({ path: 'joined.yaml', text });
  assert.equal(
    documents.map(({ value }) => value),
    [{ a: 1 }, { b: 2 }, { c: 3 }],
  );
  const [document] = documents.slice(-1);
  const [edits] = patchDocuments([
    { document: document!, operations: [{ op: 'add', path: '/d', value: 4 }], expected: { c: 3, d: 4 } },
  ]);
  assert.is(splice(text, edits as readonly TextEdit[]), `${text}d: 4\n`);
});

const texts: readonly (readonly [what: string, before: string, header: string, body: string])[] = [
  [
    'full-width signs and emoji',
    '# 访问日志：输出，便于排查 🙂\na: 1\n',
    '|',
    '    # 访问日志：输出，便于排查 🙂\n    a: 1\n',
  ],
  ['blank lines at the end of a kept text', 'a: 1\n\n\n', '|+', '    a: 1\n\n\n'],
  ['a text that begins with a blank', '  a: 1\n', '|2', '      a: 1\n'],
  ['a text without a last line break', 'a: 1', '|-', '    a: 1\n'],
];
for (const [what, before, header, body] of texts)
  example(
    `a block scalar stays one: ${what}`,
    `data:\n  mesh: ${header}\n${body}  other: 1\n`,
    [{ op: 'replace', path: '/data/mesh', value: before.replace(/( *)a: 1/, '$1a: 1\n$1b: 2') }],
    `data:\n  mesh: ${header}\n${body.replace(/( *)a: 1/, '$1a: 1\n$1b: 2')}  other: 1\n`,
  );

patch('a << that readers of Kubernetes disagree on is refused, and none is made by an edit', () => {
  for (const [text, value] of [
    ['{<<: {k: 1}, k: 2}', { k: 2 }],
    ['{k: {x: 1}, <<: {k: {x: 1}, l: 2}}', { k: { x: 1 }, l: 2 }],
    ['{k: 1, <<: [{k: 1}, {k: 2, l: 3}, {l: 4}]}', { k: 1, l: 3 }],
    ['{<<: {k: 1}, <<: {k: 2}, k: 3}', { k: 3 }],
  ] as const)
    assert.equal(readDocuments({ path: '', text })[0]?.value, value, text);
  for (const text of ['k: 2\n<<: {k: 1}\n', 'k: 2\n<<: [{l: 1}, {k: 1}]\n', '<<: {k: 1}\n<<: {k: 2}\n'])
    assert.throws(
      () => readDocuments({ path: '', text }),
      (error: unknown) =>
        error instanceof InputError && /"k" another value/.test(error.message) && error.place?.line === 2,
    );
  const same = 'k: 1\n<<: {k: 1}\n';
  assert.throws(() => patchText(same, [{ op: 'replace', path: '/k', value: 2 }]), /"k" another value/);
});

patch('a merged key called __proto__ stays a key', () => {
  const text = 'a: &r {__proto__: {p: 1}, k: 1}\nb: {<<: *r, z: 1}\n';
  const [document] = readDocuments({ path: 'proto.yaml', text });
  const draft = openDraft(readTree(document!));
  applyToDraft(draft, { op: 'replace', path: '/b/z', value: 2 });
  const { b } = slotValue(draft.root.slot) as { b: JsonObject };
  assert.equal(Object.keys(b).sort(), ['__proto__', 'k', 'z']);
  assert.is(Object.getPrototypeOf(b), Object.prototype);
});

patch.run();
