import type { Resource } from '../../mesh/resource.ts';

/** The first few of many names, and how many more there are: `a, b, c and 4 more`. */
export function someOf(names: readonly string[], shown = 3): string {
  const first = names.slice(0, shown).join(', ');
  return names.length > shown ? `${first} and ${names.length - shown} more` : first;
}

/** What a resource is called in messages: `Deployment web`. */
export function titleOf({ kind, name }: Resource): string {
  return `${kind} ${name}`;
}
