// What the bundle starts with: it loads the program beside it, compiled already where the build left V8's cache.
// Without the cache, or when another Node than the builder's refuses it, the program is compiled anew.
import { createRequire } from 'node:module';

/** The build's own name of the cache: V8 itself looks only at the length of the source, so the name has its hash. */
declare const __CACHE__: string;

type Program = (require: NodeJS.Require, url: string) => void;

// Required rather than imported: an import of a built-in module reads all it has, and `node:fs` has streams to load.
const require = createRequire(import.meta.url);
const { readFileSync } = require('node:fs') as typeof import('node:fs');
const { fileURLToPath } = require('node:url') as typeof import('node:url');
const { Script } = require('node:vm') as typeof import('node:vm');

const filename = fileURLToPath(new URL('meshmend.cjs', import.meta.url));
const cachedData = readIfThere(new URL(__CACHE__, import.meta.url));
const script = new Script(readFileSync(filename, 'utf8'), { filename, ...(cachedData && { cachedData }) });
(script.runInThisContext() as Program)(require, import.meta.url);

function readIfThere(url: URL): Buffer | undefined {
  try {
    return readFileSync(url);
  } catch {
    return undefined;
  }
}
