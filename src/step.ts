import type { Severity } from './finding.ts';
import type { JsonObject } from './manifest/node.ts';
import type { Operation } from './manifest/operation.ts';
import { pointer } from './manifest/pointer.ts';
import type { Resource } from './mesh/resource.ts';

/** Edits of one resource, as RFC 6902 operations relative to it. */
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

/** Where in the input something is; a resource without a path means the resource as a whole. */
export interface ResourcePlace {
  readonly resource?: Resource;
  /** RFC 6901 pointer inside the resource. */
  readonly path?: string;
}

/** A place inside a resource: `placeIn(rule, 'spec', 'host')`. */
export function placeIn(resource: Resource, ...segments: readonly (string | number)[]): Required<ResourcePlace> {
  return { resource, path: pointer(...segments) };
}

interface Outline extends ResourcePlace {
  /** True for what only accompanies another step of the same fault, which is all that a diagnosis reports then. */
  readonly isFurther?: boolean;
  /** Overrides that of the fault. */
  readonly severity?: Severity;
}

/** What `rewrite` does about a fault. */
export interface Change extends Outline {
  readonly outcome: 'change';
  /** In the imperative, without a final stop: "set `attempts: 0`". */
  readonly fix: string;
  readonly patch?: Patch;
  readonly emit?: Emission;
  /** True for a patch that does not work without the resource that is emitted beside it. */
  readonly isPart?: boolean;
  /**
   * Parameters with which `rewrite` makes this very change: what the command that `diagnose` prints sets. Left out, the
   * command is narrowed to the resource by `namespaces` and `names`, where the remedy has them.
   */
  readonly parameters?: JsonObject;
}

/** Leaves the fault as it is, on purpose. */
export interface Keep extends Outline {
  readonly outcome: 'keep';
  /** A sentence without its final stop: why. */
  readonly why?: string;
}

/** Nothing that an edit can do: people must. */
export interface Advise extends Outline {
  readonly outcome: 'advise';
  /** A sentence without its final stop: what to do. */
  readonly todo?: string;
}

/** The intent cannot be applied here, so that the run fails unless it may keep going. */
export interface Refuse extends Outline {
  readonly outcome: 'refuse';
  /** A sentence without its final stop: why not. */
  readonly why?: string;
}

/** What becomes of a fault. */
export type Step = Change | Keep | Advise | Refuse;

/** Edits a resource. An empty list of operations is a change that needs no edit here. */
export function edit(fix: string, patch: Patch, more: Omit<Change, 'outcome' | 'fix' | 'patch' | 'emit'> = {}): Change {
  return { outcome: 'change', fix, patch, ...more };
}

/** Adds a resource, or brings the one of its kind, namespace and name to what it should be. */
export function emit(
  fix: string,
  emission: Emission,
  more: Omit<Change, 'outcome' | 'fix' | 'patch' | 'emit'> = {},
): Change {
  return { outcome: 'change', fix, emit: emission, ...more };
}

export function keep(why: string, more: Outline = {}): Keep {
  return { outcome: 'keep', why, ...more };
}

export function advise(todo: string, more: Outline = {}): Advise {
  return { outcome: 'advise', todo, ...more };
}

export function refuse(why: string, more: Outline = {}): Refuse {
  return { outcome: 'refuse', why, ...more };
}
