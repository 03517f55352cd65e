import type { Finding } from '../finding.ts';
import { formatVersion, type Version } from '../mesh/version.ts';

/** The findings as a JSON document; its keys are always in the same order. */
export function jsonReport(version: Version, findings: readonly Finding[]): string {
  const document = { istioVersion: formatVersion(version), findings: findings.map(ordered) };
  return `${JSON.stringify(document, undefined, 2)}\n`;
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
