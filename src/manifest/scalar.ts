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

function resolveNumber(text: string): number | undefined {
  const digits = text.replace(/_/g, '');
  if (/^[-+]?(0|[1-9]\d*)$/.test(digits)) return Number(digits);
  const based = /^([-+]?)0(?:([bxo])([\da-f]+)|([0-7]+))$/i.exec(digits);
  if (based) {
    const [, sign, letter = 'o', body, octal] = based;
    const magnitude = Number(`0${letter.toLowerCase()}${body ?? octal}`);
    return Number.isNaN(magnitude) ? undefined : sign === '-' ? -magnitude : magnitude;
  }
  if (/^[-+]?(\.\d+|\d+(\.\d*)?)(e[-+]?\d+)?$/i.test(digits)) return Number(digits);
  if (/^[-+]?\.(inf|Inf|INF)$/.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  return undefined;
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
