import { formatPlace, printable } from '../errors.ts';
import type { Finding, Severity } from '../finding.ts';
import { groupBy } from '../group-by.ts';
import { type Paint, painter, plural, sentencesOf } from './text.ts';

export interface DiagnosisOptions {
  /** The command that fixes a finding; undefined when only its reader can. */
  readonly command: (finding: Finding) => string | undefined;
  readonly colour: boolean;
}

const colours: Readonly<Record<Severity, number>> = { error: 31, warning: 33, info: 36 };

/** Findings for people, by resource: where, what and why, and the command that fixes it. */
export function diagnosisText(findings: readonly Finding[], { command, colour }: DiagnosisOptions): string {
  const paint = painter(colour);
  const blocks = [...bySubject(findings)].map(([subject, found]) => {
    const items = found.map((finding) => ({ finding, way: wayOut(finding, command(finding)) }));
    const lines = items.flatMap(({ finding, way }, index) => {
      const line = findingLine(finding, paint);
      return items[index + 1]?.way === way ? [line] : [line, way];
    });
    return `${[paint(1, printable(subject)), ...lines].join('\n')}\n`;
  });
  return blocks.join('\n');
}

function findingLine(finding: Finding, paint: Paint): string {
  const { severity, code, file, line, column } = finding;
  const place = { ...(line !== undefined && { line }), ...(column !== undefined && { column }) };
  const where = file === undefined ? '' : `${formatPlace({ file, ...place })}: `;
  return `  ${where}${paint(colours[severity], severity)}: ${printable(sentencesOf(finding))} [${code}]`;
}

/** What to do about a finding; printed once below those that share it. */
function wayOut({ remedy }: Finding, command: string | undefined): string {
  return command === undefined ? `    read: meshmend explain ${remedy}` : `    run:  ${printable(command)}`;
}

/** What the findings come to, in one line. */
export function diagnosisSummary(findings: readonly Finding[], isVerbose: boolean): string {
  const count = (severity: Severity): number =>
    findings.filter((finding) => finding.severity === severity && finding.suppressed === undefined).length;
  const parts = [plural(count('error'), 'error'), plural(count('warning'), 'warning')];
  const choices = count('info');
  if (choices > 0) parts.push(isVerbose ? `${choices} for information` : `${choices} for information (-v shows them)`);
  return parts.join(', ');
}

/** Groups findings by resource, in the order of their first finding; those of the whole mesh come last. */
function bySubject(findings: readonly Finding[]): Map<string, Finding[]> {
  const ofMesh = findings.filter(({ resource }) => !resource);
  return groupBy([...findings.filter(({ resource }) => resource), ...ofMesh], ({ resource }) => {
    if (!resource) return 'The mesh as a whole';
    return `${resource.kind} ${resource.namespace ? `${resource.namespace}/` : ''}${resource.name}`;
  });
}
