/**
 * The function alone, as `dist/krm.mjs`: it starts in two thirds of the time that `meshmend krm` takes, which a build
 * with many functions feels, and needs no arguments, which `kustomize fn run --exec-path` cannot give.
 */
import { run } from './function.ts';

try {
  process.exitCode = await run(['krm', ...process.argv.slice(2)]);
} catch (error) {
  process.stderr.write(`meshmend: ${(error as Error).stack ?? error}\n`);
  process.exitCode = 2;
}
