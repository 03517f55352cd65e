import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { InputError } from '../../src/errors.ts';
import { locate } from '../../src/manifest/locate.ts';
import { isObject, type JsonObject, type Node } from '../../src/manifest/node.ts';
import { placeAt } from '../../src/manifest/position.ts';
import { readDocuments, readTree } from '../../src/manifest/read.ts';
import type { Fact } from '../../src/mesh/since/fact.ts';
import { type Beginning, type FactName, facts, firstWithout, isEnding, lastWithout } from '../../src/mesh/since.ts';
import { hintFor } from '../../src/nearest.ts';
import type { Page } from '../../src/remedies/page.ts';

/** A remedy's `page.md`: what is shown of it, and what only the generator and the parity test read. */
export interface PageSource {
  readonly page: Page;
  /** The remedy's place in the run: the smallest number runs first. */
  readonly order: number;
  /** False for a remedy whose effect no traffic test has shown yet. */
  readonly stable: boolean;
  /** Why traffic cannot show the remedy's effect; undefined when `examples/PROOF.md` shows it. */
  readonly proof: string | undefined;
}

/** The sections of a page, in their order. */
const headings = ['Symptom', 'Cause', 'Change', 'Versions', 'Caution', 'Check'] as const;
const findingsHeading = 'Findings';
const allHeadings: readonly string[] = [...headings, findingsHeading];

/**
 * Reads a page.
 *
 * @throws InputError with file and line for the first part that is missing, unknown or in the wrong form
 */
export function readPage(url: URL, path: string): PageSource {
  return parsePage({ path, text: readFileSync(fileURLToPath(url), 'utf8') });
}

/** @throws InputError with the line of the first part that is missing, unknown or in the wrong form */
export function parsePage(file: SourceText): PageSource {
  const end = file.text.indexOf('\n---\n', 3);
  if (!file.text.startsWith('---\n') || end === -1)
    throw new InputError('a page begins with front matter between two lines `---`', { place: placeAt(file, 0) });
  const { order, stable, proof, ...front } = readFrontMatter({ path: file.path, text: file.text.slice(0, end + 1) });
  const sections = readSections(file, end + '\n---\n'.length);
  const texts = Object.fromEntries(headings.map((heading) => [heading.toLowerCase(), paragraph(sections, heading)]));
  const findings = sections.get(findingsHeading);
  const page = { ...front, ...texts, findings: findings ? readFindings(findings) : {} } as Page;
  return { page, order, stable, proof };
}

interface SourceText {
  readonly path: string;
  readonly text: string;
}

interface FrontMatter extends Pick<Page, 'title' | 'summary' | 'faq' | 'symptoms'>, Omit<PageSource, 'page'> {}

const fields = ['title', 'summary', 'faq', 'order', 'stable', 'proof', 'symptoms'] as const;
type Field = (typeof fields)[number];

function readFrontMatter(file: SourceText): FrontMatter {
  const [document] = readDocuments(file);
  const value = document?.value;
  if (!document || !isObject(value))
    throw new InputError('the front matter is not a mapping', { place: placeAt(file, 0) });
  const front: Front = { file, value, root: readTree(document) };
  for (const name of Object.keys(value))
    if (!(fields as readonly string[]).includes(name)) refuse(front, name, `has no field \`${name}\``, fields);
  return {
    title: text(front, 'title'),
    summary: text(front, 'summary'),
    faq: texts(front, 'faq'),
    symptoms: texts(front, 'symptoms', 1),
    order: wholeNumber(front, 'order'),
    stable: value['stable'] === undefined ? true : flag(front, 'stable'),
    proof: value['proof'] === undefined ? undefined : text(front, 'proof'),
  };
}

interface Front {
  readonly file: SourceText;
  readonly value: JsonObject;
  readonly root: Node;
}

function refuse({ file, root }: Front, name: string, message: string, known: readonly string[] = []): never {
  const hint = hintFor(name, known);
  const place = placeAt(file, locate(root, [name]));
  throw new InputError(`the front matter ${message}`, known.length > 0 ? { place, hint } : { place });
}

function text(front: Front, name: Field): string {
  const value = front.value[name];
  if (typeof value === 'string' && value.trim() !== '') return value;
  return refuse(front, name, `needs a text in \`${name}\``);
}

function texts(front: Front, name: Field, atLeast = 0): readonly string[] {
  const value = front.value[name];
  const isList = Array.isArray(value) && value.every((item) => typeof item === 'string' && item.trim() !== '');
  if (isList && value.length >= atLeast) return value as string[];
  return refuse(front, name, `needs a list of texts in \`${name}\`, numbers in quotes`);
}

function wholeNumber(front: Front, name: Field): number {
  const value = front.value[name];
  if (Number.isInteger(value)) return value as number;
  return refuse(front, name, `needs a whole number in \`${name}\``);
}

function flag(front: Front, name: Field): boolean {
  const value = front.value[name];
  if (typeof value === 'boolean') return value;
  return refuse(front, name, `needs true or false in \`${name}\``);
}

/** A line of a section with its number, from 1. */
interface Line {
  readonly text: string;
  readonly number: number;
}

interface Section {
  readonly file: SourceText;
  readonly heading: string;
  /** Of its heading. */
  readonly line: number;
  /** Without the blank ones around them. */
  readonly lines: readonly Line[];
}

function fault({ file }: { readonly file: SourceText }, line: number, message: string): InputError {
  return new InputError(message, { place: { file: file.path, line } });
}

type OpenSection = Section & { readonly lines: Line[] };

function readSections(file: SourceText, start: number): ReadonlyMap<string, Section> {
  const sections = new Map<string, OpenSection>();
  const first = file.text.slice(0, start).split('\n').length;
  let current: OpenSection | undefined;
  for (const [index, text] of file.text.slice(start).split('\n').entries()) {
    const line = { text, number: first + index };
    const heading = /^#+ *(.*)$/.exec(text)?.[1];
    if (heading !== undefined) {
      current = openSection(file, line, heading, current);
      sections.set(heading, current);
    } else if (text.trim() !== '') {
      if (!current) throw fault({ file }, line.number, 'text before the first heading');
      current.lines.push(line);
    }
  }
  for (const heading of headings)
    if (!sections.has(heading)) throw fault({ file }, first, `the section ## ${heading} is missing`);
  return sections;
}

/** @throws InputError when the heading is unknown, of another level, or belongs before that of the section above */
function openSection(file: SourceText, line: Line, heading: string, above: Section | undefined): OpenSection {
  const before = allHeadings.indexOf(above?.heading ?? '');
  if (!line.text.startsWith('## ') || allHeadings.indexOf(heading) <= before) {
    const expected = allHeadings.slice(before + 1).join(', ## ');
    throw fault({ file }, line.number, `expected one of the headings ## ${expected}`);
  }
  return { file, heading, line: line.number, lines: [] };
}

/** The text of a section, which is one paragraph; its lines may break anywhere, and versions may come from facts. */
function paragraph(sections: ReadonlyMap<string, Section>, heading: string): string {
  const section = sections.get(heading)!;
  const [line] = section.lines;
  if (!line) throw fault(section, section.line, `the section ## ${heading} is empty`);
  section.lines.forEach(({ number }, index) => {
    if (number !== line.number + index) throw fault(section, number, `the section ## ${heading} is one paragraph`);
  });
  const text = withVersions(joined(section.lines), section);
  if (!/[.:!?]$/.test(text)) throw fault(section, line.number, `the section ## ${heading} ends without a full stop`);
  return text;
}

/** Replaces `{fact.since}` and the like by the version: the facts of `src/mesh/since.ts` hold each version once. */
function withVersions(text: string, section: Section): string {
  return text.replace(/\{(\w+)\.(\w+)\}/g, (written, name: string, which: string) => {
    if (!Object.hasOwn(facts, name))
      throw fault(section, section.line, `${written}: there is no such fact; ${hintFor(name, Object.keys(facts))}`);
    const version = versionOf(name as FactName, which);
    if (version === undefined)
      throw fault(
        section,
        section.line,
        `${written}: this fact has no such version; use since, before, until or after`,
      );
    return version;
  });
}

/** The first version of a fact, the last one before it, its last one, or the first one after it. */
function versionOf(name: FactName, which: string): string | undefined {
  const { since, until }: Fact = facts[name];
  if (which === 'since') return since;
  if (which === 'until') return until;
  if (which === 'before' && isBeginning(name)) return lastWithout(name);
  if (which === 'after' && isEnding(name)) return firstWithout(name);
  return undefined;
}

function isBeginning(name: FactName): name is Beginning {
  return 'since' in facts[name];
}

/** The list of a section: of each `` - `code`: text `` the text, by code. */
function readFindings(section: Section): Readonly<Record<string, string>> {
  const items: { readonly code: string; readonly lines: Line[] }[] = [];
  for (const line of section.lines) {
    const [, code, rest] = /^- `([a-z0-9-]+)`: (.+)$/.exec(line.text) ?? [];
    if (code !== undefined && rest !== undefined) {
      if (items.some((item) => item.code === code)) throw fault(section, line.number, `\`${code}\` is here twice`);
      items.push({ code, lines: [{ text: rest, number: line.number }] });
    } else if (items.length > 0 && line.text.startsWith('  ')) items.at(-1)?.lines.push(line);
    else throw fault(section, line.number, 'expected an item "- `code`: text"');
  }
  return Object.fromEntries(items.map(({ code, lines }) => [code, joined(lines)]));
}

function joined(lines: readonly Line[]): string {
  return lines.map(({ text }) => text.trim()).join(' ');
}
