import { isObject, type Json, type JsonObject } from '../manifest/node.ts';
import type { Operation } from '../manifest/operation.ts';
import { pointer } from '../manifest/pointer.ts';
import { at, stringAt } from '../mesh/read.ts';
import type { Resource } from '../mesh/resource.ts';

/**
 * The annotation by which `meshmend verify-build` knows that a function ran: the names of the configs, divided by
 * commas, on one resource of a build. It is set in builds only, never in a user's own files.
 */
export const markAnnotation = 'meshmend.dev/applied';

/** What kustomize gives to each resource that it passes to a plugin, and takes off again. */
const buildAnnotation = 'kustomize.config.k8s.io/id';
const localAnnotation = 'config.kubernetes.io/local-config';

/** True for a resource as a kustomize build gives it to its plugins. */
export function isOfBuild(item: Json): boolean {
  return annotation(item, buildAnnotation) !== undefined;
}

/** The configs that a resource is marked with. */
export function marksOf(item: Json): string[] {
  return (annotation(item, markAnnotation) ?? '').split(',').filter((name) => name !== '');
}

function annotation(item: Json, name: string): string | undefined {
  return stringAt(item, 'metadata', 'annotations', name);
}

/**
 * The first of the changed resources that reaches the build's output. A run prefers one that it adds, since that is
 * nobody's yet; one that changes nothing leaves no mark.
 */
export function carrierOf(changed: readonly Resource[]): Resource | undefined {
  return changed.find(({ value }) => annotation(value, localAnnotation) !== 'true');
}

/** The operations that mark a resource; none when it is marked already. */
export function markOperations(value: JsonObject, name: string): Operation[] {
  const marks = marksOf(value);
  if (name === '' || marks.includes(name)) return [];
  const text = [...marks, name].join(',');
  if (isObject(at(value, 'metadata', 'annotations')))
    return [{ op: 'add', path: pointer('metadata', 'annotations', markAnnotation), value: text }];
  return [{ op: 'add', path: pointer('metadata', 'annotations'), value: { [markAnnotation]: text } }];
}
