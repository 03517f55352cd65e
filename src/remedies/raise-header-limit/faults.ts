import type { Step } from '../remedy.ts';
import { defaultLimits, type HeaderLimit, isOutOfRange, limitNames } from './limits.ts';
import { type RaisePlan, raiseHere } from './raise.ts';
import { meshReach } from './reach.ts';

/** What is wrong with the limits that are set; filters that no version takes are another remedy's business. */
export function* faultsOfHeaderLimits(plan: RaisePlan): Iterable<Step> {
  const { limits, versions } = plan;
  const faulty = limits.filter(
    (limit) => limit.works && limitNames.some((name) => isOutOfRange(name, limit.values[name], versions)),
  );
  for (const step of raiseHere(plan, faulty)) yield { ...step, severity: 'error' };
  yield* lowerHops(plan);
}

/** A limit that is raised for some proxies only, said once: somebody may want it so. */
function* lowerHops(plan: RaisePlan): Iterable<Step> {
  const everywhere = meshReach(plan.mesh);
  const live = plan.limits.filter(({ works, values }) => works && values.kib !== undefined);
  const kibOf = ({ values }: HeaderLimit): number => values.kib ?? defaultLimits.kib;
  const forAll = live.filter((limit) => everywhere.standingOf(limit) === 'same').map(kibOf);
  const general = Math.max(defaultLimits.kib, ...forAll);
  const higher = live.filter((limit) => everywhere.standingOf(limit) !== 'same' && kibOf(limit) > general);
  const [first] = higher;
  if (!first) return;
  const names = [...new Set(higher.map(({ filter }) => filter.name))].slice(0, 3).join(', ');
  const message = `EnvoyFilter ${names} raises the limit of request headers for some proxies only, and all others on the way answer 431 above ${general} KiB. --raise-header-limit raises every hop`;
  yield { severity: 'info', outcome: 'advise', message, resource: first.filter };
}
