/**
 * The Markdown file of a remedy's golden cases, `tests/remedies/<id>.md`:
 *
 * ````md
 * # disable-retries
 *
 * ## delegates
 *
 * What the case shows, in as many words as it takes; may be empty.
 *
 * ```yaml settings
 * istioVersion: "1.24"
 * parameters: {explicit: disable}
 * ```
 *
 * ```yaml input
 * …
 * ```
 *
 * ```diff
 * @@ -9,3 +9,5 @@
 * …
 * ```
 *
 * rewrite:
 * - `warning` `change` `disable-retries` VirtualService shop/orders `spec.http[0]` 9:5
 *
 * diagnose: no findings
 * ````
 *
 * The diff leads from the input to all that a rewrite prints, emitted resources included; without one nothing changes.
 * The lists are complete. `rewrite and diagnose:` heads a list that is the same for both. A case whose bytes Markdown
 * would not keep has a line `Files: [<folder>](<folder>)` instead of the input and the diff.
 */

/** One case of a golden file, before anything is run. */
export interface Section {
  readonly name: string;
  /** `<file>:<line>` of the heading. */
  readonly place: string;
  /** YAML; empty where the case has no settings. */
  readonly settings: string;
  /** Undefined where `folder` holds the input. */
  readonly input: string | undefined;
  /** Relative to the Markdown file, with a final `/`. */
  readonly folder: string | undefined;
  /** Hunks of a unified diff; empty where nothing changes. */
  readonly diff: string;
  /** Undefined in a case that has not been run yet. */
  readonly rewrite: readonly string[] | undefined;
  readonly diagnose: readonly string[] | undefined;
  /** Lines of the file, counted from 0, that `withResults` writes: from the end of the input to the next case. */
  readonly results: { readonly start: number; readonly end: number };
}

/** What a run of a case gives. */
export interface Results {
  readonly diff: string;
  readonly rewrite: readonly string[];
  readonly diagnose: readonly string[];
}

type BlockKind = 'title' | 'case' | 'settings' | 'input' | 'diff' | 'files' | 'findings' | 'prose';

interface Block {
  readonly kind: BlockKind;
  /** Lines of the file, counted from 0; `end` is the line after the last one. */
  readonly start: number;
  readonly end: number;
  /** What follows the mark: the name of a case, a folder, the head of a list. */
  readonly label: string;
  /** Lines between the fences, or the items of a list. */
  readonly body: readonly string[];
}

const fences: ReadonlyMap<string, BlockKind> = new Map([
  ['yaml settings', 'settings'],
  ['yaml input', 'input'],
  ['diff', 'diff'],
]);
const noFindings = 'no findings';

/**
 * Reads the cases of a golden file.
 *
 * @param path - for messages
 * @throws Error with the line of the first thing that is out of order
 */
export function readGoldenFile(text: string, path: string, remedy: string): Section[] {
  const blocks = blocksOf(text.split('\n'), path);
  const [title] = blocks;
  if (title?.kind !== 'title' || title.label !== remedy) throw fault(path, 0, `the title must be "# ${remedy}"`);
  const sections: Section[] = [];
  for (const group of groupsOf(blocks.slice(1), path)) {
    const section = sectionOf(group, path);
    if (sections.some(({ name }) => name === section.name)) {
      throw fault(path, group[0].start, `another case is called ${section.name}`);
    }
    sections.push(section);
  }
  return sections;
}

/** The text of a golden file with other results for one case; all else stays as it is. */
export function withResults(text: string, { results }: Section, { diff, rewrite, diagnose }: Results): string {
  const lines = text.split('\n');
  const parts = [
    ...(diff === '' ? [] : [`\`\`\`diff\n${diff}\`\`\``]),
    ...(sameLines(rewrite, diagnose)
      ? [listOf('rewrite and diagnose', rewrite)]
      : [listOf('rewrite', rewrite), listOf('diagnose', diagnose)]),
  ];
  lines.splice(results.start, results.end - results.start, '', ...parts.join('\n\n').split('\n'));
  return lines.join('\n');
}

function listOf(head: string, items: readonly string[]): string {
  return items.length === 0 ? `${head}: ${noFindings}` : [`${head}:`, ...items.map((item) => `- ${item}`)].join('\n');
}

function sameLines(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((line, index) => line === other[index]);
}

function fault(path: string, line: number, message: string): Error {
  return new Error(`${path}:${line + 1}: ${message}`);
}

/** Every line is in one block, but for the empty lines between blocks. */
function blocksOf(lines: readonly string[], path: string): Block[] {
  const blocks: Block[] = [];
  for (let at = 0; at < lines.length; ) {
    if (lines[at] === '') at++;
    else {
      const block = blockAt(lines, at, path);
      blocks.push(block);
      at = block.end;
    }
  }
  return blocks;
}

function blockAt(lines: readonly string[], start: number, path: string): Block {
  const line = lines[start] as string;
  if (line.startsWith('```')) return fencedAt(lines, start, path);
  const single = (kind: BlockKind, label: string): Block => ({ kind, start, end: start + 1, label, body: [] });
  const heading = /^(#+) (.*)$/.exec(line);
  if (heading) {
    const [, marks = '', label = ''] = heading;
    if (marks.length > 2) throw fault(path, start, 'headings have one or two #');
    return single(marks === '#' ? 'title' : 'case', label);
  }
  const files = /^Files: \[.*\]\((.+\/)\)$/.exec(line);
  if (files) return single('files', files[1] as string);
  const findings = /^(rewrite|diagnose|rewrite and diagnose):( no findings)?$/.exec(line);
  if (findings) {
    const block = findingsAt(lines, start, findings[1] as string);
    if ((block.body.length === 0) === (findings[2] === undefined)) {
      throw fault(path, start, `either a list follows, or the line ends with "${noFindings}"`);
    }
    return block;
  }
  return single('prose', line);
}

function fencedAt(lines: readonly string[], start: number, path: string): Block {
  const label = (lines[start] as string).slice(3);
  const kind = fences.get(label);
  if (!kind) throw fault(path, start, `unknown block "${label}"; known: ${[...fences.keys()].join(', ')}`);
  const closing = lines.indexOf('```', start + 1);
  if (closing === -1) throw fault(path, start, 'the block is never closed');
  return { kind, start, end: closing + 1, label, body: lines.slice(start + 1, closing) };
}

function findingsAt(lines: readonly string[], start: number, label: string): Block {
  const body: string[] = [];
  for (let line = lines[start + 1]; line?.startsWith('- '); line = lines[start + 1 + body.length]) {
    body.push(line.slice(2));
  }
  return { kind: 'findings', start, end: start + 1 + body.length, label, body };
}

/** The blocks of each case, its heading first; what comes before the first case is prose on the remedy. */
function groupsOf(blocks: readonly Block[], path: string): [Block, ...Block[]][] {
  const groups: [Block, ...Block[]][] = [];
  for (const block of blocks) {
    const group = groups.at(-1);
    if (block.kind === 'case') groups.push([block]);
    else if (block.kind === 'title') throw fault(path, block.start, 'the file has another title');
    else if (group) group.push(block);
    else if (block.kind !== 'prose') throw fault(path, block.start, 'this belongs to no case');
  }
  return groups;
}

function sectionOf(group: readonly [Block, ...Block[]], path: string): Section {
  const [heading, ...blocks] = group;
  if (!/^[a-z0-9][a-z0-9.-]*$/.test(heading.label)) {
    throw fault(path, heading.start, `"${heading.label}" is not a name in kebab case`);
  }
  const given = givenOf(blocks, path);
  const [settings, input, files, diff] = (['settings', 'input', 'files', 'diff'] as const).map((kind) => {
    const [first, second] = blocks.filter((block) => block.kind === kind);
    if (second) throw fault(path, second.start, 'the case has another block of this kind');
    return first;
  });
  if (!input === !files) throw fault(path, heading.start, 'a case has either an input or a line of files');
  if (files && diff) throw fault(path, diff.start, 'the expected output is among the files');
  return {
    name: heading.label,
    place: `${path}:${heading.start + 1}`,
    settings: textOf(settings) ?? '',
    input: textOf(input),
    folder: files?.label,
    diff: textOf(diff) ?? '',
    ...listsOf(blocks, path),
    results: { start: given.at(-1)?.end ?? heading.end, end: blocks.at(-1)?.end ?? heading.end },
  };
}

/** The blocks before those that `withResults` writes. */
function givenOf(blocks: readonly Block[], path: string): readonly Block[] {
  const isResult = ({ kind }: Block): boolean => kind === 'diff' || kind === 'findings';
  const first = blocks.findIndex(isResult);
  const count = first === -1 ? blocks.length : first;
  const misplaced = blocks.slice(count).find((block) => !isResult(block));
  if (misplaced) throw fault(path, misplaced.start, 'this must come before the diff and the findings');
  return blocks.slice(0, count);
}

function textOf(block: Block | undefined): string | undefined {
  return block?.body.map((line) => `${line}\n`).join('');
}

function listsOf(blocks: readonly Block[], path: string): Pick<Section, 'rewrite' | 'diagnose'> {
  const lists = new Map<string, readonly string[]>();
  for (const { kind, label, body, start } of blocks) {
    if (kind !== 'findings') continue;
    for (const mode of label.split(' and ')) {
      if (lists.has(mode)) throw fault(path, start, `the findings of ${mode} are listed already`);
      lists.set(mode, body);
    }
  }
  return { rewrite: lists.get('rewrite'), diagnose: lists.get('diagnose') };
}
