import { table } from '../command/help.ts';
import { configFromFile } from '../config/config.ts';
import { InputError, printable, printableLines } from '../errors.ts';
import { stdinPath } from '../files/stdin.ts';
import { hintFor } from '../nearest.ts';
import { dynamicAnnouncements, staticAnnouncements } from './announcements.ts';
import { generate } from './generate.ts';
import { settingsOf, variableOf } from './parameters.ts';
import { readConfig } from './source.ts';

/** Argo CD's user interface shows little more than this of what a plugin says. */
const firstLineLength = 199;

/** The frontend `meshmend argocd`: Argo CD's config management plugin. A failure's first line says why. */
export async function run(argv: readonly string[]): Promise<0 | 1 | 2> {
  const [, command, ...rest] = argv;
  if (argv.includes('--help') || argv.includes('-h')) {
    process.stdout.write(help());
    return 0;
  }
  try {
    switch (command) {
      case 'generate':
        return await runGenerate(rest);
      case 'parameters':
        return runParameters(rest);
      default: {
        const message = command === undefined ? 'argocd needs a command' : `unknown command argocd ${command}`;
        throw new InputError(message, { hint: hintFor(command ?? '', ['generate', 'parameters'], 'meshmend argocd ') });
      }
    }
  } catch (error) {
    process.stderr.write(failureText(error));
    return 2;
  }
}

async function runGenerate([argument, ...rest]: readonly string[]): Promise<0 | 1> {
  if (rest.length > 0 || (argument !== undefined && argument !== stdinPath)) {
    const hint = 'it reads the current folder, or a stream with meshmend argocd generate -';
    throw new InputError(`argocd generate takes no argument ${rest[0] ?? argument}`, { hint });
  }
  const { stdout, stderr, exitCode } = await generate(argument, process.env);
  process.stderr.write(exitCode === 0 ? stderr : shortened(stderr));
  process.stdout.write(stdout);
  return exitCode;
}

function runParameters(options: readonly string[]): 0 {
  const [option] = options;
  if (option !== undefined && (option !== '--all' || options.length > 1))
    throw new InputError(`argocd parameters takes no argument ${options[1] ?? option}`, { hint: 'it takes --all' });
  const file = readConfig(process.env);
  const config = file ? configFromFile(file) : { intents: new Map() };
  const announcements = option === '--all' ? staticAnnouncements() : dynamicAnnouncements(config);
  process.stdout.write(`${JSON.stringify(announcements, undefined, 2)}\n`);
  return 0;
}

/** An error as Argo CD shows it: what, where and the way out on one short line, then all of it when that was cut. */
export function failureText(error: unknown): string {
  if (!(error instanceof InputError)) {
    const { message, stack } = error instanceof Error ? error : { message: String(error), stack: undefined };
    return shortened(`internal error of meshmend: ${printable(message)}\n${printableLines(stack ?? '').join('\n')}`);
  }
  const [what = '', ...more] = error.report().trimEnd().split('\n');
  const line = more.length === 1 ? `${what}; ${printable(error.hint ?? '')}` : what;
  return line.length <= firstLineLength && more.length <= 1 ? `${line}\n` : shortened(error.report());
}

/** A text whose first line is short; all of it follows when that had to be cut. */
function shortened(text: string): string {
  const end = text.indexOf('\n');
  if (end <= firstLineLength) return text;
  return `${text.slice(0, firstLineLength - 1)}…\n${text}`;
}

function help(): string {
  const rows = settingsOf().map(({ name, parameter }): [string, string] => [name, parameter.help]);
  return `Argo CD's config management plugin: prints the manifests of an application with the fixes made.

Usage: meshmend argocd generate [-]
       meshmend argocd parameters [--all]

generate reads the current folder: what kustomize makes of a kustomization.yaml, what helm makes of a Chart.yaml, else the
manifests in it. With - it reads a stream, after other tools. Settings come from meshmend.yaml in the folder, then from the
parameters of the Application, then from its env: each overrides the one before. Nothing but manifests goes to stdout.

parameters prints what meshmend.yaml sets, for Argo CD's user interface; with --all every parameter.

Parameters (env: MESHMEND_ and the name in capitals, such as ${variableOf('disable-retries.explicit')}):
${table(rows)}`;
}
