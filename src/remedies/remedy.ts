import type { Outcome, Severity } from '../finding.ts';
import type { JsonObject } from '../manifest/node.ts';
import type { Mesh } from '../mesh/mesh.ts';
import type { Resource } from '../mesh/resource.ts';
import type { Version } from '../mesh/version.ts';
import type { Emission, Patch, Step } from '../step.ts';
import type { FaultKinds, FaultMaker, FaultOf } from './fault.ts';
import type { Parameters, ParameterValues } from './parameter.ts';

/** What a remedy looks at. */
export interface Target<P extends Parameters = Parameters> {
  readonly mesh: Mesh;
  /** The Istio version whose rules hold. */
  readonly version: Version;
  /** Of this remedy, defaults filled in. */
  readonly parameters: ParameterValues<P>;
}

/**
 * What `meshmend explain` says of a remedy, and of the symptoms that lead to it. Each text is one to four sentences
 * in plain words, with their full stops; code stands between backticks.
 */
export interface Explanation {
  /**
   * What people see and would type: status codes (`431`), response flags (`UF,URX`), pod states, error texts, names of
   * fields and labels, words of the FAQ (`lowercase`). Compared without case; the more of them a question has, the better.
   */
  readonly symptoms: readonly string[];
  /** What is seen, and where. */
  readonly symptom: string;
  readonly cause: string;
  /** What meshmend changes, by default and by its main parameters. */
  readonly change: string;
  /** Since which Istio it is different, and how. */
  readonly versions: string;
  /** When not to do this, and what it costs. */
  readonly caution: string;
  /** How to see in a running mesh that it worked: commands or requests. */
  readonly check: string;
}

/** What becomes of a fault; several steps when it takes several edits, none when its kind says all. */
export type Fixed = Step | Iterable<Step> | undefined;

/** Method syntax, so that a remedy with narrower parameters and faults is still a `Remedy`. */
type Fixer<F, P extends Parameters> = { fix(fault: F, target: Target<P>): Fixed }['fix'];

/**
 * One intent: what a user asks for, and the knowledge of how a mesh does it.
 *
 * `find` is pure: no input or output, no clock, no mutation of what it is given. It finds all faults, whether anybody asked
 * for the remedy or not; the pipeline narrows them to what the user selected, leaves out what a resource's annotation
 * skips, and folds choices into one line. `fix` says by code what `rewrite` does about a fault.
 */
export interface Remedy<P extends Parameters = Parameters, K extends FaultKinds = FaultKinds> {
  readonly id: string;
  /** What the remedy is for, as a heading: "Requests by HTTP/1.0 get 426". */
  readonly title: string;
  /** What it does, one sentence in the imperative without its full stop, for `--help` and the tables. */
  readonly summary: string;
  /** The FAQ's page, as its title; empty beyond the FAQ. */
  readonly faq: string;
  /** Page or code that the remedy's rules come from. */
  readonly source: string;
  readonly explanation: Explanation;
  readonly parameters: P;
  readonly faults?: FaultMaker<K>;
  find?(target: Target<P>): Iterable<FaultOf<K>>;
  readonly fix?: { readonly [C in keyof K & string]?: Fixer<FaultOf<K, C>, P> };
  /** The form of remedies that are not converted yet. */
  plan?(mesh: Mesh, parameters: ParameterValues<P>, target: LegacyTarget): Iterable<LegacyStep>;
}

export interface LegacyTarget {
  readonly version: Version;
  readonly requested: boolean;
}

export interface LegacyStep {
  readonly severity: Severity;
  readonly outcome: Outcome;
  readonly message: string;
  readonly resource?: Resource;
  readonly path?: string;
  readonly source?: string;
  readonly patch?: Patch;
  readonly isPart?: boolean;
  readonly emit?: Emission;
  readonly parameters?: JsonObject;
}

/** Infers the types of parameters and faults from their declarations, so that a remedy states them once. */
export function defineRemedy<const P extends Parameters, K extends FaultKinds>(remedy: Remedy<P, K>): Remedy<P, K> {
  return remedy;
}
