/**
 * The function alone, for builds that run it often: `dist/krm.mjs` starts sooner than `meshmend krm`, and takes no
 * arguments, which `kustomize fn run --exec-path` cannot give.
 */
import { run } from './function.ts';

try {
  process.exitCode = await run(['krm', ...process.argv.slice(2)]);
} catch (error) {
  process.stderr.write(`meshmend: ${(error as Error).stack ?? error}\n`);
  process.exitCode = 2;
}
