import { Option } from 'clipanion';
import { type ExitCode, isColoured, MeshmendCommand, runCommand } from '../command/frontend.ts';
import type { Help } from '../command/help.ts';
import { type Config, configFromFile, configFromFlags, withoutIntents } from '../config/config.ts';
import { unusedSettings } from '../config/repository.ts';
import { InputError, printable } from '../errors.ts';
import { findConfig } from '../files/config-file.ts';
import { isDevice, writeDevice } from '../files/device.ts';
import { type Input, type ReadFile, readInput } from '../files/input.ts';
import { readOutside } from '../files/outside.ts';
import { defaultPaths, stdinPath } from '../files/stdin.ts';
import { joinStream } from '../files/stream.ts';
import { type Writing, writeAll } from '../files/write.ts';
import { catalogue } from '../remedies/catalogue.ts';
import { unifiedDiff } from '../report/diff.ts';
import { jsonReport } from '../report/json.ts';
import { painter, plural, textReport } from '../report/text.ts';
import { holdsNothing, type Remediation, remediate } from '../run/remediate.ts';
import { requestFrom } from '../run/request.ts';
import { notedLines, nothingFound, removedLines, skippedLine, templateLines, unusedConfigLines } from './left-out.ts';
import { companionsOf, emissionTargets, isChanged, type OutputFile, planOutput, unlistedLines } from './output.ts';
import { checkPlaces, diffPath, inPlaceWritings, type RewriteMode, reportWriting, treeWritings } from './placement.ts';
import { parametersHelp } from './remedies.ts';

class RewriteCommand extends MeshmendCommand {
  static override paths = [['rewrite']];
  static override usage = {};

  named = Option.Rest({ name: 'PATH' });
  exclude = Option.Array('--exclude', [], {
    description: 'leave out files and folders that match this glob; may be repeated',
  });
  set = Option.Array('--set', [], { description: 'a parameter of an intent; VALUE is YAML. May be repeated' });
  config = Option.String('-f,--file', { description: 'a MeshRemedies file with intents, parameters and version' });
  istioVersion = Option.String('--istio-version', {
    description: 'the version to write for, such as 1.27; default: that of the config, else of the manifests',
  });
  diff = Option.Boolean('--diff', false, { description: 'print a unified diff, for git apply or patch -p1' });
  check = Option.Boolean('--check', false, { description: 'write nothing; exit 1 when anything would change' });
  inPlace = Option.Boolean('-i,--in-place', false, { description: 'edit the files where they are' });
  output = Option.String('-o,--output', { description: 'write all files below this folder' });
  keepGoing = Option.Boolean('--keep-going', false, {
    description: 'write what can be done when an intent cannot be applied; still exits 1',
  });
  report = Option.String('--report', { description: 'write the findings to this file, as JSON' });
  verbose = Option.Boolean('-v,--verbose', false, { description: 'list all findings and all files left as they are' });

  constructor() {
    super();
    for (const { id, summary } of catalogue)
      Reflect.set(this, flagOf(id), Option.Boolean(flagOf(id), false, { description: summary }));
  }

  async run(): Promise<ExitCode> {
    const flagged = this.flaggedMode();
    const isWritten = flagged === 'in-place' || flagged === 'tree';
    const paths = this.named.length > 0 ? this.named : defaultPaths(isWritten);
    checkPlaces(flagged ?? 'stdout', paths, this.output, this.report);
    const configFile = findConfig(paths, this.config);
    const config = this.configOf(configFile);
    const input = readInput(paths, { output: this.output, config: configFile, exclude: config.exclude });
    const mode = flagged ?? (config.mode === 'check' ? 'check' : 'stdout');
    const targets = emissionTargets(paths);
    // A stream holds what was named; the files that new documents go to are read only when files are written.
    const companions = mode === 'stdout' ? [] : companionsOf(targets, input.files);
    const files = [...input.files, ...companions, ...readOutside(input)];
    const remediation = remediate(files, requestFrom(config, 'rewrite'));
    if (holdsNothing(remediation)) throw nothingFound(input, remediation);
    const outputs = mode === 'stdout' ? [] : planOutput(remediation, files, targets);
    const isRefused = remediation.refused && !this.keepGoing;
    const removed = await this.write(mode, { paths, input, configFile, files, remediation, outputs, isRefused });
    const isDone = !isRefused && mode !== 'check' && mode !== 'diff';
    const before = [
      ...removedLines(removed),
      ...unusedConfigLines(input, configFile),
      ...unusedSettings(config, { exclude: true }),
      ...(mode === 'stdout' ? [] : unlistedLines(remediation, targets)),
    ];
    this.printMessages(input, remediation, mode, isDone, before);
    return remediation.refused || (mode === 'check' && outputs.some(isChanged)) ? 1 : 0;
  }

  /** The mode that the flags name; undefined when they name none. */
  flaggedMode(): RewriteMode | undefined {
    const flags = [
      ['--diff', 'diff', this.diff],
      ['--check', 'check', this.check],
      ['--in-place', 'in-place', this.inPlace],
      ['--output', 'tree', this.output !== undefined],
    ] as const;
    const given = flags.filter(([, , isGiven]) => isGiven);
    if (given.length <= 1) return given[0]?.[1];
    const names = given.map(([name]) => name).join(' and ');
    throw new InputError(`${names} exclude each other`, { hint: 'name one of --diff, --check, --in-place, --output' });
  }

  /** The config with the flags laid over it; one that was not named asks for its intents only where no flag does. */
  configOf(file: ReadFile | undefined): Config {
    const intents = catalogue.map(({ id }) => id).filter((id) => Reflect.get(this, flagOf(id)) === true);
    const flags = { intents, set: this.set, istioVersion: this.istioVersion, exclude: this.exclude };
    const config = file && configFromFile(file);
    const holdsWhole = this.config !== undefined || intents.length === 0;
    return asking(configFromFlags(flags, holdsWhole ? config : config && withoutIntents(config)));
  }

  /** Writes what is to be written; returns what earlier runs had left. */
  async write(
    mode: RewriteMode,
    { paths, input, configFile, files, remediation, outputs, isRefused }: Outcome,
  ): Promise<readonly string[]> {
    const writings: Writing[] = [];
    if (!isRefused && mode === 'in-place') writings.push(...inPlaceWritings(outputs.filter(isChanged), input.folders));
    if (!isRefused && mode === 'tree') writings.push(...treeWritings(outputs, input, paths, this.output as string));
    const report = this.report === undefined ? '' : jsonReport(remediation.version, remediation.findings);
    const isToDevice = this.report !== undefined && isDevice(this.report);
    if (this.report !== undefined && !isToDevice)
      writings.push(
        reportWriting(this.report, report, [...files, ...input.configs, ...(configFile ? [configFile] : [])]),
      );
    // Printed texts are made first, so that a fault leaves the files alone.
    const printed = isRefused ? '' : mode === 'diff' ? diffOf(outputs) : mode === 'stdout' ? streamOf(remediation) : '';
    const removed = await writeAll(writings, isRefused || mode !== 'in-place' ? [] : input.leftovers);
    process.stdout.write(printed);
    if (this.report !== undefined && isToDevice) writeDevice(this.report, report);
    return removed;
  }

  /** Speaks to people, on stderr. */
  printMessages(
    input: Input,
    remediation: Remediation,
    mode: RewriteMode,
    done: boolean,
    before: readonly string[],
  ): void {
    const options = { done, verbose: this.verbose, colour: isColoured(process.stderr) };
    const lines = [...before];
    lines.push(...(this.verbose ? leftOut(input, mode) : notedLines(input)));
    const unread = unreadable(remediation).length;
    if (unread > 0) {
      const how = mode === 'stdout' && done ? 'left out of the stream' : 'left alone';
      const hint = this.verbose ? '' : '; -v names them';
      lines.push(`${plural(unread, 'file')} that cannot be read as YAML ${how}${hint}`);
    }
    lines.push(...templateLines(remediation), ...remediation.notes);
    if (remediation.refused)
      lines.push(
        done ? 'an intent could not be applied; the rest was' : 'nothing written: an intent could not be applied',
      );
    process.stderr.write(textReport(remediation, options) + lines.map((line) => `${printable(line)}\n`).join(''));
  }
}

interface Outcome {
  readonly paths: readonly string[];
  readonly input: Input;
  readonly configFile: ReadFile | undefined;
  readonly files: readonly ReadFile[];
  readonly remediation: Remediation;
  readonly outputs: readonly OutputFile[];
  readonly isRefused: boolean;
}

function leftOut({ skipped, configs, others }: Input, mode: RewriteMode): string[] {
  const isConfig = new Set(configs.map(({ path }) => path));
  return [
    ...skipped.map(skippedLine),
    // With -o they are copied.
    ...(mode === 'tree' ? [] : others).map(
      (path) => `${path}: left out: ${isConfig.has(path) ? 'it is a config' : 'not named like a manifest'}`,
    ),
  ];
}

function flagOf(id: string): string {
  return `--${id}`;
}

function asking(config: Config): Config {
  if (config.intents.size > 0) return config;
  throw new InputError('no intent was named', {
    hint: 'name one, such as --disable-retries, or give a config by -f; meshmend remedies lists them',
  });
}

/** All documents, in the order of the input, then the new ones. */
function streamOf(remediation: Remediation): string {
  const left = new Set(unreadable(remediation));
  const texts = remediation.files.filter((file) => !left.has(file)).map(({ text }) => text);
  return joinStream(
    texts,
    remediation.emitted.map(({ text }) => text),
  );
}

/** A folder's files that are no YAML, such as Helm templates: in a stream they would spoil the rest. */
function unreadable({ files }: Remediation): Remediation['files'] {
  return files.filter(({ passed }) => passed?.isYaml === false);
}

function diffOf(outputs: readonly OutputFile[]): string {
  const text = outputs.map((output) => unifiedDiff({ ...output, path: diffPath(output.path) })).join('');
  if (!isColoured(process.stdout)) return text;
  const paint = painter(true);
  const colours: Readonly<Record<string, number>> = { '+': 32, '-': 31, '@': 36 };
  return text.replace(/^([-+@])[^\r\n]*/gm, (line, mark: string) => paint(colours[mark] as number, line));
}

function help(): Help {
  return {
    synopsis: 'rewrite [PATH…] --INTENT… [OPTION…]',
    description: `Edits manifests for the intents named, and prints them. A PATH is a file, a folder or ${stdinPath} for standard input;
without one, what is piped in is read, else the current folder. -i and -o read no standard input.`,
    values: {
      '--set': 'INTENT.PARAM=VALUE',
      '--file': 'CONFIG',
      '--exclude': 'GLOB',
      '--istio-version': 'VERSION',
      '--output': 'DIR',
      '--report': 'FILE',
    },
    groups: [
      { title: 'Intents', names: catalogue.map(({ id }) => flagOf(id)) },
      { title: 'Output, one of', names: ['--diff', '--check', '--in-place', '--output'] },
    ],
    details: parametersHelp(catalogue),
    examples: [
      ['See what would change', 'meshmend rewrite manifests/ --disable-retries --diff'],
      ['Edit in place for Istio 1.24', 'meshmend rewrite -i manifests/ --support-http10 --istio-version 1.24'],
      ['Set a parameter', 'meshmend rewrite vs.yaml --disable-retries --set disable-retries.explicit=disable'],
    ],
  };
}

/** The frontend `meshmend rewrite`. */
export function run(argv: readonly string[]): Promise<ExitCode> {
  return runCommand(RewriteCommand, help(), argv);
}
