import type { Remedy } from './remedy.ts';

/** All remedies, in the order in which they run and are told of. */
export const remedies: readonly Remedy[] = [];

/** The remedy of an id; undefined when there is none. */
export function remedyById(id: string): Remedy | undefined {
  return remedies.find((remedy) => remedy.id === id);
}
