import { InputError } from '../errors.ts';
import { functionsOf, kustomizationOf } from './kustomization.ts';

/**
 * Stops a check that is listed under `transformers`: it prints nothing, and a transformer that prints nothing deletes
 * every resource of the build silently. A function cannot tell from its input which one it is, but kustomize
 * runs it in the folder of the kustomization that names it.
 *
 * @throws InputError when that kustomization can be read and names the check as a transformer
 */
export function checkRole(name: string): void {
  if (kustomizationOf('.') === undefined) return; // in a container this cannot be known
  const misplaced = transformersOf('.').some((found) => found.name === name && found.config.mode === 'check');
  if (!misplaced) return;
  throw new InputError(`${name} has mode: check but is listed under transformers, where it would delete everything`, {
    hint: 'list it under validators',
  });
}

/** What cannot be read is kustomize's to complain about. */
function transformersOf(folder: string): ReturnType<typeof functionsOf>['functions'] {
  try {
    return functionsOf(folder).functions.filter(({ role }) => role !== 'validator');
  } catch (error) {
    if (error instanceof InputError) return [];
    throw error;
  }
}
