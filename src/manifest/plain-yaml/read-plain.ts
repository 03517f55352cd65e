import { blockCollection, inlineValue } from './block.ts';
import type { Builder } from './builder.ts';
import { isFlowStart } from './flow.ts';
import { endLine, nextLine, type Reader, uncommon } from './reader.ts';
import { emptyScalar } from './scalar.ts';

/**
 * Reads one document of the part of YAML that nearly all manifests are written in: block mappings and sequences,
 * scalars on one line, block scalars, flow collections, comments. Several times as fast as a parser for all of YAML,
 * and never in doubt: whatever is unusual (anchors, tags, scalars over several lines, odd indentation, any fault) is
 * left to that parser, and the tests compare the two node by node.
 *
 * @param from - the start of a line; a `---` there belongs to the document
 * @returns undefined when the document is not of that part, null when there is neither `---` nor content
 */
export function readPlain<T, M, S>(
  text: string,
  from: number,
  to: number,
  build: Builder<T, M, S>,
): { readonly root: T } | undefined | null {
  const reader: Reader<T, M, S> = {
    text,
    to,
    build,
    position: from,
    column: -1,
    lastEnd: from,
    lastStart: from,
    lastStyle: 'empty',
    lastValue: null,
  };
  try {
    return readDocument(reader, from);
  } catch (error) {
    if (error === uncommon) return undefined;
    throw error;
  }
}

function readDocument<T, M, S>(reader: Reader<T, M, S>, from: number): { readonly root: T } | undefined | null {
  const isExplicit = reader.text.startsWith('---', from);
  if (isExplicit) endLine(reader, from + 3);
  else nextLine(reader, from);
  const { column, position } = reader;
  if (column === -1) return isExplicit ? { root: emptyScalar(reader, from + 3) } : null;
  const isFlow = isFlowStart(reader.text.charCodeAt(position));
  const root = isFlow ? inlineValue(reader, column - 1, 0) : blockCollection(reader, 0);
  return reader.column === -1 ? { root } : undefined;
}
