import type { CatalogueEntry } from '../remedies/catalogue.ts';
import { remediesJson, remediesMarkdown } from './remedies.ts';
import { painter } from './text.ts';
import { wrap } from './wrap.ts';

const width = 96;

/** What a question leads to. */
export interface Answer {
  /** The remedies that answer it: one, or several when it may well mean each of them. */
  readonly pages: readonly CatalogueEntry[];
  /** Others that it touches, the nearest first. */
  readonly related: readonly CatalogueEntry[];
}

/** The pages of an answer, for people at a terminal. */
export function answerText({ pages, related }: Answer, colour: boolean): string {
  const paint = painter(colour);
  const chapters = pages.map((remedy) => {
    const rows = rowsOf(remedy).map(([label, text]) => row(paint(36, label.padEnd(10)), text));
    return `${paint(1, remedy.id)}: ${remedy.title}\n\n${rows.join('')}`;
  });
  if (related.length > 0) {
    const others = related.map(({ id, title }) => `  ${paint(1, id)}: ${title}\n`);
    chapters.push(`See also\n${others.join('')}`);
  }
  return chapters.join('\n');
}

function rowsOf(remedy: CatalogueEntry): (readonly [label: string, text: string])[] {
  const { id, faq, source, parameters } = remedy;
  const names = Object.keys(parameters);
  return [
    ['Symptom', remedy.symptom],
    ['Cause', remedy.cause],
    ['Change', remedy.change],
    ['Versions', remedy.versions],
    ['Caution', remedy.caution],
    ['Check', remedy.check],
    ['Command', `meshmend rewrite PATH… --${id} --diff`],
    ...(names.length > 0 ? [['Settings', `${names.join(', ')}, by --set ${id}.NAME=VALUE`] as const] : []),
    ['FAQ', faq.length === 0 ? 'beyond the FAQ' : faq.join('; ')],
    ['Source', source],
    ...Object.entries(remedy.findings).map(
      ([fault, text], index) => [index === 0 ? 'Findings' : '', `${id}/${fault}: ${text}`] as const,
    ),
  ];
}

function row(label: string, text: string): string {
  const indent = ' '.repeat(12);
  return `  ${label}${wrap(text, width - indent.length).join(`\n${indent}`)}\n`;
}

/** The pages of an answer as Markdown, as `remedies --format markdown` has them. */
export function answerMarkdown({ pages, related }: Answer): string {
  const others = related.map(({ id, title }) => `- \`${id}\`: ${title}\n`);
  return `${remediesMarkdown(pages)}${others.length > 0 ? `\nSee also:\n\n${others.join('')}` : ''}`;
}

/** The pages of an answer as a list of JSON objects. */
export function answerJson({ pages }: Answer): string {
  return remediesJson(pages);
}

/** What can be asked: the symptoms of every remedy, for people. */
export function symptomsText(all: readonly CatalogueEntry[], colour: boolean): string {
  const paint = painter(colour);
  return all
    .map(({ id, title, symptoms }) => {
      const lines = wrap(
        symptoms
          .map((symptom) => `${symptom},`)
          .join(' ')
          .slice(0, -1),
        width - 2,
      );
      return `${paint(1, id)}: ${title}\n  ${lines.join('\n  ')}\n`;
    })
    .join('\n');
}

/** The same as a table in Markdown. */
export function symptomsMarkdown(all: readonly CatalogueEntry[]): string {
  const rows = all.map(({ id, symptoms }) => {
    const shown = symptoms.map((symptom) => `\`${symptom.replace(/\|/g, '\\|')}\``);
    return `| ${shown.join(', ')} | \`${id}\` |\n`;
  });
  return `| symptoms | remedy |\n| --- | --- |\n${rows.join('')}`;
}
