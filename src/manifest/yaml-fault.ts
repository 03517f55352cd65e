import type { Node } from './node.ts';

/** How deep collections may nest; Kubernetes manifests stay far below. */
export const depthLimit = 500;

/** A syntax fault at an offset of the text. */
export class YamlFault extends Error {
  readonly offset: number;
  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

/** The fault of a key that occurs twice in one mapping: parsers differ on which of them counts. */
export function duplicateKey(key: string, { start }: Node): YamlFault {
  return new YamlFault(`key ${JSON.stringify(key)} occurs twice in one mapping`, start);
}
