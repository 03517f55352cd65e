import { readFileSync } from 'node:fs';

/** An exported interface or type, whole; or a function's signature; each with the docstring before it. */
const declaration =
  /^(?:\/\*\*[^\n]*\*\/\n|\/\*\*\n(?: \*[^\n]*\n)+)?export (?:(?:interface)[\s\S]*?^\}|type [A-Z][\s\S]*?;(?=\n)|declare function [\s\S]*?;(?=\n))/gm;

/** The public declarations of TypeScript files, as the code blocks of a document. */
export function apiMarkdown(files: readonly URL[]): string {
  const texts = files.map((file) => readFileSync(file, 'utf8'));
  const declarations = texts.flatMap((text) => [...text.matchAll(declaration)].map(([found]) => found));
  return declarations.map((text) => `\`\`\`ts\n${text}\n\`\`\`\n`).join('\n');
}
