/** Where in the user's input something is: lines and columns count from 1. */
export interface Place {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
}

/** Prints a place as editors understand it: `vs.yaml:3:5`. */
export function formatPlace({ file, line, column }: Place): string {
  if (line === undefined) return file;
  return column === undefined ? `${file}:${line}` : `${file}:${line}:${column}`;
}

/**
 * A fault in what the user gave us: told as place, what, and the way out.
 * Every other error is a fault of ours, and keeps its stack.
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
    return `${where}${this.message}${hint}\n`;
  }
}
