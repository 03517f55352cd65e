import type { Finding } from '../finding.ts';
import { formatVersion, type Version } from '../mesh/version.ts';

/** The findings as a JSON document; keys always stand in the same order. */
export function jsonReport(version: Version, findings: readonly Finding[]): string {
  const document = { istioVersion: formatVersion(version), findings: findings.map(ordered) };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

function ordered(finding: Finding): Finding {
  const { remedy, severity, outcome, message, resource, path, file, line, column, change, parameters, source } =
    finding;
  return {
    remedy,
    severity,
    outcome,
    message,
    ...(resource && { resource }),
    ...(path !== undefined && { path }),
    ...(file !== undefined && { file }),
    ...(line !== undefined && { line }),
    ...(column !== undefined && { column }),
    ...(change && { change }),
    ...(parameters && { parameters }),
    source,
  };
}
