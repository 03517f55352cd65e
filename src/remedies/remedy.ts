import type { Outcome, Severity } from '../finding.ts';
import type { JsonObject } from '../manifest/node.ts';
import type { Operation } from '../manifest/operation.ts';
import type { Mesh } from '../mesh/mesh.ts';
import type { Resource } from '../mesh/resource.ts';
import type { Version } from '../mesh/version.ts';
import type { Parameters, ParameterValues } from './parameter.ts';

export interface Patch {
  readonly resource: Resource;
  readonly operations: readonly Operation[];
  /**
   * Pointer to a string of the resource that holds YAML itself (`/data/mesh`); the operations' pointers then
   * start inside that text, which is edited byte for byte like a manifest. A missing string counts as empty.
   */
  readonly within?: string;
}

/** A new resource: a template below `templates/` (without `.yaml.hbs`) and what is filled into it. */
export interface Emission {
  readonly template: string;
  readonly values: JsonObject;
}

/** One thing a remedy says, and what mends it. */
export interface Step {
  readonly severity: Severity;
  readonly outcome: Outcome;
  readonly message: string;
  readonly resource?: Resource;
  /** RFC 6901 pointer to the place in the resource that the message is about. */
  readonly path?: string;
  /** Overrides the remedy's own source. */
  readonly source?: string;
  readonly patch?: Patch;
  readonly emit?: Emission;
}

/** What a plan is made for. */
export interface Target {
  readonly version: Version;
  /** True when the user named this remedy; false when `diagnose` asks every remedy for its opinion. */
  readonly requested: boolean;
}

/**
 * One intent: what a user asks for, and the knowledge of how a mesh does it.
 *
 * `plan` is pure: no input or output, no clock, no mutation of what it is given. It yields at least one step
 * when `requested` is true and there is something to say; the pipeline itself says when there was nothing to do.
 */
export interface Remedy<P extends Parameters = Parameters> {
  readonly id: string;
  /** What the remedy is for, as a heading: "Requests by HTTP/1.0 get 426". */
  readonly title: string;
  /** What it does, one sentence in the imperative, for `--help` and the tables. */
  readonly summary: string;
  /** The FAQ's page, as its title; empty beyond the FAQ. */
  readonly faq: string;
  readonly source: string;
  readonly parameters: P;
  plan(mesh: Mesh, parameters: ParameterValues<P>, target: Target): Iterable<Step>;
}

/** Infers the parameters' types from their declaration, so that a remedy states them once. */
export function defineRemedy<const P extends Parameters>(remedy: Remedy<P>): Remedy<P> {
  return remedy;
}
