import { isObject, type Json } from '../../manifest/node.ts';
import { pointer } from '../../manifest/pointer.ts';
import { at, listAt, objectAt } from '../../mesh/read.ts';
import type { Resource } from '../../mesh/resource.ts';
import { facts, firstWithout, has } from '../../mesh/since.ts';
import type { Version } from '../../mesh/version.ts';
import type { LegacyStep as Step } from '../remedy.ts';
import type { Policy } from './policies.ts';

/** Tells of each `localityLbSetting` that Istio does not let in, with the whole DestinationRule. */
export function* rejectedSettings(rule: Resource, policies: readonly Policy[], version: Version): Iterable<Step> {
  for (const { path, value } of policies) {
    const message = faultOf(at(value, 'loadBalancer', 'localityLbSetting'), version);
    if (message === undefined) continue;
    const place = pointer(...path, 'loadBalancer', 'localityLbSetting');
    yield { severity: 'error', outcome: 'advise', message, resource: rule, path: place };
  }
}

/**
 * Why Istio rejects a `localityLbSetting`, as it checks it; undefined where it lets it in.
 *
 * @see https://github.com/istio/istio/blob/1.31.0/pkg/config/validation/agent/validation.go `ValidateLocalityLbSetting`
 */
function faultOf(setting: Json | undefined, version: Version): string | undefined {
  const distribute = listAt(setting, 'distribute');
  const failover = listAt(setting, 'failover');
  if (distribute.length > 0 && failover.length > 0)
    return 'Istio rejects distribute and failover in one localityLbSetting: weights never fail over to another order, so keep one of them';
  const topology = listAt(setting, 'failoverPriority').find((label) => topologyLabels.has(String(label)));
  if (failover.length > 0 && topology !== undefined && has(version, 'failoverBesideTopologyRejected'))
    return `Istio ${facts.failoverBesideTopologyRejected.since} and later rejects failover beside ${topology} in failoverPriority: both say the order of localities, so keep one of them`;
  return weightFault(distribute) ?? failover.map((entry) => regionFault(entry, version)).find(Boolean);
}

const topologyLabels: ReadonlySet<string> = new Set([
  'topology.kubernetes.io/region',
  'topology.kubernetes.io/zone',
  'topology.istio.io/subzone',
]);

function weightFault(distribute: readonly Json[]): string | undefined {
  for (const entry of distribute) {
    const weights = Object.values(objectAt(entry, 'to'));
    if (!weights.every((weight) => typeof weight === 'number')) continue; // a placeholder, perhaps
    const sum = weights.reduce((total, weight) => total + weight, 0);
    const from = at(entry, 'from');
    if (weights.some((weight) => weight < 1 || weight > 100))
      return `Istio rejects the weights from ${from}: each must be between 1 and 100`;
    if (sum !== 100) return `Istio rejects the weights from ${from}: they make ${sum}, and must make 100`;
  }
  return undefined;
}

function regionFault(entry: Json, version: Version): string | undefined {
  if (!isObject(entry)) return undefined;
  const { from, to } = entry;
  if (typeof from === 'string' && from === to)
    return `Istio rejects failover from ${from} to itself: name another region`;
  const isChecked = has(version, 'failoverRegionsChecked');
  const odd = [...(isChecked ? [from] : []), to].find((name) => typeof name === 'string' && name.includes('*'));
  if (odd !== undefined)
    return `Istio rejects ${odd} in failover: it goes from one region to another, without wildcards`;
  const deep = [from, to].find((name) => typeof name === 'string' && name.includes('/'));
  return deep !== undefined && isChecked
    ? `Istio ${facts.failoverRegionsChecked.since} and later rejects ${deep} in failover: it goes from region to region; zones have their order of themselves`
    : undefined;
}

/**
 * `consecutiveErrors` counted gateway errors until 1.6; later Istio reads it no more.
 *
 * @see https://github.com/istio/istio/blob/1.7.0/pilot/pkg/networking/core/v1alpha3/cluster.go `applyOutlierDetection`
 */
export function* deadFields(rule: Resource, policies: readonly Policy[], version: Version): Iterable<Step> {
  if (has(version, 'consecutiveErrors')) return;
  for (const { path, value } of policies) {
    const own = at(value, 'outlierDetection');
    const errors = at(own, 'consecutiveErrors');
    const isReplaced = ['consecutive5xxErrors', 'consecutiveGatewayErrors'].some((name) => at(own, name) !== undefined);
    if (typeof errors !== 'number' || errors <= 0 || isReplaced) continue;
    const message = `consecutiveErrors: ${errors} is ignored (Istio ${firstWithout('consecutiveErrors')} and later), so pods are ejected after Envoy's default of 5 errors: write consecutiveGatewayErrors: ${errors}, which is what it meant, or consecutive5xxErrors`;
    const place = pointer(...path, 'outlierDetection', 'consecutiveErrors');
    yield { severity: 'warning', outcome: 'advise', message, resource: rule, path: place };
  }
}
