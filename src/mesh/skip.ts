import { stringAt } from './read.ts';
import type { Resource } from './resource.ts';

/** A resource's own request to be left alone: `meshmend.dev/skip: "disable-retries: only reads"`. */
export const skipAnnotation = 'meshmend.dev/skip';

interface Skip {
  /** A remedy's id, or the code of one of its findings. */
  readonly name: string;
  /** Empty when none is given. */
  readonly reason: string;
}

/** The entries of a resource's annotation, which are divided by semicolons or line breaks. */
export function skipsOf(resource: Resource): readonly Skip[] {
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
