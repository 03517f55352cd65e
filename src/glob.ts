/** The longest glob that is taken: names in Kubernetes have 253 characters at most. */
export const longestGlob = 253;

/**
 * True when a glob matches all of a text: `*` stands for any characters, none included, everything else for itself.
 *
 * @param glob - of at most {@link longestGlob} characters, so that the work grows with the text only
 */
export function matchesGlob(glob: string, text: string): boolean {
  return matchesParts(glob, text, '*', (wanted, found) => wanted === found);
}

/**
 * True when a glob matches a path, or a folder above it: `**` stands for any folders, `*` for any characters of one name.
 * A glob without a slash matches that name anywhere.
 *
 * @param path - divided by slashes, without `.` and `..`
 */
export function matchesPath(glob: string, path: string): boolean {
  const names = path.split('/');
  const wanted = glob.replace(/^\.\//, '').replace(/\/$/, '').replace(/^\//, '').split('/');
  const parts = wanted.length === 1 && !glob.startsWith('/') ? ['**', ...wanted] : wanted;
  // What a matched folder holds is matched, too.
  return names.some((_, index) => matchesParts(parts, names.slice(0, index + 1), '**', matchesGlob));
}

/**
 * Matches a sequence from left to right. Only the last wild card is ever taken back, and by one item at a time: what
 * those before it matched fits whatever follows. So the work is at most the product of both lengths, never exponential.
 *
 * @param fits - whether an item is what a part that is no wild card asks for
 */
export function matchesParts(
  parts: ArrayLike<string>,
  items: ArrayLike<string>,
  wildcard: string,
  fits: (part: string, item: string) => boolean,
): boolean {
  let part = 0;
  let item = 0;
  let last: { readonly part: number; item: number } | undefined;
  while (item < items.length) {
    const wanted = parts[part];
    if (wanted === wildcard) last = { part: part++, item };
    else if (wanted !== undefined && fits(wanted, items[item] as string)) {
      part++;
      item++;
    } else if (last) {
      part = last.part + 1;
      item = ++last.item;
    } else return false;
  }
  while (parts[part] === wildcard) part++;
  return part === parts.length;
}
