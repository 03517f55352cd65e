/**
 * Joins texts of YAML or JSON documents to one stream: a `---` where one is needed, and a line break where one is
 * missing. A single text comes out as it is. `added` follow in the line breaks of what is before them.
 */
export function joinStream(texts: readonly string[], added: readonly string[] = []): string {
  const pieces = texts.filter((text) => text !== '');
  let stream = '';
  for (const [index, piece] of pieces.entries()) {
    stream += index === 0 ? piece : separatorBetween(pieces[index - 1] as string, piece) + piece.replace(/^\ufeff/, '');
  }
  stream += appendix(stream, added);
  // A reader that sees JSON first, such as kubectl, may take the whole stream for JSON.
  const isJsonFirst = pieces.length + added.length > 1 && /^\ufeff?\s*[{[]/.test(stream);
  return isJsonFirst ? `---\n${stream}` : stream;
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
