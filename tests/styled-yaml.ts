// Random YAML in random style, for the property tests: the same value, written in the many ways that people write it.
import fc from 'fast-check';
import type { Json, JsonObject } from '../src/manifest/node.ts';

export interface Styled {
  readonly value: Json;
  /** Lines of the node as a block, from column 0; a scalar or flow collection has one. */
  readonly lines: readonly string[];
  readonly isInline: boolean;
}

const words = fc.constantFrom('a', 'host', 'retries', 'uri', 'x-y', 'k8s.io/name', 'on', '1', 'a b', '__proto__', 'é');
const strings = fc.constantFrom(
  '',
  'plain',
  'on',
  'yes',
  '0123',
  '1e3',
  '~',
  'null',
  'a: b',
  '#x',
  'x #y',
  ' lead',
  'trail ',
  "it's",
  '"q"',
  'two\nlines\n',
  'two\nlines',
  '- dash',
  '*star',
  '&and',
  '{a}',
  '[b]',
  '%dir',
  '@at',
  '`tick',
  '2001-01-01',
  '12:30:45',
  'ünï',
  '😀',
  'tab\there',
  '0o14',
  '=',
  '<<',
  '\u0085',
  '---',
  'a\n\n\nb\n',
  '/api/v2',
  '10.0.0.1',
  'true',
  '-',
  '?',
  ':',
  'x:',
  '\\d+',
);
export const scalars: fc.Arbitrary<Json> = fc.oneof(
  strings,
  fc.integer({ min: -5, max: 99_999 }),
  fc.boolean(),
  fc.constant(null),
);
export const values: fc.Arbitrary<Json> = fc.letrec<{ tree: Json }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalars,
    fc.array(tie('tree'), { maxLength: 3 }),
    fc.array(fc.tuple(words, tie('tree')), { maxLength: 3 }).map(objectOf),
  ),
})).tree;

export function objectOf(entries: readonly (readonly [string, Json])[]): JsonObject {
  const object: JsonObject = {};
  for (const [key, value] of entries)
    Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
  return object;
}

const doubleQuoted = (text: string): string =>
  JSON.stringify(text).replace(
    /[\x7f-\x9f\u2028\u2029]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
const isPlain = (text: string): boolean =>
  /^[a-z][a-z/.-]*$/.test(text) && !['on', 'yes', 'null', 'true'].includes(text);

function scalarText(value: Json, style: number): string {
  if (typeof value !== 'string') return value === null ? ['null', '~', ''][style % 3]! : String(value);
  if (style % 3 === 0 && isPlain(value)) return value;
  if (style % 3 === 1 && /^[\x20-\x7e]*$/.test(value)) return `'${value.replace(/'/g, "''")}'`;
  return doubleQuoted(value);
}

function flowText(value: Json, style: number): string {
  const pad = style % 2 === 0 ? '' : ' ';
  if (Array.isArray(value)) return `[${pad}${value.map((item) => flowText(item, style)).join(', ')}${pad}]`;
  if (typeof value !== 'object' || value === null) return scalarText(value, style) || 'null';
  return `{${pad}${Object.entries(value)
    .map(([key, item]) => `${doubleQuoted(key)}: ${flowText(item, style)}`)
    .join(', ')}${pad}}`;
}

/** Prints a value in a style drawn from a stream of numbers. Every comment has a number of its own. */
export function printStyled(root: Json, draw: () => number): { text: string; comments: number } {
  let comments = 0;
  const comment = (): string => `# c${comments++}c`;
  const indent = (lines: readonly string[], spaces: number): string[] =>
    lines.map((line) => (line.trim() === '' ? line : ' '.repeat(spaces) + line));
  const step = 1 + (draw() % 4);

  const block = (value: Json): string[] | undefined => {
    if (typeof value !== 'object' || value === null || draw() % 4 === 0) return undefined;
    const isList = Array.isArray(value);
    const entries: [string, Json][] = isList
      ? value.map((item) => ['-', item])
      : Object.entries(value).map(([key, item]) => [`${keyText(key)}:`, item]);
    if (entries.length === 0) return undefined;
    return entries.flatMap(([head, item]) => [...lineBefore(), ...entryLines(head, item, isList)]);
  };
  const lineBefore = (): string[] => {
    if (draw() % 5 === 0) return [comment()];
    return draw() % 9 === 0 ? [''] : [];
  };
  const entryLines = (head: string, item: Json, isListItem: boolean): string[] => {
    const nested = block(item);
    if (nested === undefined) return inline(head, item);
    const tail = draw() % 6 === 0 ? ` ${comment()}` : '';
    if (isListItem) return listItem(nested, tail);
    // Only a list may stand as far left as its key.
    const isZero = Array.isArray(item) && draw() % 2 === 0;
    return [`${head}${tail}`, ...indent(nested, isZero ? 0 : step)];
  };
  const listItem = (nested: readonly string[], tail: string): string[] => {
    const [first = '', ...others] = nested;
    if (draw() % 3 > 0 && !first.startsWith('#') && first !== '') return [`- ${first}`, ...indent(others, 2)];
    return [`-${tail}`, ...indent(nested, 2)];
  };
  const keyText = (key: string): string =>
    /^[a-z][a-z./-]*$/.test(key) && key !== 'on' ? key : draw() % 2 ? doubleQuoted(key) : `'${key}'`;
  const inline = (head: string, item: Json): string[] => {
    const tail = draw() % 5 === 0 ? ` ${comment()}` : '';
    if (typeof item === 'string' && /^[a-z]+\n[a-z]+\n?$/.test(item) && draw() % 2) {
      const chomp = item.endsWith('\n') ? '' : '-';
      return [`${head} |${chomp}${tail}`, ...indent(item.replace(/\n$/, '').split('\n'), step)];
    }
    const text = typeof item === 'object' && item !== null ? flowText(item, draw()) : scalarText(item, draw());
    return [`${head}${text === '' ? '' : ` ${text}`}${tail}`];
  };

  const lines = block(root) ?? [flowText(root, draw())];
  const lineBreak = draw() % 4 === 0 ? '\r\n' : '\n';
  const head = draw() % 4 === 0 ? `---${lineBreak}` : '';
  const end = draw() % 4 === 0 ? '' : lineBreak;
  return { text: head + lines.join(lineBreak) + end, comments };
}
