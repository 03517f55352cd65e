import { Option } from 'clipanion';
import { type ExitCode, isColoured, MeshmendCommand, runCommand } from '../command/frontend.ts';
import type { Help } from '../command/help.ts';
import { packageVersion } from '../command/package-version.ts';
import { type Config, configFromFile, configFromFlags, withoutIntents } from '../config/config.ts';
import { alternatives } from '../config/parameter-values.ts';
import { unusedSettings } from '../config/repository.ts';
import { InputError, printable } from '../errors.ts';
import { findConfig } from '../files/config-file.ts';
import { type Input, type ReadFile, readInput } from '../files/input.ts';
import { readOutside } from '../files/outside.ts';
import { defaultPaths, stdinPath } from '../files/stdin.ts';
import type { Finding, Severity } from '../finding.ts';
import type { Json } from '../manifest/node.ts';
import { parseText } from '../manifest/read.ts';
import { resolvePlain } from '../manifest/scalar.ts';
import { formatVersion } from '../mesh/version.ts';
import { hintFor } from '../nearest.ts';
import { catalogue } from '../remedies/catalogue.ts';
import { diagnosisSummary, diagnosisText } from '../report/diagnosis.ts';
import { githubAnnotations } from '../report/github.ts';
import { jsonReport } from '../report/json.ts';
import { sarifLog } from '../report/sarif.ts';
import { plural } from '../report/text.ts';
import { codeFilter } from '../run/codes.ts';
import { holdsNothing, type Remediation, remediate } from '../run/remediate.ts';
import { requestFrom } from '../run/request.ts';
import { notedLines, nothingFound, skippedLine, templateLines, unusedConfigLines } from './left-out.ts';

/** What a format is made of. */
interface Shown {
  readonly input: Input;
  readonly remediation: Remediation;
  /** Those that are shown to people. */
  readonly findings: readonly Finding[];
  readonly command: (finding: Finding) => string | undefined;
}

const formats: Readonly<Record<string, (shown: Shown) => string>> = {
  text: ({ findings, command }) => diagnosisText(findings, { command, colour: isColoured(process.stdout) }),
  // Programs choose for themselves.
  json: ({ remediation }) => jsonReport(remediation.version, remediation.findings),
  sarif: ({ input, remediation, findings, command }) =>
    sarifLog(findings, {
      remedies: catalogue,
      version: packageVersion(),
      fallback: input.files[0]?.path,
      fixes: remediation.fixes,
      command,
    }),
  github: ({ findings }) => githubAnnotations(findings),
};

const ranks: Readonly<Record<Severity, number>> = { error: 3, warning: 2, info: 1 };
const thresholds = ['error', 'warning', 'info', 'never'];

class DiagnoseCommand extends MeshmendCommand {
  static override paths = [['diagnose']];
  static override usage = {};

  named = Option.Rest({ name: 'PATH' });
  format = Option.String('--format', 'text', { description: `${alternatives(Object.keys(formats))}; text by default` });
  failOn = Option.String('--fail-on', 'warning', {
    description: `exit 1 for a finding of at least this severity: ${alternatives(thresholds)}; warning by default`,
  });
  config = Option.String('-f,--file', {
    description: 'a MeshRemedies file with version, severities and files to leave out',
  });
  exclude = Option.Array('--exclude', [], {
    description: 'leave out files and folders that match this glob; may be repeated',
  });
  istioVersion = Option.String('--istio-version', {
    description: 'the version to judge for, such as 1.27; default: that of the config, else of the manifests',
  });
  select = Option.Array('--select', [], {
    description: 'report only these codes or remedies; repeat, or divide by commas',
  });
  ignore = Option.Array('--ignore', [], { description: 'leave these codes or remedies out' });
  verbose = Option.Boolean('-v,--verbose', false, {
    description: 'show findings for information too, and the files that are left out',
  });

  async run(): Promise<ExitCode> {
    const print = chosen('--format', this.format, Object.keys(formats), formats);
    chosen('--fail-on', this.failOn, thresholds, {});
    const paths = this.named.length > 0 ? this.named : defaultPaths(false);
    const file = findConfig(paths, this.config);
    const config = this.configOf(file);
    const input = readInput(paths, { config: file, exclude: config.exclude });
    const remediation = remediate([...input.files, ...readOutside(input)], {
      ...requestFrom(config, 'diagnose'),
      reports: codeFilter(this.select, this.ignore),
      fixes: this.format === 'sarif',
    });
    if (holdsNothing(remediation)) throw nothingFound(input, remediation);
    const { findings } = remediation;
    const version = config.istioVersion && formatVersion(config.istioVersion);
    process.stdout.write(
      (print as (shown: Shown) => string)({
        input,
        remediation,
        findings: shownOf(findings, this),
        command: (finding) => commandFor(finding, paths, version),
      }),
    );
    const configLines = [...unusedConfigLines(input, file), ...unusedSettings(config, { exclude: true })];
    this.printMessages(input, remediation, configLines);
    const threshold = this.failOn === 'never' ? Infinity : ranks[this.failOn as Severity];
    return findings.some(({ severity }) => ranks[severity] >= threshold) ? 1 : 0;
  }

  /** Every remedy is asked, with its defaults; the config says for which version, and how severe findings are. */
  configOf(file: ReadFile | undefined): Config {
    const flags = {
      intents: catalogue.map(({ id }) => id),
      set: [],
      istioVersion: this.istioVersion,
      exclude: this.exclude,
    };
    return configFromFlags(flags, file && withoutIntents(configFromFile(file)));
  }

  /** Speaks to people, on stderr; says nothing where there is nothing to say. */
  printMessages(input: Input, remediation: Remediation, configLines: readonly string[]): void {
    const { findings, files, version, versionSource } = remediation;
    const lines = [...configLines];
    if (!this.verbose) lines.push(...notedLines(input));
    else {
      lines.push(...input.skipped.map(skippedLine));
      for (const { file, passed } of files) if (passed) lines.push(`${file.path}: not diagnosed: ${passed.why}`);
    }
    const why = this.verbose ? '' : '; -v says why';
    const unread = files.filter(({ passed }) => passed?.isYaml === false).length;
    if (unread > 0) lines.push(`${plural(unread, 'file')} that cannot be read as YAML left out${why}`);
    lines.push(...templateLines(remediation), ...remediation.notes);
    if (findings.length > 0 || this.verbose)
      lines.push(`Istio ${formatVersion(version)} (${versionSource}): ${diagnosisSummary(findings, this.verbose)}`);
    process.stderr.write(lines.map((line) => `${printable(line)}\n`).join(''));
  }
}

/** SARIF shows what is suppressed as such, the other formats for people do not show it. */
function shownOf(findings: readonly Finding[], { format, verbose }: DiagnoseCommand): readonly Finding[] {
  const isShown = ({ severity, suppressed }: Finding): boolean =>
    suppressed === undefined ? verbose || severity !== 'info' : format === 'sarif';
  return findings.filter(isShown);
}

function chosen<T>(flag: string, name: string, names: readonly string[], among: Readonly<Record<string, T>>): T {
  if (names.includes(name)) return among[name] as T;
  throw new InputError(`${flag} must be ${alternatives(names)}, not ${name}`, { hint: hintFor(name, names) });
}

/** The command line that makes a finding's change, and no other; undefined for a finding that has none. */
function commandFor(
  { remedy, outcome, parameters = {} }: Finding,
  paths: readonly string[],
  version: string | undefined,
): string | undefined {
  if (outcome !== 'change') return undefined;
  const settings = Object.entries(parameters).map(([name, value]) => {
    const only = Array.isArray(value) && value.length === 1 ? value[0] : value;
    // As plain as it may be for YAML to read the same.
    const isPlain = typeof only === 'string' && meaningOf(only) === only;
    return ['--set', `${remedy}.${name}=${isPlain ? only : JSON.stringify(only)}`];
  });
  const words = [
    ...(paths.includes(stdinPath) ? [] : ['-i']),
    ...paths,
    `--${remedy}`,
    ...settings.flat(),
    ...(version === undefined ? [] : ['--istio-version', version]),
  ];
  return `meshmend rewrite ${words.map(shellWord).join(' ')}`;
}

/** What YAML takes a text for; a word such as names are made of needs no parser. */
function meaningOf(text: string): Json {
  return /^[\w.-]*\w$/.test(text) && !text.startsWith('-') ? resolvePlain(text) : parseText(text);
}

function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

function help(): Help {
  return {
    synopsis: 'diagnose [PATH…] [OPTION…]',
    description: `Finds all faults that the remedies know, and prints them with the command that fixes each. Nothing is written.
A PATH is a file, a folder or ${stdinPath} for standard input; without one, what is piped in is read, else the current
folder.`,
    values: {
      '--format': 'FORMAT',
      '--file': 'CONFIG',
      '--exclude': 'GLOB',
      '--fail-on': 'SEVERITY',
      '--istio-version': 'VERSION',
      '--select': 'CODE',
      '--ignore': 'CODE',
    },
    details: `Severities:
  error    Istio or Kubernetes rejects it, or it breaks traffic
  warning  it is silently ignored, or does not do what it says
  info     a choice, or what only the cluster shows; printed with -v

CODE is the code of a finding (disable-retries/rejected-retries), or a remedy for all of its codes.
A resource is left out by its annotation meshmend.dev/skip: "CODE: reason".
`,
    examples: [
      ['Look at a folder', 'meshmend diagnose manifests/'],
      ['Annotate a pull request', 'meshmend diagnose --format github --fail-on error manifests/'],
      ['What would a version say?', 'meshmend diagnose --istio-version 1.27 manifests/'],
    ],
  };
}

/** The frontend `meshmend diagnose`. */
export function run(argv: readonly string[]): Promise<ExitCode> {
  return runCommand(DiagnoseCommand, help(), argv);
}
