import { Option } from 'clipanion';
import { InputError } from '../errors.ts';
import { nearest } from '../nearest.ts';
import { alternatives, takes } from '../parameter-values.ts';
import { remedies } from '../remedies/index.ts';
import type { Remedy } from '../remedies/remedy.ts';
import { defaultOf, remediesMarkdown } from '../report/remedies.ts';
import { type ExitCode, MeshmendCommand, runCommand } from './frontend.ts';
import { table } from './help.ts';

const formats: Readonly<Record<string, (all: readonly Remedy[]) => string>> = {
  text: remediesText,
  json: remediesJson,
  markdown: remediesMarkdown,
};

class RemediesCommand extends MeshmendCommand {
  static override paths = [['remedies']];
  static override usage = {};

  format = Option.String('--format', 'text', { description: `${alternatives(Object.keys(formats))}; text by default` });

  async run(): Promise<ExitCode> {
    const print = Object.hasOwn(formats, this.format) ? formats[this.format] : undefined;
    if (!print) {
      const near = nearest(this.format, Object.keys(formats));
      const message = `--format must be ${alternatives(Object.keys(formats))}, not ${this.format}`;
      throw new InputError(message, near === undefined ? {} : { hint: `did you mean ${near}?` });
    }
    process.stdout.write(print(remedies));
    return 0;
  }
}

function remediesText(all: readonly Remedy[]): string {
  return all.map((remedy) => `${remedy.id}: ${remedy.summary}\n${parameterTable([remedy], '')}`).join('\n');
}

function remediesJson(all: readonly Remedy[]): string {
  const listed = all.map(({ id, title, summary, faq, source, parameters }) => ({
    id,
    title,
    summary,
    faq,
    source,
    parameters,
  }));
  return `${JSON.stringify(listed, undefined, 2)}\n`;
}

/** The parameters of all remedies, as `--help` lists them. */
export function parametersHelp(all: readonly Remedy[]): string {
  return `Parameters, for --set:\n${parameterTable(all, 'id')}`;
}

function parameterTable(all: readonly Remedy[], prefix: 'id' | ''): string {
  const rows = all.flatMap(({ id, parameters }) =>
    Object.entries(parameters).map(([name, parameter]): [string, string] => {
      const initial = defaultOf(parameter, '');
      const text = `${takes(parameter)}${initial === '' ? '' : ` (${initial} by default)`}; ${parameter.help}`;
      return [prefix === 'id' ? `${id}.${name}` : name, text];
    }),
  );
  return table(rows);
}

/** The frontend `meshmend remedies`. */
export function run(argv: readonly string[]): Promise<ExitCode> {
  const description = 'Lists the remedies with their parameters.';
  return runCommand(
    RemediesCommand,
    { synopsis: 'remedies [--format FORMAT]', description, values: { '--format': 'FORMAT' } },
    argv,
  );
}
