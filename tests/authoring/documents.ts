import { readFileSync } from 'node:fs';
import { staticAnnouncements } from '../../src/argocd/announcements.ts';
import type { Json } from '../../src/manifest/node.ts';
import { printBlock } from '../../src/manifest/print.ts';
import { catalogue } from '../../src/remedies/catalogue.ts';
import { remediesMarkdown, remediesTable } from '../../src/report/remedies.ts';
import { apiMarkdown } from './api.ts';

/** The files that show the remedies to readers and to Argo CD: paths below the root, with their texts. */
export function documentsOf(root: URL): ReadonlyMap<string, string> {
  const textOf = (path: string): string => readFileSync(new URL(path, root), 'utf8');
  return new Map([
    ['README.md', between(textOf('README.md'), tableMarks, remediesTable(catalogue))],
    ['examples/README.md', `${exampleHead}\n${remediesMarkdown(catalogue)}`],
    ['docs/library.md', between(textOf('docs/library.md'), apiMarks, apiMarkdown(apiFiles(root)))],
    ['examples/argocd/plugin.yaml', between(textOf('examples/argocd/plugin.yaml'), parameterMarks, parameterList())],
  ]);
}

type Marks = readonly [begin: string, end: string];

const tableMarks: Marks = ['<!-- remedies: npm run generate -->\n', '<!-- end of remedies -->'];
const parameterMarks: Marks = ['    static:\n', '    # What meshmend.yaml'];

const apiMarks: Marks = ['<!-- api: npm run generate -->\n', '<!-- end of api -->'];

function apiFiles(root: URL): URL[] {
  return ['src/api.ts', 'src/finding.ts'].map((path) => new URL(path, root));
}

const exampleHead = `# Remedies and their parameters

Each remedy has an example beside this file: \`before.yaml\`, and \`after.yaml\`, which is what \`meshmend rewrite\` makes of it.
`;

/** The parameters of Argo CD's plugin, as its user interface lists them. */
function parameterList(): string {
  const lines = printBlock(staticAnnouncements() as unknown as Json, { step: 2, dashOffset: 2, lineBreak: '\n' });
  return lines.map((line) => `      ${line}\n`).join('');
}

/** A text with another part between its marks. */
function between(text: string, [begin, end]: Marks, part: string): string {
  const start = text.indexOf(begin) + begin.length;
  const stop = text.indexOf(end, start);
  if (start < begin.length || stop === -1) throw new Error(`the marks ${begin.trim()} and ${end} are missing`);
  return text.slice(0, start) + part + text.slice(stop);
}
