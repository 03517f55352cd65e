// What the bundle starts with: it loads the program beside it, compiled already where the build left V8's cache.
// Without the cache, or when another Node than the builder's refuses it, the program is compiled anew.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Script } from 'node:vm';

/** The build's own names of the caches: V8 itself looks only at the length of a source, so the names have its hash. */
declare const __CACHES__: Readonly<Record<'main' | 'krm', string>>;

type Program = (require: NodeJS.Require, url: string) => void;

const name = process.argv[2] === 'krm' ? 'krm' : 'main';
const filename = join(__dirname, `${name}.cjs`);
const cachedData = readIfThere(join(__dirname, __CACHES__[name]));
// The build makes it of ASCII alone; to read it as UTF-8 takes longer than to load it compiled.
const script = new Script(readFileSync(filename, 'latin1'), { filename, ...(cachedData && { cachedData }) });
(script.runInThisContext() as Program)(require, pathToFileURL(__filename).href);

function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}
