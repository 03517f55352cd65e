import { Option } from 'clipanion';
import { InputError } from '../errors.ts';
import { nearest } from '../nearest.ts';
import { alternatives, takes } from '../parameter-values.ts';
import { remedies } from '../remedies/index.ts';
import type { Remedy } from '../remedies/remedy.ts';
import { defaultOf, remediesJson, remediesMarkdown } from '../report/remedies.ts';
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

  format = Option.String('--format', 'text', formatOption(formats));

  async run(): Promise<ExitCode> {
    process.stdout.write(chosenFormat(this.format, formats)(remedies));
    return 0;
  }
}

/** What `--help` says of `--format`. */
export function formatOption(formats: Readonly<Record<string, unknown>>): { description: string } {
  return { description: `${alternatives(Object.keys(formats))}; text by default` };
}

/** @throws InputError when there is no such format */
export function chosenFormat<F>(name: string, formats: Readonly<Record<string, F>>): F {
  if (Object.hasOwn(formats, name)) return formats[name] as F;
  const near = nearest(name, Object.keys(formats));
  const message = `--format must be ${alternatives(Object.keys(formats))}, not ${name}`;
  throw new InputError(message, near === undefined ? {} : { hint: `did you mean ${near}?` });
}

function remediesText(all: readonly Remedy[]): string {
  return all.map((remedy) => `${remedy.id}: ${remedy.summary}\n${parameterTable([remedy], '')}`).join('\n');
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
