import { isObject, type Json } from '../../manifest/node.ts';
import { at, listAt, objectAt } from '../../mesh/read.ts';
import type { Resource } from '../../mesh/resource.ts';
import { facts, has } from '../../mesh/since.ts';
import type { Version } from '../../mesh/version.ts';
import { placeIn } from '../../step.ts';
import { localityFault } from './faults.ts';
import type { Policy } from './policies.ts';

/** Finds each `localityLbSetting` for which Istio rejects the whole DestinationRule. */
export function* findRejected(rule: Resource, policies: readonly Policy[], version: Version) {
  for (const { path, value } of policies) {
    const where = { ...placeIn(rule, ...path, 'loadBalancer', 'localityLbSetting'), narrowedBy: null };
    const [first] = rejectedIn(at(value, 'loadBalancer', 'localityLbSetting'), where, version);
    if (first) yield first;
  }
}

type Place = Parameters<typeof localityFault>[1];

/**
 * Finds why Istio rejects a `localityLbSetting`, as Istio validates it; of several reasons the first counts.
 *
 * @see https://github.com/istio/istio/blob/1.31.0/pkg/config/validation/agent/validation.go `ValidateLocalityLbSetting`
 */
function* rejectedIn(setting: Json | undefined, where: Place, version: Version) {
  const distribute = listAt(setting, 'distribute');
  const failover = listAt(setting, 'failover');
  if (distribute.length > 0 && failover.length > 0) yield localityFault('distribute-and-failover', where);
  const topology = listAt(setting, 'failoverPriority').find((label) => topologyLabels.has(String(label)));
  if (failover.length > 0 && topology !== undefined && has(version, 'failoverBesideTopologyRejected'))
    yield localityFault('failover-and-topology', where, String(topology));
  for (const entry of distribute) {
    const problem = weightProblem(entry);
    if (problem !== undefined) yield localityFault('invalid-weights', where, problem);
  }
  for (const entry of failover) {
    const problem = regionProblem(entry, version);
    if (problem !== undefined) yield localityFault('invalid-region', where, problem);
  }
}

const topologyLabels: ReadonlySet<string> = new Set([
  'topology.kubernetes.io/region',
  'topology.kubernetes.io/zone',
  'topology.istio.io/subzone',
]);

function weightProblem(entry: Json): string | undefined {
  const weights = Object.values(objectAt(entry, 'to'));
  if (!weights.every((weight) => typeof weight === 'number')) return undefined; // a placeholder, perhaps
  const from = at(entry, 'from');
  if (weights.some((weight) => weight < 1 || weight > 100))
    return `Each weight for ${from} must be between 1 and 100; Istio rejects others`;
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return sum === 100 ? undefined : `Weights for ${from} sum to ${sum}; they must sum to 100`;
}

function regionProblem(entry: Json, version: Version): string | undefined {
  if (!isObject(entry)) return undefined;
  const { from, to } = entry;
  if (typeof from === 'string' && from === to)
    return `Istio rejects failover from ${from} to itself. Name another region`;
  const isChecked = has(version, 'failoverRegionsChecked');
  const odd = [...(isChecked ? [from] : []), to].find((name) => typeof name === 'string' && name.includes('*'));
  if (odd !== undefined) return `Istio rejects ${odd} in \`failover\`. Name one region, without wildcards`;
  const deep = [from, to].find((name) => typeof name === 'string' && name.includes('/'));
  return deep !== undefined && isChecked
    ? `Istio ${facts.failoverRegionsChecked.since} and later rejects ${deep} in \`failover\`. Name a region only: zones are ordered without it`
    : undefined;
}

/**
 * `consecutiveErrors` counted gateway errors until 1.6; later Istio ignores it.
 *
 * @see https://github.com/istio/istio/blob/1.7.0/pilot/pkg/networking/core/v1alpha3/cluster.go `applyOutlierDetection`
 */
export function* findIgnoredFields(rule: Resource, policies: readonly Policy[], version: Version) {
  if (has(version, 'consecutiveErrors')) return;
  for (const { path, value } of policies) {
    const own = at(value, 'outlierDetection');
    const errors = at(own, 'consecutiveErrors');
    const isReplaced = ['consecutive5xxErrors', 'consecutiveGatewayErrors'].some((name) => at(own, name) !== undefined);
    if (typeof errors !== 'number' || errors <= 0 || isReplaced) continue;
    const where = { ...placeIn(rule, ...path, 'outlierDetection', 'consecutiveErrors'), narrowedBy: null };
    yield localityFault('ignored-consecutive-errors', where, errors);
  }
}
