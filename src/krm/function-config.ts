import { type Config, configFromSettings, configFromValue, configKind } from '../config/config.ts';
import { InputError } from '../errors.ts';
import { isObject, type Json } from '../manifest/node.ts';
import { at, stringAt } from '../mesh/read.ts';

/** What a function was asked for, and by whom. */
export interface FunctionConfig {
  /** How messages name it: `MeshRemedies shop`. */
  readonly title: string;
  readonly name: string;
  readonly config: Config;
}

/**
 * Reads a functionConfig: a MeshRemedies, or a ConfigMap whose data say the same in flat text, as kpt's users and
 * `kustomize fn run -- KEY=VALUE` give it.
 *
 * @param textOf - gives data that are not strings as they were written
 * @throws InputError that names the config and the key at fault; places are left out, since what reaches a function
 *   has not the lines of the user's file
 */
export function readFunctionConfig(value: Json | undefined, textOf: TextOf = () => undefined): FunctionConfig {
  if (!isObject(value)) throw new InputError('no functionConfig came in', { hint: `give a ${configKind}` });
  const kind = stringAt(value, 'kind') ?? 'functionConfig';
  const name = stringAt(value, 'metadata', 'name') ?? '';
  const title = name === '' ? kind : `${kind} ${name}`;
  const config = namingErrors(title, () =>
    kind === 'ConfigMap'
      ? configFromSettings(settingsOf(value, textOf), (key) => `data.${key}`)
      : configFromValue(value),
  );
  if (config.intents.size === 0) {
    const [field, example] = kind === 'ConfigMap' ? ['data', '"true"'] : ['spec.intents', '{}'];
    throw new InputError(`${title}: ${field} names no remedy`, {
      hint: `write for example disable-retries: ${example}`,
    });
  }
  return { title, name, config };
}

/** The text of one of the data as it was written: `fn run` leaves `1.10` unquoted, which YAML takes for 1.1. */
export type TextOf = (key: string) => string | undefined;

function settingsOf(value: Json, textOf: TextOf): [string, string][] {
  const data = at(value, 'data') ?? {};
  if (!isObject(data)) throw new InputError('data must be a mapping of settings');
  return Object.entries(data).map(([key, text]) => {
    const written = typeof text === 'string' ? text : (textOf(key) ?? plainText(text));
    if (written !== undefined) return [key, written];
    throw new InputError(`data.${key} must be a string`, { hint: 'quote it' });
  });
}

/** What is written the same way whatever reader has read it; not so a number, of which 1.10 is 1.1. */
function plainText(value: Json): string | undefined {
  return typeof value === 'boolean' || value === null ? String(value) : undefined;
}

/** Runs what reads a config; its errors then begin with the config's name. */
function namingErrors<T>(title: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const { hint, message } = error;
    throw new InputError(`${title}: ${message}`, hint === undefined ? {} : { hint });
  }
}
