import { takes } from '../config/parameter-values.ts';
import type { CatalogueEntry } from '../remedies/catalogue.ts';
import type { Page } from '../remedies/page.ts';
import type { Parameter } from '../remedies/parameter.ts';

/** A table of remedies, a row each: what goes wrong, and what is done. */
export function remediesTable(all: readonly CatalogueEntry[]): string {
  const rows = all.map(({ id, title, summary }) => `| \`--${id}\` | ${cell(title)} | ${cell(sentence(summary))} |\n`);
  return `| intent | what goes wrong | what it does |\n| --- | --- | --- |\n${rows.join('')}`;
}

/** All that is known of remedies, a chapter each. */
export function remediesMarkdown(all: readonly CatalogueEntry[]): string {
  return all
    .map((remedy) => {
      const { id, title, summary, faq, source } = remedy;
      const origin = faq.length === 0 ? 'Beyond the FAQ' : `FAQ: ${faq.join('; ')}`;
      const parts = [
        `## \`${id}\``,
        `${title}. ${sentence(summary)}`,
        ...paragraphs(remedy),
        ...findingsList(remedy),
        `${origin}. Source: <${source}>`,
        ...parameterTable(remedy),
      ];
      return `${parts.join('\n\n')}\n`;
    })
    .join('\n');
}

function paragraphs({ symptom, cause, change, versions, caution, check }: Page): string[] {
  const sections = {
    Symptom: symptom,
    Cause: cause,
    Change: change,
    Versions: versions,
    Caution: caution,
    Check: check,
  };
  return Object.entries(sections).map(([label, text]) => `**${label}.** ${text}`);
}

function findingsList({ id, findings }: CatalogueEntry): string[] {
  const items = Object.entries(findings).map(([fault, text]) => `\n- \`${id}/${fault}\`: ${text}`);
  return items.length === 0 ? [] : [`**Findings.**\n${items.join('')}`];
}

function parameterTable({ parameters }: CatalogueEntry): string[] {
  const rows = Object.entries(parameters).map(
    ([name, parameter]) =>
      `\n| \`${name}\` | ${cell(takes(parameter))} | ${defaultOf(parameter, '`')} | ${cell(parameter.help)} |`,
  );
  if (rows.length === 0) return [];
  return [`| parameter | takes | default | what it does |\n| --- | --- | --- | --- |${rows.join('')}`];
}

/** All that is known of remedies, as a list of JSON objects. */
export function remediesJson(all: readonly CatalogueEntry[]): string {
  const listed = all.map(({ id, title, summary, faq, source, parameters, faults: _, ...page }) => {
    return { id, title, summary, faq, source, ...page, parameters };
  });
  return `${JSON.stringify(listed, undefined, 2)}\n`;
}

/** A default as it is shown, in quotes or not; empty when there is none. */
export function defaultOf(parameter: Parameter, quote: string): string {
  if (!('default' in parameter) || parameter.default === undefined) return '';
  const value = parameter.default;
  return `${quote}${typeof value === 'string' ? value : JSON.stringify(value)}${quote}`;
}

function cell(text: string): string {
  return text.replace(/\|/g, '\\|');
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${text.endsWith('.') ? '' : '.'}`;
}
