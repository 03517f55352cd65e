import { pointer } from '../manifest/pointer.ts';
import { stringAt } from '../mesh/read.ts';
import type { Resource } from '../mesh/resource.ts';
import { nearest } from '../nearest.ts';
import { defineFaults, warning } from '../remedies/fault.ts';

/** A resource's own request to be left alone: `meshmend.dev/skip: "disable-retries: only reads"`. */
export const skipAnnotation = 'meshmend.dev/skip';

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

interface Skip {
  /** A remedy's id, or the code of one of its findings. */
  readonly name: string;
  /** Empty when none is given. */
  readonly reason: string;
}

/** The entries of a resource's annotation, which are divided by semicolons or line breaks. */
function skipsOf(resource: Resource): readonly Skip[] {
  const annotation = stringAt(resource.value, 'metadata', 'annotations', skipAnnotation);
  if (annotation === undefined) return [];
  return annotation
    .split(/[;\n]/)
    .map((entry) => {
      const [name = '', reason = ''] = entry.split(/:(.*)/).map((part) => part.trim());
      return { name, reason };
    })
    .filter(({ name }) => name !== '');
}

/** The reason for which a resource asks to be left alone by a remedy, or as to one of its codes; undefined when it does not. */
export function skipReason(resource: Resource, remedy: string, code: string): string | undefined {
  return skipsOf(resource).find(({ name }) => name === remedy || name === code)?.reason;
}

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

/** Of remedies that are not converted yet. */
export function skipOf(resource: Resource, remedy: string): { reason: string } | undefined {
  const reason = skipReason(resource, remedy, remedy);
  return reason === undefined ? undefined : { reason };
}
