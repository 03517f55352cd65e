import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ArtifactLocation, Fix, Location, Log, ReportingDescriptor, Result } from 'sarif';
import type { Finding, Severity } from '../finding.ts';
import type { TextEdit } from '../manifest/splice.ts';
import type { Remedy } from '../remedies/remedy.ts';

/** What a SARIF log holds beside the findings. */
export interface SarifContext {
  readonly remedies: readonly Remedy[];
  /** Of meshmend. */
  readonly version: string;
  /** Where a finding without a place is shown, since viewers show none without; the first file of the input. */
  readonly fallback: string | undefined;
  /** Offsets are UTF-16 code units of the file's text. */
  readonly fixes: ReadonlyMap<Finding, readonly TextEdit[]>;
  readonly command: (finding: Finding) => string | undefined;
}

const levels: Readonly<Record<Severity, Result.level>> = { error: 'error', warning: 'warning', info: 'note' };

/**
 * Findings as a SARIF 2.1.0 log, with the edits that mend them.
 *
 * @see https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
 */
export function sarifLog(findings: readonly Finding[], context: SarifContext): string {
  const rules = new Map(context.remedies.map((remedy, index) => [remedy.id, index]));
  const log: Log = {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: { name: 'meshmend', version: context.version, rules: context.remedies.map(ruleOf) },
        },
        columnKind: 'utf16CodeUnits',
        results: findings.map((finding) => resultOf(finding, rules.get(finding.remedy) ?? -1, context)),
      },
    ],
  };
  return `${JSON.stringify(log, undefined, 2)}\n`;
}

function ruleOf({ id, title, summary, source, explanation }: Remedy): ReportingDescriptor {
  const { symptom, cause, change, versions, caution, check } = explanation;
  const parts = [symptom, cause, change, versions, caution, check];
  return {
    id,
    shortDescription: { text: title },
    fullDescription: { text: summary },
    help: { text: parts.join('\n\n'), markdown: parts.join('\n\n') },
    helpUri: source,
    defaultConfiguration: { level: 'warning' },
  };
}

function resultOf(finding: Finding, ruleIndex: number, context: SarifContext): Result {
  const { remedy, severity, message } = finding;
  const command = context.command(finding);
  const edits = context.fixes.get(finding);
  return {
    ruleId: remedy,
    ruleIndex,
    level: levels[severity],
    message: { text: command === undefined ? message : `${message}. Mend it by: ${command}` },
    locations: locationsOf(finding, context.fallback),
    ...(edits && finding.file !== undefined && { fixes: [fixOf(finding.file, edits)] }),
  };
}

function locationsOf({ file, line, column, resource }: Finding, fallback: string | undefined): Location[] {
  const shown = file ?? fallback;
  if (shown === undefined) return [];
  const region = line === undefined ? {} : { region: { startLine: line, startColumn: column ?? 1 } };
  const name = resource && [resource.kind, ...(resource.namespace ? [resource.namespace] : []), resource.name];
  return [
    {
      physicalLocation: { artifactLocation: artifactOf(shown), ...region },
      ...(name && { logicalLocations: [{ fullyQualifiedName: name.join('/'), kind: 'resource' }] }),
    },
  ];
}

function fixOf(file: string, edits: readonly TextEdit[]): Fix {
  const replacements = edits.map(({ start, end, text }) => ({
    deletedRegion: { charOffset: start, charLength: end - start },
    ...(text !== '' && { insertedContent: { text } }),
  }));
  return {
    description: { text: 'What meshmend rewrite would do' },
    artifactChanges: [{ artifactLocation: artifactOf(file), replacements }],
  };
}

/** A relative path stays relative: to the folder in which the command ran. */
function artifactOf(file: string): ArtifactLocation {
  const uri = isAbsolute(file) ? pathToFileURL(file).href : encodeURI(file).replace(/[?#]/g, encodeURIComponent);
  return { uri };
}
