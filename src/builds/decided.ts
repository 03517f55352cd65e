import { isObject, type Json, type JsonObject } from '../manifest/node.ts';
import type { Operation } from '../manifest/operation.ts';
import { pointer, segmentsOf } from '../manifest/pointer.ts';
import { listAt, stringAt } from '../mesh/read.ts';
import type { Resource } from '../mesh/resource.ts';
import type { BuildPatch } from './build-patch.ts';

/** The fields of a resource that a patch decides about, as pointers. */
export function decidedBy({ body }: BuildPatch, resource: Resource): string[] {
  if (Array.isArray(body))
    return body.flatMap((operation: Json) => {
      const path = stringAt(operation, 'path');
      return path === undefined || path.endsWith('/-') ? [] : [path];
    });
  return isObject(body) ? leavesOf(body, resource.value, [], isMergedByName(resource)).filter(isDecision) : [];
}

/** What only says which resource is patched decides nothing. */
function isDecision(path: string): boolean {
  return !/^\/(apiVersion|kind|\$patch|metadata\/(name|namespace))$/.test(path);
}

/** Lists of resources that Kubernetes itself defines are merged by the names of their items, others are replaced. */
function isMergedByName({ group }: Resource): boolean {
  return !group.includes('.') || group.endsWith('.k8s.io');
}

function leavesOf(value: Json, current: Json | undefined, at: readonly (string | number)[], byName: boolean): string[] {
  if (isObject(value)) {
    const entries = Object.entries(value);
    if (entries.length === 0 || Object.hasOwn(value, '$patch')) return [pointer(...at)];
    return entries.flatMap(([key, inner]) => leavesOf(inner, fieldOf(current, key), [...at, key], byName));
  }
  if (!Array.isArray(value) || !byName || !value.every((item) => stringAt(item, 'name') !== undefined))
    return [pointer(...at)];
  const items = listAt(current);
  return value.flatMap((item) => {
    const index = items.findIndex((each) => stringAt(each, 'name') === stringAt(item, 'name'));
    const { name: _, ...rest } = item as JsonObject;
    return index === -1 ? [] : leavesOf(rest, items[index], [...at, index], byName);
  });
}

function fieldOf(value: Json | undefined, key: string): Json | undefined {
  return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

/**
 * The decided field that an edit would set in vain, or that the edit's reason depends on.
 *
 * @param reason - pointer to what the fault is about
 */
export function decidedAmong(
  decided: readonly string[],
  operations: readonly Operation[],
  reason: string,
): string | undefined {
  const touched = operations.flatMap(touchedBy);
  const isMove = operations.some(({ op }) => op === 'move');
  return decided.find(
    (path) =>
      touched.some((each) => each === path || isBelow(each, path) || isBelow(path, each)) ||
      (isMove && operations.some((operation) => isConditionOf(path, operation))) ||
      (!isMove && isObjectPath(reason) && isBelow(path, reason)),
  );
}

function touchedBy(operation: Operation): string[] {
  const { op, path } = operation;
  if (op === 'test' || op === 'move') return op === 'move' ? [listOf(path)].map((list) => `${list}/-`) : [];
  if (op === 'add' && isObject(operation.value)) return leavesOf(operation.value, undefined, segmentsOf(path), false);
  return [path];
}

/** A moved item keeps its content, but its place depends on its conditions. */
function isConditionOf(path: string, operation: Operation): boolean {
  const list = listOf(operation.path);
  if (!isBelow(path, list)) return false;
  const [, field] = segmentsOf(path.slice(list.length));
  return field === undefined || field === 'match';
}

function listOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}

/** Fields of one mapping depend on each other; a list item such as a route has fields that do not. */
function isObjectPath(path: string): boolean {
  const segments = segmentsOf(path);
  return segments.length > 2 && !/^\d+$/.test(segments.at(-1) ?? '');
}

function isBelow(path: string, above: string): boolean {
  return path.startsWith(`${above}/`);
}
