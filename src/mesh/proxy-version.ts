import type { ConfigPatch } from './envoy-filter.ts';
import { stringAt } from './read.ts';
import type { Version } from './version.ts';

/** Where a patch says which proxies it is for, a Go regular expression on their version. */
export function proxyVersionOf({ match }: ConfigPatch): string | undefined {
  return stringAt(match, 'proxy', 'proxyVersion') || undefined;
}

/** More patch releases than any minor version ever had. */
const patchReleases = 20;

/**
 * Whether a proxy of this version is among those that an expression means. It is not anchored, and matched against
 * the whole version: `1.24.2`. Without a known patch number any that fits will do. Undefined when it is not known.
 *
 * @see https://github.com/istio/istio/blob/1.31.0/pilot/pkg/model/envoyfilter.go `proxyMatch`
 */
export function matchesProxyVersion(expression: string, { minor, patch }: Version): boolean | undefined {
  const pattern = compile(expression);
  if (!pattern) return undefined;
  const patches = patch === undefined ? Array.from({ length: patchReleases }, (_, each) => each) : [patch];
  return patches.some((each) => pattern.test(`1.${minor}.${each}`));
}

/**
 * A Go expression as one of JavaScript; undefined where the two may differ, and for one that could take long:
 * Go's never backtrack, so those need no warning.
 */
function compile(expression: string): RegExp | undefined {
  const repeats = expression.match(/[*+{]/g)?.length ?? 0;
  if (expression.length > 128 || repeats > 6 || /\)[*+{]|\(\?(?!:)|\\[^.dwsDWS\\^$|()[\]{}*+?-]|\[\[/.test(expression))
    return undefined;
  try {
    return new RegExp(expression);
  } catch {
    return undefined;
  }
}
