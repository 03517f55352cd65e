/** The items of each key, in their order; keys in the order in which they first come up. */
export function groupBy<T, K>(items: Iterable<T>, keyOf: (item: T) => K): Map<K, T[]> {
  return groupByEach(items, (item) => [keyOf(item)]);
}

/** As `groupBy`, with any number of keys for an item. */
export function groupByEach<T, K>(items: Iterable<T>, keysOf: (item: T) => Iterable<K>): Map<K, T[]> {
  return groupPairs(pairsOf(items, keysOf));
}

function* pairsOf<T, K>(items: Iterable<T>, keysOf: (item: T) => Iterable<K>): Iterable<readonly [K, T]> {
  for (const item of items) for (const key of keysOf(item)) yield [key, item];
}

/** As `groupBy`, from pairs of a key and an item. */
export function groupPairs<K, T>(pairs: Iterable<readonly [key: K, item: T]>): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const [key, item] of pairs) {
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}
