// Writes everything that is generated. `--check` writes nothing, and fails when something is stale.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { templatesModule } from './templates.ts';

const root = new URL('../../', import.meta.url);

/** The generated files: their paths below the root, with their texts. */
function generated(): ReadonlyMap<string, string> {
  return new Map([['src/run/templates.generated.ts', templatesModule(new URL('templates/', root))]]);
}

function isStale([path, text]: readonly [string, string]): boolean {
  const file = new URL(path, root);
  return !existsSync(file) || readFileSync(file, 'utf8') !== text;
}

const stale = [...generated()].filter(isStale);
if (process.argv.includes('--check')) {
  for (const [path] of stale) console.error(`${path} is stale: run npm run generate`);
  process.exitCode = stale.length === 0 ? 0 : 1;
} else {
  for (const [path, text] of stale) {
    writeFileSync(fileURLToPath(new URL(path, root)), text);
    console.error(`wrote ${path}`);
  }
}
