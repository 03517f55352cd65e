// Writes everything that is generated. With --check it writes nothing, and fails when something is stale.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { InputError } from '../../src/errors.ts';
import { pagesModule, remediesModule, remedyFolders } from './remedies.ts';
import { templatesModule } from './templates.ts';

/** Generated files: paths below the root, with their texts. */
type Generated = ReadonlyMap<string, string>;

const root = new URL('../../', import.meta.url);

/** The modules of the program. */
function modules(): Generated {
  const folders = remedyFolders(new URL('src/remedies/', root));
  return new Map([
    ['src/run/templates.generated.ts', templatesModule(new URL('templates/', root))],
    ['src/remedies/index.ts', remediesModule(folders)],
    ['src/remedies/pages.generated.ts', pagesModule(folders)],
  ]);
}

/** What shows the remedies. It is made by the program itself, so the program's modules have to be there first. */
async function documents(): Promise<Generated> {
  const { documentsOf } = await import('./documents.ts');
  return documentsOf(root);
}

function isStale([path, text]: readonly [string, string]): boolean {
  const file = new URL(path, root);
  return !existsSync(file) || readFileSync(file, 'utf8') !== text;
}

function write([path, text]: readonly [string, string]): void {
  writeFileSync(new URL(path, root), text);
  console.log(`wrote ${path}`);
}

async function generate(): Promise<void> {
  for (const file of modules()) if (isStale(file)) write(file);
  for (const file of await documents()) if (isStale(file)) write(file);
}

async function check(): Promise<0 | 1> {
  const stale = [...modules(), ...(await documents())].filter(isStale);
  for (const [path] of stale) console.error(`${path} is stale: run npm run generate`);
  return stale.length === 0 ? 0 : 1;
}

try {
  if (process.argv.includes('--check')) process.exitCode = await check();
  else await generate();
} catch (error) {
  if (!(error instanceof InputError)) throw error;
  process.stderr.write(error.report());
  process.exitCode = 1;
}
