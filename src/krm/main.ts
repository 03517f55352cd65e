// `meshmend krm` as a program of its own: a build of kustomize waits for it, and the rest would take longer to load
// than the answer.
import { exitWith } from '../command/exit.ts';
import { run } from './function.ts';

// The function writes all it has to say before it ends, and to end at once rather than tidily saves some 5 ms.
exitWith(run(process.argv.slice(2)), process.exit);
