import { groupBy } from '../../group-by.ts';
import { servedVersions } from '../../mesh/detect-version.ts';
import { isSelected, type Mesh, type Selection } from '../../mesh/mesh.ts';
import { namespaceOf } from '../../mesh/resource.ts';
import { facts, firstWithout, lastWithout } from '../../mesh/since.ts';
import { formatVersion } from '../../mesh/version.ts';
import { isGateway, type PodTemplate, podLabels, workloadsOf } from '../../mesh/workload.ts';
import { selectorOf } from '../../mesh/workload-selector.ts';
import {
  ambientCount,
  ambientWorkloads,
  noLabels,
  type Unreached,
  unreachedBy,
  unreachedFaults,
} from '../mechanisms/audience.ts';
import { type ParameterValues, selection } from '../parameter.ts';
import { defineRemedy, type LegacyStep as Step } from '../remedy.ts';
import { faultsOfHeaderLimits } from './faults.ts';
import { defaultLimits, edges, headerLimits, largestKib, limitNames, managerForms } from './limits.ts';
import { type RaisePlan, raise, raiseHere } from './raise.ts';
import { gatewaysReach, generalLimit, meshReaches, namesFor, selectedReach, sidecarContexts } from './reach.ts';

const parameters = {
  ...selection,
  kib: {
    type: 'integer',
    minimum: 1,
    maximum: 8192,
    default: 96,
    help: `size of all headers of a request together, in KiB; up to 96 before Istio ${facts.headersUpTo8192Kib.since}, up to 8192 since`,
  },
  headers: {
    type: 'integer',
    minimum: 1,
    maximum: 65535,
    help: 'number of headers of a request, which is limited to 100 unless given; more of them get 431 too',
  },
  scope: {
    type: 'enum',
    values: ['mesh', 'gateways', 'workload'],
    default: 'mesh',
    help: 'mesh: every proxy, since each hop has the limit; gateways: gateways only; workload: the pods that selector chooses',
  },
  selector: {
    type: 'labels',
    help: 'labels of the pods, for scope workload, or of some gateways for scope gateways',
  },
} as const;

type Values = ParameterValues<typeof parameters>;

export default defineRemedy({
  id: 'raise-header-limit',
  source:
    'https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/filters/network/http_connection_manager/v3/http_connection_manager.proto',
  parameters,

  *plan(mesh, values, { version, requested }) {
    const versions = servedVersions(mesh, version);
    const plan: RaisePlan = {
      mesh,
      wanted: { kib: values.kib, headers: values.headers },
      versions,
      limits: headerLimits(mesh, versions),
    };
    if (!requested) {
      yield* faultsOfHeaderLimits(plan);
      return;
    }
    const fault = refusal(plan, values);
    if (fault) yield { severity: 'error', outcome: 'refuse', message: fault };
    else yield* steps(plan, values);
  },
});

function refusal(
  { versions }: RaisePlan,
  { kib, headers, scope, selector, namespaces, names }: Values,
): string | undefined {
  const { oldest, newest } = edges(versions);
  const largest = largestKib(versions);
  if (kib > largest)
    return `Envoy takes at most ${largest} KiB before Istio ${facts.headersUpTo8192Kib.since} and rejects the whole listener otherwise, and this is for ${formatVersion(oldest)}. Set raise-header-limit.kib to ${largest} or less, and put larger data in the body`;
  if (kib < defaultLimits.kib)
    return `Proxies take ${defaultLimits.kib} KiB of headers as they are, so raise-header-limit.kib ${kib} would lower the limit`;
  if (headers !== undefined && headers < defaultLimits.headers)
    return `Proxies take ${defaultLimits.headers} headers as they are, so raise-header-limit.headers ${headers} would lower the limit`;
  if (scope === 'mesh' && selector)
    return 'raise-header-limit.selector chooses pods, while scope mesh reaches every proxy. Set raise-header-limit.scope to workload or gateways, or leave it out';
  if (selector && Object.keys(selector).length === 0) return 'raise-header-limit.selector has no label';
  if (scope === 'workload' && !selector && !namespaces && !names)
    return 'scope workload needs raise-header-limit.selector, the labels of the pods';
  if (managerForms(versions).length === 0)
    return `No EnvoyFilter serves Istio ${formatVersion(oldest)} and ${formatVersion(newest)} alike: ${lastWithout('v3Types')} knows the v2 type only, which ${firstWithout('v2Types')} and later refuse. Upgrade the older one first`;
  return undefined;
}

function* steps(plan: RaisePlan, values: Values): Iterable<Step> {
  const { mesh } = plan;
  const { scope, selector } = values;
  const isNarrowed = values.namespaces !== undefined || values.names !== undefined;
  if (scope === 'workload') {
    const own = [...forWorkloads(plan, values)];
    yield* own;
    if (own.every(({ outcome }) => outcome === 'refuse' || outcome === 'advise')) return;
  } else if (isNarrowed && !selector) {
    yield* narrowed(plan, values);
    return;
  } else if (scope === 'mesh') {
    for (const reach of meshReaches(mesh, plan.limits)) yield* raise(plan, reach);
  } else {
    yield* selector ? forGateways(plan, selector, values) : raise(plan, gatewaysReach(mesh));
  }
  if (scope !== 'mesh') yield* otherHops(plan, scope);
  else yield* ambientNote(mesh);
}

/** Chosen EnvoyFilters that set a limit: nothing is emitted beside them. */
function* narrowed(plan: RaisePlan, values: Selection): Iterable<Step> {
  const chosen = plan.limits.filter(({ filter }) => isSelected(filter, values));
  if (chosen.length === 0) {
    const message =
      'No EnvoyFilter of the chosen namespaces and names sets a limit of headers. Leave both out to emit one for every proxy, or set raise-header-limit.scope to workload';
    yield { severity: 'warning', outcome: 'advise', message };
  }
  yield* raiseHere(plan, chosen);
}

function* forGateways(plan: RaisePlan, selector: Readonly<Record<string, string>>, values: Selection): Iterable<Step> {
  const { mesh } = plan;
  const gateways = selectedWorkloads(mesh, selector, values).filter(isGateway);
  // A filter of the root namespace finds the gateways wherever they run.
  if (gateways.length === 0) yield* raise(plan, selectedReach(mesh, mesh.rootNamespace, selector, 'GATEWAY', []));
  for (const [namespace, some] of byNamespace(gateways))
    yield* raise(plan, selectedReach(mesh, namespace, selector, 'GATEWAY', some));
}

function* forWorkloads(plan: RaisePlan, values: Values): Iterable<Step> {
  const { mesh } = plan;
  const { selector } = values;
  const chosen: PodTemplate[] = [];
  for (const workload of selectedWorkloads(mesh, selector ?? {}, values)) {
    const unreached = unreachedBy(mesh, workload);
    if (unreached) yield unreachedStep(unreached, workload);
    else chosen.push(workload);
  }
  if (chosen.length === 0) {
    const what = selector
      ? ` with ${Object.entries(selector)
          .map(([key, value]) => `${key}=${value}`)
          .join(', ')}`
      : '';
    const message = `No workload${what} that has a proxy is in the input, so nothing tells the namespace of the EnvoyFilter. Add it to the PATHs`;
    yield { severity: 'error', outcome: 'refuse', message };
    return;
  }
  if (selector) {
    for (const [namespace, some] of byNamespace(chosen))
      yield* raise(plan, selectedReach(mesh, namespace, selector, 'ANY', some));
    return;
  }
  const nameOf = namesFor(
    chosen.map((workload) => ({ namespace: namespaceOf(workload.resource), selector: selectorOf(workload) ?? {} })),
  );
  for (const workload of chosen) {
    const { resource } = workload;
    const own = selectorOf(workload);
    const namespace = namespaceOf(resource);
    if (own) {
      yield* raise(plan, selectedReach(mesh, namespace, own, 'ANY', [workload], nameOf(namespace, own)));
    } else {
      yield { severity: 'error', outcome: 'refuse', message: noLabels.message(workload), resource };
    }
  }
}

const unreachedKinds = unreachedFaults({
  ambient: `, so it has no sidecar to set: ztunnel does not look at headers, and a waypoint takes an EnvoyFilter by targetRefs only (Istio ${facts.filterTargetRefs.since} and later)`,
  withoutSidecar: ', so there is nothing to set',
});

function unreachedStep(code: Unreached, workload: PodTemplate): Step {
  const { severity, outcome, message } = unreachedKinds[code];
  return { severity, outcome, message: message(workload), resource: workload.resource };
}

function selectedWorkloads(
  mesh: Mesh,
  selector: Readonly<Record<string, string>>,
  values: Selection,
): readonly PodTemplate[] {
  return workloadsOf(mesh).filter((workload) => {
    const labels = podLabels(workload);
    const isMeant = Object.entries(selector).every(([key, value]) => labels[key] === value);
    return isMeant && isSelected(workload.resource, values);
  });
}

function byNamespace(workloads: readonly PodTemplate[]): ReadonlyMap<string, readonly PodTemplate[]> {
  return groupBy(workloads, ({ resource }) => namespaceOf(resource));
}

/** A request passes several proxies, and each has the limit. */
function* otherHops(plan: RaisePlan, scope: 'gateways' | 'workload'): Iterable<Step> {
  const { limits, wanted, mesh } = plan;
  const others = scope === 'gateways' ? sidecarContexts : undefined;
  const isRaised = limitNames.every((name) => generalLimit(mesh, limits, name, others) >= (wanted[name] ?? 0));
  if (isRaised) return;
  const message =
    scope === 'gateways'
      ? 'Only gateways are raised: the sidecars behind them keep their own limit and answer 431 in their place. Scope mesh raises every hop'
      : 'Only these workloads are raised: gateways, and the sidecars of their clients, keep their own limit and answer 431 before them. Scope mesh raises every hop';
  yield { severity: 'warning', outcome: 'advise', message };
}

function* ambientNote(mesh: Mesh): Iterable<Step> {
  const count = ambientCount(mesh);
  if (count === 0) return;
  const message = ambientWorkloads(
    count,
    `: ztunnel does not look at headers, and this filter does not reach their waypoints, which take an EnvoyFilter by targetRefs only (Istio ${facts.filterTargetRefs.since} and later)`,
  );
  yield { severity: 'info', outcome: 'advise', message };
}
