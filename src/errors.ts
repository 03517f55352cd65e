/** Where in the user's input something is: lines and columns count from 1. */
export interface Place {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
}

/** Text of the input as it may be printed on a terminal: control characters are shown, not obeyed. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]/gu, (character) => {
    const escaped = JSON.stringify(character).slice(1, -1);
    return escaped.startsWith('\\') ? escaped : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

/** Prints a place as editors understand it: `vs.yaml:3:5`. */
export function formatPlace({ file, line, column }: Place): string {
  const name = printable(file);
  if (line === undefined) return name;
  return column === undefined ? `${name}:${line}` : `${name}:${line}:${column}`;
}

/**
 * An error in what the user gave us, with its place, what is wrong, and the way out.
 * Every other error is a bug of ours, and keeps its stack.
 */
export class InputError extends Error {
  readonly hint: string | undefined;
  readonly place: Place | undefined;

  constructor(message: string, options: { hint?: string; place?: Place } = {}) {
    super(message);
    this.name = 'InputError';
    this.hint = options.hint;
    this.place = options.place;
  }

  /** `vs.yaml:3:5: mapping key has no value` and, on a second line, the hint. */
  report(): string {
    const where = this.place ? `${formatPlace(this.place)}: ` : '';
    const hint = this.hint ? `\nhint: ${this.hint}` : '';
    return `${where}${printable(this.message)}${hint}\n`;
  }
}
