import type { Json, JsonObject } from './manifest/node.ts';

export type Severity = 'error' | 'warning' | 'info';

/**
 * What became of the fault that a finding tells of:
 * - `change`: an edit or a new resource mends it
 * - `keep`: left as it is on purpose, and the message says why
 * - `advise`: nothing meshmend may edit; the message says what to do
 * - `refuse`: the intent cannot be applied here, so the run fails unless it may keep going
 */
export type Outcome = 'change' | 'keep' | 'advise' | 'refuse';

export interface ResourceRef {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
}

/** One edit as users are told of it; paths are RFC 6901 pointers inside the resource. */
export interface Change {
  readonly op: 'add' | 'replace' | 'remove' | 'move' | 'emit';
  readonly path: string;
  readonly from?: string;
  readonly currentValue?: Json;
  readonly proposedValue?: Json;
}

/** One thing that a remedy has to say of the manifests. */
export interface Finding {
  readonly remedy: string;
  readonly severity: Severity;
  readonly outcome: Outcome;
  /** One or two sentences without a final full stop: what is wrong, and what was or would be done. */
  readonly message: string;
  readonly resource?: ResourceRef;
  /** JSON path inside the resource, as Kubernetes prints it: `spec.http[0].retries`. */
  readonly path?: string;
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  readonly change?: readonly Change[];
  /** Parameters with which `rewrite`, asked for this remedy, makes this very change; only when diagnosing. */
  readonly parameters?: JsonObject;
  /** Page or code that the rule comes from. */
  readonly source: string;
}
