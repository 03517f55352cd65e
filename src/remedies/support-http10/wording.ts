import type { Resource } from '../../mesh/resource.ts';

export const why = 'Proxies answer HTTP/1.0 requests with 426 Upgrade Required';

export function named({ kind, name }: Resource): string {
  return `${kind} ${name}`;
}
