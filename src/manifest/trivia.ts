/** Skips white space, line breaks and comments. */
export function skipTrivia(text: string, from: number): number {
  let offset = from;
  for (;;) {
    const code = text.charCodeAt(offset);
    if (code === 0x20 || code === 0x09 || code === 0x0a || code === 0x0d || code === 0xfeff) offset++;
    else if (code === 0x23) {
      const newline = text.indexOf('\n', offset);
      offset = newline === -1 ? text.length : newline;
    } else return offset;
  }
}

/** True for a `---` or `...` on a line of its own or before a blank, at a line's start. */
export function isMarker(text: string, offset: number, marker: string): boolean {
  if (!text.startsWith(marker, offset)) return false;
  const after = text.charCodeAt(offset + 3);
  return Number.isNaN(after) || after === 0x20 || after === 0x09 || after === 0x0a || after === 0x0d;
}
