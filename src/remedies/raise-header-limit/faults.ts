import { hasProxy, workloadsOf } from '../../mesh/workload.ts';
import type { LegacyStep as Step } from '../remedy.ts';
import { defaultLimits, isOutOfRange, limitNames, managerForms } from './limits.ts';
import { type RaisePlan, raiseHere } from './raise.ts';
import { generalLimit } from './reach.ts';

/** What is wrong with the limits that are set; filters that no version takes are another remedy's business. */
export function* faultsOfHeaderLimits(plan: RaisePlan): Iterable<Step> {
  const { limits, versions } = plan;
  const faulty = limits.filter(
    (limit) => limit.works && limitNames.some((name) => isOutOfRange(name, limit.values[name], versions)),
  );
  for (const step of raiseHere(plan, faulty)) yield { ...step, severity: 'error' };
  yield* lowerHops(plan);
  yield* choice(plan);
}

function* choice({ mesh, limits, versions }: RaisePlan): Iterable<Step> {
  const isRaised = limits.some(({ works }) => works);
  const isServed = managerForms(versions).length > 0;
  if (isRaised || !isServed || !workloadsOf(mesh).some((workload) => hasProxy(mesh, workload))) return;
  const message = `Proxies answer 431 to requests whose headers take more than ${defaultLimits.kib} KiB, or are more than ${defaultLimits.headers}. Where cookies or tokens grow so large, raise the limit`;
  yield { severity: 'info', outcome: 'change', message, parameters: {} };
}

/** A limit that is raised for some proxies only, said once: somebody may want it so. */
function* lowerHops({ mesh, limits }: RaisePlan): Iterable<Step> {
  const general = generalLimit(mesh, limits, 'kib');
  const higher = limits.filter(({ works, values }) => works && (values.kib ?? 0) > general);
  const [first] = higher;
  if (!first) return;
  const names = [...new Set(higher.map(({ filter }) => filter.name))].slice(0, 3).join(', ');
  const message = `EnvoyFilter ${names} raises the limit of request headers for some proxies only, and all others on the way answer 431 above ${general} KiB. --raise-header-limit raises every hop`;
  yield { severity: 'info', outcome: 'advise', message, resource: first.filter };
}
