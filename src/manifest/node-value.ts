import { isSame, type Json, type JsonObject, type MapEntry, type Node, resolved, setOwn } from './node.ts';
import { YamlFault } from './yaml-fault.ts';

/** How many nodes the aliases of one document may expand to, so that a few lines cannot fill the memory. */
const expansionLimit = 100_000;

/** The same for all documents of a run. */
const runLimit = 1_000_000;

/** How many more nodes the aliases of a run may expand to. */
export interface Expansion {
  left: number;
}

export function openExpansion(): Expansion {
  return { left: runLimit };
}

/** How many more nodes the aliases of a document may expand to. */
interface Budget {
  readonly limit: number;
  left: number;
}

/**
 * The value of a node. Aliases give copies, so that changing one place never changes another.
 *
 * @param run - what is left for the document and those after it
 * @throws YamlFault when aliases expand to too much, or when it is in doubt what a `<<` means
 */
export function nodeValue(root: Node, run: Expansion = openExpansion()): Json {
  const limit = Math.min(expansionLimit, run.left);
  const budget = { limit, left: limit };
  const value = build(budget, root, false);
  run.left -= limit - budget.left;
  return value;
}

function build(budget: Budget, node: Node, isCopy: boolean): Json {
  if (isCopy && --budget.left < 0) throw tooMuch(budget, node);
  switch (node.kind) {
    case 'scalar':
      return node.value;
    case 'alias':
      return build(budget, node.target, true);
    case 'seq':
      return node.items.map((item) => build(budget, item.value, isCopy));
    case 'map': {
      const object: JsonObject = {};
      for (const { key, value, merge } of node.entries) if (!merge) setOwn(object, key, build(budget, value, isCopy));
      if (node.entries.some(({ merge }) => merge)) mergeInto(budget, object, node.entries);
      return object;
    }
  }
}

function tooMuch({ limit }: Budget, { start }: Node): YamlFault {
  const what = limit < expansionLimit ? `${runLimit} nodes in all files` : `${expansionLimit} nodes in one document`;
  return new YamlFault(`aliases expand to more than ${what}`, start);
}

/**
 * Adds what `<<` gives. Where a key before it has another value, go-yaml 2 (kubectl, by sigs.k8s.io/yaml) takes that of
 * `<<`, and go-yaml 3 (kustomize) the key's own (`mapping` and `merge` in their decode.go): what is meant is unknown.
 */
function mergeInto(budget: Budget, object: JsonObject, entries: readonly MapEntry[]): void {
  const before = new Set<string>();
  for (const { key, keyNode, value, merge } of entries) {
    if (!merge) {
      before.add(key);
      continue;
    }
    for (const [name, given] of Object.entries(mergedBy(budget, value))) {
      if (!Object.hasOwn(object, name)) {
        setOwn(object, name, given);
        before.add(name);
      } else if (before.has(name) && !isSame(object[name], given)) throw ambiguousMerge(name, keyNode);
    }
  }
}

/** What the value of a `<<` gives: of several mappings the first counts. */
function mergedBy(budget: Budget, value: Node): JsonObject {
  const source = resolved(value);
  const maps = source.kind === 'seq' ? source.items.map((item) => resolved(item.value)) : [source];
  const merged: JsonObject = {};
  for (const map of maps) {
    if (map.kind !== 'map') throw new YamlFault('<< merges mappings only', value.start);
    for (const [key, given] of Object.entries(build(budget, map, true) as JsonObject))
      if (!Object.hasOwn(merged, key)) setOwn(merged, key, given);
  }
  return merged;
}

function ambiguousMerge(key: string, { start }: Node): YamlFault {
  const readings = 'kubectl takes that one, kustomize the one before: write << first';
  return new YamlFault(`<< gives ${JSON.stringify(key)} another value than the key before it; ${readings}`, start);
}
