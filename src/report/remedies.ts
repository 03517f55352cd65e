import { takes } from '../parameter-values.ts';
import type { Parameter } from '../remedies/parameter.ts';
import type { Remedy } from '../remedies/remedy.ts';

/** A table of remedies, a row each: what goes wrong, and what is done. */
export function remediesTable(all: readonly Remedy[]): string {
  const rows = all.map(({ id, title, summary }) => `| \`--${id}\` | ${cell(title)} | ${cell(sentence(summary))} |\n`);
  return `| intent | what goes wrong | what it does |\n| --- | --- | --- |\n${rows.join('')}`;
}

/** All that is declared of remedies, a chapter each. */
export function remediesMarkdown(all: readonly Remedy[]): string {
  return all
    .map(({ id, title, summary, faq, source, parameters }) => {
      const rows = Object.entries(parameters).map(
        ([name, parameter]) =>
          `| \`${name}\` | ${cell(takes(parameter))} | ${defaultOf(parameter, '`')} | ${cell(parameter.help)} |\n`,
      );
      const head = '| parameter | takes | default | what it does |\n| --- | --- | --- | --- |\n';
      const origin = faq === '' ? 'beyond the FAQ' : `FAQ: ${faq}`;
      return `## \`${id}\`\n\n${title}. ${sentence(summary)}\n\n${origin}. Source: <${source}>\n\n${head}${rows.join('')}`;
    })
    .join('\n');
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
