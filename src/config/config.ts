import { InputError } from '../errors.ts';
import { type Document, isObject, type Json, type SourceFile } from '../manifest/node.ts';
import { readDocuments, readTree } from '../manifest/read.ts';
import type { Version } from '../mesh/version.ts';
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
import { isRepositoryKey, type RepositorySettings, repositoryKeys, repositorySettingsFrom } from './repository.ts';
import { versionFrom } from './version.ts';

export const configApiVersion = 'meshmend.dev/v1alpha1';
export const configKind = 'MeshRemedies';
export const configModes = ['rewrite', 'check'] as const;

/** What one source, or several laid over each other, asks for. Values are checked; defaults are not filled in yet. */
export interface Config extends RepositorySettings {
  readonly istioVersion?: Version;
  /** What gave the version, as it is shown. */
  readonly istioVersionSource?: string;
  readonly mode?: (typeof configModes)[number];
  /** By remedy id; false for one that is switched off, whatever a config below this one says. */
  readonly intents: Intents;
}

export type Intents = ReadonlyMap<string, Values | false>;

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
  const fields = ['istioVersion', 'mode', 'intents', ...repositoryKeys];
  for (const key of Object.keys(object)) if (!fields.includes(key)) throw unknownKey(spec, key, fields);
  const settings = repositoryKeys
    .filter((key) => Object.hasOwn(object, key))
    .map((key) => repositorySettingsFrom(key, spec.at(key)));
  return {
    ...(Object.hasOwn(object, 'istioVersion') && versionOf(spec.at('istioVersion'))),
    ...(Object.hasOwn(object, 'mode') && { mode: modeFrom(spec.at('mode')) }),
    ...Object.assign({}, ...settings),
    intents: intentsFrom(spec.at('intents'), known),
  };
}

function intentsFrom(given: Given, known: Remedies): Intents {
  const intents = new Map<string, Values | false>();
  if (given.value === null) return intents;
  for (const id of Object.keys(asObject(given, 'a mapping of remedies'))) {
    const remedy = known.find((candidate) => candidate.id === id);
    if (!remedy) throw unknownKey(given, id, ids(known), 'remedy');
    intents.set(id, intentFrom(remedy, given.at(id)));
  }
  return intents;
}

/** `true` and nothing ask for a remedy with its defaults, `false` switches it off. */
function intentFrom({ parameters }: Settable, given: Given): Values | false {
  if (given.value === false) return false;
  return checkValues(parameters, given.value === true ? { ...given, value: null } : given);
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
  return { istioVersion: versionFrom(given), istioVersionSource: given.place?.file ?? given.name };
}

/** What the flags of a command line ask for. */
export interface Flags {
  /** Ids of the remedies whose flag was given. */
  readonly intents: readonly string[];
  /** `ID.PARAM=VALUE`, in order; a later one wins. */
  readonly set: readonly string[];
  readonly istioVersion?: string | undefined;
  /** Globs that are added to those of the config. */
  readonly exclude?: readonly string[];
}

/**
 * Lays the flags over a config.
 *
 * @throws InputError when `--set` names a remedy that was not asked for
 */
export function configFromFlags(
  { intents, set, istioVersion, exclude = [] }: Flags,
  base?: Config,
  known: Remedies = remedies,
): Config {
  const requested = new Map(base?.intents);
  for (const id of intents) requested.set(id, requested.get(id) || {});
  for (const setting of set) {
    const equals = setting.indexOf('=');
    const key = equals === -1 ? setting : setting.slice(0, equals);
    if (equals === -1) throw new InputError(`--set ${setting} has no value`, { hint: 'write --set ID.PARAM=VALUE' });
    const { remedy, name } = parameterOf(key, `--set ${key}`, known);
    if (name === undefined) throw new InputError(`--set ${key} names no parameter`, { hint: settable(remedy) });
    if (!requested.get(remedy.id)) {
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
  const globs = exclude.length === 0 ? {} : repositorySettingsFrom('exclude', givenValue([...exclude], '--exclude'));
  const excluded = globs.exclude && { exclude: [...(base?.exclude ?? []), ...globs.exclude] };
  return combine(base ?? { intents: new Map() }, { ...version, ...excluded, intents: requested });
}

function givenFlag(text: string, name: string): Given {
  return { ...givenValue(text, name), text };
}

/**
 * Reads settings that are flat text: the data of a ConfigMap as functionConfig, Argo CD's parameters. A key is
 * `istioVersion`, `mode`, a setting of the repository (as YAML), a remedy (`disable-retries: "true"`, or a YAML mapping of
 * its parameters) or one of its parameters (`disable-retries.explicit: disable`), which asks for the remedy too.
 * Parameters of a remedy that is switched off may stay.
 *
 * @param label - how errors call a key: `data.disable-retries`
 */
export function configFromSettings(
  settings: Iterable<readonly [key: string, text: string]>,
  label: (key: string) => string,
  known: Remedies = remedies,
): Config {
  let config: Config = { intents: new Map() };
  const intents = new Map<string, Values | false>();
  for (const [key, text] of settings) {
    if (key === 'istioVersion') config = { ...config, ...versionOf(givenFlag(text, label(key))) };
    else if (key === 'mode') config = { ...config, mode: modeFrom(givenText(text, label(key))) };
    else if (isRepositoryKey(key)) config = { ...config, ...repositorySettingsFrom(key, givenText(text, label(key))) };
    else {
      const { remedy, name } = parameterOf(key, label(key), known);
      const values = valuesOf(remedy, name, givenText(text, label(key)));
      const before = intents.get(remedy.id);
      intents.set(remedy.id, before !== false && values && { ...before, ...values });
    }
  }
  return { ...config, intents };
}

/** The values of one parameter, or of a whole remedy. */
function valuesOf(remedy: Settable, name: string | undefined, given: Given): Values | false {
  if (name === undefined) return intentFrom(remedy, given);
  return { [name]: checkValue(remedy.parameters[name] as Parameter, given) };
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

/** Lays one config over another: what `over` says wins, parameter by parameter; an intent that it switches off is off. */
export function combine(base: Config, over: Config): Config {
  const intents = new Map(base.intents);
  for (const [id, values] of over.intents) intents.set(id, values && { ...intents.get(id), ...values });
  return { ...base, ...over, intents };
}

/** A config of a folder where flags name the intents: what it says of the repository and its Istio holds all the same. */
export function withoutIntents({ intents: _, mode: __, ...settings }: Config): Config {
  return { ...settings, intents: new Map() };
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
