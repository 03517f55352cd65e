import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ArtifactLocation, Fix, Location, Log, ReportingDescriptor, Result } from 'sarif';
import type { Finding, Severity } from '../finding.ts';
import type { TextEdit } from '../manifest/splice.ts';
import { skipAnnotation } from '../mesh/skip.ts';
import type { CatalogueEntry } from '../remedies/catalogue.ts';
import { kindsOf, ownRemedy } from '../run/codes.ts';
import { skipFaults } from '../run/skip.ts';
import { jsonText } from './json.ts';
import { sentencesOf } from './text.ts';

/** What a SARIF log holds beside the findings. */
export interface SarifContext {
  readonly remedies: readonly CatalogueEntry[];
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
 * Findings as a SARIF 2.1.0 log, with the edits that fix them.
 *
 * @see https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
 */
export function sarifLog(findings: readonly Finding[], context: SarifContext): string {
  const found = new Set(findings.map(({ code }) => code));
  const rules = [...context.remedies.flatMap((remedy) => rulesOf(remedy, found)), ...ownRules()];
  const indexes = new Map(rules.map(({ id }, index) => [id, index]));
  const log: Log = {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'meshmend', version: context.version, rules } },
        columnKind: 'utf16CodeUnits',
        results: findings.map((finding) => resultOf(finding, indexes.get(finding.code) ?? -1, context)),
      },
    ],
  };
  return `${jsonText(log)}\n`;
}

/**
 * A rule for each code: what its remedy's page says of it, and the whole page for codes that are found. A log with the
 * page at every code takes a megabyte.
 */
function rulesOf(remedy: CatalogueEntry, found: ReadonlySet<string>): ReportingDescriptor[] {
  const { id, title, summary, source, findings, symptom, cause, change, versions, caution, check } = remedy;
  const page = [symptom, cause, change, versions, caution, check];
  return Object.entries(kindsOf(remedy)).map(([fault, { severity }]) => ({
    id: `${id}/${fault}`,
    shortDescription: { text: title },
    fullDescription: { text: summary },
    help: helpOf([findings[fault] ?? [summary], found.has(`${id}/${fault}`) ? page : []].flat(2)),
    helpUri: source,
    defaultConfiguration: { level: levels[severity] },
  }));
}

function helpOf(paragraphs: readonly string[]): ReportingDescriptor['help'] {
  const text = paragraphs.join('\n\n');
  return { text, markdown: text };
}

/** Rules for what is addressed to meshmend itself. */
function ownRules(): ReportingDescriptor[] {
  return Object.entries(skipFaults.kinds).map(([fault, { severity }]) => ({
    id: `${ownRemedy}/${fault}`,
    shortDescription: { text: `The annotation ${skipAnnotation} does not do what it says` },
    defaultConfiguration: { level: levels[severity] },
  }));
}

function resultOf(finding: Finding, ruleIndex: number, context: SarifContext): Result {
  const { code, severity, suppressed } = finding;
  const command = context.command(finding);
  const edits = context.fixes.get(finding);
  return {
    ruleId: code,
    ruleIndex,
    level: levels[severity],
    message: { text: command === undefined ? sentencesOf(finding) : `${sentencesOf(finding)}. Run: ${command}` },
    ...(suppressed !== undefined && { suppressions: [{ kind: 'inSource' as const, justification: suppressed }] }),
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
