import type { Outcome, Severity } from '../finding.ts';
import type { Resource } from '../mesh/resource.ts';
import type { ResourcePlace } from '../step.ts';

/** When a fault is reported: always; one line for the whole mesh while nobody asked; or only in one of the two modes. */
export type Reported = 'always' | 'folded' | 'when asked' | 'when diagnosing';

/**
 * What all faults of one code have in common. `D` is what a fault of that code carries: what its message names, and what
 * its fix needs.
 */
export interface FaultKind<D> {
  readonly severity: Severity;
  readonly reported: Reported;
  /** What becomes of the fault where the remedy has no fix for its code. */
  readonly outcome: Outcome;
  /** The problem, in one plain sentence without its final stop; what only people can do may follow as a second one. */
  readonly message: (data: D) => string;
}

/** A message that names nothing of the fault may be plain text; the type argument says what the fault carries all the same. */
interface KindOf {
  (message: string): FaultKind<undefined>;
  <D>(message: string | ((data: D) => string)): FaultKind<D>;
}

function kindOf(severity: Severity, reported: Reported, outcome: Outcome): KindOf {
  return <D>(message: string | ((data: D) => string)): FaultKind<D> => ({
    severity,
    reported,
    outcome,
    message: typeof message === 'string' ? () => message : message,
  });
}

/** Istio or Kubernetes rejects it, or it breaks traffic. */
export const error = kindOf('error', 'always', 'advise');

/** It is silently ignored, or does not do what it says. */
export const warning = kindOf('warning', 'always', 'advise');

/** Worth knowing, whether asked for or not. */
export const info = kindOf('info', 'always', 'advise');

/** Something that one may want otherwise: fixed when the remedy is asked for, else one line for the whole mesh. */
export const choice = kindOf('info', 'folded', 'advise');

/** Why something that the user asked to change stays as it is; nothing to report to others. */
export const note = kindOf('info', 'when asked', 'keep');

/** What the input does not show of something that the user asked for; the message says what people can do. */
export const unsure = kindOf('info', 'when asked', 'advise');

/** What stays undone of what the user asked for, and people should do. */
export const caveat = kindOf('warning', 'when asked', 'advise');

/** Why what the user asked for cannot be done. */
export const refusal = kindOf('error', 'when asked', 'refuse');

/** What to look at, for those who only diagnose: what only the cluster can tell. */
export const hint = kindOf('info', 'when diagnosing', 'advise');

/** Where a fault is, and what makes this one different from others of its code. */
export interface Where extends ResourcePlace {
  /** The resource that `namespaces` and `names` narrow by, if another than that of the place; `null` for the whole mesh. */
  readonly narrowedBy?: Resource | null;
  /** Other resources that the fix needs: each of them may ask to be left alone, and then nothing is done. */
  readonly involves?: readonly Resource[];
  /** Overrides that of the kind. */
  readonly severity?: Severity;
  /** Overrides that of the kind, where one of the two modes has no use for this fault. */
  readonly reported?: Reported;
  /** Overrides the remedy's own source. */
  readonly source?: string;
}

/** A fault that a remedy found. */
export interface Fault<C extends string = string, D = unknown> extends Where {
  readonly code: C;
  readonly data: D;
}

export type FaultKinds = { readonly [code: string]: FaultKind<never> };

/** `unknown` for a table that is not known exactly. */
type DataOf<K> = K extends FaultKind<infer D> ? ([D] extends [never] ? unknown : D) : never;

/** Any fault of a table. */
export type FaultOf<K extends FaultKinds, C extends keyof K = keyof K> = {
  [Code in C & string]: Fault<Code, DataOf<K[Code]>>;
}[C & string];

/** Makes the faults of a table's codes. */
export interface FaultMaker<K extends FaultKinds> {
  readonly kinds: K;
  <C extends keyof K & string>(
    code: C,
    where: Where,
    ...data: DataOf<K[C]> extends undefined ? [] : [DataOf<K[C]>]
  ): Fault<C, DataOf<K[C]>>;
}

/**
 * The codes of a remedy, each with its severity and its message. A code is stable for ever: it is the SARIF rule id, and
 * what `--select`, `--ignore` and the skip annotation take, after the remedy's id (`strict-circuit-breaking/unlimited-queue`).
 */
export function defineFaults<const K extends FaultKinds>(kinds: K): FaultMaker<K> {
  const make = (code: string, where: Where, data?: unknown): Fault => ({ ...where, code, data });
  return Object.assign(make, { kinds }) as unknown as FaultMaker<K>;
}
