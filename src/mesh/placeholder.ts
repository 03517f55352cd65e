import { isObject, type Json } from '../manifest/node.ts';
import type { Mesh } from './mesh.ts';
import { at, listAt, objectAt, stringAt } from './read.ts';
import type { Resource } from './resource.ts';

/** What a tool fills in before anything is applied: `${istio}`, `$(NAME)`, `{{version}}`. */
const placeholder = /[$]\{[^}]*\}|[$]\([^)]*\)|\{\{[^}]*\}\}/;

/** The first placeholder of a text; undefined when it has none. */
export function placeholderIn(text: string): string | undefined {
  return placeholder.exec(text)?.[0];
}

/** The texts that a text with placeholders may come to, as far as the input shows the values; itself when it has none. */
export function filledIn(text: string, resource: Resource, mesh: Mesh): readonly string[] {
  const found = placeholderIn(text);
  if (found === undefined) return [text];
  const values = found.startsWith('{{') ? generated(resource, found) : substituted(mesh, found);
  return values
    .flatMap((value) =>
      filledIn(
        text.replace(found, () => value),
        resource,
        mesh,
      ),
    )
    .slice(0, 100);
}

/**
 * Values that Flux substitutes after a build, or the default in the text.
 *
 * @see https://fluxcd.io/flux/components/kustomize/kustomizations/#post-build-variable-substitution
 */
function substituted(mesh: Mesh, found: string): string[] {
  const [, name = '', fallback] = /^[$]\{(\w+)(?::?[=-]([^}]*))?\}$/.exec(found) ?? [];
  if (name === '') return [];
  const values = mesh.ofKind('Kustomization', 'kustomize.toolkit.fluxcd.io').flatMap(({ value, namespace }) => {
    const own = stringAt(value, 'spec', 'postBuild', 'substitute', name);
    if (own !== undefined) return [own];
    return listAt(value, 'spec', 'postBuild', 'substituteFrom').flatMap((source) => {
      const config = mesh
        .ofKind('ConfigMap')
        .find((each) => each.name === stringAt(source, 'name') && each.namespace === namespace);
      const data = objectAt(config?.value, 'data');
      const held = Object.hasOwn(data, name) ? data[name] : undefined;
      return held === undefined || isObject(held) || stringAt(source, 'kind') !== 'ConfigMap' ? [] : [String(held)];
    });
  });
  return values.length > 0 || fallback === undefined ? [...new Set(values)] : [fallback];
}

/**
 * Values that an ApplicationSet's generators list.
 *
 * @see https://argo-cd.readthedocs.io/en/stable/operator-manual/applicationset/Generators-List/
 */
function generated({ value }: Resource, found: string): string[] {
  const [, path = ''] = /^\{\{-?\s*\.?([\w.]+)\s*-?\}\}$/.exec(found) ?? [];
  const keys = path.split('.').filter((key) => key !== 'values');
  const values = elementsIn(at(value, 'spec', 'generators') ?? null).map((element) => stringAt(element, ...keys));
  return [...new Set(values.filter((each) => each !== undefined))];
}

/** The elements of all generators, nested ones included. */
function elementsIn(value: Json): Json[] {
  if (Array.isArray(value)) return value.flatMap(elementsIn);
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === 'elements' && Array.isArray(inner) ? inner : elementsIn(inner),
  );
}
