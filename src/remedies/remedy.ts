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
  /** True for a patch that is no good without the resource that the remedy, when requested, emits beside it. */
  readonly isPart?: boolean;
  readonly emit?: Emission;
  /**
   * Parameters with which the remedy, when requested, makes this very change: what the command that `diagnose`
   * prints sets. Left out, it is narrowed to the resource by `namespaces` and `names`, where the remedy has them.
   */
  readonly parameters?: JsonObject;
}

/** What a plan is made for. */
export interface Target {
  readonly version: Version;
  /**
   * True when the user named this remedy. False when `diagnose` asks every remedy what is wrong in the manifests: what
   * fails or is silently ignored is an error or a warning, what is a choice is one info for the whole mesh, and what
   * only the cluster can tell is one info that says what to look at there.
   */
  readonly requested: boolean;
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
  /** What it does, one sentence in the imperative without its full stop, for `--help` and the tables. */
  readonly summary: string;
  /** The FAQ's page, as its title; empty beyond the FAQ. */
  readonly faq: string;
  readonly source: string;
  readonly explanation: Explanation;
  readonly parameters: P;
  plan(mesh: Mesh, parameters: ParameterValues<P>, target: Target): Iterable<Step>;
}

/** Infers the parameters' types from their declaration, so that a remedy states them once. */
export function defineRemedy<const P extends Parameters>(remedy: Remedy<P>): Remedy<P> {
  return remedy;
}
