/**
 * Joins texts of YAML or JSON documents to one stream: a `---` where one is needed, and a line break where one is
 * missing. A single text comes out as it is.
 */
export function joinStream(texts: readonly string[]): string {
  const pieces = texts.filter((text) => text !== '');
  // A reader that sees JSON first may take the whole stream for JSON.
  const isJsonFirst = pieces.length > 1 && /^\ufeff?\s*[{[]/.test(pieces[0] as string);
  let stream = isJsonFirst ? '---\n' : '';
  for (const [index, piece] of pieces.entries()) {
    if (index === 0) stream += piece;
    else stream += separatorBetween(pieces[index - 1] as string, piece) + piece.replace(/^\ufeff/, '');
  }
  return stream;
}

/** What to append to a text so that further documents follow; in the text's own kind of line break. */
export function appendix(text: string, documents: readonly string[]): string {
  const kept = text.trim() === '' ? [] : [text];
  const joined = joinStream([...kept, ...documents]).slice(kept.length === 0 ? 0 : text.length);
  return /\r\n/.test(text) ? joined.replace(/\r?\n/g, '\r\n') : joined;
}

function separatorBetween(before: string, after: string): string {
  const lineBreak = before.endsWith('\n') ? '' : '\n';
  if (!hasContent(after) || /(^|\n)---[ \t]*\r?\n?$/.test(before)) return lineBreak;
  const first = firstToken(after);
  // Directives may stand only after an explicit end of the document before.
  if (first.startsWith('%')) return `${lineBreak}...\n`;
  return /^---(\s|$)/.test(first) ? lineBreak : `${lineBreak}---\n`;
}

function firstToken(text: string): string {
  const match = /^\ufeff?(?:[ \t]*(?:#[^\n]*)?\r?\n)*([^\n]*)/.exec(text);
  return match?.[1] ?? '';
}

/** False for a text of comments and empty lines only, which is no document. */
function hasContent(text: string): boolean {
  const first = firstToken(text).trim();
  return first !== '' && !first.startsWith('#');
}
