import { printable } from '../errors.ts';
import type { Finding, Outcome } from '../finding.ts';
import { formatVersion } from '../mesh/version.ts';
import { plural, sentencesOf } from '../report/text.ts';
import type { Remediation } from '../run/remediate.ts';

/** How many findings are shown one by one. kustomize prints this in each build, so the rest is counted. */
export const shown = 8;

const urgency: readonly Outcome[] = ['refuse', 'advise', 'keep', 'change'];

export interface ReportOptions {
  readonly isCheck: boolean;
  /** No resources came in. */
  readonly isEmpty: boolean;
}

/** What a function did, for the people who read a build's stderr: one line, then what they should know. */
export function reportOf(title: string, remediation: Remediation, { isCheck, isEmpty }: ReportOptions): string {
  const { version, versionSource, findings } = remediation;
  const reported = findings
    .filter(({ outcome }) => !isCheck || outcome !== 'keep')
    .sort((a, b) => rank(a, isCheck) - rank(b, isCheck));
  // The routes of one resource often get the same edit: the place of each is in the results.
  const times = new Map<string, number>();
  for (const finding of reported) {
    const line = lineOf(finding, isCheck);
    times.set(line, (times.get(line) ?? 0) + 1);
  }
  const first = [...times].slice(0, shown);
  const lines = first.map(([line, count]) => `  ${printable(line)}${count > 1 ? ` (${count} times)` : ''}`);
  const left = reported.length - first.reduce((sum, [, count]) => sum + count, 0);
  if (left > 0) lines.push(`  … and ${left} more`);
  const parts = [...countsOf(remediation, isCheck), ...(isEmpty ? ['no resources came in'] : [])];
  if (remediation.refused) parts.push('an intent could not be applied, so nothing is done');
  return `meshmend: ${printable(title)}: ${parts.join(', ')}; for Istio ${formatVersion(version)} (${printable(versionSource)})\n${lines
    .map((line) => `${line}\n`)
    .join('')}`;
}

/** A check is about what would change, so that comes before what stays. */
function rank({ outcome, change }: Finding, isCheck: boolean): number {
  const isChange = outcome === 'change' && change && change.length > 0;
  return isChange && isCheck ? 0.5 : urgency.indexOf(outcome);
}

function countsOf({ findings, emitted }: Remediation, isCheck: boolean): string[] {
  const count = (outcome: Outcome): number => findings.filter((finding) => finding.outcome === outcome).length;
  const parts = [`${plural(count('change'), 'change')}${isCheck ? ' missing' : ''}`];
  if (emitted.length > 0) parts.push(plural(emitted.length, 'new resource'));
  if (count('keep') > 0) parts.push(`${count('keep')} kept`);
  if (count('advise') > 0) parts.push(`${count('advise')} with advice`);
  if (count('refuse') > 0) parts.push(`${count('refuse')} refused`);
  return parts;
}

const labels: Readonly<Record<Outcome, string>> = {
  change: 'changed',
  keep: 'kept',
  advise: 'advice',
  refuse: 'refused',
};

/** A finding on one line: what became of it, its resource, problem and code. */
export function lineOf(finding: Finding, isCheck: boolean): string {
  const { outcome, resource, code } = finding;
  const label = outcome === 'change' && isCheck ? 'missing' : labels[outcome];
  const text = `${sentencesOf(finding)} [${code}]`;
  if (!resource) return `${label}: ${text}`;
  const { kind, namespace, name } = resource;
  return `${label}: ${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}: ${text}`;
}
