// `import { diagnose, remediate } from 'meshmend'`: the pipeline, without process and files.
import { configApiVersion, configFromValue, configKind, intentsOf } from './config/config.ts';
import type { Finding } from './finding.ts';
import type { Json } from './manifest/node.ts';
import { formatVersion } from './mesh/version.ts';
import { remedies } from './remedies/index.ts';
import { codeFilter } from './run/codes.ts';
import { type InputFile, type Remediation, remediate as run } from './run/remediate.ts';

export { InputError, type Place } from './errors.ts';
export type { Change, Finding, Outcome, ResourceRef, Severity } from './finding.ts';

/** One YAML or JSON text with any number of documents. */
export interface Manifest {
  /** How findings and errors name the text; no such file is read. */
  readonly path: string;
  readonly text: string;
}

/** Parameters by remedy id: `{'disable-retries': {explicit: 'disable'}}`; `true` or `{}` for the defaults, `false` for off. */
export type Intents = Readonly<Record<string, boolean | Readonly<Record<string, unknown>>>>;

export interface RemediateOptions {
  readonly intents: Intents;
  /** Such as `1.27` or `1.27.1`; default: what the manifests say, else the newest version that meshmend knows. */
  readonly istioVersion?: string;
}

export interface DiagnoseOptions {
  readonly istioVersion?: string;
  /** Codes or remedies; default: all. */
  readonly select?: readonly string[];
  readonly ignore?: readonly string[];
}

export interface Diagnosis {
  /** The version whose rules hold. */
  readonly istioVersion: string;
  /** In order of file, line, column, remedy. */
  readonly findings: readonly Finding[];
}

export interface Rewritten extends Diagnosis {
  /** The manifests given, in order, each with the text after the edits; every byte outside of them is as it was. */
  readonly manifests: readonly Manifest[];
  /** New documents: YAML that ends with a line break, without `---`. */
  readonly emitted: readonly string[];
  /** True when an intent could not be applied: a caller should then write nothing. */
  readonly refused: boolean;
}

/**
 * Edits manifests for intents, byte for byte, and emits the resources that are missing.
 *
 * @throws InputError for a manifest that is not YAML, an unknown remedy or parameter, or a value that is out of range
 */
export function remediate(manifests: readonly Manifest[], { intents, istioVersion }: RemediateOptions): Rewritten {
  const asked = Object.entries(intents).filter(([, parameters]) => parameters !== false);
  const values = asked.map(([id, parameters]) => [id, parameters === true ? {} : parameters]);
  const config = configFrom(Object.fromEntries(values), istioVersion);
  const remediation = run(filesOf(manifests), { mode: 'rewrite', ...requestFrom(config) });
  return {
    ...diagnosisOf(remediation),
    manifests: remediation.files.map(({ file: { path }, text }) => ({ path, text })),
    emitted: remediation.emitted.map(({ text }) => text),
    refused: remediation.refused,
  };
}

/**
 * Finds what is wrong in manifests. Nothing is edited; a finding with a `fix` has the `parameters` with which `remediate`
 * makes that change.
 *
 * @throws InputError for a manifest that is not YAML, or an unknown code
 */
export function diagnose(manifests: readonly Manifest[], options: DiagnoseOptions = {}): Diagnosis {
  const { istioVersion, select = [], ignore = [] } = options;
  const config = configFrom(Object.fromEntries(remedies.map(({ id }) => [id, {}])), istioVersion);
  const reports = codeFilter(select, ignore);
  return diagnosisOf(run(filesOf(manifests), { mode: 'diagnose', reports, ...requestFrom(config) }));
}

function configFrom(intents: Readonly<Record<string, unknown>>, istioVersion: string | undefined) {
  const spec = { intents, ...(istioVersion !== undefined && { istioVersion }) };
  return configFromValue({ apiVersion: configApiVersion, kind: configKind, spec: spec as Json });
}

function requestFrom(config: ReturnType<typeof configFromValue>) {
  const { istioVersion } = config;
  return { intents: intentsOf(config), ...(istioVersion && { istioVersion, istioVersionSource: 'istioVersion' }) };
}

function filesOf(manifests: readonly Manifest[]): InputFile[] {
  return manifests.map(({ path, text }) => ({ path, text, named: true }));
}

function diagnosisOf({ version, findings }: Remediation): Diagnosis {
  return { istioVersion: formatVersion(version), findings };
}
