import { distance } from 'fastest-levenshtein';

/** The candidate that `name` is most likely a slip of; undefined when none is near. */
export function nearest(name: string, candidates: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.ceil(name.length / 3)) + 1;
  for (const candidate of candidates) {
    const isStart = name.length > 2 && candidate.startsWith(name);
    const apart = isStart ? 1 : distance(name.toLowerCase(), candidate.toLowerCase());
    if (apart < bestDistance && apart < candidate.length) {
      best = candidate;
      bestDistance = apart;
    }
  }
  return best;
}

/** The way out of a wrong name: the nearest right one, else all of them. */
export function hintFor(name: string, candidates: readonly string[], prefix = ''): string {
  const near = nearest(name, candidates);
  if (near !== undefined) return `did you mean ${prefix}${near}?`;
  return `known: ${candidates.map((candidate) => prefix + candidate).join(', ')}`;
}
