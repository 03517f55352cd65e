import type { Mesh } from './mesh.ts';

/**
 * Makes a question that each mesh answers once: a mesh never changes, so what was computed for it holds as long as it
 * lives.
 *
 * @param compute - pure; called at most once for a mesh
 */
export function derived<T>(compute: (mesh: Mesh) => T): (mesh: Mesh) => T {
  const answers = new WeakMap<Mesh, { readonly value: T }>();
  return (mesh) => {
    const known = answers.get(mesh);
    if (known) return known.value;
    const value = compute(mesh);
    answers.set(mesh, { value });
    return value;
  };
}
