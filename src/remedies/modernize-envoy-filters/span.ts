import type { ConfigPatch } from '../../mesh/envoy-filter.ts';
import { type FactName, has } from '../../mesh/since.ts';
import { formatVersion, type Version } from '../../mesh/version.ts';
import { placeIn } from '../../step.ts';

/** The versions that must accept the filters: equal, unless istiod is being upgraded. */
export interface Span {
  readonly oldest: Version;
  readonly newest: Version;
}

/** A place in a patch: `whereIn(patch, 'match', 'context')`. */
export function whereIn({ filter, index }: ConfigPatch, ...keys: readonly (string | number)[]) {
  return placeIn(filter, 'spec', 'configPatches', index, ...keys);
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
