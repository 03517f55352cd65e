/**
 * Where the JSON objects begin that a text is made of, when it is several behind one another: what `kubectl get -o json`
 * prints when it is called again and again. Empty for any other text.
 *
 * @see https://github.com/kubernetes/apimachinery/blob/v0.34.0/pkg/util/yaml/decoder.go `YAMLOrJSONDecoder`
 */
export function startsOfJson(text: string): readonly number[] {
  const bounds: { readonly start: number; readonly end: number }[] = [];
  for (let start = behindBlanks(text, 0); start < text.length; ) {
    const end = text[start] === '{' ? objectEnd(text, start) : -1;
    if (end === -1) return [];
    bounds.push({ start, end });
    start = behindBlanks(text, end);
  }
  const isStream = bounds.length > 1 && bounds.every(({ start, end }) => isJson(text.slice(start, end)));
  return isStream ? bounds.map(({ start }) => start) : [];
}

function behindBlanks(text: string, from: number): number {
  const blanks = /[\ufeff\s]*/y;
  blanks.lastIndex = from;
  blanks.test(text);
  return blanks.lastIndex;
}

/** Offset behind the brace that closes the one at `start`; -1 when none does. */
function objectEnd(text: string, start: number): number {
  const marks = /[{}]|"(?:[^"\\]|\\.)*"/gs;
  marks.lastIndex = start;
  let depth = 0;
  for (let found = marks.exec(text); found; found = marks.exec(text)) {
    if (found[0] === '{') depth++;
    else if (found[0] === '}' && --depth === 0) return marks.lastIndex;
  }
  return -1;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
