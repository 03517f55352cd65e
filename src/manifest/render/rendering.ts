import type { Node } from '../node.ts';
import { indented, type Layout, layoutOf } from '../print.ts';
import type { TextEdit } from '../splice.ts';

/** A document whose draft is being written into its text. */
export interface Rendering {
  /** Of the whole file. */
  readonly text: string;
  /** The document's root as it was parsed. */
  readonly original: Node;
  /** How the document is laid out; found out when it is first asked for. */
  readonly layout: () => Layout;
  /** The edits so far, in no order. */
  readonly edits: TextEdit[];
}

/** What is around a node: where a value on the same line may go, and how far the parent is indented. */
export interface Surroundings {
  readonly inFlow: boolean;
  /** Offset just after the `:` or `-` that the value belongs to. */
  readonly after: number;
  /** Column of the key or dash; -1 at the document's root. */
  readonly parentColumn: number;
  readonly isItem: boolean;
}

export function startRendering(text: string, original: Node): Rendering {
  let layout: Layout | undefined;
  return {
    text,
    original,
    layout: () => {
      layout ??= layoutOf(text, original);
      return layout;
    },
    edits: [],
  };
}

/** Lines of which the first goes where there is text already, and the others to a column. */
export function hanging({ layout }: Rendering, lines: readonly string[], column: number): string {
  return lines.map((line, index) => (index === 0 ? line : indented(line, column))).join(layout().lineBreak);
}
