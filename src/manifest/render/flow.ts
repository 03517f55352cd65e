import type { Json, Node } from '../node.ts';
import { escapeOdd, isBlock, printFlow } from '../print.ts';
import { hanging, type Rendering } from './rendering.ts';

/** How a value is written in flow style. */
export interface FlowStyle {
  /** True for keys and strings in double quotes. */
  readonly isJson: boolean;
  /** True for blanks inside braces. */
  readonly isPadded: boolean;
  /** Where further lines begin; -1 for all on one line. */
  readonly column: number;
}

/** A value in flow style; JSON over several lines where its neighbours are written so. */
export function printFlowAs(rendering: Rendering, value: Json, { isJson, isPadded, column }: FlowStyle): string {
  if (column === -1 || !isJson || !isBlock(value)) return printFlow(value, isJson, isPadded);
  const step = stepOfJson(rendering) ?? rendering.layout().step;
  return hanging(rendering, escapeOdd(JSON.stringify(value, null, step)).split('\n'), column);
}

/** The indentation of a JSON file, from its first inner line. */
function stepOfJson({ text, original }: Rendering): number | undefined {
  const [, spaces] = /[{[]\r?\n( +)\S/.exec(text.slice(original.start)) ?? [];
  return spaces?.length;
}

/** True for a node that is written as JSON; an empty one is when its document is, whose root is `original`. */
export function isWrittenAsJson(node: Node, original: Node): boolean {
  switch (node.kind) {
    case 'map':
      return node.entries.length > 0 ? isDoubleQuoted(node.entries[0]!.keyNode) : isJsonDocument(original);
    case 'seq':
      if (!node.flow) return false;
      return node.items.length > 0 ? isWrittenAsJson(node.items[0]!.value, original) : isJsonDocument(original);
    default:
      return isDoubleQuoted(node) && isJsonDocument(original);
  }
}

/** True for a document that is written as JSON: its first key, or that of its first item, is in double quotes. */
export function isJsonDocument(original: Node): boolean {
  if (original.kind === 'seq')
    return original.flow && original.items.length > 0 && isJsonDocument(original.items[0]!.value);
  return (
    original.kind === 'map' &&
    original.flow &&
    original.entries.length > 0 &&
    isDoubleQuoted(original.entries[0]!.keyNode)
  );
}

export function isDoubleQuoted(node: Node): boolean {
  return node.kind === 'scalar' && node.style === 'double';
}
