import jsonpatch, { type Validator } from 'fast-json-patch';
import { InputError } from './errors.ts';
import { groupPairs } from './group-by.ts';
import { settleAliases } from './manifest/aliases.ts';
import { applyToDraft, EditFault, openDraft } from './manifest/draft.ts';
import { editedValue } from './manifest/edited-value.ts';
import { copyOf, type Document, isSame, type Json, type JsonObject, type Node, setOwn } from './manifest/node.ts';
import type { Operation } from './manifest/operation.ts';
import { segmentsOf } from './manifest/pointer.ts';
import { placeAt } from './manifest/position.ts';
import { layoutOf, printBlock } from './manifest/print.ts';
import { readDocuments, readTree } from './manifest/read.ts';
import { renderEdits } from './manifest/render/render.ts';
import { sortEdits, splice, type TextEdit } from './manifest/splice.ts';

/**
 * The value that RFC 6902 operations make of another, which stays as it is. Both share what no operation touches.
 *
 * @param own - the collections that may be changed in place, since nothing else uses them; those made here join them
 * @throws Error when an operation does not fit the value: that is a fault of ours
 */
export function applyOperations(value: Json, operations: readonly Operation[], own = new WeakSet<object>()): Json {
  let result = value;
  for (const operation of operations) {
    if (operation.op === 'move') result = ownAlong(result, segmentsOf(operation.from), own);
    result = ownAlong(result, segmentsOf(operation.path), own);
    result = jsonpatch.applyOperation(result, copyOperation(operation), validate, true).newDocument as Json;
  }
  return result;
}

/** The value with copies of its own of the collections on the way to a place. */
function ownAlong(value: Json, [segment, ...rest]: readonly string[], own: WeakSet<object>): Json {
  if (segment === undefined || typeof value !== 'object' || value === null) return value;
  const copy = own.has(value) ? value : Array.isArray(value) ? [...value] : { ...value };
  own.add(copy);
  const inner = Object.hasOwn(copy, segment) ? (copy as JsonObject)[segment]! : null;
  if (typeof inner === 'object' && inner !== null && rest.length > 0)
    setOwn(copy as JsonObject, segment, ownAlong(inner, rest, own));
  return copy;
}

/** The library's own check, but for moves: there it copies the whole document to see whether `from` leads anywhere. */
const validate: Validator<Json> = (operation, index, document, existingPath) => {
  if (operation.op !== 'move') return jsonpatch.validator(operation, index, document, existingPath);
  if (jsonpatch.getValueByPointer(document, operation.from) === undefined) {
    throw new Error(`nothing to move at ${operation.from}`);
  }
};

/** What the operations bring in must not be shared with them: later ones may change it. */
function copyOperation(operation: Operation): Operation {
  return 'value' in operation ? { ...operation, value: copyOf(operation.value) } : { ...operation };
}

/** What is to become of a document: `expected` is what the operations make of its value. */
export interface DocumentPatch {
  readonly document: Document;
  readonly operations: readonly Operation[];
  readonly expected: Json;
}

/** A document's text edits before the last check. */
export interface DraftedPatch {
  readonly patch: DocumentPatch;
  /** Sorted, in offsets of the file's text; or why the document cannot be edited so. */
  readonly edits: readonly TextEdit[] | InputError;
  /** True when the edited parts have been read again already, and mean what is expected. */
  readonly isChecked: boolean;
}

/**
 * The text edits of each patch, checked by `checkDrafts`; or the fault, with its place, of one that cannot be made.
 * Each document's nodes are read once, however many patches it has, and in whatever order they come.
 */
export function patchDocuments(patches: readonly DocumentPatch[]): (readonly TextEdit[] | InputError)[] {
  const indices = groupPairs(patches.map(({ document }, index) => [document, index]));
  const drafts: DraftedPatch[] = [];
  for (const [document, own] of indices) {
    const root = readTree(document);
    for (const index of own) drafts[index] = draftPatch(root, patches[index]!);
  }
  return checkDrafts(drafts);
}

/** From here on, in UTF-16 code units, reading the edited parts of a document by themselves is faster than all of it. */
const longDocument = 10_000;

/**
 * Makes the text edits of one document; of a long one, the parts that they touch are read again at once.
 *
 * @param root - the document's nodes
 */
export function draftPatch(root: Node, patch: DocumentPatch): DraftedPatch {
  const { document, operations, expected } = patch;
  const edits = draftEdits(document, root, operations);
  const isChecked =
    !(edits instanceof InputError) &&
    document.end - document.start > longDocument &&
    isSame(editedValue(document, root, edits), expected);
  return { patch, edits, isChecked };
}

/**
 * The text edits of each draft, or why they cannot be made. Nothing is trusted: what is not checked yet is read again
 * as a whole, and must mean exactly what is expected.
 */
export function checkDrafts(drafts: readonly DraftedPatch[]): (readonly TextEdit[] | InputError)[] {
  const results = drafts.map(({ edits }) => edits);
  const edited: Edited[] = [];
  for (const [index, { patch, edits, isChecked }] of drafts.entries()) {
    if (isChecked || edits instanceof InputError) continue;
    const { document, expected } = patch;
    edited.push({ index, expected, text: splice(document.file.text, edits, document.start, document.end) });
  }
  // One reading for all is many times as fast as one for each; which one is at fault is asked only when one is.
  if (meansAll(edited)) return results;
  for (const { index, expected, text } of edited) {
    const fault = faultIn(text, expected);
    if (fault !== undefined) results[index] = cannotEdit(drafts[index]!.patch.document, fault);
  }
  return results;
}

interface Edited {
  readonly index: number;
  readonly expected: Json;
  readonly text: string;
}

function cannotEdit(document: Document, fault: string): InputError {
  return new InputError(`this document cannot be edited without changing what was not asked for (${fault})`, {
    place: placeAt(document.file, readTree(document).start),
    hint: 'anchors, merges or an unusual layout prevent the edit: write the part out, or edit it by hand',
  });
}

function draftEdits(
  { file }: Document,
  root: Node,
  operations: readonly Operation[],
): readonly TextEdit[] | InputError {
  try {
    const draft = openDraft(root);
    for (const operation of operations) applyToDraft(draft, operation);
    settleAliases(draft);
    return sortEdits(renderEdits(file.text, root, draft.root.slot));
  } catch (error) {
    if (error instanceof EditFault) return new InputError(error.message, { place: placeAt(file, error.node.start) });
    if (error instanceof InputError) return new InputError(error.message, { place: placeAt(file, root.start) });
    throw error;
  }
}

/** True when texts, put behind one another as documents of one stream, mean what is expected of each. */
function meansAll(edited: readonly Edited[]): boolean {
  const documents = edited.map(({ text }) => {
    const explicit = /^\ufeff?---(\s|$)/.test(text) ? text : `---\n${text.replace(/^\ufeff/, '')}`;
    return explicit.endsWith('\n') ? explicit : `${explicit}\n`;
  });
  try {
    const read = readDocuments({ path: '', text: documents.join('') });
    return read.length === edited.length && edited.every(({ expected }, index) => isSame(read[index]!.value, expected));
  } catch (error) {
    if (error instanceof InputError) return false;
    throw error;
  }
}

/** What is wrong with an edited document; undefined when it means what is expected. */
function faultIn(text: string, expected: Json): string | undefined {
  try {
    const documents = readDocuments({ path: '', text });
    const isRight = documents.length === 1 && isSame(documents[0]!.value, expected);
    return isRight ? undefined : 'it would mean something else';
  } catch (error) {
    if (error instanceof InputError) return error.message;
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
    const lines = printBlock(value, layoutOf(text));
    return `${text === '' || text.endsWith('\n') ? text : `${text}\n`}${lines.join('\n')}\n`;
  }
  const expected = applyOperations(document.value, operations);
  const [edits] = patchDocuments([{ document, operations, expected }]);
  if (edits instanceof InputError) throw edits;
  return splice(text, edits!);
}
