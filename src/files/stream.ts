import { InputError } from '../errors.ts';
import { startsOfJson } from '../manifest/json-stream.ts';
import type { Node, ScalarNode } from '../manifest/node.ts';
import { readDocuments, readTree } from '../manifest/read.ts';

/**
 * Joins texts of YAML or JSON documents to one stream: a `---` where one is needed, and a line break where one is
 * missing. A single text comes out as it is. `added` follow in the line breaks of what is before them.
 */
export function joinStream(texts: readonly string[], added: readonly string[] = []): string {
  const whole = texts.filter((text) => text !== '');
  // Kubectl reads several JSON objects in a file of nothing else, but not between `---`.
  const given = whole.length + added.length > 1 ? whole.flatMap(jsonObjects) : whole;
  const pieces = given.map((text, index) => (index < given.length - 1 || added.length > 0 ? closed(text) : text));
  let stream = '';
  for (const [index, piece] of pieces.entries()) {
    stream += index === 0 ? piece : separatorBetween(pieces[index - 1] as string, piece) + piece.replace(/^\ufeff/, '');
  }
  stream += appendix(stream, added);
  // A reader that sees JSON first, such as kubectl, may take the whole stream for JSON.
  const isJsonFirst = pieces.length + added.length > 1 && /^\ufeff?\s*[{[]/.test(stream);
  // Go's readers take a byte-order mark only where the stream begins.
  return isJsonFirst ? `---\n${stream.replace(/^\ufeff/, '')}` : stream;
}

/** The JSON objects of a text that is several of them; else the text alone. */
function jsonObjects(text: string): string[] {
  const starts = startsOfJson(text);
  if (starts.length === 0) return [text];
  return starts.map((start, index) => text.slice(start, starts[index + 1]).trimEnd());
}

/**
 * A text to which a line break can be added without a change of its meaning: a block scalar at its very end would take the
 * line break up, unless its header says `-`.
 */
export function closed(text: string): string {
  // Few texts end so, and those must be read.
  if (text.endsWith('\n') || !/[|>][-+\d]*[ \t]*(#[^\n]*)?\r?\n/.test(text)) return text;
  const scalar = lastScalar(text);
  if (!scalar || scalar.end < text.length || !/^(literal|folded)$/.test(scalar.style)) return text;
  const header = /^[|>][-+\d]*/.exec(text.slice(scalar.start))?.[0] ?? '';
  if (header.includes('-')) return text;
  const stripped = `${header.replace('+', '')}-`;
  return text.slice(0, scalar.start) + stripped + text.slice(scalar.start + header.length);
}

/** The last scalar of a text; undefined when it ends with something else, or cannot be read. */
function lastScalar(text: string): ScalarNode | undefined {
  let node: Node | undefined;
  try {
    const document = readDocuments({ path: '', text }).at(-1);
    node = document && readTree(document);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
  }
  while (node?.kind === 'map' || node?.kind === 'seq')
    node = node.kind === 'map' ? node.entries.at(-1)?.value : node.items.at(-1)?.value;
  return node?.kind === 'scalar' ? node : undefined;
}

/** What to append to a text so that further documents follow; in the text's own kind of line break. */
export function appendix(text: string, documents: readonly string[]): string {
  let before = text.trim() === '' ? '' : text;
  let joined = '';
  for (const document of documents) {
    joined += (before === '' ? '' : separatorBetween(before, document)) + document;
    before = document;
  }
  return /\r\n/.test(text) ? joined.replace(/\r?\n/g, '\r\n') : joined;
}

function separatorBetween(before: string, after: string): string {
  const lineBreak = before.endsWith('\n') ? '' : '\n';
  if (!hasContent(after) || /(^|\n)---[ \t]*\r?\n?$/.test(before)) return lineBreak;
  const first = firstToken(after);
  // Directives may come only after an explicit end of the document before.
  if (first.startsWith('%')) return `${lineBreak}...\n`;
  return /^---(\s|$)/.test(first) ? lineBreak : `${lineBreak}---\n`;
}

function firstToken(text: string): string {
  const match = /^\ufeff?(?:[ \t]*(?:#[^\n]*)?\r?\n)*([^\n]*)/.exec(text);
  return match?.[1] ?? '';
}

/** False for a text of comments and empty lines only, which is not a document. */
function hasContent(text: string): boolean {
  const first = firstToken(text).trim();
  return first !== '' && !first.startsWith('#');
}
