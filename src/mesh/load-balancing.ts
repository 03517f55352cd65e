import { isObject, type Json, type JsonObject } from '../manifest/node.ts';
import type { Operation } from '../manifest/operation.ts';
import { pointer } from '../manifest/pointer.ts';
import { at, listAt, objectAt } from './read.ts';
import type { Resource } from './resource.ts';
import { policyLevelsOf, type TrafficPolicy, trafficPoliciesOf } from './traffic-policy.ts';

type Path = readonly (string | number)[];

/** What a DestinationRule says of choosing among a host's pods. */
export interface LoadBalancing {
  /** Keys from the resource to each `loadBalancer` that chooses: top level, ports, subsets. */
  readonly balancers: readonly Path[];
  /** The fields that they use: `consistentHash`, `simple`, `localityLbSetting`, `warmup`. */
  readonly fields: readonly string[];
  /** True when unhealthy pods are to be left out (`outlierDetection`), anywhere in the rule. */
  readonly ejects: boolean;
}

/** Reads the load balancing of a DestinationRule; what asks for no choice (`PASSTHROUGH`) does not count. */
export function loadBalancingOf(rule: Resource): LoadBalancing {
  const levels = policyLevelsOf(rule);
  const balancers = levels.filter(({ value }) => fieldsOf(value['loadBalancer']).length > 0);
  return {
    balancers: balancers.map(({ path }) => [...path, 'loadBalancer']),
    fields: [...new Set(balancers.flatMap(({ value }) => fieldsOf(value['loadBalancer'])))],
    ejects: levels.some(({ value }) => isObject(value['outlierDetection'])),
  };
}

function fieldsOf(balancer: Json | undefined): string[] {
  if (!isObject(balancer) || balancer['simple'] === 'PASSTHROUGH') return [];
  return Object.keys(balancer).filter((field) => {
    const value = balancer[field];
    if (field === 'simple') return typeof value === 'string' && value !== 'UNSPECIFIED';
    if (field === 'localityLbSetting') return isObject(value) && value['enabled'] !== false;
    return isObject(value) || field === 'warmupDurationSecs';
  });
}

/** True for a rule that does nothing but load balancing, and could be for another host as it is. */
export function isOnlyBalancing(rule: Resource): boolean {
  const spec = objectAt(rule.value, 'spec');
  const known = ['host', 'trafficPolicy', 'exportTo', 'workloadSelector'];
  if (!setIn(spec).every((key) => known.includes(key))) return false;
  const blocks = ['loadBalancer', 'outlierDetection', 'port', 'portLevelSettings'];
  return policyLevelsOf(rule)
    .filter(({ subset }) => subset === undefined)
    .every(({ value }) => setIn(value).every((key) => blocks.includes(key)));
}

/** The fields that say something: null and an empty list do not. */
function setIn(object: JsonObject): string[] {
  return Object.keys(object).filter((key) => {
    const value = object[key];
    return value !== null && !(Array.isArray(value) && value.length === 0);
  });
}

/**
 * The operations that take load balancing out of a rule, and leave nothing that Istio rejects: no policy without a
 * field, no port without settings.
 *
 * @see https://github.com/istio/istio/blob/1.24.0/pkg/config/validation/validation.go `validateTrafficPolicy`
 */
export function operationsWithoutBalancing(rule: Resource): Operation[] {
  const policies = trafficPoliciesOf(rule);
  const top = policies[0]?.value ?? {};
  const hasMore = ['connectionPool', 'outlierDetection', 'tls'].some((block) => isObject(top[block]));
  return policies.filter(({ isThere }) => isThere).flatMap((policy) => policyOperations(policy, hasMore));
}

function policyOperations({ value: policy, path }: TrafficPolicy, inheritsMore: boolean): Operation[] {
  const isBalancing = fieldsOf(policy['loadBalancer']).length > 0;
  const others = setIn(policy).filter((key) => key !== 'loadBalancer' && key !== 'portLevelSettings');
  const ports = listAt(policy, 'portLevelSettings');
  const emptied = ports.map((port) => isEmptyWithoutBalancing(port) && !inheritsMore && others.length === 0);
  const keepsPorts = ports.length > 0 && emptied.includes(false);
  const keepsBalancer = isObject(policy['loadBalancer']) && !isBalancing;
  if (!isBalancing && !ports.some((port) => fieldsOf(at(port, 'loadBalancer')).length > 0)) return [];
  if (others.length === 0 && !keepsPorts && !keepsBalancer) return [{ op: 'remove', path: pointer(...path) }];
  const operations: Operation[] = isBalancing ? [{ op: 'remove', path: pointer(...path, 'loadBalancer') }] : [];
  if (ports.length > 0 && !keepsPorts) {
    return [...operations, { op: 'remove', path: pointer(...path, 'portLevelSettings') }];
  }
  const ofPorts = ports.map((port, index) =>
    portOperation(port, pointer(...path, 'portLevelSettings', index), emptied[index] === true),
  );
  // From the end, so that the places of those before stay.
  return [...operations, ...ofPorts.reverse().filter((operation) => operation !== undefined)];
}

function portOperation(port: Json, path: string, isEmptied: boolean): Operation | undefined {
  if (fieldsOf(at(port, 'loadBalancer')).length === 0) return undefined;
  const own = `${path}/loadBalancer`;
  if (!isEmptyWithoutBalancing(port)) return { op: 'remove', path: own };
  if (isEmptied) return { op: 'remove', path };
  // The port's settings replace those above, which must not come back; this is what a headless Service does anyway.
  return { op: 'replace', path: own, value: { simple: 'PASSTHROUGH' } };
}

/** True for settings of a port that say nothing once their load balancing is gone. */
function isEmptyWithoutBalancing(port: Json): boolean {
  const isBalancing = fieldsOf(at(port, 'loadBalancer')).length > 0;
  return isBalancing && isObject(port) && setIn(port).every((key) => key === 'port' || key === 'loadBalancer');
}
