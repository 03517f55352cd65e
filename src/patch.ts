import { isDeepStrictEqual } from 'node:util';
import jsonpatch from 'fast-json-patch';
import { InputError } from './errors.ts';
import { type Draft, EditFault, openDraft } from './manifest/draft.ts';
import type { Document, Json } from './manifest/node.ts';
import { segmentsOf } from './manifest/pointer.ts';
import { placeAt } from './manifest/position.ts';
import { layoutOf, printBlock } from './manifest/print.ts';
import { readDocuments } from './manifest/read.ts';
import { renderEdits } from './manifest/render.ts';
import { sortEdits, splice, type TextEdit } from './manifest/splice.ts';
import type { Operation } from './remedies/remedy.ts';

/**
 * The value that RFC 6902 operations make of another, which stays as it is.
 *
 * @throws Error when an operation does not fit the value: that is a fault of ours
 */
export function applyOperations(value: Json, operations: readonly Operation[]): Json {
  return applyInPlace(structuredClone(value), operations);
}

/** The same, on a value that may be changed. */
export function applyInPlace(value: Json, operations: readonly Operation[]): Json {
  return jsonpatch.applyPatch(value, structuredClone(operations) as Operation[], true, true).newDocument as Json;
}

/**
 * The text edits that make a document mean `expected`, which is what the operations make of its value.
 *
 * Nothing is trusted: the edited text is read again, and must mean exactly that.
 *
 * @throws InputError with the place, when the text cannot be edited so
 */
export function patchDocument(document: Document, operations: readonly Operation[], expected: Json): TextEdit[] {
  const { file, root, start, end } = document;
  let edits: TextEdit[];
  try {
    const draft = openDraft(root);
    for (const operation of operations) applyToDraft(draft, operation);
    draft.settleAliases();
    edits = sortEdits(renderEdits(file.text, root, draft.root));
  } catch (error) {
    if (error instanceof EditFault) throw new InputError(error.message, { place: placeAt(file, error.node.start) });
    throw error;
  }
  const edited = splice(file.text, edits, start, end);
  if (!means(edited, expected)) {
    throw new InputError(
      'this document cannot be edited without changing what was not asked for, so nothing is written',
      {
        place: placeAt(file, root.start),
        hint: 'anchors, merges or unusual layout stand in the way: write the part out, or edit it by hand',
      },
    );
  }
  return edits;
}

function applyToDraft(draft: Draft, operation: Operation): void {
  const path = segmentsOf(operation.path);
  if (operation.op === 'add') draft.add(path, operation.value);
  else if (operation.op === 'replace') draft.replace(path, operation.value);
  else if (operation.op === 'remove') draft.remove(path);
  else if (operation.op === 'move') draft.move(segmentsOf(operation.from), path);
}

function means(text: string, expected: Json): boolean {
  try {
    const documents = readDocuments({ path: '', text });
    return documents.length === 1 && isDeepStrictEqual(documents[0]!.value, expected);
  } catch (error) {
    if (error instanceof InputError) return false;
    throw error;
  }
}

/**
 * Applies operations to a text that holds one YAML document, such as `data.mesh` of the istio ConfigMap.
 * A text without content counts as an empty mapping.
 *
 * @throws InputError when the text is not YAML or cannot be edited so
 */
export function patchText(text: string, operations: readonly Operation[], name = 'embedded YAML'): string {
  const [document] = readDocuments({ path: name, text });
  if (document === undefined || document.value === null) {
    const value = applyOperations({}, operations);
    const lines = printBlock(
      value,
      layoutOf(text, { kind: 'seq', flow: true, items: [], outerStart: 0, start: 0, end: 0, anchor: undefined }),
    );
    return `${text === '' || text.endsWith('\n') ? text : `${text}\n`}${lines.join('\n')}\n`;
  }
  return splice(text, patchDocument(document, operations, applyOperations(document.value, operations)));
}
