import { InputError } from '../errors.ts';
import { type Document, isObject, type Json, type SourceFile } from '../manifest/node.ts';
import { readDocuments, readTree } from '../manifest/read.ts';
import { compareVersions, formatVersion, oldestKnown, parseVersion, type Version } from '../mesh/version.ts';
import { hintFor } from '../nearest.ts';
import { remedies } from '../remedies/index.ts';
import type { Parameter } from '../remedies/parameter.ts';
import type { Remedy } from '../remedies/remedy.ts';
import {
  checkValue,
  checkValues,
  faultOf,
  type Given,
  givenNode,
  givenText,
  givenValue,
  unknownKey,
  type Values,
  withDefaults,
} from './parameter-values.ts';

export const configApiVersion = 'meshmend.dev/v1alpha1';
export const configKind = 'MeshRemedies';
export const configModes = ['rewrite', 'check'] as const;

/** What one source, or several laid over each other, asks for. Values are checked; defaults are not filled in yet. */
export interface Config {
  readonly istioVersion?: Version;
  /** What gave the version, as it is shown. */
  readonly istioVersionSource?: string;
  readonly mode?: (typeof configModes)[number];
  /** By remedy id. */
  readonly intents: ReadonlyMap<string, Values>;
}

/** What a config needs to know of a remedy. */
type Settable = Pick<Remedy, 'id' | 'parameters'>;
type Remedies = readonly Settable[];

/**
 * Reads a MeshRemedies file: `-f`, or a folder's `meshmend.yaml`.
 *
 * @throws InputError at the offending key or value
 */
export function configFromFile(file: SourceFile, known: Remedies = remedies): Config {
  const documents = readDocuments(file).filter(({ value }) => value !== null);
  const [document] = documents;
  if (!document || documents.length > 1) {
    const message = document ? `holds ${documents.length} documents, not one ${configKind}` : 'is empty';
    throw new InputError(message, { place: { file: file.path }, hint: `apiVersion: ${configApiVersion}` });
  }
  return configFromDocument(document, known);
}

/** Reads a document that must be a MeshRemedies: a file's only one, or kustomize's functionConfig. */
function configFromDocument(document: Document, known: Remedies = remedies): Config {
  return configFrom(givenNode(document.file, readTree(document), document.value, ''), known);
}

/** Reads a MeshRemedies that came as an object, so that errors can name the field only. */
export function configFromValue(value: Json, known: Remedies = remedies): Config {
  return configFrom(givenValue(value, ''), known);
}

/** A MeshRemedies inside a document that holds more: `given` says where it is. */
function configFrom(given: Given, known: Remedies): Config {
  const object = asObject(given, `a ${configKind}`);
  for (const [key, wanted] of [
    ['apiVersion', configApiVersion],
    ['kind', configKind],
  ] as const) {
    if (object[key] === wanted) continue;
    if (Object.hasOwn(object, key)) throw faultOf(given.at(key), `must be ${wanted}`);
    const place = given.place && { place: given.place };
    throw new InputError(`this is not a ${configKind}: ${key} is missing`, { hint: `${key}: ${wanted}`, ...place });
  }
  for (const key of Object.keys(object))
    if (!['apiVersion', 'kind', 'metadata', 'spec'].includes(key))
      throw unknownKey(given, key, ['metadata', 'spec'], 'field');
  return Object.hasOwn(object, 'spec') ? specFrom(given.at('spec'), known) : { intents: new Map() };
}

function specFrom(spec: Given, known: Remedies): Config {
  if (spec.value === null) return { intents: new Map() };
  const object = asObject(spec, 'a mapping');
  const fields = ['istioVersion', 'mode', 'intents'];
  for (const key of Object.keys(object)) if (!fields.includes(key)) throw unknownKey(spec, key, fields);
  const intents = new Map<string, Values>();
  if (Object.hasOwn(object, 'intents') && object['intents'] !== null) {
    const given = spec.at('intents');
    for (const id of Object.keys(asObject(given, 'a mapping of remedies'))) {
      const remedy = known.find((candidate) => candidate.id === id);
      if (!remedy) throw unknownKey(given, id, ids(known), 'remedy');
      intents.set(id, checkValues(remedy.parameters, given.at(id)));
    }
  }
  return {
    ...(Object.hasOwn(object, 'istioVersion') && versionOf(spec.at('istioVersion'))),
    ...(Object.hasOwn(object, 'mode') && { mode: modeFrom(spec.at('mode')) }),
    intents,
  };
}

function asObject(given: Given, wanted: string): { readonly [key: string]: Json } {
  if (isObject(given.value)) return given.value;
  if (given.name !== '') throw faultOf(given, `must be ${wanted}`);
  throw new InputError(`the config must be ${wanted}`, given.place && { place: given.place });
}

function modeFrom(given: Given): NonNullable<Config['mode']> {
  const help = 'what the run does';
  return checkValue({ type: 'enum', values: configModes, help }, given) as NonNullable<Config['mode']>;
}

function versionOf(given: Given): Required<Pick<Config, 'istioVersion' | 'istioVersionSource'>> {
  const { value, text } = given;
  const written = typeof value === 'string' ? value : text;
  if (written === undefined || written === '') {
    // A bare 1.10 is the number 1.1, so no number can be trusted.
    const hint = typeof value === 'number' ? `quote it: "${given.written ?? '1.27'}"` : undefined;
    throw faultOf(given, 'must be a version as a string', hint);
  }
  const version = parseVersion(written);
  if (!version)
    throw faultOf(given, `is not an Istio version: ${JSON.stringify(written)}`, 'write it as 1.27 or 1.27.1');
  if (compareVersions(version, { ...oldestKnown, patch: 0 }) < 0) {
    const message = `is Istio ${formatVersion(version)}; meshmend knows ${formatVersion(oldestKnown)} and later`;
    throw faultOf(given, message);
  }
  return { istioVersion: version, istioVersionSource: given.place?.file ?? given.name };
}

/** What the flags of a command line ask for. */
export interface Flags {
  /** Ids of the remedies whose flag was given. */
  readonly intents: readonly string[];
  /** `ID.PARAM=VALUE`, in order; a later one wins. */
  readonly set: readonly string[];
  readonly istioVersion?: string | undefined;
}

/**
 * Lays the flags over a config.
 *
 * @throws InputError when `--set` names a remedy that was not asked for
 */
export function configFromFlags(
  { intents, set, istioVersion }: Flags,
  base?: Config,
  known: Remedies = remedies,
): Config {
  const requested = new Map<string, Values>(base?.intents);
  for (const id of intents) requested.set(id, requested.get(id) ?? {});
  for (const setting of set) {
    const equals = setting.indexOf('=');
    const key = equals === -1 ? setting : setting.slice(0, equals);
    if (equals === -1) throw new InputError(`--set ${setting} has no value`, { hint: 'write --set ID.PARAM=VALUE' });
    const { remedy, name } = parameterOf(key, `--set ${key}`, known);
    if (name === undefined) throw new InputError(`--set ${key} names no parameter`, { hint: settable(remedy) });
    if (!requested.has(remedy.id)) {
      const message = `--set ${key} has nothing to set: ${remedy.id} was not asked for`;
      throw new InputError(message, { hint: `add --${remedy.id}, or name it in the config` });
    }
    const value = checkValue(
      remedy.parameters[name] as Parameter,
      givenText(setting.slice(equals + 1), `--set ${key}`),
    );
    requested.set(remedy.id, { ...requested.get(remedy.id), [name]: value });
  }
  const version = istioVersion === undefined ? {} : versionOf(givenFlag(istioVersion, '--istio-version'));
  return combine(base ?? { intents: new Map() }, { ...version, intents: requested });
}

function givenFlag(text: string, name: string): Given {
  return { ...givenValue(text, name), text };
}

/**
 * Reads settings that are flat text: the data of a ConfigMap as functionConfig, Argo CD's parameters. A key is
 * `istioVersion`, `mode`, a remedy (`disable-retries: "true"`, or a YAML mapping of its parameters) or one of its
 * parameters (`disable-retries.explicit: disable`), which asks for the remedy too.
 *
 * @param label - how errors call a key: `data.disable-retries`
 */
export function configFromSettings(
  settings: Iterable<readonly [key: string, text: string]>,
  label: (key: string) => string,
  known: Remedies = remedies,
): Config {
  let config: Config = { intents: new Map() };
  const intents = new Map<string, Values>();
  const off = new Set<string>();
  for (const [key, text] of settings) {
    if (key === 'istioVersion') config = { ...config, ...versionOf(givenFlag(text, label(key))) };
    else if (key === 'mode') config = { ...config, mode: modeFrom(givenText(text, label(key))) };
    else {
      const { remedy, name } = parameterOf(key, label(key), known);
      const given = givenText(text, label(key));
      if (name === undefined && given.value === false) off.add(remedy.id);
      else intents.set(remedy.id, { ...intents.get(remedy.id), ...valuesOf(remedy, name, given) });
    }
  }
  // Parameters of a remedy that is switched off may stay.
  for (const id of off) intents.delete(id);
  return { ...config, intents };
}

/** The values of one parameter, or of a whole remedy: `true` asks for the defaults. */
function valuesOf({ parameters }: Settable, name: string | undefined, given: Given): Values {
  if (name !== undefined) return { [name]: checkValue(parameters[name] as Parameter, given) };
  return checkValues(parameters, given.value === true ? { ...given, value: null } : given);
}

/** Finds what `ID` or `ID.PARAM` means. */
function parameterOf(key: string, label: string, known: Remedies): { remedy: Settable; name: string | undefined } {
  const dot = key.indexOf('.');
  const id = dot === -1 ? key : key.slice(0, dot);
  const remedy = known.find((candidate) => candidate.id === id);
  if (!remedy) throw new InputError(`${label} names no remedy`, { hint: hintFor(id, ids(known)) });
  if (dot === -1) return { remedy, name: undefined };
  const name = key.slice(dot + 1);
  if (Object.hasOwn(remedy.parameters, name)) return { remedy, name };
  const hint = hintFor(name, Object.keys(remedy.parameters), `${id}.`);
  throw new InputError(`${label} names no parameter of ${id}`, { hint });
}

function settable({ id, parameters }: Settable): string {
  return `known: ${Object.keys(parameters)
    .map((name) => `${id}.${name}`)
    .join(', ')}`;
}

/** Lays one config over another: what `over` says wins, parameter by parameter. */
export function combine(base: Config, over: Config): Config {
  const intents = new Map<string, Values>(base.intents);
  for (const [id, values] of over.intents) intents.set(id, { ...intents.get(id), ...values });
  return { ...base, ...over, intents };
}

/** The intents of a request: in the order of the remedies, with the defaults filled in. */
export function intentsOf(config: Config, known: Remedies = remedies): ReadonlyMap<string, Values> {
  const intents = new Map<string, Values>();
  for (const { id, parameters } of known) {
    const values = config.intents.get(id);
    if (values) intents.set(id, withDefaults(parameters, values));
  }
  return intents;
}

function ids(known: Remedies): string[] {
  return known.map(({ id }) => id);
}
