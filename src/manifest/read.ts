import { InputError } from '../errors.ts';
import type { RawDocument } from './compose.ts';
import { readByEvents, readPaddingLines } from './events.ts';
import { startsOfJson } from './json-stream.ts';
import type { Document, Json, Node, SourceFile } from './node.ts';
import { type Expansion, nodeValue, openExpansion } from './node-value.ts';
import { nodes, plainValues } from './plain-yaml/builder.ts';
import { readPlain } from './plain-yaml/read-plain.ts';
import { placeAt } from './position.ts';
import { readSecond } from './second-reader.ts';
import { depthLimit, YamlFault } from './yaml-fault.ts';

/**
 * Reads all documents of a YAML or JSON file.
 *
 * What either of two parsers accepts is accepted, since neither takes all that Kubernetes does.
 *
 * @param options.nodes - true for a file whose documents will surely be edited: their nodes are made at once, and kept
 * @param options.expansion - what aliases may still expand to, shared by all files of a run; else by this file's documents
 * @throws InputError with the place of the first fault
 */
export function readDocuments(
  file: SourceFile,
  options: { readonly nodes?: boolean; readonly expansion?: Expansion } = {},
): Document[] {
  const expansion = options.expansion ?? openExpansion();
  try {
    return readParts(file.text, options.nodes === true).map(({ start, end, content, root, isWhole, value }, index) => {
      if (root === undefined) return { file, index, start, end, content, value };
      const document = { file, index, start, end, content, value: nodeValue(root, expansion) };
      (isWhole ? wholeTrees : keptTrees).set(document, root);
      return document;
    });
  } catch (error) {
    throw asInputError(error, file);
  }
}

/** The trees of documents that only a parser for all of YAML reads. */
const wholeTrees = new WeakMap<Document, Node>();
/** The trees of common documents that were read with `nodes`. */
const keptTrees = new WeakMap<Document, Node>();

/**
 * Reads the nodes of a document. Those of common YAML are made anew each time, and kept only by the caller, since
 * the trees of thousands of documents would fill the memory: ask once for all that is to be done with a document.
 */
export function readTree(document: Document): Node {
  const kept = wholeTrees.get(document) ?? keptTrees.get(document);
  if (kept) return kept;
  const read = readPlain(document.file.text, document.content, document.end, nodes);
  if (!read) throw new Error(`${document.file.path}: document ${document.index} differs from its first reading`);
  return read.root;
}

/** True for a document of the common part of YAML: no anchors, no tags, no scalars that go over lines but block scalars. */
export function isCommon(document: Document): boolean {
  return !wholeTrees.has(document);
}

/**
 * The value of the one document in a text; null when it is empty or cannot be read.
 * For text inside manifests, where a fault is reported when an edit is made.
 */
export function parseText(text: string): Json {
  try {
    const [first] = readDocuments({ path: '', text });
    return first ? first.value : null;
  } catch (error) {
    if (error instanceof InputError) return null;
    throw error;
  }
}

/** Lines that make a document more than what is between two `---`: directives and `...`. */
const boundaries = /^(%|\.\.\.)/m;
/** Characters that are left to parsers of all of YAML: controls, lone surrogates, byte-order marks, odd line breaks. */
const unusualText =
  /\r(?!\n)|[\u2028\u2029]|[^\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\u{10000}-\u{10ffff}]/u;

/** A document as it is read: its tree, or only its value from the reader of common YAML. */
type Part = Omit<Document, 'file' | 'index' | 'value'> &
  (
    | { readonly root: Node; readonly isWhole: boolean; readonly value?: never }
    | { readonly root?: never; readonly isWhole?: never; readonly value: Json }
  );

/** Reads document by document: a line that begins with `---` begins one wherever it is. */
function readParts(given: string, withNodes: boolean): Part[] {
  // Files put behind one another have byte-order marks inside. Offsets stay as they are.
  const text = given.includes('\ufeff', 1) ? given.replace(/^(---[^\n]*?)(\r?\n)\ufeff/gm, '$1 $2') : given;
  const jsonStarts = startsOfJson(text);
  if (jsonStarts.length > 1) return readJsonStream(text, jsonStarts, withNodes);
  // The nodes of what is not in the file as it was read cannot be read from there later.
  return readYamlStream(text, withNodes || text !== given);
}

/** Reads JSON values behind one another without `---`, as kubectl does. */
function readJsonStream(text: string, starts: readonly number[], withNodes: boolean): Part[] {
  return starts.flatMap((content, index) => {
    return readPart(text, index === 0 ? 0 : content, content, starts[index + 1] ?? text.length, withNodes) ?? [];
  });
}

function readYamlStream(text: string, withNodes: boolean): Part[] {
  if (boundaries.test(text) || unusualText.test(text))
    return readAny(text).map((raw) => ({ ...raw, content: raw.start, isWhole: true }));
  const parts: Part[] = [];
  const marker = /^---(?=\s|$)/gm;
  let start = 0;
  for (let content = 0; content < text.length; ) {
    marker.lastIndex = content + 1;
    const end = marker.exec(text)?.index ?? text.length;
    const part = readPart(text, start, content, end, withNodes);
    // Comments before the first `---` belong to the first document.
    if (part) {
      parts.push(part);
      start = end;
    }
    content = end;
  }
  return parts;
}

/** Reads the one document between two offsets; undefined when there is none. */
function readPart(text: string, start: number, content: number, end: number, withNodes: boolean): Part | undefined {
  const common = withNodes ? readPlain(text, content, end, nodes) : readPlain(text, content, end, plainValues);
  if (common === null) return undefined;
  const bounds = { start, end, content };
  if (common && withNodes) return { ...bounds, root: common.root as Node, isWhole: false };
  if (common) return { ...bounds, value: common.root as Json };
  const root = readRootOfAny(text, content, end);
  return root && { ...bounds, root, isWhole: true };
}

/** Reads the one document between two offsets by parsers for all of YAML. */
function readRootOfAny(text: string, content: number, end: number): Node | undefined {
  try {
    const [document] = readAny(text.slice(content, end));
    if (document) shift(document.root, content);
    return document?.root;
  } catch (error) {
    if (error instanceof YamlFault) throw new YamlFault(error.message, error.offset + content);
    if (isYamlException(error) && error.mark) error.mark.position += content;
    throw error;
  }
}

/** Moves a tree that nothing else uses yet to where its text is. */
function shift(node: Node, by: number): void {
  const moved = node as { -readonly [K in 'outerStart' | 'start' | 'end']: number };
  moved.outerStart += by;
  moved.start += by;
  moved.end += by;
  if (node.kind === 'map') {
    for (const { keyNode, value } of node.entries) for (const each of [keyNode, value]) shift(each, by);
  } else if (node.kind === 'seq') {
    for (const item of node.items as { dash: number; value: Node }[]) {
      item.dash += by;
      shift(item.value, by);
    }
  }
}

/** Reads by parsers for all of YAML: what any of them accepts is accepted. */
function readAny(text: string): RawDocument[] {
  try {
    return readByEvents(text);
  } catch (fault) {
    if (!isYamlException(fault)) throw fault;
    for (const read of [readSecond, readPaddingLines]) {
      try {
        return read(text);
      } catch (error) {
        if (!isYamlException(error) && !(error instanceof YamlFault)) throw error;
      }
    }
    throw fault; // all refuse: the first parser has the clearest message
  }
}

interface YamlException extends Error {
  readonly reason: string;
  readonly mark?: { position: number };
}

function isYamlException(error: unknown): error is YamlException {
  return error instanceof Error && error.name === 'YAMLException';
}

function asInputError(error: unknown, file: SourceFile): unknown {
  if (error instanceof YamlFault) return new InputError(error.message, { place: placeAt(file, error.offset) });
  if (!isYamlException(error)) return error;
  const place = placeAt(file, error.mark?.position ?? 0);
  if (error.reason.includes('maxDepth'))
    return new InputError(`collections nest deeper than ${depthLimit} levels`, { place });
  return new InputError(error.reason, { place, ...hintFor(error.reason) });
}

function hintFor(reason: string): { hint?: string } {
  if (reason.includes('tab characters')) return { hint: 'indent with spaces: YAML allows no tabs there' };
  if (reason === 'deficient indentation') return { hint: 'indent the line further than the key that it belongs to' };
  if (reason.includes('end of the stream within a flow')) return { hint: 'close the bracket or brace' };
  return {};
}
