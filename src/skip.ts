import { stringAt } from './mesh/read.ts';
import type { Resource } from './mesh/resource.ts';
import type { Step } from './remedies/remedy.ts';

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
    severity: 'warning',
    outcome: 'keep',
    message: `left alone by ${skipAnnotation}, which gives no reason: write "REMEDY: reason"; suppressed: ${message}`,
  };
}
