import { isObject, type Json } from '../../manifest/node.ts';
import { jsonPath } from '../../manifest/pointer.ts';
import type { ConfigPatch } from '../../mesh/envoy-filter.ts';
import { stringAt } from '../../mesh/read.ts';
import { skipReason } from '../../mesh/skip.ts';
import { type FilterFault, type Fixable, rejectionKinds } from './faults.ts';

/** What is wrong with one EnvoyFilter: outside of its patches, and in each of them. */
interface FilterFaults {
  readonly whole: readonly FilterFault[];
  readonly parts: readonly PatchFaults[];
}

interface PatchFaults {
  readonly patch: ConfigPatch;
  readonly faults: readonly FilterFault[];
}

/**
 * Takes the repairs from patches that cannot be fixed as a whole. A patch that has no effect does no harm; once it takes
 * effect again, what is still wrong in it leaves proxies without their listener or cluster.
 *
 * A patch depends on its own faults; on those of its EnvoyFilter, where that is rejected now and would not be then; and on
 * the patch that adds the cluster which it calls.
 */
export function* fixedWhole(filters: readonly FilterFaults[]): Iterable<FilterFault> {
  const judged = filters.map(({ whole, parts }) => {
    const common = whole.find(({ code }) => code === 'old-workload-labels') ?? blockerOfRejected(parts);
    return { whole, parts: parts.map((part) => ({ ...part, blocker: blockerIn(part) ?? common })) };
  });
  const clusters = clustersLeftBroken(judged.flatMap(({ parts }) => parts));
  for (const { whole, parts } of judged) {
    yield* whole;
    for (const { patch, faults, blocker } of parts) {
      const found = blocker ?? blockerBehind(patch, faults, clusters);
      yield* found ? faults.map((fault) => leftAlone(fault, found)) : faults;
    }
  }
}

/** Faults that leave a patch as effective as it is meant to be. */
const harmless: ReadonlySet<string> = new Set(['past-proxies', 'loose-proxy-version', 'inserted-by-age']);

/** Faults by which a patch applies to more than it is meant for: no harm is new where it does so already. */
const widening: ReadonlySet<string> = new Set(['ignored-port-name', 'early-transport-socket', 'ignored-filter-match']);

/**
 * What keeps back all patches of an EnvoyFilter that istiod rejects now, and accepts once its types are right: the other
 * patches take effect then as well.
 */
function blockerOfRejected(parts: readonly PatchFaults[]): FilterFault | undefined {
  const faults = parts.flatMap((part) => part.faults);
  const isRejected = faults.some((fault) => isRejecting(fault) || fault.code === 'wrong-message');
  const staysRejected = faults.some((fault) => isRejecting(fault) && !isRepairable(fault));
  if (!isRejected || staysRejected) return undefined;
  return parts.map(blockerIn).find((blocker) => blocker !== undefined);
}

/** True for a fault for which the webhook surely rejects the EnvoyFilter. */
function isRejecting(fault: FilterFault): boolean {
  if (fault.code === 'v2-type') return fault.data.isRejected;
  return Object.hasOwn(rejectionKinds, fault.code) || /^(unknown-type|missing-type)$/.test(fault.code);
}

function blockerIn({ faults }: PatchFaults): FilterFault | undefined {
  const revives = faults.some((fault) => isRepairable(fault) && !fault.code.startsWith('lapsing-'));
  return faults.find(
    (fault) => !isRepairable(fault) && !harmless.has(fault.code) && (revives || !widening.has(fault.code)),
  );
}

/** True for a fault that `rewrite` fixes: it has a repair, and the resource does not ask to leave it. */
function isRepairable({ code, data, resource }: FilterFault): boolean {
  if ((data as Fixable | undefined)?.repair === undefined) return false;
  const id = 'modernize-envoy-filters';
  return !resource || skipReason(resource, id, `${id}/${code}`) === undefined;
}

/** The clusters that patches add which stay broken, by name. */
function clustersLeftBroken(
  parts: readonly (PatchFaults & { readonly blocker: FilterFault | undefined })[],
): ReadonlyMap<string, FilterFault> {
  const broken = new Map<string, FilterFault>();
  for (const { patch, blocker } of parts) {
    const name = stringAt(patch.value, 'name');
    if (patch.applyTo === 'CLUSTER' && patch.operation === 'ADD' && blocker && name) broken.set(name, blocker);
  }
  return broken;
}

function blockerBehind(
  { value }: ConfigPatch,
  faults: readonly FilterFault[],
  clusters: ReadonlyMap<string, FilterFault>,
): FilterFault | undefined {
  return clusters.size > 0 && faults.some(isRepairable) ? firstNamed(value, clusters) : undefined;
}

function firstNamed(value: Json, clusters: ReadonlyMap<string, FilterFault>): FilterFault | undefined {
  if (typeof value === 'string') return clusters.get(value);
  const inner = Array.isArray(value) ? value : isObject(value) ? Object.values(value) : [];
  for (const each of inner) {
    const found = firstNamed(each, clusters);
    if (found) return found;
  }
  return undefined;
}

function leftAlone(fault: FilterFault, { code, resource, path = '' }: FilterFault): FilterFault {
  if (!isRepairable(fault)) return fault;
  const whose = resource && resource !== fault.resource ? `EnvoyFilter ${resource.name}, ` : '';
  const blocked = `\`rewrite\` does not change it, because the patch would take effect with a fault that is not fixed: ${code} at ${whose}${jsonPath(path)}`;
  return { ...fault, data: { ...(fault.data as Fixable), blocked } } as FilterFault;
}
