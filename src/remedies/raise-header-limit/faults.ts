import type { Operation } from '../../manifest/operation.ts';
import { isOldType } from '../../mesh/envoy-types.ts';
import { facts, firstWithout, has, lastWithout } from '../../mesh/since.ts';
import { formatVersion, type Version } from '../../mesh/version.ts';
import { caveat, choice, defineFaults, error, hint, note, refusal, unsure } from '../fault.ts';
import { ambientWorkloads, noLabels, unreachedFaults } from '../mechanisms/audience.ts';
import {
  defaultLimits,
  edges,
  type HeaderLimit,
  isOutOfRange,
  type LimitName,
  type Limits,
  largestOf,
  limitNames,
  type ManagerForm,
  said,
  written,
} from './limits.ts';
import type { Reach } from './reach.ts';

/** A patch of the input whose limits are to change. */
export interface RaisedLimit {
  readonly limit: HeaderLimit;
  /** What its limits become. */
  readonly values: Limits;
  /** The priority that its filter gets; undefined when that stays. */
  readonly priority?: number;
  readonly operations: readonly Operation[];
}

/** A patch for outdated proxies, and what makes it work again. */
export interface DeadLimit extends RaisedLimit {
  readonly form: ManagerForm;
  /** The newest that is to be served. */
  readonly version: Version;
}

/** Proxies that no filter raises the limits for. */
export interface DefaultLimit {
  readonly reach: Reach;
  /** The limits that are wanted. */
  readonly values: Limits;
  readonly versions: readonly Version[];
  readonly forms: readonly ManagerForm[];
  readonly priority: number | null;
}

export const limitFault = defineFaults({
  'default-limit': choice<DefaultLimit>(
    `Proxies answer 431 to requests whose headers take more than ${defaultLimits.kib} KiB, or are more than ${defaultLimits.headers}`,
  ),
  'out-of-range': error(
    ({ limit, versions }: RaisedLimit & { versions: readonly Version[] }) =>
      `EnvoyFilter ${limit.filter.name} sets ${rangesBroken(limit, versions)}: proxies reject their listeners, though istiod may accept it`,
  ),
  'low-limit': caveat(
    ({ limit }: RaisedLimit) =>
      `Proxies answer 431 to larger headers than EnvoyFilter ${limit.filter.name} allows (${saidBy(limit)})`,
  ),
  'lowered-limit': caveat(
    ({ limit, reach }: RaisedLimit & { reach: Reach }) =>
      `EnvoyFilter ${limit.filter.name} allows less for some of ${reach.who} (${saidBy(limit)}), where it may win`,
  ),
  'dead-filter': caveat(({ limit, version }: DeadLimit) => {
    const { type } = limit.manager;
    const isRefused = type === undefined || (!has(version, 'v2Types') && isOldType(type));
    const state = isRefused ? 'is refused by' : 'has no effect on';
    return `EnvoyFilter ${limit.filter.name} ${state} Istio ${formatVersion(version)}`;
  }),
  'raised-already': note(
    (limit: HeaderLimit) => `EnvoyFilter ${limit.filter.name} sets ${said(limit.values)} already, which is enough`,
  ),
  'outranked-limit': note(
    ({ limit, reach }: { limit: HeaderLimit; reach: Reach }) =>
      `EnvoyFilter ${limit.filter.name} sets less for some of ${reach.who}, but its priority ${limit.priority} lets the higher limit win`,
  ),
  'uneven-limits': hint(
    ({ names, general }: { names: readonly string[]; general: number }) =>
      `EnvoyFilter ${names.join(', ')} raises the limit of request headers for some proxies only, and the others on the way answer 431 above ${general} KiB. \`--raise-header-limit\` raises every hop`,
  ),
  'other-hops': caveat((scope: 'gateways' | 'workload') =>
    scope === 'gateways'
      ? 'Only gateways are raised: the sidecars behind them keep their own limit and answer 431. `scope: mesh` raises every hop'
      : 'Only these workloads are raised: gateways, and the sidecars of their clients, keep their own limit and answer 431 first. `scope: mesh` raises every hop',
  ),
  'ambient-workloads': unsure((count: number) =>
    ambientWorkloads(
      count,
      `: ztunnel does not look at headers, and this filter does not reach their waypoints, which take an EnvoyFilter by \`targetRefs\` only (Istio ${facts.filterTargetRefs.since} and later)`,
    ),
  ),
  ...unreachedFaults({
    ambient: `, so it has no sidecar to set: ztunnel does not look at headers, and a waypoint takes an EnvoyFilter by \`targetRefs\` only (Istio ${facts.filterTargetRefs.since} and later)`,
    withoutSidecar: ', so there is nothing to set',
  }),
  'no-labels': noLabels,
  'no-such-filter': caveat(
    'No EnvoyFilter of the chosen `namespaces` and `names` sets a limit of headers. Leave both out to add one for every proxy, or use `scope: workload`',
  ),
  'no-such-workload': refusal(
    (labels: string) =>
      `The input has no workload${labels && ` with ${labels}`} that has a proxy, so the namespace of the EnvoyFilter is not known. Add it to the PATHs`,
  ),
  'too-large': refusal(
    ({ largest, oldest }: { largest: number; oldest: Version }) =>
      `Envoy takes at most ${largest} KiB before Istio ${facts.headersUpTo8192Kib.since} and rejects the whole listener otherwise, and this is for ${formatVersion(oldest)}. Set \`kib\` to ${largest} or less, and send larger data in the body`,
  ),
  'lower-than-default': refusal(
    ({ name, value }: { name: LimitName; value: number }) =>
      `Proxies take ${defaultLimits[name]} ${name === 'kib' ? 'KiB of headers' : 'headers'} by default, so \`${name}: ${value}\` would lower the limit`,
  ),
  'selector-for-mesh': refusal(
    '`selector` chooses pods, but `scope: mesh` reaches every proxy. Set `scope` to `workload` or `gateways`, or leave `selector` out',
  ),
  'empty-selector': refusal('`selector` has no label'),
  'no-selector': refusal('`scope: workload` needs `selector`, the labels of the pods'),
  'no-common-form': refusal(
    ({ oldest, newest }: ReturnType<typeof edges>) =>
      `No EnvoyFilter works in both Istio ${formatVersion(oldest)} and ${formatVersion(newest)}: ${lastWithout('v3Types')} knows the v2 type only, which ${firstWithout('v2Types')} and later refuse. Upgrade the older one first`,
  ),
});

function saidBy(limit: HeaderLimit): string {
  return said({ kib: written(limit, 'kib'), headers: written(limit, 'headers') });
}

/** What Envoy does not take, each with what it does take. */
function rangesBroken(limit: HeaderLimit, versions: readonly Version[]): string {
  const broken = limitNames.filter((name) => isOutOfRange(name, limit.values[name], versions));
  const each = broken.map((name) => {
    return `${said({ [name]: written(limit, name) })}, but Envoy takes 1 to ${largestOf(name, versions)}`;
  });
  return `${each.join(', and ')} at Istio ${formatVersion(edges(versions).oldest)}`;
}
