import { wrap } from '../report/wrap.ts';

/** What `--help` says beyond what the options say of themselves. */
export interface Help {
  readonly synopsis: string;
  readonly description: string;
  /** Names of options' values: `{'--set': 'ID.PARAM=VALUE'}`. */
  readonly values?: Readonly<Record<string, string>>;
  /** Headings of groups of options; all others are under "Options". */
  readonly groups?: readonly { readonly title: string; readonly names: readonly string[] }[];
  readonly examples?: readonly (readonly [what: string, command: string])[];
  /** Further text, below the options. */
  readonly details?: string;
}

/** An option as clipanion declares it. */
export interface OptionUsage {
  /** `-i`, `--in-place` */
  readonly names: readonly string[];
  readonly takesValue: boolean;
  readonly description: string;
}

const width = 100;

/** The text of `--help` for one command. */
export function helpText(help: Help, options: readonly OptionUsage[]): string {
  const { synopsis, description, values = {}, groups = [], examples = [], details } = help;
  const claimed = new Set(groups.flatMap(({ names }) => names));
  const isClaimed = ({ names }: OptionUsage): boolean => names.some((name) => claimed.has(name));
  const sections = [
    `${description}\n`,
    `Usage: meshmend ${synopsis}\n`,
    ...groups.map(({ title, names }) =>
      optionSection(
        title,
        options.filter((option) => option.names.some((name) => names.includes(name))),
        values,
      ),
    ),
    optionSection('Options', [...options.filter((option) => !isClaimed(option)), helpOption], values),
    ...(details === undefined ? [] : [details]),
    ...(examples.length === 0
      ? []
      : [`Examples:\n${examples.map(([what, run]) => `  ${what}\n    ${run}\n`).join('')}`]),
  ];
  return sections.join('\n');
}

const helpOption: OptionUsage = { names: ['-h', '--help'], takesValue: false, description: 'this text' };

function optionSection(title: string, options: readonly OptionUsage[], values: Help['values']): string {
  return `${title}:\n${table(options.map((option) => [optionName(option, values), option.description]))}`;
}

function optionName({ names, takesValue }: OptionUsage, values: Help['values'] = {}): string {
  const long = names.at(-1) as string;
  return names.join(', ') + (takesValue ? ` ${values[long] ?? 'VALUE'}` : '');
}

/** Rows of two columns, the second one wrapped. */
export function table(rows: readonly (readonly [string, string])[]): string {
  const column = Math.min(34, Math.max(0, ...rows.map(([name]) => name.length)));
  const indent = ' '.repeat(column + 4);
  return rows
    .map(([name, text]) => {
      const lines = wrap(text, width - indent.length);
      const head = name.length > column ? `  ${name}\n${indent}` : `  ${name.padEnd(column)}  `;
      return `${head}${lines.join(`\n${indent}`)}\n`.replace(/ +\n/g, '\n');
    })
    .join('');
}
