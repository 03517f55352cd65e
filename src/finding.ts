import type { Json, JsonObject } from './manifest/node.ts';

/**
 * - `error`: Istio or Kubernetes rejects it, or it breaks traffic
 * - `warning`: it is silently ignored, or does not do what it says
 * - `info`: a choice that one may want otherwise, or what only the cluster shows
 */
export type Severity = 'error' | 'warning' | 'info';

/**
 * What became of the fault that a finding reports:
 * - `change`: an edit or a new resource fixes it
 * - `keep`: left as it is on purpose, and the message says why
 * - `advise`: nothing that meshmend may edit; the message says what to do
 * - `refuse`: the intent cannot be applied here, so the run fails unless it may keep going
 */
export type Outcome = 'change' | 'keep' | 'advise' | 'refuse';

export interface ResourceRef {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
}

/** One edit as users see it; paths are RFC 6901 pointers inside the resource. */
export interface Change {
  readonly op: 'add' | 'replace' | 'remove' | 'move' | 'emit';
  readonly path: string;
  readonly from?: string;
  readonly currentValue?: Json;
  readonly proposedValue?: Json;
}

/** One fault of the manifests, or what was done about it. */
export interface Finding {
  /** `<remedy>/<fault>`, stable for ever. */
  readonly code: string;
  /** The id of the remedy that found it; `meshmend` for faults in what is addressed to meshmend itself. */
  readonly remedy: string;
  readonly severity: Severity;
  readonly outcome: Outcome;
  /** The problem, in plain sentences without a final full stop. */
  readonly message: string;
  /** What `rewrite` did or would do, in the imperative without a final full stop; absent where nothing can be edited. */
  readonly fix?: string;
  readonly resource?: ResourceRef;
  /** JSON path inside the resource, as Kubernetes prints it: `spec.http[0].retries`. */
  readonly path?: string;
  readonly file?: string;
  /** From 1. */
  readonly line?: number;
  /** From 1. */
  readonly column?: number;
  readonly change?: readonly Change[];
  /** Parameters with which `rewrite`, asked for this remedy, makes this very change; only when diagnosing. */
  readonly parameters?: JsonObject;
  /** The reason that the resource's annotation gives for leaving this as it is; present only when it does. */
  readonly suppressed?: string;
  /** Page or code that the rule comes from. */
  readonly source: string;
}
