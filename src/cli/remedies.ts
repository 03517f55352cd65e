import { Option } from 'clipanion';
import { type ExitCode, MeshmendCommand, runCommand } from '../command/frontend.ts';
import { table } from '../command/help.ts';
import { alternatives, takes } from '../config/parameter-values.ts';
import { InputError } from '../errors.ts';
import { nearest } from '../nearest.ts';
import { type CatalogueEntry, catalogue } from '../remedies/catalogue.ts';
import type { Parameter } from '../remedies/parameter.ts';
import { defaultOf, remediesJson, remediesMarkdown } from '../report/remedies.ts';

const formats: Readonly<Record<string, (all: readonly CatalogueEntry[]) => string>> = {
  text: remediesText,
  json: remediesJson,
  markdown: remediesMarkdown,
};

class RemediesCommand extends MeshmendCommand {
  static override paths = [['remedies']];
  static override usage = {};

  format = Option.String('--format', 'text', formatOption(formats));

  async run(): Promise<ExitCode> {
    process.stdout.write(chosenFormat(this.format, formats)(catalogue));
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

function remediesText(all: readonly CatalogueEntry[]): string {
  return all
    .map(({ id, summary, parameters }) => `${id}: ${summary}\n${table(Object.entries(parameters).map(parameterRow))}`)
    .join('\n');
}

/** The parameters of all remedies, as `--help` lists them: those that many share come first, and once. */
export function parametersHelp(all: readonly CatalogueEntry[]): string {
  const sharers = new Map<Parameter, number>();
  for (const { parameters } of all)
    for (const parameter of Object.values(parameters)) sharers.set(parameter, (sharers.get(parameter) ?? 0) + 1);
  const shared = new Map<string, Parameter>();
  const own: [string, Parameter][] = [];
  for (const { id, parameters } of all)
    for (const [name, parameter] of Object.entries(parameters)) {
      if ((sharers.get(parameter) ?? 0) > 1) shared.set(`INTENT.${name}`, parameter);
      else own.push([`${id}.${name}`, parameter]);
    }
  return `Parameters, for --set; INTENT is any remedy that has one of that name (meshmend remedies lists all):
${table([...shared, ...own].map(parameterRow))}`;
}

function parameterRow([name, parameter]: readonly [string, Parameter]): [string, string] {
  const initial = defaultOf(parameter, '');
  return [name, `${takes(parameter)}${initial === '' ? '' : ` (${initial} by default)`}; ${parameter.help}`];
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
