import type { InputError, Place } from '../errors.ts';
import { groupByEach } from '../group-by.ts';
import { locate } from '../manifest/locate.ts';
import type { Document, Node } from '../manifest/node.ts';
import { segmentsOf } from '../manifest/pointer.ts';
import { placeAt } from '../manifest/position.ts';
import { readTree } from '../manifest/read.ts';
import type { TextEdit } from '../manifest/splice.ts';
import { checkDrafts, type DocumentPatch, type DraftedPatch, draftPatch } from '../patch.ts';

/** A finding whose place in the text is still to be found. */
export interface Placeable {
  /** Gets `file`, `line` and `column`. */
  readonly finding: object;
  /** Undefined for a finding about no document of the input: it gets no place. */
  readonly document: Document | undefined;
  /** Pointer inside the document. */
  readonly pointer: string;
}

/** Gives findings their places. */
export function placeFindings(placeables: readonly Placeable[]): void {
  for (const [document, own] of byDocument(placeables)) placeIn(document, readTree(document), own);
}

/**
 * Gives findings their places, and makes the text edits of the changed documents, or says why one cannot be edited.
 * Each document's nodes are read once for both, and not kept, so that memory does not grow with the number of documents.
 */
export function placeAndPatch(
  placeables: readonly Placeable[],
  patches: readonly DocumentPatch[],
): ReadonlyMap<Document, readonly TextEdit[] | InputError> {
  const waiting = byDocument(placeables);
  const drafts: DraftedPatch[] = [];
  for (const patch of patches) {
    const { document } = patch;
    const root = readTree(document);
    placeIn(document, root, waiting.get(document) ?? []);
    waiting.delete(document);
    drafts.push(draftPatch(root, patch));
  }
  for (const [document, own] of waiting) placeIn(document, readTree(document), own);
  const checked = checkDrafts(drafts);
  return new Map(patches.map(({ document }, index) => [document, checked[index]!]));
}

function placeIn({ file }: Document, root: Node, placeables: readonly Placeable[]): void {
  for (const { finding, pointer } of placeables) {
    const place: Place = placeAt(file, locate(root, segmentsOf(pointer)));
    Object.assign(finding, place);
  }
}

function byDocument(placeables: readonly Placeable[]): Map<Document, Placeable[]> {
  return groupByEach(placeables, ({ document }) => (document ? [document] : []));
}
