// `meshmend krm` as a program of its own: a build of kustomize waits for it, and the rest would take longer to load
// than the answer.
import { exitWith } from '../exit.ts';
import { run } from './function.ts';

exitWith(run(process.argv.slice(2)));
