/** Writes an RFC 6901 pointer: `['metadata', 'a/b']` → `/metadata/a~1b`. */
export function pointer(...segments: readonly (string | number)[]): string {
  let text = '';
  for (const segment of segments) {
    const isPlain = typeof segment === 'number' || !/[~/]/.test(segment);
    text += `/${isPlain ? segment : segment.replace(/~/g, '~0').replace(/\//g, '~1')}`;
  }
  return text;
}

/** Reads an RFC 6901 pointer into its segments; the empty pointer has none. */
export function segmentsOf(text: string): string[] {
  if (text === '') return [];
  return text
    .slice(1)
    .split('/')
    .map((segment) => segment.replace(/~1/g, '/').replace(/~0/g, '~'));
}

/** Writes a pointer as the JSON path that Kubernetes prints: `spec.http[0].route`, `metadata.labels['a/b']`. */
export function jsonPath(text: string): string {
  let path = '';
  for (const segment of segmentsOf(text)) {
    if (/^\d+$/.test(segment)) path += `[${segment}]`;
    else if (/^[A-Za-z_][\w-]*$/.test(segment)) path += path === '' ? segment : `.${segment}`;
    else path += `['${segment}']`;
  }
  return path;
}
