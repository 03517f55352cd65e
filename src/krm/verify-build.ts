import { isatty } from 'node:tty';
import { Option } from 'clipanion';
import { type ExitCode, MeshmendCommand, runCommand } from '../command/frontend.ts';
import type { Help } from '../command/help.ts';
import { configApiVersion, configKind } from '../config/config.ts';
import { InputError, printable } from '../errors.ts';
import { readInput } from '../files/input.ts';
import { stdinPath } from '../files/stdin.ts';
import type { Finding } from '../finding.ts';
import type { Document } from '../manifest/node.ts';
import { readDocuments } from '../manifest/read.ts';
import { type Resource, resourcesOf } from '../mesh/resource.ts';
import { plural } from '../report/text.ts';
import { remediate } from '../run/remediate.ts';
import { requestFrom } from '../run/request.ts';
import { type BuildFunction, functionsOf, nameOfFunction } from './kustomization.ts';
import { marksOf } from './mark.ts';
import { misfitsOf } from './renamed.ts';
import { lineOf, shown } from './report.ts';

/** A build's output, read. */
interface Build {
  readonly text: string;
  readonly documents: readonly Document[];
}

class VerifyBuildCommand extends MeshmendCommand {
  static override paths = [['verify-build']];
  static override usage = {};

  folder = Option.String({ name: 'FOLDER', required: false });
  print = Option.Boolean('--print', false, { description: 'print the build when it holds, for use in a pipe' });

  async run(): Promise<ExitCode> {
    const folder = this.folder ?? '.';
    const { functions, unread, sources } = functionsOf(folder);
    const isTerminal = isatty(0);
    const text = isTerminal ? '' : readInput([stdinPath]).files[0]!.text;
    const build = { text, documents: readDocuments({ path: 'the build', text }) };
    if (functions.length === 0 && configsIn(build).length === 0)
      throw new InputError('this kustomization names no function of meshmend', { place: { file: folder } });
    if (isTerminal) throw new InputError('standard input is a terminal', { hint: 'pipe a kustomize build into this' });
    const faults = faultsOf(build, functions, sources);
    const notes = [
      ...unread.map((entry) => `not looked into: ${entry}`),
      ...functions
        .filter(isUnprovable)
        .map((one) => `${nameOfFunction(one)} is listed in a base: whether it ran is not known`),
    ];
    const summary =
      faults.length === 0 ? [`the build is as ${plural(functions.length, 'function')} of meshmend would have it`] : [];
    process.stderr.write([...notes, ...faults, ...summary].map((line) => `meshmend: ${printable(line)}\n`).join(''));
    if (this.print && faults.length === 0) process.stdout.write(text);
    return faults.length === 0 ? 0 : 1;
  }
}

/**
 * Says what is wrong with a build: which of its functions did not run, ran in vain, or are listed where they do harm.
 *
 * @returns lines for people; those of the findings of a function follow its own
 */
export function faultsOf(
  build: Build,
  functions: readonly BuildFunction[],
  sources: readonly Resource[] = [],
): string[] {
  const faults: string[] = [];
  const resources = build.documents.flatMap(resourcesOf);
  if (resources.length === 0) faults.push('the build holds no resources');
  for (const name of configsIn(build))
    faults.push(`${name} is in the build, where it edits nothing: list it under transformers, not resources`);
  const marked = new Set(sources.flatMap(({ value }) => marksOf(value)));
  const marks = new Set(resources.flatMap(({ value }) => marksOf(value)).filter((mark) => !marked.has(mark)));
  for (const one of functions) {
    const twin = functions.find((other) => other !== one && other.name === one.name && isRewrite(other));
    if (isRewrite(one) && twin && functions.indexOf(one) < functions.indexOf(twin))
      faults.push(`${nameOfFunction(one)} and ${nameOfFunction(twin)} have the same name: rename one`);
    const [fault, ...findings] = resources.length > 0 ? faultOf(one, { marks, marked, build }) : misplacement(one);
    if (fault !== undefined) faults.push(`${nameOfFunction(one)} ${fault}`, ...findings);
    const misfits = isRewrite(one) ? misfitsOf(one, { build: resources, sources }) : [];
    if (misfits.length > 0)
      faults.push(
        `${nameOfFunction(one)} ran before its resources were renamed: list it where the whole is built`,
        ...misfits.map((line) => `  ${line}`),
      );
  }
  return faults;
}

function isRewrite({ role, config }: BuildFunction): boolean {
  return role !== 'validator' && config.mode !== 'check';
}

/** A validator leaves no mark, and what it saw in a base is not in our hands. */
function isUnprovable({ role, isOfBase }: BuildFunction): boolean {
  return role === 'validator' && isOfBase;
}

/** The names of configs that a build holds as if they were resources. */
function configsIn({ documents }: Pick<Build, 'documents'>): string[] {
  return documents
    .flatMap(resourcesOf)
    .filter(({ kind, apiVersion }) => kind === configKind && apiVersion === configApiVersion)
    .map(({ kind, name }) => `${kind} ${name}`);
}

/** What is wrong with one function, then the findings that show it; nothing when all is well. */
function faultOf(
  one: BuildFunction,
  { marks, marked, build }: { marks: ReadonlySet<string>; marked: ReadonlySet<string>; build: Build },
): readonly string[] {
  const misplaced = misplacement(one);
  if (misplaced.length > 0 || isUnprovable(one)) return misplaced;
  // A mark shows that a function ran, not that its work is still there; a validator, or one with nothing to do, leaves none.
  const missing = missingIn(build, one);
  if (missing.length === 0) return [];
  const count = plural(missing.length, one.role === 'validator' ? 'fault' : 'change');
  return [faultText(one, count, { marks, marked }), ...linesOf(missing)];
}

function faultText(
  one: BuildFunction,
  count: string,
  { marks, marked }: { marks: ReadonlySet<string>; marked: ReadonlySet<string> },
): string {
  const flags = 'build with --enable-alpha-plugins --enable-exec; kubectl runs container functions only';
  if (one.role === 'validator') return `was skipped, or failed: the build has ${count}; ${flags}`;
  if (isRewrite(one) && marks.has(one.name))
    return `ran, but the build lacks ${count}: what comes after it adds, renames or moves resources, or undoes its edits; list it where the whole is built`;
  if (marked.has(one.name))
    return `was skipped: its mark is from the sources, which have it already, and the build lacks ${count}; ${flags}`;
  if (one.isOfBase)
    return `left no mark: it was skipped, or had nothing to do in its base, and what came later lacks ${count}; ${flags}, or list it where the whole is built`;
  return `was skipped: its mark and ${count} are missing; ${flags}`;
}

function linesOf(missing: readonly Finding[]): string[] {
  const lines = missing.slice(0, shown).map((finding) => `  ${lineOf(finding, true)}`);
  return missing.length > shown ? [...lines, `  … and ${missing.length - shown} more`] : lines;
}

function misplacement({ role, config }: BuildFunction): readonly string[] {
  if (role === 'validator' && config.mode !== 'check') return ['is listed under validators without mode: check'];
  if (role === 'validator' || config.mode !== 'check') return [];
  return ['has mode: check, where its empty answer deletes every resource: list it under validators'];
}

/** What a function would still change in a build. */
function missingIn({ text, documents }: Build, { config }: BuildFunction): Finding[] {
  const file = { path: 'the build', text, named: true, documents };
  const { findings } = remediate([file], requestFrom(config, 'rewrite'));
  return findings.filter(({ outcome, change }) => outcome === 'refuse' || (change && change.length > 0));
}

const help: Help = {
  synopsis: 'verify-build [FOLDER] [--print] < BUILD',
  description: `Says whether the functions of a kustomization did run in its build. Without --enable-exec, and in kubectl,
kustomize skips exec functions and says nothing. FOLDER is the kustomization's, the current one by default.`,
  examples: [
    ['Check a build in CI', 'kustomize build --enable-alpha-plugins --enable-exec app | meshmend verify-build app'],
    [
      'Apply only a build whose functions ran',
      'kustomize build … app | meshmend verify-build app --print | kubectl apply -f -',
    ],
  ],
  details: `A function leaves its name in the annotation meshmend.dev/applied of one resource of the build: the first that
it adds, else the first that it changes. Each function is planned again on the build, marked or not: what it would still
change is lacking, such as where a later prefix or namespace renames what it added. A config that is itself in the build is
a fault, too.
`,
};

/** The frontend `meshmend verify-build`. */
export function run(argv: readonly string[]): Promise<ExitCode> {
  return runCommand(VerifyBuildCommand, help, argv);
}
