import { type Config, combine, configFromSettings, configModes } from '../config/config.ts';
import { checkValue, givenText, type Values, withDefaults } from '../config/parameter-values.ts';
import { InputError } from '../errors.ts';
import { isObject, type Json } from '../manifest/node.ts';
import { parseText } from '../manifest/read.ts';
import { nearest } from '../nearest.ts';
import { type CatalogueEntry, catalogue } from '../remedies/catalogue.ts';
import type { Parameter, Parameters, ParameterValues } from '../remedies/parameter.ts';

/** The plugin's own settings, beside those of a MeshRemedies. */
const pluginParameters = {
  'allow-empty': {
    type: 'boolean',
    default: false,
    help: 'let an application without any resource through, of which Argo CD then prunes all that it had',
  },
  timeout: {
    type: 'duration',
    default: '50s',
    help: 'how long kustomize or helm may take; keep it below the time-out of the repo server (60 s), which kills silently',
  },
  'release-name': {
    type: 'string',
    pattern: '^[a-z0-9]([-a-z0-9.]{0,51}[a-z0-9])?$',
    help: "name of the Helm release; the application's name by default",
  },
  namespace: {
    type: 'string',
    pattern: '^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$',
    help: "namespace of the Helm release; the application's destination by default",
  },
  'values-files': {
    type: 'strings',
    help: "Helm values files of the repository, as paths from the application's folder; a later one wins",
  },
} as const satisfies Parameters;

export type PluginValues = ParameterValues<typeof pluginParameters>;

/** One thing that an Application can set, by a plugin parameter or by an environment variable. */
export interface Setting {
  /** As in `spec.source.plugin.parameters`: `disable-retries`, `disable-retries.explicit`, `allow-empty`. */
  readonly name: string;
  readonly title: string;
  readonly parameter: Parameter;
}

/** Every setting, generated from the declarations. */
export function settingsOf(known: readonly CatalogueEntry[] = catalogue): readonly Setting[] {
  const versionHelp = 'Istio version to write for, such as 1.27; default: that of the manifests';
  const modeHelp = 'check prints the manifests as they are, and fails when they need mending';
  return [
    ...known.flatMap(({ id, title, summary, parameters }) => [
      { name: id, title, parameter: { type: 'boolean', default: false, help: summary } } satisfies Setting,
      ...Object.entries(parameters).map(([name, parameter]) => ({
        name: `${id}.${name}`,
        title: `${id}: ${name}`,
        parameter,
      })),
    ]),
    { name: 'istioVersion', title: 'Istio version', parameter: { type: 'string', help: versionHelp } },
    {
      name: 'mode',
      title: 'Mode',
      parameter: { type: 'enum', values: configModes, default: 'rewrite', help: modeHelp },
    },
    ...Object.entries(pluginParameters).map(([name, parameter]) => ({ name, title: name, parameter })),
  ];
}

/** Prefix of the variables in `spec.source.plugin.env` that are for meshmend. Argo CD puts `ARGOCD_ENV_` before it. */
const variablePrefix = 'MESHMEND_';

function namesOf(settings: readonly Setting[]): string[] {
  return settings.map(({ name }) => name);
}

/** The variable of a setting: `disable-retries.explicit` → `MESHMEND_DISABLE_RETRIES_EXPLICIT`. */
export function variableOf(name: string): string {
  const words = name.replace(/([a-z])([A-Z])/g, '$1_$2').toUpperCase();
  return variablePrefix + words.replace(/[^A-Z0-9]/g, '_');
}

/** The config and the plugin's own values that come out of all sources. */
export interface Settings {
  readonly config: Config;
  readonly plugin: PluginValues;
}

/**
 * Lays the plugin parameters over the config of the folder, and the environment over both.
 *
 * An intent set to `false` is off, whatever the sources below it say.
 *
 * @param env - what Argo CD hands to the plugin: `ARGOCD_APP_PARAMETERS` and `ARGOCD_ENV_MESHMEND_*`
 * @throws InputError for an unknown name or a value that does not fit
 */
export function settingsFrom(
  base: Config,
  env: Readonly<Record<string, string | undefined>>,
  known: readonly CatalogueEntry[] = catalogue,
): Settings {
  const settings = settingsOf(known);
  const layers: readonly Layer[] = [
    { given: givenParameters(env['ARGOCD_APP_PARAMETERS'], settings), label: (name) => `plugin parameter ${name}` },
    { given: givenVariables(env, settings), label: (name) => `plugin env ${variableOf(name)}` },
  ];
  let config = base;
  let plugin: Values = {};
  for (const layer of layers) {
    config = layConfig(config, layer, known);
    plugin = { ...plugin, ...pluginValues(layer) };
  }
  return { config, plugin: withDefaults(pluginParameters, plugin) as unknown as PluginValues };
}

/** What one source sets: YAML texts by name. */
interface Layer {
  readonly given: ReadonlyMap<string, string>;
  readonly label: (name: string) => string;
}

function layConfig(base: Config, { given, label }: Layer, known: readonly CatalogueEntry[]): Config {
  const own = [...given].filter(([name]) => !isPluginParameter(name));
  return combine(base, configFromSettings(own, label, known));
}

function pluginValues({ given, label }: Layer): Values {
  const values: Record<string, unknown> = {};
  for (const [name, text] of given)
    if (isPluginParameter(name)) values[name] = checkValue(pluginParameters[name], givenText(text, label(name)));
  return values;
}

function isPluginParameter(name: string): name is keyof typeof pluginParameters {
  return Object.hasOwn(pluginParameters, name);
}

/**
 * Reads `ARGOCD_APP_PARAMETERS`: a JSON list, or `null` when the Application sets none. The `PARAM_*` variables say
 * the same, but `a-b` and `a.b` are one there.
 *
 * @see https://argo-cd.readthedocs.io/en/stable/operator-manual/config-management-plugins/
 */
function givenParameters(json: string | undefined, settings: readonly Setting[]): Map<string, string> {
  const given = new Map<string, string>();
  for (const parameter of parameterList(json)) {
    if (!isObject(parameter) || typeof parameter['name'] !== 'string')
      throw new InputError('a plugin parameter has no name', { hint: 'spec.source.plugin.parameters[].name' });
    const { name } = parameter;
    for (const [key, text] of valueTexts(parameter, name, settings)) given.set(key, text);
  }
  return given;
}

function parameterList(json = ''): readonly Json[] {
  if (json.trim() === '') return [];
  let list: Json;
  try {
    list = JSON.parse(json);
  } catch {
    throw new InputError('ARGOCD_APP_PARAMETERS is no JSON');
  }
  if (list === null) return [];
  if (!Array.isArray(list)) throw new InputError('ARGOCD_APP_PARAMETERS is not a list', { hint: '[{"name": …}]' });
  return list;
}

/** The values of a parameter as YAML; none for an empty one, which the user interface leaves behind. */
function valueTexts(
  { string, array, map }: { readonly [key: string]: Json },
  name: string,
  settings: readonly Setting[],
): readonly (readonly [name: string, text: string])[] {
  const setting = settings.find((candidate) => candidate.name === name);
  if (!setting) throw unknown('plugin parameter', name, namesOf(settings));
  const { type } = setting.parameter;
  if (typeof string === 'string' && string.trim() !== '') return [[name, string]];
  if (Array.isArray(array) && array.length > 0)
    return [[name, JSON.stringify(type === 'objects' ? array.map(mappingOrText) : array)]];
  if (!isObject(map) || Object.keys(map).length === 0) return [];
  if (type !== 'boolean') return [[name, JSON.stringify(map)]];
  // The map of a remedy holds its parameters.
  const inner = Object.entries(map).flatMap(([key, item]) => valueTexts({ string: item }, `${name}.${key}`, settings));
  return [[name, 'true'], ...inner];
}

/** Argo CD knows lists of strings only, so that a mapping in a list comes as its YAML. */
function mappingOrText(item: Json): Json {
  const value = typeof item === 'string' ? parseText(item) : item;
  return isObject(value) ? value : item;
}

function givenVariables(
  env: Readonly<Record<string, string | undefined>>,
  settings: readonly Setting[],
): Map<string, string> {
  const names = new Map(settings.map(({ name }) => [variableOf(name), name]));
  const given = new Map<string, string>();
  for (const [key, text = ''] of Object.entries(env)) {
    const variable = key.startsWith('ARGOCD_ENV_') ? key.slice('ARGOCD_ENV_'.length) : '';
    if (!variable.startsWith(variablePrefix)) continue; // for somebody else
    const name = names.get(variable);
    if (name === undefined) throw unknown('plugin env', variable, [...names.keys()]);
    if (text.trim() !== '') given.set(name, text);
  }
  return given;
}

function unknown(what: string, name: string, names: readonly string[]): InputError {
  const near = nearest(name, names);
  const hint = near === undefined ? 'meshmend argocd parameters --all lists them' : `did you mean ${near}?`;
  return new InputError(`unknown ${what} ${name}`, { hint });
}
