/** Breaks a text into lines of at most `columns` characters. Code between backticks stays on one line where it fits. */
export function wrap(text: string, columns: number): string[] {
  const words = text.match(/(?:`[^`]*`|[^\s`]|`)+/g) ?? [];
  const lines: string[] = [];
  for (const part of words.flatMap((word) => (word.length > columns ? word.split(/\s+/) : [word]))) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + part.length > columns) lines.push(part);
    else lines[lines.length - 1] = `${last} ${part}`;
  }
  return lines.length === 0 ? [''] : lines;
}
