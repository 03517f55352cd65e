import { InputError } from '../errors.ts';
import { isObject, type Json, type MapNode, type Node } from './node.ts';
import { resolvePlain } from './scalar.ts';

/** How a document is laid out, so that what is new looks like what was there. */
export interface Layout {
  /** Spaces by which a nested mapping is indented. */
  readonly step: number;
  /** Spaces by which a sequence's dashes are indented from the key that holds it. */
  readonly dashOffset: number;
  readonly lineBreak: '\n' | '\r\n';
}

/** A string that every YAML reader, of version 1.1 or 1.2, takes for that string when it is unquoted. */
function isPlainSafe(text: string): boolean {
  if (!/^[\w./\\][\w./@*+~^$()%;\\-]*(?:[ :][\w./@*+~^$()%;\\-]+)*$/.test(text) || text.includes('---')) return false;
  if (/^\d+(\.\d+){2,}$/.test(text)) return true; // an IP address or a version, no number to anybody
  if (/^[-+.\d][-+.\d_:a-fA-FxXoO]*$/.test(text) || /^\d{4}-\d/.test(text)) return false; // numbers, dates, base 60
  return typeof resolvePlain(text) === 'string' && !/^[.][a-z]{3}$/i.test(text);
}

/** A scalar on one line; strings are quoted where a reader could take them for something else. */
export function printScalar(
  value: string | number | boolean | null,
  quote: 'plain' | 'single' | 'double' = 'plain',
): string {
  if (typeof value === 'number') return printNumber(value);
  if (typeof value !== 'string') return String(value);
  const isPrintable = !/[^\x20-\x7e\u00a0-\ud7ff\ue000-\ufdcf\ufdf0-\ufffd]/.test(value);
  if (quote === 'single' && isPrintable) return `'${value.replace(/'/g, "''")}'`;
  return quote === 'plain' && isPlainSafe(value) ? value : escapeDouble(value);
}

/** Integers of Kubernetes have 64 bits. */
const integerLimit = 2 ** 64;

/** @throws InputError for an integer some of whose last digits were lost when it was read */
function printNumber(value: number): string {
  if (Math.abs(value) === Infinity) return value < 0 ? '-.inf' : '.inf';
  if (Object.is(value, -0)) return '-0.0'; // the integer -0 was read as 0
  if (Number.isInteger(value) && !Number.isSafeInteger(value) && Math.abs(value) <= integerLimit)
    throw new InputError(`an integer near ${value} has more digits than can be copied here`);
  return String(value);
}

function escapeDouble(text: string): string {
  return escapeOdd(JSON.stringify(text));
}

/** Escapes what JSON leaves bare and YAML does not print. */
export function escapeOdd(json: string): string {
  return json.replace(/[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

/** A value on one line: `{attempts: 0}`; `json` quotes keys and strings as JSON does. */
export function printFlow(value: Json, json = false, padded = false): string {
  if (Array.isArray(value)) return `[${value.map((item) => printFlow(item, json, padded)).join(', ')}]`;
  if (!isObject(value)) return json && typeof value === 'string' ? escapeDouble(value) : printScalar(value);
  const entries = Object.entries(value).map(
    ([key, item]) => `${printKey(key, json)}: ${printFlow(item, json, padded)}`,
  );
  const space = padded && entries.length > 0 ? ' ' : '';
  return `{${space}${entries.join(', ')}${space}}`;
}

/** A mapping's key. */
export function printKey(key: string, json = false): string {
  return json ? escapeDouble(key) : printScalar(key);
}

function isEmpty(value: Json): boolean {
  return Array.isArray(value) ? value.length === 0 : isObject(value) && Object.keys(value).length === 0;
}

/** True when a value is printed on lines of its own. */
export function isBlock(value: Json): boolean {
  return typeof value === 'object' && value !== null && !isEmpty(value);
}

/** The lines of a block collection, from column 0. */
export function printBlock(value: Json, layout: Layout): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => printItem(item, layout));
  if (!isObject(value)) return [printScalar(value)];
  return Object.entries(value).flatMap(([key, item]) => printEntry(printKey(key), item, layout));
}

/** The lines of a list item, its dash at column 0. */
export function printItem(value: Json, layout: Layout): string[] {
  if (!isBlock(value)) return printInline('-', value, layout);
  return printBlock(value, layout).map((line, index) => (index === 0 ? `- ${line}` : indented(line, 2)));
}

/** The lines of a mapping entry, its key (printed already) at column 0. */
export function printEntry(key: string, value: Json, layout: Layout): string[] {
  if (!isBlock(value)) return printInline(`${key}:`, value, layout);
  const offset = Array.isArray(value) ? layout.dashOffset : layout.step;
  return [`${key}:`, ...printBlock(value, layout).map((line) => indented(line, offset))];
}

function printInline(prefix: string, value: Json, layout: Layout): string[] {
  if (typeof value === 'string' && isLiteralSafe(value)) {
    const lines = value.endsWith('\n') ? value.slice(0, -1).split('\n') : value.split('\n');
    return [`${prefix} ${value.endsWith('\n') ? '|' : '|-'}`, ...lines.map((line) => indented(line, layout.step))];
  }
  return [`${prefix} ${Array.isArray(value) || isObject(value) ? printFlow(value) : printScalar(value)}`];
}

/** True for text whose characters all parsers take literally: no controls, no surrogates alone, no byte-order mark. */
export function isLiteralText(text: string): boolean {
  return !/[^\t\n\x20-\x7e\u00a0-\ud7ff\ue000-\ufdcf\ufdf0-\ufefe\uff00-\ufffd\u{10000}-\u{1fffd}]/u.test(text);
}

/** A text of several lines that a literal block scalar gives back as it is. */
function isLiteralSafe(text: string): boolean {
  return (
    /[^\n]\n/.test(text) && !/^[\s]/.test(text) && !text.includes('\t') && isLiteralText(text) && !/\n\n$/.test(text)
  );
}

export function indented(line: string, spaces: number): string {
  return line === '' ? '' : ' '.repeat(spaces) + line;
}

/** Finds how a document is laid out; what it does not show is two spaces, dashes at the key's own column. */
export function layoutOf(text: string, root?: Node): Layout {
  const found: { step?: number; dashOffset?: number } = {};
  const column = (offset: number): number => offset - (text.lastIndexOf('\n', offset - 1) + 1);
  const visit = (node: Node, depth: number): void => {
    if (depth > 12 || (found.step !== undefined && found.dashOffset !== undefined)) return;
    if (node.kind === 'seq' && !node.flow) for (const item of node.items) visit(item.value, depth + 1);
    if (node.kind === 'map' && !node.flow) visitEntries(node, depth);
  };
  const visitEntries = (map: MapNode, depth: number): void => {
    for (const { keyNode, value } of map.entries) {
      const isOnNextLine = (value.kind === 'map' || value.kind === 'seq') && !value.flow;
      const offset = isOnNextLine ? column(value.start) - column(keyNode.start) : undefined;
      if (offset !== undefined && value.kind === 'map' && offset > 0) found.step ??= offset;
      if (offset !== undefined && value.kind === 'seq') found.dashOffset ??= offset;
      visit(value, depth + 1);
    }
  };
  if (root) visit(root, 0);
  const newline = text.indexOf('\n');
  return {
    step: found.step ?? 2,
    dashOffset: Math.max(found.dashOffset ?? 0, 0),
    lineBreak: newline > 0 && text[newline - 1] === '\r' ? '\r\n' : '\n',
  };
}
