import { Cli, Command, type CommandClass } from 'clipanion';
import { InputError } from '../errors.ts';
import { type Help, helpText } from './help.ts';
import { optionsOf, usageFault } from './usage.ts';

/** 0 done; 1 findings, or not everything could be done; 2 wrong usage or input, or a fault of ours. */
export type ExitCode = 0 | 1 | 2;

/** A subcommand of the command line. */
export abstract class MeshmendCommand extends Command {
  abstract run(): Promise<ExitCode>;

  override execute(): Promise<ExitCode> {
    return this.run();
  }
}

/**
 * True where colours may be written.
 *
 * @see https://no-color.org
 */
export function isColoured(stream: NodeJS.WriteStream): boolean {
  return stream.isTTY === true && !process.env['NO_COLOR'] && process.env['TERM'] !== 'dumb';
}

/**
 * Runs one clipanion command. Clipanion prints every error on stdout, so its own `run` is not used: errors go up to
 * `main`, and those about usage are in our own words.
 *
 * @param argv - the arguments, the command's name first
 */
export async function runCommand(command: CommandClass, help: Help, argv: readonly string[]): Promise<ExitCode> {
  const cli = Cli.from(command, { binaryName: 'meshmend' });
  const options = optionsOf(cli);
  if (asksForHelp(argv)) {
    process.stdout.write(helpText(help, options));
    return 0;
  }
  let parsed: Command;
  try {
    parsed = cli.process([...argv]);
  } catch (error) {
    if (!isUsageError(error)) throw error;
    throw usageFault(argv, options, help) ?? new InputError(firstLine(error.message), seeHelp(argv));
  }
  return (await parsed.execute()) as ExitCode;
}

function asksForHelp(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return argv.slice(0, end === -1 ? undefined : end).some((argument) => argument === '--help' || argument === '-h');
}

function isUsageError(error: unknown): error is Error {
  return error instanceof Error && 'clipanion' in error;
}

function firstLine(text: string): string {
  return (text.split('\n')[0] as string).replace(/\.$/, '');
}

function seeHelp([name]: readonly string[]): { hint: string } {
  return { hint: `see meshmend ${name} --help` };
}
