import { servedVersions } from '../../mesh/detect-version.ts';
import { isSelected } from '../../mesh/mesh.ts';
import { ambientCount } from '../mechanisms/audience.ts';
import { defineRemedy } from '../remedy.ts';
import { limitFault } from './faults.ts';
import { addFilter, editFilter, reviveFilter } from './filters.ts';
import { defaultLimits, edges, headerLimits, largestOf, limitNames, managerForms, type RaisePlan } from './limits.ts';
import { parameters, type Settings } from './parameters.ts';
import { findInWorkloads, selectedGateways } from './proxies.ts';
import { findInFilters, findInReach, findOutOfRange } from './raise.ts';
import { gatewaysReach, generalLimit, meshReaches, sidecarContexts } from './reach.ts';

export default defineRemedy({
  id: 'raise-header-limit',
  source:
    'https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/filters/network/http_connection_manager/v3/http_connection_manager.proto',
  parameters,
  faults: limitFault,

  *find({ mesh, version, parameters: values }) {
    const versions = servedVersions(mesh, version);
    const wanted = { kib: values.kib, headers: values.headers };
    const plan: RaisePlan = { mesh, wanted, versions, limits: headerLimits(mesh, versions) };
    yield* findOutOfRange(plan);
    yield* findUneven(plan);
    const fault = findUnfit(plan, values);
    if (fault) yield fault;
    else yield* findInScope(plan, values);
  },

  fix: {
    'default-limit': ({ data }) => addFilter(data),
    'out-of-range': ({ data }) => editFilter(data),
    'low-limit': ({ data }) => editFilter(data),
    'lowered-limit': ({ data }) => editFilter(data),
    'dead-filter': ({ data }) => reviveFilter(data),
  },
});

/** A limit that is raised for some proxies only, reported once: somebody may mean it so. */
function* findUneven({ mesh, limits }: RaisePlan) {
  const general = generalLimit(mesh, limits, 'kib');
  const higher = limits.filter(({ works, values }) => works && (values.kib ?? 0) > general);
  const [first] = higher;
  if (!first) return;
  const names = [...new Set(higher.map(({ filter }) => filter.name))].slice(0, 3);
  yield limitFault('uneven-limits', { resource: first.filter }, { names, general });
}

/** Why the limits cannot be raised as the parameters say. */
function findUnfit({ versions, wanted }: RaisePlan, { scope, selector, namespaces, names }: Settings) {
  const largest = largestOf('kib', versions);
  if (wanted.kib > largest) return limitFault('too-large', {}, { largest, oldest: edges(versions).oldest });
  for (const name of limitNames) {
    const value = wanted[name];
    if (value !== undefined && value < defaultLimits[name])
      return limitFault('lower-than-default', {}, { name, value });
  }
  if (scope === 'mesh' && selector) return limitFault('selector-for-mesh', {});
  if (selector && Object.keys(selector).length === 0) return limitFault('empty-selector', {});
  if (scope === 'workload' && !selector && !namespaces && !names) return limitFault('no-selector', {});
  return managerForms(versions).length === 0 ? limitFault('no-common-form', {}, edges(versions)) : undefined;
}

function* findInScope(plan: RaisePlan, values: Settings) {
  const { scope, selector } = values;
  const isNarrowed = values.namespaces !== undefined || values.names !== undefined;
  if (scope === 'workload') {
    if (yield* findInWorkloads(plan, values)) yield* findOtherHops(plan, scope);
  } else if (isNarrowed && !selector) yield* findInChosenFilters(plan, values);
  else if (scope === 'mesh') yield* findInMesh(plan);
  else yield* findInGateways(plan, values);
}

/** Without a selector, namespaces and names choose filters that are there already. */
function* findInChosenFilters(plan: RaisePlan, values: Settings) {
  const chosen = plan.limits.filter(({ filter }) => isSelected(filter, values));
  if (chosen.length === 0) yield limitFault('no-such-filter', {});
  yield* findInFilters(plan, chosen);
}

function* findInMesh(plan: RaisePlan) {
  const { mesh, limits } = plan;
  for (const reach of meshReaches(mesh, limits)) yield* findInReach(plan, reach);
  const count = ambientCount(mesh);
  if (count > 0) yield limitFault('ambient-workloads', {}, count);
}

function* findInGateways(plan: RaisePlan, values: Settings) {
  const { mesh } = plan;
  const { selector } = values;
  const reaches = selector ? selectedGateways(mesh, selector, values) : [gatewaysReach(mesh)];
  for (const reach of reaches) yield* findInReach(plan, reach);
  yield* findOtherHops(plan, 'gateways');
}

/** A request passes several proxies, and each has the limit. */
function* findOtherHops({ limits, wanted, mesh }: RaisePlan, scope: 'gateways' | 'workload') {
  const others = scope === 'gateways' ? sidecarContexts : undefined;
  const isRaised = limitNames.every((name) => generalLimit(mesh, limits, name, others) >= (wanted[name] ?? 0));
  if (!isRaised) yield limitFault('other-hops', {}, scope);
}
