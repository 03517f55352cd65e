/** Breaks a text into lines of at most `columns` characters. Code between backticks stays on one line where it fits. */
export function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.match(/(?:`[^`]*`|[^\s`]|`)+/g) ?? []) {
    for (const part of word.length > columns ? word.split(/\s+/) : [word]) {
      if (line !== '' && line.length + 1 + part.length > columns) {
        lines.push(line);
        line = part;
      } else line += line === '' ? part : ` ${part}`;
    }
  }
  return [...lines, line];
}
