import type { Config } from '../config/config.ts';
import { takes } from '../config/parameter-values.ts';
import { formatVersion } from '../mesh/version.ts';
import { type CatalogueEntry, catalogue } from '../remedies/catalogue.ts';
import type { Parameter } from '../remedies/parameter.ts';
import { type Setting, settingsOf } from './parameters.ts';

/**
 * A parameter as Argo CD's user interface shows it.
 *
 * @see https://argo-cd.readthedocs.io/en/stable/operator-manual/config-management-plugins/ `parameters.static`
 */
export interface Announcement {
  readonly name: string;
  readonly title: string;
  readonly tooltip: string;
  readonly itemType?: 'boolean' | 'number';
  /** Argo CD does not infer it from the field that holds the value. */
  readonly collectionType?: 'array' | 'map';
  /** The value that holds when the Application sets none. */
  readonly string?: string;
  readonly array?: readonly string[];
  readonly map?: Readonly<Record<string, string>>;
}

/** Every parameter with its default, for `parameters.static` of plugin.yaml. */
export function staticAnnouncements(known: readonly CatalogueEntry[] = catalogue): Announcement[] {
  return settingsOf(known).map((setting) => announcementOf(setting, defaultOf(setting.parameter)));
}

/**
 * The parameters that the folder's config sets, with its values. Argo CD puts them before the static ones, and its user
 * interface shows the first of a name.
 */
export function dynamicAnnouncements(config: Config, known: readonly CatalogueEntry[] = catalogue): Announcement[] {
  const values = new Map<string, unknown>();
  if (config.istioVersion) values.set('istioVersion', formatVersion(config.istioVersion));
  if (config.mode) values.set('mode', config.mode);
  for (const [id, parameters] of config.intents) {
    values.set(id, parameters !== false);
    for (const [name, value] of Object.entries(parameters)) values.set(`${id}.${name}`, value);
  }
  return settingsOf(known)
    .filter(({ name }) => values.has(name))
    .map((setting) => announcementOf(setting, values.get(setting.name)));
}

function announcementOf({ name, title, parameter }: Setting, value: unknown): Announcement {
  const itemType = parameter.type === 'boolean' ? 'boolean' : parameter.type === 'integer' ? 'number' : undefined;
  const collectionType = collectionOf(parameter);
  return {
    name,
    title,
    tooltip: `${parameter.help.replace(/\.$/, '')}. Takes ${takes(parameter)}`,
    ...(itemType && { itemType }),
    ...(collectionType && { collectionType }),
    ...shown(value, collectionType),
  };
}

function collectionOf({ type }: Parameter): 'array' | 'map' | undefined {
  if (type === 'labels') return 'map';
  return type === 'strings' || type === 'objects' ? 'array' : undefined;
}

/** A value in the field that the user interface reads. */
function shown(value: unknown, collectionType: Announcement['collectionType']): Partial<Announcement> {
  if (value === undefined) return {};
  if (collectionType === 'map') return { map: value as Readonly<Record<string, string>> };
  if (collectionType === 'array') return { array: (value as readonly unknown[]).map(textOf) };
  return { string: textOf(value) };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function defaultOf(parameter: Parameter): unknown {
  return 'default' in parameter ? parameter.default : undefined;
}
