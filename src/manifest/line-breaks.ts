import type { Node } from './node.ts';
import { YamlFault } from './yaml-fault.ts';

/** A part of the text in quotes. */
export interface Quoted {
  readonly start: number;
  readonly end: number;
}

/**
 * Refuses line breaks that readers take differently: behind a carriage return alone, U+0085, U+2028 or U+2029 go-yaml
 * begins a line, so that what looks like the rest of a comment may be live YAML. In quotes they are harmless, but for
 * U+0085, which go-yaml reads as a blank there.
 *
 * @param quoted - in the order of the text
 * @throws YamlFault at the first one
 * @see https://github.com/yaml/go-yaml/blob/v2.4.4/yamlprivateh.go `is_break`
 */
export function refuseOddBreaks(text: string, quoted: () => readonly Quoted[]): void {
  const odd = /\r(?!\n)|[\x85\u2028\u2029]/g;
  let ranges: readonly Quoted[] | undefined;
  let next = 0;
  for (let found = odd.exec(text); found; found = odd.exec(text)) {
    ranges ??= quoted();
    while (next < ranges.length && ranges[next]!.end <= found.index) next++;
    const range = ranges[next];
    const isQuoted = range !== undefined && range.start <= found.index;
    if (!isQuoted || found[0] === '\x85') throw oddBreak(found[0], found.index);
  }
}

function oddBreak(character: string, offset: number): YamlFault {
  if (character === '\r')
    return new YamlFault('a line ends with a carriage return alone; end lines with a line feed', offset);
  const code = character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
  return new YamlFault(`U+${code} begins a line for Kubernetes, and not for other readers; use a line feed`, offset);
}

/** The quoted scalars below a node, in the order of the text. */
export function quotedIn(node: Node): Quoted[] {
  switch (node.kind) {
    case 'scalar':
      return node.style === 'single' || node.style === 'double' ? [node] : [];
    case 'map':
      return node.entries.flatMap(({ keyNode, value }) => [...quotedIn(keyNode), ...quotedIn(value)]);
    case 'seq':
      return node.items.flatMap(({ value }) => quotedIn(value));
    default:
      return [];
  }
}
