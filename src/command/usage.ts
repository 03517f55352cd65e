import type { Cli } from 'clipanion';
import { InputError } from '../errors.ts';
import { nearest } from '../nearest.ts';
import type { Help, OptionUsage } from './help.ts';

/** The options of a CLI that has one command. Clipanion gives them as `-f,--file #0`. */
export function optionsOf(cli: Cli): OptionUsage[] {
  return cli
    .definitions()
    .flatMap(({ options }) => options)
    .map(({ definition, description = '' }) => {
      const [names = '', ...values] = definition.split(' ');
      return { names: names.split(','), takesValue: values.length > 0, description: description.trim() };
    });
}

/** Says what is wrong with a command line that clipanion refused; undefined when nothing is found. */
export function usageFault(
  argv: readonly string[],
  options: readonly OptionUsage[],
  { values = {} }: Help,
): InputError | undefined {
  const [command, ...rest] = argv;
  const hint = `see meshmend ${command} --help`;
  const end = rest.indexOf('--');
  const given = end === -1 ? rest : rest.slice(0, end);
  for (let i = 0; i < given.length; i++) {
    const [name = '', ...assigned] = given[i]!.split('=');
    const option = options.find(({ names }) => names.includes(name));
    if (!isOption(given[i]!) || (!option && isKnownOtherwise(name, options))) continue;
    if (!option) return unknownOption(name, options, hint);
    const isAssigned = assigned.length > 0;
    if (!option.takesValue && isAssigned) return new InputError(`${name} takes no value`, { hint });
    if (!option.takesValue || isAssigned) continue;
    const value = rest[++i];
    if (value === undefined || isOption(value)) {
      const wanted = values[option.names.at(-1) as string] ?? 'VALUE';
      return new InputError(`${name} needs a value`, { hint: `write ${name} ${wanted}` });
    }
  }
  return undefined;
}

/** A lone `-` is standard input. */
function isOption(argument: string): boolean {
  return argument.startsWith('-') && argument !== '-';
}

/** `-iv` for `-i -v`, and `--no-check`. */
function isKnownOtherwise(name: string, options: readonly OptionUsage[]): boolean {
  const isFlag = (wanted: string): boolean =>
    options.some(({ names, takesValue }) => !takesValue && names.includes(wanted));
  if (name.startsWith('--')) return name.startsWith('--no-') && isFlag(`--${name.slice(5)}`);
  return name.length > 2 && [...name.slice(1)].every((letter) => isFlag(`-${letter}`));
}

function unknownOption(name: string, options: readonly OptionUsage[], hint: string): InputError {
  const known = options.flatMap(({ names }) => names).filter((candidate) => candidate.startsWith('--'));
  const near = name.startsWith('--') ? nearest(name, known) : undefined;
  return new InputError(`unknown option ${name}`, { hint: near === undefined ? hint : `did you mean ${near}?` });
}
