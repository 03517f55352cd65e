import { applyPatch } from 'diff';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readGoldenFile, withResults } from './golden-file.ts';

const golden = suite('golden files');

const input = '```yaml input\na: 1\n```\n';
const lists = 'rewrite: no findings\n\ndiagnose:\n- `info` `keep` `x`\n';
const read = (text: string): ReturnType<typeof readGoldenFile> => readGoldenFile(text, 'x.md', 'x');
const ofCase = (text: string): string => `# x\n\n## one\n\n${text}`;

golden('give what a case says', () => {
  const text = `# x

On the remedy.

## one

What it shows.

\`\`\`yaml settings
istioVersion: "1.24"
\`\`\`

${input}
\`\`\`diff
@@ -1 +1 @@
-a: 1
+a: 2
\`\`\`

${lists}
## two

Files: [x/two/](x/two/)

rewrite and diagnose:
- \`info\` \`keep\` \`x\`
`;
  const [one, two, ...more] = read(text);
  assert.equal(more, []);
  assert.equal(one, {
    name: 'one',
    place: 'x.md:5',
    settings: 'istioVersion: "1.24"\n',
    input: 'a: 1\n',
    folder: undefined,
    diff: '@@ -1 +1 @@\n-a: 1\n+a: 2\n',
    rewrite: [],
    diagnose: ['`info` `keep` `x`'],
    results: { start: 15, end: 26 },
  });
  assert.is(two?.folder, 'x/two/');
  assert.equal(two?.rewrite, two?.diagnose);
  for (const section of [one, two]) {
    const { diff, rewrite, diagnose } = section!;
    assert.is(withResults(text, section!, { diff, rewrite: rewrite!, diagnose: diagnose! }), text, 'written as read');
  }
});

golden('take the results of a new case', () => {
  const text = ofCase(input);
  const [one] = read(text);
  assert.is(one?.rewrite, undefined);
  const diff = '@@ -1 +1 @@\n-a: 1\n+a: 2\n';
  const written = withResults(text, one!, { diff, rewrite: ['r'], diagnose: [] });
  assert.is(written, `${text}\n\`\`\`diff\n${diff}\`\`\`\n\nrewrite:\n- r\n\ndiagnose: no findings\n`);
  const same = withResults(written, read(written)[0]!, { diff: '', rewrite: [], diagnose: [] });
  assert.is(same, `${text}\nrewrite and diagnose: no findings\n`);
});

const faults: readonly (readonly [what: string, text: string, message: string])[] = [
  ['another title', '# y\n', 'x.md:1: the title must be "# x"'],
  ['a second title', ofCase(`${input}\n# x\n`), 'x.md:9: the file has another title'],
  ['a deeper heading', ofCase(`${input}\n### x\n`), 'x.md:9: headings have one or two #'],
  ['an unknown block', ofCase('```yaml\na: 1\n```\n'), 'x.md:5: unknown block "yaml"; known: yaml settings, yaml'],
  ['an open block', ofCase('```yaml input\na: 1\n'), 'x.md:5: the block is never closed'],
  ['a block of no case', `# x\n\n${input}`, 'x.md:3: this belongs to no case'],
  ['an empty case', ofCase(lists), 'x.md:3: a case has either an input or a line of files'],
  ['two inputs', ofCase(`${input}${input}${lists}`), 'x.md:8: the case has another block of this kind'],
  ['input and files', ofCase(`${input}Files: [x/one/](x/one/)\n`), 'x.md:3: a case has either an input or'],
  [
    'files and diff',
    ofCase('Files: [x/one/](x/one/)\n\n```diff\n```\n'),
    'x.md:7: the expected output is among the files',
  ],
  ['two of one name', `${ofCase(input)}\n## one\n\n${input}`, 'x.md:9: another case is called one'],
  ['an odd name', `# x\n\n## One Two\n\n${input}`, 'x.md:3: "One Two" is not a name in kebab case'],
  [
    'a list without items',
    ofCase(`${input}\nrewrite:\n\n- a\n`),
    'x.md:9: either a list follows, or the line ends with',
  ],
  ['items that there are not', ofCase(`${input}\nrewrite: no findings\n- a\n`), 'x.md:9: either a list follows'],
  [
    'a list twice',
    ofCase(`${input}\n${lists}rewrite and diagnose:\n- a\n`),
    'x.md:13: the findings of rewrite are listed',
  ],
  ['prose in the end', ofCase(`${input}\n${lists}\nrewrites:\n`), 'x.md:14: this must come before the diff and the'],
];
for (const [what, text, message] of faults) {
  golden(`refuse ${what}`, () => {
    assert.throws(
      () => read(text),
      (error: Error) => error.message.startsWith(message),
    );
  });
}

golden('have diffs whose empty lines need no blank', () => {
  assert.is(applyPatch('a\n\nb\n', '@@ -1,3 +1,3 @@\n a\n\n-b\n+c\n', { autoConvertLineEndings: false }), 'a\n\nc\n');
});

golden.run();
