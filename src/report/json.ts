import type { Finding } from '../finding.ts';
import { formatVersion, type Version } from '../mesh/version.ts';

/** The findings as a JSON document; its keys are always in the same order. */
export function jsonReport(version: Version, findings: readonly Finding[]): string {
  const document = { istioVersion: formatVersion(version), findings: findings.map(ordered) };
  return `${jsonText(document)}\n`;
}

/** What JSON leaves as it is and a terminal obeys, and commands that runners of CI find anywhere in a line. */
const obeyed = /[\u007f-\u009f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]|#(?=#\[|#vso\[)/gi;

/** A value as JSON that may be printed into a log: it means the same to programs. */
export function jsonText(value: unknown): string {
  return JSON.stringify(value, undefined, 2).replace(
    obeyed,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function ordered(finding: Finding): Finding {
  const { code, remedy, severity, outcome, message, fix, resource, path } = finding;
  const { file, line, column, change, parameters, suppressed, source } = finding;
  return {
    code,
    remedy,
    severity,
    outcome,
    message,
    ...(fix !== undefined && { fix }),
    ...(resource && { resource }),
    ...(path !== undefined && { path }),
    ...(file !== undefined && { file }),
    ...(line !== undefined && { line }),
    ...(column !== undefined && { column }),
    ...(change && { change }),
    ...(parameters && { parameters }),
    ...(suppressed !== undefined && { suppressed }),
    source,
  };
}
