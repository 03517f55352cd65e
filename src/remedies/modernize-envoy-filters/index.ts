import { servedVersions } from '../../mesh/detect-version.ts';
import { type ConfigPatch, configPatchesOf, envoyFilters } from '../../mesh/envoy-filter.ts';
import { insertedNames } from '../../mesh/filter-names.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { matchesProxyVersion, proxyVersionOf } from '../../mesh/proxy-version.ts';
import type { Version } from '../../mesh/version.ts';
import { selection } from '../parameter.ts';
import { defineRemedy } from '../remedy.ts';
import { findClusterOptions } from './cluster-options.ts';
import { filterFault, repaired } from './faults.ts';
import { findFilterKeys } from './filter-keys.ts';
import { findIgnored } from './ignored.ts';
import { findNames } from './names.ts';
import { type Chains, chainsOf, findBehindLast, findRelativeOrder, findRouters } from './order.ts';
import { findServerByName, findServicePort } from './ports.ts';
import { findRejected } from './rejected.ts';
import { type Span, spanned, whereIn } from './span.ts';
import { findRejectedTypes, findTypes } from './types.ts';
import { findInWhole } from './whole-filter.ts';
import { fixedWhole } from './whole-patch.ts';

export default defineRemedy({
  id: 'modernize-envoy-filters',
  source: 'https://istio.io/latest/docs/reference/config/networking/envoy-filter/',
  parameters: selection,
  faults: filterFault,

  *find({ mesh, version }) {
    const versions = servedVersions(mesh, version);
    const span: Span = { oldest: versions[0]!, newest: versions.at(-1)! };
    const patches = new Map(envoyFilters(mesh).map((filter) => [filter, configPatchesOf(filter)]));
    const all = [...patches.values()].flat();
    const context: Context = { mesh, versions, span, chains: chainsOf(all), inserted: insertedNames(all) };
    const found = [...patches].map(([filter, own]) => ({
      whole: [...findInWhole(filter, span)],
      parts: own.map((patch) => ({ patch, faults: [...findInPatch(patch, context)] })),
    }));
    yield* fixedWhole(found);
  },

  fix: {
    'v2-type': repaired,
    'lapsing-v2-type': repaired,
    'early-v3-type': repaired,
    'unknown-type': repaired,
    'wrong-message': repaired,
    'missing-type': repaired,
    'untyped-config': repaired,
    'name-without-type': repaired,
    'old-filter-name': repaired,
    'lapsing-filter-name': repaired,
    'old-filter-key': repaired,
    'old-given-name': repaired,
    'lapsing-given-name': repaired,
    'short-service': repaired,
    'behind-last-filter': repaired,
  },
});

/** What all patches are judged by. */
interface Context {
  readonly mesh: Mesh;
  /** Those that istiods of the input serve, the oldest first. */
  readonly versions: readonly Version[];
  readonly span: Span;
  readonly chains: Chains;
  /** Names of filters that patches of the input insert. */
  readonly inserted: ReadonlySet<string>;
}

function* findInPatch(patch: ConfigPatch, { mesh, versions, span, chains, inserted }: Context) {
  yield* findRejected(patch, span);
  if (isForAny(patch, versions)) {
    yield* findTypes(patch, span);
    yield* findNames(patch, span, inserted);
    yield* findFilterKeys(patch, span, inserted);
    yield* findIgnored(mesh, patch, span);
    yield* findServicePort(mesh, patch);
    yield* findServerByName(mesh, patch);
    yield* findClusterOptions(mesh, patch, span);
    yield* findBehindLast(patch, chains, span);
    yield* findRouters(patch, chains);
    yield* findRelativeOrder(mesh, patch, chains, versions, span);
  } else yield* findRejectedTypes(patch, span); // applied to no proxy, but the webhook reads it all the same
  yield* findVersions(patch, versions, span);
}

function isForAny(patch: ConfigPatch, versions: readonly Version[]): boolean {
  const expression = proxyVersionOf(patch);
  return expression === undefined || versions.some((version) => matchesProxyVersion(expression, version) !== false);
}

/** Finds expressions on the version that exclude this one, or include more than they seem to. */
function* findVersions(patch: ConfigPatch, versions: readonly Version[], span: Span) {
  const expression = proxyVersionOf(patch);
  const minor = expression === undefined ? undefined : meantMinor(expression);
  if (expression === undefined || minor === undefined) return;
  const where = whereIn(patch, 'match', 'proxy', 'proxyVersion');
  const data = { expression, minor, versions: spanned(span) };
  const isOlder = versions.every((version) => version.minor > minor);
  // Proxies may be two minor versions behind, and Istio's own filters are there for them.
  const isPast = minor < span.oldest.minor - 2;
  if (!isForAny(patch, versions)) {
    if (isPast) yield filterFault('past-proxies', where, data);
  } else if (isOlder && matchesProxyVersion(expression, versions[0]!) === true)
    yield filterFault('loose-proxy-version', where, data);
}

/** The one minor version that an expression names: `^1\.1.*`. */
function meantMinor(expression: string): number | undefined {
  if (expression.includes('|')) return undefined;
  const minor = /^\^?1(?:\\?\.|\[\.\])(\d{1,2})(?!\d|[[(?{]|\\[dw])/.exec(expression)?.[1];
  return minor === undefined ? undefined : Number(minor);
}
