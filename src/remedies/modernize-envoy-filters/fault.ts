import type { Severity } from '../../finding.ts';
import type { Operation } from '../../manifest/operation.ts';
import { pointer } from '../../manifest/pointer.ts';
import type { ConfigPatch } from '../../mesh/envoy-filter.ts';
import { type FactName, has } from '../../mesh/since.ts';
import { formatVersion, type Version } from '../../mesh/version.ts';

/** The versions that must take the filters: equal, unless istiod is being upgraded. */
export interface Span {
  readonly oldest: Version;
  readonly newest: Version;
}

/** What is wrong in one patch of an EnvoyFilter. */
export interface Fault {
  readonly patch: ConfigPatch;
  /** `info` for what works on these versions, and not on newer ones. */
  readonly severity: Severity;
  /** A sentence or two that follow `EnvoyFilter NAME `. */
  readonly message: string;
  readonly path: string;
  /** What mends it; without, people must. */
  readonly operations?: readonly Operation[];
}

/** Pointer to something in a patch: `pathIn(patch, 'match', 'context')`. */
export function pathIn({ index }: ConfigPatch, ...keys: readonly (string | number)[]): string {
  return pointer('spec', 'configPatches', index, ...keys);
}

/** True when a fact holds for all versions. */
export function allHave({ oldest, newest }: Span, name: FactName): boolean {
  return has(oldest, name) && has(newest, name);
}

/** `1.24`, or `1.17 and 1.24`. */
export function spanned({ oldest, newest }: Span): string {
  const [from, to] = [formatVersion(oldest), formatVersion(newest)];
  return from === to ? from : `${from} and ${to}`;
}
