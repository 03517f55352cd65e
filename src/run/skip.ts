import { pointer } from '../manifest/pointer.ts';
import type { Resource } from '../mesh/resource.ts';
import { skipAnnotation, skipsOf } from '../mesh/skip.ts';
import { nearest } from '../nearest.ts';
import { defineFaults, warning } from '../remedies/fault.ts';

/** What is wrong with such a request. */
export const skipFaults = defineFaults({
  'skip-without-reason': warning(
    (name: string) => `\`${skipAnnotation}\` gives no reason for ${name}. Write "${name}: why"`,
  ),
  'unknown-skip': warning(
    ({ name, hint }: { name: string; hint: string }) =>
      `\`${skipAnnotation}\` names ${name}, which is neither a remedy nor a code, so it skips nothing${hint}`,
  ),
});

/**
 * Finds annotations that do not do what their writer means.
 *
 * @param known - the ids of all remedies, and all codes
 */
export function* faultsOfSkips(resources: readonly Resource[], known: ReadonlySet<string>) {
  for (const resource of resources) {
    const where = { resource, path: pointer('metadata', 'annotations', skipAnnotation) };
    for (const { name, reason } of skipsOf(resource)) {
      if (!known.has(name)) yield skipFaults('unknown-skip', where, { name, hint: suggestion(name, known) });
      else if (reason === '') yield skipFaults('skip-without-reason', where, name);
    }
  }
}

function suggestion(name: string, known: ReadonlySet<string>): string {
  const near = nearest(name, [...known]);
  return near === undefined ? '' : `. Did you mean ${near}?`;
}
