import type { ScalarNode } from '../node.ts';
import { trimmedEnd } from '../position.ts';
import { indented, isLiteralText } from '../print.ts';
import { lineEdits, type TextEdit } from '../splice.ts';
import type { Rendering } from './rendering.ts';

/** The edits that give a literal block scalar another text, line by line; undefined when its header does not fit that. */
export function literalEdits({ text, layout }: Rendering, node: ScalarNode, after: string): TextEdit[] | undefined {
  const { start, end, indent } = node;
  if (!fitsHeader(String(node.value), after)) return undefined;
  const bodyStart = text.indexOf('\n', start) + 1;
  const body = text.slice(bodyStart, bodyEnd(text, bodyStart, end));
  const { lineBreak } = layout();
  const written = new Map<string, string>();
  for (const raw of body.split(lineBreak)) written.set(raw.slice(indent), raw); // keeps blanks at the end of lines that stay
  const lines = after.replace(/\n+$/, '').split('\n');
  const rebuilt = lines.map((line) => written.get(line) ?? indented(line, indent));
  return lineEdits(bodyStart, body, rebuilt.join(lineBreak));
}

/** Where the last line with content ends, blanks at its end included: they are part of the text. */
function bodyEnd(text: string, start: number, end: number): number {
  let offset = trimmedEnd(text, start, end);
  while (offset < end && (text[offset] === ' ' || text[offset] === '\t')) offset++;
  return offset;
}

/** The header says how the text ends, and how far it is indented when it begins with a blank. */
function fitsHeader(before: string, after: string): boolean {
  const endsAlike = lineBreaksAtEnd(before) === lineBreaksAtEnd(after);
  const beginsAlike = /^[ \n]/.test(before) || !/^[ \n]/.test(after);
  return endsAlike && beginsAlike && after.trim() !== '' && isLiteralText(after);
}

function lineBreaksAtEnd(text: string): number {
  return text.length - text.replace(/\n+$/, '').length;
}
