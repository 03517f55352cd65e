import { printableLines } from '../errors.ts';
import type { Finding, Severity } from '../finding.ts';
import { sentencesOf } from './text.ts';

const commands: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', info: 'notice' };

/**
 * Findings as workflow commands, which GitHub Actions shows beside the lines of a change.
 *
 * @see https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions
 */
export function githubAnnotations(findings: readonly Finding[]): string {
  return findings.map(annotation).join('');
}

function annotation(finding: Finding): string {
  const { severity, code, resource, file, line, column } = finding;
  const properties = [
    ...(file === undefined ? [] : [`file=${property(file)}`]),
    ...(line === undefined ? [] : [`line=${line}`]),
    ...(column === undefined ? [] : [`col=${column}`]),
    `title=${property(code)}`,
  ];
  const subject = resource ? `${resource.kind} ${resource.name}: ` : '';
  return `::${commands[severity]} ${properties.join(',')}::${data(printableLines(subject + sentencesOf(finding)).join('\n'))}\n`;
}

/** Escapes what would end a command, as the runner's own toolkit does. */
function data(text: string): string {
  return text.replace(/%/g, '%25').replace(/\r/g, '%0D').replace(/\n/g, '%0A');
}

function property(text: string): string {
  return data(printableLines(text).join('\n')).replace(/:/g, '%3A').replace(/,/g, '%2C');
}
