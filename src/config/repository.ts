import { longestGlob } from '../glob.ts';
import { isObject } from '../manifest/node.ts';
import type { Version } from '../mesh/version.ts';
import type { Parameters } from '../remedies/parameter.ts';
import { checkValue, faultOf, type Given, unknownKey } from './parameter-values.ts';
import { versionFrom } from './version.ts';

/** What a severity can be set to; `off` reports nothing. */
export const severityLevels = ['error', 'warning', 'info', 'off'] as const;
export type SeverityLevel = (typeof severityLevels)[number];

/** The severity that findings of a code, or of all codes of a remedy, are reported with. */
export interface SeveritySetting {
  readonly level: SeverityLevel;
  /** Where it was given: only the pipeline knows all codes. */
  readonly given: Given;
}

/** Builds that are deployed together. */
export interface Environment {
  readonly name: string;
  /** Folders of kustomizations, as paths or globs, and charts. */
  readonly builds: readonly (string | ChartBuild)[];
  readonly istioVersion?: Version;
}

export interface ChartBuild {
  readonly chart: string;
  readonly values: readonly string[];
}

/** What a config says of the repository that it is in. */
export interface RepositorySettings {
  /** Globs of files that are left out. */
  readonly exclude?: readonly string[];
  /** By code or remedy id. */
  readonly severities?: ReadonlyMap<string, SeveritySetting>;
  readonly environments?: readonly Environment[];
}

/** How the settings of a repository are declared: as the fields of a remedy are. */
export const excludeParameter = {
  type: 'strings',
  maxLength: longestGlob,
  help: 'globs of files and folders that are left out',
} as const;

export const environmentFields = {
  name: { type: 'string', pattern: '\\S', help: 'how findings name the environment' },
  istioVersion: { type: 'string', help: 'the Istio version of this environment' },
} as const satisfies Parameters;

export const chartFields = {
  chart: { type: 'string', pattern: '\\S', help: 'the folder of a Helm chart' },
  values: { type: 'strings', help: 'values files; a later one wins' },
} as const satisfies Parameters;

/** Reads one field of a config's spec; none for a field that is not about the repository. */
const readers: Readonly<Record<keyof RepositorySettings, (given: Given) => RepositorySettings>> = {
  exclude: (given) => ({ exclude: excludeFrom(given) }),
  severities: (given) => ({ severities: severitiesFrom(given) }),
  environments: (given) => ({ environments: environmentsFrom(given) }),
};

export const repositoryKeys = Object.keys(readers) as readonly (keyof RepositorySettings)[];

export function isRepositoryKey(key: string): key is keyof RepositorySettings {
  return Object.hasOwn(readers, key);
}

/**
 * Reads the settings of a repository from one field of a config.
 *
 * @throws InputError at the value that does not fit
 */
export function repositorySettingsFrom(key: keyof RepositorySettings, given: Given): RepositorySettings {
  return given.value === null ? {} : readers[key](given);
}

function excludeFrom(given: Given): readonly string[] {
  if (Array.isArray(given.value) && given.value.length === 0) return [];
  return checkValue(excludeParameter, given) as readonly string[];
}

function severitiesFrom(given: Given): ReadonlyMap<string, SeveritySetting> {
  if (!isObject(given.value)) throw faultOf(given, 'must be a mapping of codes or remedies to severities');
  const entries = Object.keys(given.value).map((name): [string, SeveritySetting] => {
    const level = given.at(name);
    return [name, { level: levelFrom(level), given: level }];
  });
  return new Map(entries);
}

function levelFrom(given: Given): SeverityLevel {
  // For Kubernetes' readers a bare `off` is false.
  if (given.value === false) return 'off';
  return checkValue({ type: 'enum', values: severityLevels, help: '' }, given) as SeverityLevel;
}

function environmentsFrom(given: Given): readonly Environment[] {
  if (!Array.isArray(given.value)) throw faultOf(given, 'must be a list of environments');
  const environments = given.value.map((_, index) => environmentFrom(given.at(index)));
  for (const [index, { name }] of environments.entries())
    if (environments.findIndex((other) => other.name === name) < index)
      throw faultOf(given.at(index).at('name'), `is taken: another environment is ${JSON.stringify(name)}`);
  return environments;
}

function environmentFrom(given: Given): Environment {
  checkKeys(given, ['name', 'builds', 'istioVersion'], ['name', 'builds']);
  const version = given.at('istioVersion');
  return {
    name: checkValue(environmentFields.name, given.at('name')) as string,
    builds: buildsFrom(given.at('builds')),
    ...(version.value !== null && { istioVersion: versionFrom(version) }),
  };
}

function buildsFrom(given: Given): Environment['builds'] {
  if (!Array.isArray(given.value) || given.value.length === 0)
    throw faultOf(given, 'must be a list of paths or charts', 'for example [clusters/prod]');
  return given.value.map((_, index) => buildFrom(given.at(index)));
}

function buildFrom(given: Given): string | ChartBuild {
  if (typeof given.value === 'string' && given.value !== '') return given.value;
  checkKeys(given, ['chart', 'values'], ['chart']);
  const values = given.at('values');
  return {
    chart: checkValue(chartFields.chart, given.at('chart')) as string,
    values: values.value === null ? [] : (checkValue(chartFields.values, values) as readonly string[]),
  };
}

function checkKeys(given: Given, known: readonly string[], required: readonly string[]): void {
  const { value } = given;
  if (!isObject(value)) throw faultOf(given, `must be a mapping of ${known.join(', ')}`);
  for (const key of Object.keys(value)) if (!known.includes(key)) throw unknownKey(given, key, known);
  for (const key of required) if (!Object.hasOwn(value, key)) throw faultOf(given, `lacks ${key}`);
}

/** What can use which settings: a function gets its resources from kustomize, which has chosen the files. */
export interface Uses {
  readonly exclude: boolean;
}

/**
 * Says which settings of a config have no effect.
 *
 * @returns lines for people
 */
export function unusedSettings({ exclude, environments }: RepositorySettings, uses: Uses): readonly string[] {
  return [
    ...(environments?.length ? ['`environments` of the config is not used yet'] : []),
    ...(exclude?.length && !uses.exclude
      ? ['`exclude` of the config is not used: no files of a folder are read here']
      : []),
  ];
}
