import { InputError } from '../errors.ts';
import {
  type Document,
  isObject,
  type Json,
  type JsonObject,
  type MapNode,
  type Node,
  type SeqNode,
  setOwn,
} from './node.ts';
import { isCommon, readDocuments } from './read.ts';
import { splice, type TextEdit } from './splice.ts';

/** One entry of a block mapping, or one item of a block sequence: whole lines, with the comments below them. */
interface Part {
  readonly start: number;
  readonly end: number;
  /** What is before the content of its first line. */
  readonly margin: string;
  /** The entry's key; the item's index. */
  readonly name: string | number;
  /** The block sequence that is the entry's value, when it begins on a line of its own. */
  readonly list?: SeqNode;
}

/**
 * What a document means once edited, of which only the entries of its mapping, and the items of the lists in it, are
 * read again that edits touch. So a list of a hundred resources costs what the edited ones cost.
 *
 * That is sound for the common part of YAML alone, where what an entry or an item means depends on its own lines and
 * on the column that it begins at: no anchors, no scalar that goes on below. Both are seen to.
 *
 * @param root - the document's nodes
 * @param edits - sorted, in offsets of the file's text
 * @returns undefined when the whole must be read to know
 */
export function editedValue(document: Document, root: Node, edits: readonly TextEdit[]): Json | undefined {
  if (edits.length === 0) return document.value;
  if (!isCommon(document) || !isObject(document.value)) return undefined;
  if (root.kind !== 'map' || root.flow) return undefined;
  return editedMap(document, root, document.value, edits);
}

function editedMap(
  { file, end }: Document,
  root: MapNode,
  value: JsonObject,
  edits: readonly TextEdit[],
): JsonObject | undefined {
  const { text } = file;
  const groups = group(edits, entriesOf(text, root, end));
  if (!groups) return undefined;
  const result = { ...value };
  for (const [part, own] of groups) {
    const key = part.name as string;
    const list = part.list && editedList(text, part, part.list, value[key] as Json[], own);
    const read = list ? { [key]: list } : readPart(text, part, own, /[^\s#%[{-]/y);
    if (!isObject(read)) return undefined;
    delete result[key];
    for (const [name, entry] of Object.entries(read)) {
      if (Object.hasOwn(result, name)) return undefined;
      setOwn(result, name, entry);
    }
  }
  return result;
}

/** The same of a list: undefined when edits touch more than its items. */
function editedList(
  text: string,
  { end }: Part,
  list: SeqNode,
  value: readonly Json[],
  edits: readonly TextEdit[],
): Json[] | undefined {
  const groups = group(edits, itemsOf(text, list, end));
  if (!groups) return undefined;
  const result: Json[] = [];
  let next = 0;
  for (const [part, own] of groups) {
    const index = part.name as number;
    const read = readPart(text, part, own, /-\s/y);
    if (!Array.isArray(read)) return undefined;
    result.push(...value.slice(next, index), ...read);
    next = index + 1;
  }
  return [...result, ...value.slice(next)];
}

/** The edits of each part that has any, in order; undefined when one is outside of the parts or in several. */
function group(edits: readonly TextEdit[], parts: readonly Part[]): Map<Part, TextEdit[]> | undefined {
  const groups = new Map<Part, TextEdit[]>();
  let index = 0;
  for (const edit of edits) {
    while (index < parts.length - 1 && parts[index]!.end < edit.end) index++;
    const part = parts[index];
    if (!part || edit.start < part.start || edit.end > part.end) return undefined;
    const own = groups.get(part);
    if (own) own.push(edit);
    else groups.set(part, [edit]);
  }
  return groups;
}

/**
 * What a part means by itself; undefined when that is unknown, or when it no longer begins where it began.
 *
 * @param opening - what an entry or an item begins with, sticky
 */
function readPart(text: string, part: Part, edits: readonly TextEdit[], opening: RegExp): Json | undefined {
  const edited = splice(text, edits, part.start, part.end);
  opening.lastIndex = part.margin.length;
  if (!edited.startsWith(part.margin) || !opening.test(edited)) return undefined;
  if (!edited.endsWith('\n') && part.end < text.length) return undefined;
  try {
    const [document, second] = readDocuments({ path: '', text: edited });
    return document && !second && isCommon(document) ? document.value : undefined;
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

function entriesOf(text: string, { entries }: MapNode, end: number): Part[] {
  const starts = entries.map(({ keyNode }) => lineStart(text, keyNode.start));
  return entries.map(({ key, keyNode, value }, index) => {
    const start = starts[index]!;
    const isList = value.kind === 'seq' && !value.flow && lineStart(text, value.start) > keyNode.start;
    return {
      start,
      end: starts[index + 1] ?? end,
      margin: text.slice(start, keyNode.start),
      name: key,
      ...(isList ? { list: value } : {}),
    };
  });
}

function itemsOf(text: string, { items }: SeqNode, end: number): Part[] {
  const starts = items.map(({ dash }) => lineStart(text, dash));
  return items.map(({ dash }, index) => {
    const start = starts[index]!;
    return { start, end: starts[index + 1] ?? end, margin: text.slice(start, dash), name: index };
  });
}

function lineStart(text: string, at: number): number {
  return text.lastIndexOf('\n', at - 1) + 1;
}
