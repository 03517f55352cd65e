import type { Mesh } from '../mesh/mesh.ts';
import type { Version } from '../mesh/version.ts';
import type { Step } from '../step.ts';
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
  /** Page or code that the remedy's rules come from. */
  readonly source: string;
  readonly parameters: P;
  readonly faults: FaultMaker<K>;
  find(target: Target<P>): Iterable<FaultOf<K>>;
  readonly fix?: { readonly [C in keyof K & string]?: Fixer<FaultOf<K, C>, P> };
}

/** Infers the types of parameters and faults from their declarations, so that a remedy states them once. */
export function defineRemedy<const P extends Parameters, K extends FaultKinds>(remedy: Remedy<P, K>): Remedy<P, K> {
  return remedy;
}
