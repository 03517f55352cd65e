/** An Istio version. Without a patch number it means the newest patch of its minor version. */
export interface Version {
  readonly minor: number;
  readonly patch?: number;
}

/** The versions whose rules meshmend knows: 1.6 to 1.32. */
export const oldestKnown: Version = { minor: 6 };
export const newestKnown: Version = { minor: 32 };

/**
 * Reads a version as people and images write it: `1.27`, `v1.27.1`, `1-8-1`, `1.22.3-distroless`, `1.27-latest`.
 *
 * @returns undefined when `text` holds no Istio 1.x version
 */
export function parseVersion(text: string): Version | undefined {
  const match = /^v?1[.-](\d{1,3})(?:[.-](\d{1,3}))?(?![\d.])/.exec(text);
  if (!match) return undefined;
  const [, minor, patch] = match;
  return patch === undefined ? { minor: Number(minor) } : { minor: Number(minor), patch: Number(patch) };
}

/** `1.27.1`, or `1.27` when the patch is not known. */
export function formatVersion({ minor, patch }: Version): string {
  return patch === undefined ? `1.${minor}` : `1.${minor}.${patch}`;
}

/** Negative when `a` is older than `b`; a missing patch is the newest there is. */
export function compareVersions(a: Version, b: Version): number {
  return a.minor - b.minor || (a.patch ?? Infinity) - (b.patch ?? Infinity) || 0;
}

/** True when `version` is `since` or newer; `atLeast(v, '1.12')` holds for every 1.12.x. */
export function atLeast(version: Version, since: `1.${number}` | `1.${number}.${number}`): boolean {
  const { minor, patch = 0 } = parseVersion(since) as Version;
  return compareVersions(version, { minor, patch }) >= 0;
}
