import { InputError, type Place } from '../errors.ts';
import { entryOf, isObject, type Json, type Node, resolved, type SourceFile } from '../manifest/node.ts';
import { placeAt } from '../manifest/position.ts';
import { readDocuments } from '../manifest/read.ts';
import { hintFor, nearest } from '../nearest.ts';
import type { Parameter, Parameters } from '../remedies/parameter.ts';

/** A value that a user gave, with what errors call it and, where known, its place. */
export interface Given {
  /** `spec.intents.disable-retries.explicit`, `--set disable-retries.explicit`. */
  readonly name: string;
  readonly value: Json;
  readonly place: Place | undefined;
  /** The text of a value given as text: `1.10` stays `1.10` for a parameter that takes a string. */
  readonly text?: string;
  /** How a value is written in its file: `1.10`, of which the value is 1.1. */
  readonly written?: string;
  at(key: string | number): Given;
  keyPlace(key: string): Place | undefined;
}

export type Values = Readonly<Record<string, unknown>>;

/** A value without place: a functionConfig that came as an object. */
export function givenValue(value: Json, name: string): Given {
  return {
    name,
    value,
    place: undefined,
    at: (key) => givenValue(childOf(value, key), join(name, key)),
    keyPlace: () => undefined,
  };
}

/** A value in a file. */
export function givenNode(file: SourceFile, written: Node, value: Json, name: string): Given {
  const node = resolved(written);
  const child = (key: string | number): Node | undefined => {
    if (node.kind === 'map') return entryOf(node, String(key))?.entry.value;
    return node.kind === 'seq' ? node.items[Number(key)]?.value : undefined;
  };
  return {
    name,
    value,
    place: placeAt(file, written.start),
    ...(node.kind === 'scalar' && { written: file.text.slice(node.start, node.end) }),
    at(key) {
      const found = child(key);
      const inner = childOf(value, key);
      return found ? givenNode(file, found, inner, join(name, key)) : givenValue(inner, join(name, key));
    },
    keyPlace(key) {
      const entry = node.kind === 'map' ? entryOf(node, key)?.entry : undefined;
      return entry && placeAt(file, entry.keyNode.start);
    },
  };
}

/** A value given as text by a flag, a ConfigMap or Argo CD: YAML. */
export function givenText(text: string, name: string): Given {
  try {
    const [document, second] = readDocuments({ path: name, text });
    if (second) throw new InputError('is more than one YAML document');
    return { ...givenValue(document?.value ?? null, name), text: text.trim() };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(`${name}: ${error.message}`, { hint: 'the value is YAML: quote it when it holds : or #' });
  }
}

function childOf(value: Json, key: string | number): Json {
  if (Array.isArray(value)) return value[Number(key)] ?? null;
  return isObject(value) && Object.hasOwn(value, key) ? (value[key] as Json) : null;
}

function join(name: string, key: string | number): string {
  if (typeof key === 'number') return `${name}[${key}]`;
  return name === '' ? key : `${name}.${key}`;
}

/** An error about a given value. */
export function faultOf(given: Given, message: string, hint?: string): InputError {
  return new InputError(`${given.name} ${message}`, options(given.place, hint));
}

/** An error about an unknown key. */
export function unknownKey(given: Given, key: string, known: readonly string[], what = 'field'): InputError {
  const subject = given.name === '' ? 'the config' : given.name;
  return new InputError(`${subject} has no ${what} ${JSON.stringify(key)}`, {
    ...options(given.keyPlace(key), hintFor(key, known)),
  });
}

function options(place: Place | undefined, hint: string | undefined): { place?: Place; hint?: string } {
  return { ...(place && { place }), ...(hint !== undefined && { hint }) };
}

/**
 * Checks the values given to a remedy against its declaration. Defaults are not filled in, so that sources can be
 * laid one over the other first.
 *
 * @throws InputError at the first value that does not fit
 */
export function checkValues(parameters: Parameters, given: Given): Values {
  if (given.value === null) return {}; // `disable-retries:` asks for the defaults
  if (!isObject(given.value)) throw faultOf(given, 'must be a mapping of parameters', 'write {} for the defaults');
  const values: Record<string, unknown> = {};
  for (const key of Object.keys(given.value)) {
    if (!Object.hasOwn(parameters, key)) throw unknownKey(given, key, Object.keys(parameters), 'parameter');
    values[key] = checkValue(parameters[key] as Parameter, given.at(key));
  }
  return values;
}

/** Checks one value; gives it in the form that remedies receive. */
export function checkValue(parameter: Parameter, given: Given): unknown {
  switch (parameter.type) {
    case 'enum':
      return checkEnum(parameter, given);
    case 'string':
      return checkString(parameter, given);
    case 'duration':
      return checkText(parameter, given, (text) => durationPattern.test(text));
    case 'boolean':
      if (typeof given.value === 'boolean') return given.value;
      throw mismatch(parameter, given);
    case 'integer':
      return checkInteger(parameter, given);
    case 'strings':
      return checkStrings(parameter, given);
    case 'labels':
      return checkLabels(parameter, given);
    case 'objects':
      return checkObjects(parameter, given);
  }
}

type ParameterOf<T extends Parameter['type']> = Extract<Parameter, { type: T }>;

function checkEnum(parameter: ParameterOf<'enum'>, given: Given): string {
  const text = textOf(given);
  if (text !== undefined && parameter.values.includes(text)) return text;
  const near = text === undefined ? undefined : nearest(text, parameter.values);
  throw mismatch(parameter, given, near === undefined ? quoteHint(given.value) : `did you mean ${near}?`);
}

function checkString(parameter: ParameterOf<'string'>, given: Given): string {
  const { pattern } = parameter;
  const isFit = (text: string): boolean => pattern === undefined || new RegExp(pattern).test(text);
  return checkText(parameter, given, isFit, quoteHint(given.value));
}

function checkText(parameter: Parameter, given: Given, isFit: (text: string) => boolean, hint?: string): string {
  const text = textOf(given);
  if (text !== undefined && isFit(text)) return text;
  throw mismatch(parameter, given, hint);
}

function checkInteger(parameter: ParameterOf<'integer'>, given: Given): number {
  const number = given.value as number;
  if (Number.isInteger(number) && number >= parameter.minimum && number <= parameter.maximum) return number;
  throw mismatch(parameter, given);
}

export const durationPattern = /^(\d+(\.\d+)?(h|m|s|ms))+$/;

/** A string as given; a bare `1.10` counts as one where the source knows only text. */
function textOf({ value, text }: Given): string | undefined {
  if (typeof value === 'string') return value;
  return value !== null && typeof value !== 'object' ? text : undefined;
}

function checkStrings(parameter: ParameterOf<'strings'>, given: Given): readonly string[] {
  const single = textOf(given);
  if (single !== undefined && single !== '') return [checkLength(single, given, parameter)];
  if (!Array.isArray(given.value) || given.value.length === 0) throw mismatch(parameter, given);
  return given.value.map((item, index) => {
    if (typeof item === 'string' && item !== '') return checkLength(item, given.at(index), parameter);
    throw faultOf(given.at(index), `must be a string, not ${show(item)}`, quoteHint(item));
  });
}

function checkLength(text: string, given: Given, { maxLength = Infinity }: ParameterOf<'strings'>): string {
  if (text.length <= maxLength) return text;
  throw faultOf(given, `has ${text.length} characters; at most ${maxLength} are allowed`);
}

function checkLabels(parameter: Parameter, given: Given): Values {
  if (!isObject(given.value)) throw mismatch(parameter, given);
  for (const [key, item] of Object.entries(given.value))
    if (typeof item !== 'string') throw faultOf(given.at(key), `must be a string, not ${show(item)}`, quoteHint(item));
  return given.value;
}

function checkObjects(parameter: ParameterOf<'objects'>, given: Given): readonly Values[] {
  const { fields, required = [], short } = parameter;
  const isSingle = short !== undefined && typeof given.value === 'string';
  const items = isSingle ? [given] : Array.isArray(given.value) ? given.value.map((_, index) => given.at(index)) : [];
  if (items.length === 0) throw mismatch(parameter, given);
  return items.map((item) => {
    if (short !== undefined && typeof item.value === 'string')
      return withDefaults(fields, { [short]: checkValue(fields[short] as Parameter, item) });
    if (!isObject(item.value)) throw faultOf(item, `must be a mapping of ${Object.keys(fields).join(', ')}`);
    const values = checkValues(fields, item);
    for (const key of required) if (!Object.hasOwn(values, key)) throw faultOf(item, `lacks ${key}`);
    return withDefaults(fields, values);
  });
}

/** Values with the declared defaults where nothing was given. */
export function withDefaults(parameters: Parameters, values: Values): Values {
  const filled: Record<string, unknown> = {};
  for (const [name, parameter] of Object.entries(parameters)) {
    if (Object.hasOwn(values, name)) filled[name] = values[name];
    else if ('default' in parameter && parameter.default !== undefined) filled[name] = parameter.default;
  }
  return filled;
}

/** What a parameter takes, in words: `keep or disable`, `a whole number from 1 to 8192`. */
export function takes(parameter: Parameter): string {
  switch (parameter.type) {
    case 'enum':
      return alternatives(parameter.values);
    case 'string':
      return parameter.pattern ? `a string that matches ${parameter.pattern}` : 'a string';
    case 'boolean':
      return 'true or false';
    case 'integer':
      return `a whole number from ${parameter.minimum} to ${parameter.maximum}`;
    case 'duration':
      return 'a duration such as 30s, 1m30s or 100ms';
    case 'strings':
      return 'a string or a list of strings';
    case 'labels':
      return 'a mapping of label names to strings';
    case 'objects':
      return `a list of mappings with ${Object.keys(parameter.fields).join(', ')}`;
  }
}

/** `a`, `a or b`, `a, b or c`. */
export function alternatives(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
}

function mismatch(parameter: Parameter, given: Given, hint?: string): InputError {
  return faultOf(given, `must be ${takes(parameter)}, not ${show(given.value)}`, hint);
}

/** YAML takes a bare `y`, `on` or `1.10` for no string. */
function quoteHint(value: Json): string | undefined {
  return typeof value === 'number' || typeof value === 'boolean' ? 'quote it' : undefined;
}

function show(value: Json): string {
  if (value === null) return 'empty';
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
