/** Where in the user's input something is: lines and columns count from 1. */
export interface Place {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
}

/** Characters that a terminal obeys: controls, line breaks of Unicode, and those that turn the direction of writing. */
const obeyed = /[\p{Cc}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/**
 * Text of the input as it may be printed on one line of a terminal or of a CI log: control characters are shown, not
 * obeyed, and so are the commands that runners take from a log.
 *
 * @see https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions `::` after any blanks, `##[` anywhere
 * @see https://learn.microsoft.com/en-us/azure/devops/pipelines/scripts/logging-commands `##vso[` anywhere
 */
export function printable(text: string): string {
  return text
    .replace(obeyed, (character) => {
      const escaped = JSON.stringify(character).slice(1, -1);
      return escaped.startsWith('\\') ? escaped : codePoint(character);
    })
    .replace(/^(\s*):(?=:)/, `$1${codePoint(':')}`)
    .replace(/##(?=\[|vso\[)/gi, `#${codePoint('#')}`);
}

function codePoint(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** Lines of another program's output, as they may be printed. */
export function printableLines(text: string): string[] {
  return text.split(/\r?\n/).map(printable);
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
  /** What else there is to read, such as all that another program said; may have several lines. */
  readonly details: string | undefined;

  constructor(message: string, options: { hint?: string; place?: Place; details?: string } = {}) {
    super(message);
    this.name = 'InputError';
    this.hint = options.hint;
    this.place = options.place;
    this.details = options.details;
  }

  /** `vs.yaml:3:5: mapping key has no value` and, on further lines, the hint and the details. */
  report(): string {
    const where = this.place ? `${formatPlace(this.place)}: ` : '';
    const lines = [`${where}${printable(this.message)}`];
    if (this.hint) lines.push(`hint: ${printable(this.hint)}`);
    if (this.details) lines.push(...printableLines(this.details));
    return `${lines.join('\n')}\n`;
  }
}
