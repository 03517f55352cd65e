import { readFileSync } from 'node:fs';
import { InputError } from '../../src/errors.ts';

/** The files of a new remedy: paths below the root, with the template of each. */
const templates: Readonly<Record<string, string>> = {
  'src/remedies/__ID__/index.ts': 'index.ts',
  'src/remedies/__ID__/faults.ts': 'faults.ts',
  'src/remedies/__ID__/page.md': 'page.md',
  'examples/__ID__/before.yaml': 'before.yaml',
  'examples/__ID__/after.yaml': 'after.yaml',
  'tests/remedies/__ID__.md': 'cases.md',
};

/**
 * The files of a new remedy, made from the templates beside this file: a small remedy that works, to be replaced part
 * by part.
 *
 * @param exists - whether something is at a path below the root
 * @returns texts by path below the root
 * @throws InputError when the id is not in kebab case, or something of that name is there
 */
export function scaffold(id: string, exists: (path: string) => boolean): ReadonlyMap<string, string> {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)+$/.test(id))
    throw new InputError(`${id === '' ? 'the id is missing' : `"${id}" is not an id`}`, {
      hint: 'name what the remedy does in two or more words in kebab case: npm run new -- disable-retries',
    });
  const paths = [...Object.keys(templates), 'src/remedies/__ID__', 'examples/__ID__', 'tests/remedies/__ID__'];
  const taken = paths.map((path) => named(path, id)).find(exists);
  if (taken !== undefined) throw new InputError(`${taken} exists already`, { hint: 'choose another id' });
  return new Map(Object.entries(templates).map(([path, template]) => [named(path, id), named(textOf(template), id)]));
}

function textOf(template: string): string {
  return readFileSync(new URL(`template/${template}.template`, import.meta.url), 'utf8');
}

function named(text: string, id: string): string {
  return text.replaceAll('__ID__', id);
}
