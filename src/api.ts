// The public interface of the package, which library.ts implements. Its types are emitted for others, so it imports nothing
// but what it shows.
import type { Finding } from './finding.ts';

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
export declare function remediate(manifests: readonly Manifest[], options: RemediateOptions): Rewritten;

/**
 * Finds what is wrong in manifests. Nothing is edited; a finding with a `fix` has the `parameters` with which `remediate`
 * makes that change.
 *
 * @throws InputError for a manifest that is not YAML, or an unknown code
 */
export declare function diagnose(manifests: readonly Manifest[], options?: DiagnoseOptions): Diagnosis;
