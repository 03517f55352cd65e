import { readFileSync } from 'node:fs';

declare const __VERSION__: string | undefined;

/** The version of meshmend: the bundler puts it in, the source reads it from the package. */
export function packageVersion(): string {
  if (typeof __VERSION__ === 'string') return __VERSION__;
  return JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version;
}
