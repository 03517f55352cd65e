import { formatPlace, printable } from '../errors.ts';
import type { Finding, Outcome } from '../finding.ts';
import { groupBy } from '../group-by.ts';
import { formatVersion } from '../mesh/version.ts';
import type { RemediatedFile, Remediation } from '../run/remediate.ts';

export interface TextOptions {
  /** What became of the changes: made, or only found. */
  readonly done: boolean;
  readonly verbose: boolean;
  readonly colour: boolean;
}

/** How many findings of one remedy are shown before the rest is only counted. */
const shown = 20;

const labels: Readonly<Record<Outcome, string>> = {
  change: 'changed',
  keep: 'kept',
  advise: 'advice',
  refuse: 'refused',
};
const colours: Readonly<Record<Outcome, number>> = { change: 32, keep: 36, advise: 33, refuse: 31 };

/** What a run did, for people: version, then findings by remedy, then a summary. */
export function textReport(remediation: Remediation, options: TextOptions): string {
  const { version, versionSource, findings, files } = remediation;
  const paint = painter(options.colour);
  const lines = [`Istio ${formatVersion(version)} (${printable(versionSource)})`];
  for (const [remedy, found] of groupBy(findings, ({ remedy }) => remedy)) {
    lines.push(paint(1, remedy));
    const limit = options.verbose ? found.length : shown;
    for (const finding of byUrgency(found).slice(0, limit)) lines.push(`  ${findingLine(finding, options, paint)}`);
    if (found.length > limit) lines.push(`  … and ${found.length - limit} more; -v lists all`);
  }
  if (options.verbose) lines.push(...passedLines(files));
  lines.push(summary(remediation, options));
  return `${lines.join('\n')}\n`;
}

function findingLine(finding: Finding, { done }: TextOptions, paint: Paint): string {
  const { outcome, resource, file, line, column, code } = finding;
  const place = { ...(line !== undefined && { line }), ...(column !== undefined && { column }) };
  const where = file === undefined ? '' : `${formatPlace({ file, ...place })}: `;
  const label = outcome === 'change' && !done ? 'would change' : labels[outcome];
  // Values of a chart have no kind.
  const subject = resource?.kind
    ? `${resource.kind} ${resource.namespace ? `${resource.namespace}/` : ''}${resource.name}: `
    : '';
  return `${where}${paint(colours[outcome], label)}: ${printable(subject + sentencesOf(finding))} [${code}]`;
}

/** Refusals first, so that a bound on the length never hides why a run failed. */
function byUrgency(findings: readonly Finding[]): readonly Finding[] {
  const refused = findings.filter(({ outcome }) => outcome === 'refuse');
  return refused.length === 0 ? findings : [...refused, ...findings.filter(({ outcome }) => outcome !== 'refuse')];
}

function passedLines(files: readonly RemediatedFile[]): string[] {
  return files.flatMap(({ file, passed }) =>
    passed ? [`${printable(file.path)}: passed through: ${printable(passed.why)}`] : [],
  );
}

function summary({ findings, files, emitted }: Remediation, { done }: TextOptions): string {
  const count = (outcome: Outcome): number => findings.filter((finding) => finding.outcome === outcome).length;
  const changedFiles = files.filter(({ edits }) => edits.length > 0).length;
  const parts = [
    `${plural(count('change'), 'change')} ${done ? 'made' : 'to make'} in ${plural(changedFiles, 'file')} of ${files.length}`,
  ];
  if (emitted.length > 0) parts.push(plural(emitted.length, 'new resource'));
  if (count('keep') > 0) parts.push(`${count('keep')} kept as is`);
  if (count('advise') > 0) parts.push(`${count('advise')} with advice`);
  if (count('refuse') > 0) parts.push(`${count('refuse')} refused`);
  return parts.join(', ');
}

/** The problem, and what is done about it. */
export function sentencesOf({ message, fix }: Finding): string {
  return fix === undefined ? message : `${message}. Fix: ${fix}`;
}

/** `1 change`, `2 changes`. */
export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

export type Paint = (code: number, text: string) => string;

/** Wraps text in ANSI colours, or leaves it. */
export function painter(colour: boolean): Paint {
  return (code, text) => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);
}
