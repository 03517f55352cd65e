import { isObject, type Json, type JsonObject } from '../manifest/node.ts';
import { at, listAt, stringAt } from './read.ts';
import type { Resource } from './resource.ts';

/** One level of a DestinationRule's traffic policy: the top level, a port, a subset, or a port of a subset. */
export interface PolicyLevel {
  /** Keys from the resource: `['spec', 'trafficPolicy']`, `['spec', 'subsets', 0, 'trafficPolicy', 'portLevelSettings', 1]`. */
  readonly path: readonly (string | number)[];
  readonly value: JsonObject;
  /** The subset's name, empty where it has none; undefined at the top level and for its ports. */
  readonly subset?: string;
  /** The one port of a port level; undefined also where a port level names none. */
  readonly port?: number;
}

/** A traffic policy with its port levels. */
export interface TrafficPolicy extends PolicyLevel {
  /** False for a top level that the rule does not have; `value` is empty then. */
  readonly isThere: boolean;
  readonly ports: readonly PolicyLevel[];
}

/**
 * The traffic policies of a DestinationRule: the top level, also when it is not there, then each subset's that is.
 *
 * A subset replaces whole blocks of the top level, a port level all of them, also those that it does not have.
 *
 * @see https://istio.io/latest/docs/reference/config/networking/destination-rule/#TrafficPolicy-PortTrafficPolicy
 */
export function trafficPoliciesOf(rule: Resource): TrafficPolicy[] {
  const spec = rule.value['spec'];
  const policies = [policyAt(at(spec, 'trafficPolicy'), ['spec', 'trafficPolicy'])];
  for (const [index, subset] of listAt(spec, 'subsets').entries()) {
    const policy = at(subset, 'trafficPolicy');
    const name = stringAt(subset, 'name') ?? '';
    if (isObject(policy)) policies.push(policyAt(policy, ['spec', 'subsets', index, 'trafficPolicy'], name));
  }
  return policies;
}

/** All levels that a DestinationRule has, each policy before its ports. */
export function policyLevelsOf(rule: Resource): PolicyLevel[] {
  return trafficPoliciesOf(rule).flatMap((policy) => (policy.isThere ? [policy, ...policy.ports] : []));
}

/** The port level of a policy that counts for a port. */
export function portLevelFor(policy: Json | undefined, port: number): Json | undefined {
  return listAt(policy, 'portLevelSettings').find((level) => at(level, 'port', 'number') === port);
}

/** The port levels of a policy. */
export function portLevelsOf(
  policy: JsonObject,
  path: readonly (string | number)[] = [],
  subset?: string,
): PolicyLevel[] {
  return listAt(policy, 'portLevelSettings').flatMap((value, index) => {
    if (!isObject(value)) return [];
    const port = at(value, 'port', 'number');
    return {
      path: [...path, 'portLevelSettings', index],
      value,
      ...(subset === undefined ? {} : { subset }),
      ...(typeof port === 'number' ? { port } : {}),
    };
  });
}

function policyAt(policy: Json | undefined, path: readonly (string | number)[], subset?: string): TrafficPolicy {
  const isThere = isObject(policy);
  const value = isThere ? policy : {};
  const ports = portLevelsOf(value, path, subset);
  return { path, value, ...(subset === undefined ? {} : { subset }), isThere, ports };
}
