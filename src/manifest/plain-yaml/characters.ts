/** The UTF-16 code units that mean something to YAML. */
export const TAB = 0x09;
export const LF = 0x0a;
export const CR = 0x0d;
export const SPACE = 0x20;
export const QUOTE = 0x22;
export const HASH = 0x23;
export const APOSTROPHE = 0x27;
export const PLUS = 0x2b;
export const COMMA = 0x2c;
export const DASH = 0x2d;
export const COLON = 0x3a;
export const GREATER = 0x3e;
export const QUESTION = 0x3f;
export const OPEN = 0x5b;
export const BACKSLASH = 0x5c;
export const CLOSE = 0x5d;
export const BRACE = 0x7b;
export const PIPE = 0x7c;
export const BRACE_END = 0x7d;

/** What cannot begin a plain scalar, or means more than this reader knows: `, [ ] { } # & * ! | > ' " % @` and the backtick. */
export const indicators: ReadonlySet<number> = new Set(
  [...',[]{}#&*!|>\'"%@`'].map((character) => character.charCodeAt(0)),
);
