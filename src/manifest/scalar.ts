import type { Json } from './node.ts';

const words = new Map<string, Json>();
for (const text of ['', '~', 'null', 'Null', 'NULL']) words.set(text, null);
for (const text of ['y', 'yes', 'true', 'on']) for (const form of forms(text)) words.set(form, true);
for (const text of ['n', 'no', 'false', 'off']) for (const form of forms(text)) words.set(form, false);

function forms(word: string): string[] {
  return [word, word.toUpperCase(), word.charAt(0).toUpperCase() + word.slice(1)];
}

/**
 * What a plain scalar means to Kubernetes, whose parser (go-yaml 2) follows YAML 1.1 for booleans and octal
 * integers but knows no base 60: `on` is true, `012` is 10, `1:30` is a string.
 *
 * @see https://github.com/kubernetes-sigs/yaml/blob/master/goyaml.v2/resolve.go
 */
export function resolvePlain(text: string): Json {
  const word = text.length > 5 ? undefined : words.get(text); // the longest word is `false`
  if (word !== undefined) return word;
  const first = text.charCodeAt(0);
  const isNumeric = (first >= 48 && first <= 57) || first === 43 || first === 45 || first === 46; // 0-9 + - .
  return isNumeric ? (resolveNumber(text) ?? text) : text;
}

/** go-yaml leaves a string what its integers of 64 bits and its floats cannot hold: the label `786e737` is text. */
function resolveNumber(text: string): number | undefined {
  const digits = text.replace(/_/g, '');
  if (/^[-+]?(0|[1-9]\d*)$/.test(digits)) return Number(digits) || 0; // the integer -0 is 0
  const based = /^([-+]?)0(?:([bxo])([\da-f]+)|([0-7]+))$/i.exec(digits);
  if (based) {
    const [, sign = '', letter = 'o', body, octal] = based;
    const magnitude = basedInteger(`0${letter.toLowerCase()}${body ?? octal}`, sign);
    if (magnitude !== undefined) return sign === '-' ? -magnitude || 0 : magnitude;
    if (octal === undefined) return undefined; // too long an octal number is read as a decimal one
  }
  if (/^[-+]?(\.\d+|\d+(\.\d*)?)(e[-+]?\d+)?$/i.test(digits)) {
    const float = Number(digits);
    return Number.isFinite(float) ? float : undefined;
  }
  if (/^[-+]?\.(inf|Inf|INF)$/.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  return undefined;
}

/** What `0x…`, `0b…` and `0o…` mean; undefined for what is not such a number, or takes more than 64 bits. */
function basedInteger(text: string, sign: string): number | undefined {
  const magnitude = Number(text);
  if (Number.isNaN(magnitude)) return undefined;
  if (magnitude < 2 ** 63) return magnitude;
  const exact = BigInt(text);
  const limit = sign === '' ? 2n ** 64n - 1n : sign === '-' ? 2n ** 63n : 2n ** 63n - 1n;
  return exact <= limit ? magnitude : undefined;
}

/** What a scalar with an explicit tag means; tags that Kubernetes does not know leave the text a string. */
export function resolveTagged(tag: string, text: string): Json {
  switch (tag.replace(/^!!|^tag:yaml\.org,2002:/, '')) {
    case 'int':
    case 'float':
    case 'bool':
    case 'null':
      return resolvePlain(text);
    default:
      return text;
  }
}
