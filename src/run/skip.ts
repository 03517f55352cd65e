import { pointer } from '../manifest/pointer.ts';
import { stringAt } from '../mesh/read.ts';
import type { Resource } from '../mesh/resource.ts';
import { nearest } from '../nearest.ts';
import type { Step } from '../remedies/remedy.ts';

/** A resource's own word that a remedy shall leave it alone: `meshmend.dev/skip: "disable-retries: reads only"`. */
const skipAnnotation = 'meshmend.dev/skip';

/**
 * Finds whether a resource asks a remedy to leave it alone. Several remedies stand in one annotation, divided by
 * semicolons or lines; each needs a reason.
 *
 * @returns how a step for that resource reads then
 */
export function skipOf(resource: Resource, remedy: string): { step(step: Step): Step } | undefined {
  const annotation = stringAt(resource.value, 'metadata', 'annotations', skipAnnotation);
  if (annotation === undefined) return undefined;
  for (const part of annotation.split(/[;\n]/)) {
    const [id, ...rest] = part.split(':');
    if (id?.trim() !== remedy) continue;
    const reason = rest.join(':').trim();
    return { step: (step) => skipped(step, reason) };
  }
  return undefined;
}

/** The resources whose annotation concerns a remedy, and says it so that it does not hold as its writer means. */
export function* skipFaults(annotated: readonly Resource[], remedy: string, ids: readonly string[]): Iterable<Step> {
  for (const resource of annotated) {
    for (const part of (stringAt(resource.value, 'metadata', 'annotations', skipAnnotation) ?? '').split(/[;\n]/)) {
      const [id = '', reason = ''] = part.split(/:(.*)/).map((word) => word.trim());
      const place = { resource, path: pointer('metadata', 'annotations', skipAnnotation) };
      const shared = { ...place, severity: 'warning', outcome: 'advise' } as const;
      if (id === remedy && reason === '')
        yield { ...shared, message: `${skipAnnotation} gives no reason for ${id}: write "${id}: why"` };
      else if (id !== '' && !ids.includes(id) && nearest(id, ids) === remedy)
        yield { ...shared, message: `${skipAnnotation} names ${id}, which is no remedy; did you mean ${remedy}?` };
    }
  }
}

/** The resources that ask to be left alone by some remedy. */
export function annotatedResources(resources: readonly Resource[]): readonly Resource[] {
  return resources.filter(({ value }) => stringAt(value, 'metadata', 'annotations', skipAnnotation) !== undefined);
}

function skipped({ resource, path, message }: Step, reason: string): Step {
  const place = { ...(resource ? { resource } : {}), ...(path === undefined ? {} : { path }) };
  if (reason !== '')
    return {
      ...place,
      severity: 'info',
      outcome: 'keep',
      message: `left alone, since ${skipAnnotation} says: ${reason}`,
    };
  return {
    ...place,
    severity: 'info',
    outcome: 'keep',
    message: `left alone by ${skipAnnotation}; suppressed: ${message}`,
  };
}
