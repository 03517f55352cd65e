import { envoyFilterFacts } from './since/envoy-filter.ts';
import type { Fact, VersionText } from './since/fact.ts';
import { httpFacts } from './since/http.ts';
import { installFacts } from './since/install.ts';
import { istiodEnvironment } from './since/istiod-environment.ts';
import { trafficFacts } from './since/traffic.ts';
import { atLeast, compareVersions, formatVersion, parseVersion, type Version } from './version.ts';

/**
 * All that depends on the version of Istio, by name: what holds, from which version on, up to which, and where that is
 * written. Texts take their versions from here: `from Istio ${facts.nativeHeaderCase.since} on`.
 */
export const facts = {
  ...httpFacts,
  ...envoyFilterFacts,
  ...trafficFacts,
  ...installFacts,
  ...istiodEnvironment,
} as const satisfies Readonly<Record<string, Fact>>;

export type FactName = keyof typeof facts;

/** The names of the facts that begin to hold, or that end, with a version we know. */
export type Beginning = {
  [Name in FactName]: (typeof facts)[Name] extends { since: VersionText } ? Name : never;
}[FactName];
export type Ending = {
  [Name in FactName]: (typeof facts)[Name] extends { until: VersionText } ? Name : never;
}[FactName];

/**
 * True when a fact holds for a version. A version without a patch number is the newest patch of its minor version;
 * `has({ patch: 0, ...version }, …)` asks for the oldest.
 */
export function has(version: Version, name: FactName): boolean {
  const { since, until, backports = [] }: Fact = facts[name];
  if (until !== undefined && isPast(version, until)) return false;
  if (since === undefined || atLeast(version, since)) return true;
  return backports.some((patch) => versionOf(patch).minor === version.minor && atLeast(version, patch));
}

/** True when a fact has ended before this version. */
export function hasEnded(version: Version, name: Ending): boolean {
  return isPast(version, facts[name].until);
}

export function isEnding(name: FactName): name is Ending {
  return 'until' in facts[name];
}

/** The releases from which on a fact holds, as a text: `1.25.5, 1.26.4 and 1.27.1`. */
export function releasesWith(name: Beginning): string {
  const { since, backports = [] }: Fact & { readonly since: VersionText } = facts[name];
  return backports.length === 0 ? since : `${backports.join(', ')} and ${since}`;
}

/** The last version before a fact begins to hold: `1.23` for one since 1.24, `1.9.1` for one since 1.9.2. */
export function lastWithout(name: Beginning): string {
  return formatVersion(next(versionOf(facts[name].since), -1));
}

/** The first version in which a fact no longer holds: `1.19` for one until 1.18. */
export function firstWithout(name: Ending): VersionText {
  return formatVersion(next(versionOf(facts[name].until), 1)) as VersionText;
}

function isPast(version: Version, until: VersionText): boolean {
  return compareVersions(version, versionOf(until)) > 0;
}

function next({ minor, patch }: Version, by: 1 | -1): Version {
  return patch === undefined ? { minor: minor + by } : { minor, patch: patch + by };
}

function versionOf(text: VersionText): Version {
  return parseVersion(text) as Version;
}
