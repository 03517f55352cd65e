import { entryOf, type Node, resolved } from './node.ts';

/**
 * Offset of what a path leads to: a key for a mapping's entry, the dash or value for a list's item. A path that
 * leads nowhere gives the last thing on its way.
 */
export function locate(root: Node, path: readonly string[]): number {
  let offset = root.start;
  let node = resolved(root);
  for (const segment of path) {
    if (node.kind === 'map') {
      const found = entryOf(node, segment);
      if (!found) break;
      offset = found.entry.keyNode.start;
      node = resolved(found.entry.value);
    } else if (node.kind === 'seq') {
      const item = node.items[Number(segment)];
      if (!item) break;
      offset = item.value.start;
      node = resolved(item.value);
    } else break;
  }
  return offset;
}
