import { isObject, type Json, type JsonObject } from '../../manifest/node.ts';
import type { Operation } from '../../manifest/operation.ts';
import { pointer } from '../../manifest/pointer.ts';
import { type LocalityWish, localityWish, wantsFailover } from '../../mesh/locality.ts';
import { at } from '../../mesh/read.ts';
import type { Resource } from '../../mesh/resource.ts';
import { type PolicyLevel, portLevelsOf, type TrafficPolicy, trafficPoliciesOf } from '../../mesh/traffic-policy.ts';
import { existingPart, operationsToSet } from '../../operations.ts';

/** One level of a DestinationRule's traffic policy, with what it sets about localities. */
export interface Policy extends PolicyLevel {
  /** As people call it: `Subset v1`; undefined for the top level. */
  readonly name?: string;
  /** What holds here after Istio's merge, before any edit. */
  readonly wish: LocalityWish;
  /** True when the policy sets it itself, rather than inheriting it. */
  readonly isOwn: boolean;
  readonly detects: boolean;
  /** For a port, the setting of the level above, which the port's policy replaces. */
  readonly replaced?: Json;
  readonly replacedWish?: LocalityWish;
  /** True when outlier detection of the top level comes through to here. */
  readonly inherits: boolean;
  /** For a subset, a port whose settings at the top level keep the top level's outlier detection from it. */
  readonly cutOff?: number;
}

/**
 * The traffic policies of a DestinationRule. A subset replaces whole blocks of the top level, a port level all of them,
 * also those that it does not have.
 *
 * @param top - the top level that counts for this rule's subsets, which may be in an older rule for the host
 * @see https://github.com/istio/istio/blob/1.31.0/pilot/pkg/model/destination_rule.go `MergeSubsetTrafficPolicy`
 */
export function policiesOf(rule: Resource, top: JsonObject): Policy[] {
  return trafficPoliciesOf(rule).flatMap((policy) =>
    policy.subset === undefined ? topPolicies(policy) : subsetPolicies(policy, policy.subset, top),
  );
}

function topPolicies({ path, value, ports }: TrafficPolicy): Policy[] {
  const setting = settingIn(value);
  const wish = localityWish(setting);
  return [
    { path, value, wish, isOwn: wish !== 'unset', detects: detects(value), inherits: false },
    ...portPolicies(ports, setting),
  ];
}

function subsetPolicies({ path, value, ports }: TrafficPolicy, subset: string, top: JsonObject): Policy[] {
  const isOwn = isObject(value['loadBalancer']);
  const setting = isOwn ? settingIn(value) : settingIn(top);
  const inherits = !isPresent(value['outlierDetection']);
  const cutOff = inherits && detects(top) ? portWithoutDetection(top) : undefined;
  return [
    {
      path,
      name: `Subset ${subset}`,
      value,
      wish: localityWish(setting),
      isOwn: isOwn && localityWish(setting) !== 'unset',
      detects: detects(value) || (inherits && detects(top) && cutOff === undefined),
      inherits,
      ...(cutOff === undefined ? {} : { cutOff }),
    },
    ...portPolicies(ports, setting),
  ];
}

/** A subset inherits from the settings of a port where there are some, and not from what they replace. */
function portWithoutDetection(top: JsonObject): number | undefined {
  return portLevelsOf(top).find(({ port, value }) => port !== undefined && !detects(value))?.port;
}

function portPolicies(ports: readonly PolicyLevel[], replaced: Json | undefined): Policy[] {
  return ports.flatMap(({ path, value, port, subset }) => {
    if (port === undefined) return [];
    const wish = localityWish(settingIn(value));
    return {
      path,
      port,
      name: subset === undefined ? `Port ${port}` : `Port ${port} of subset ${subset}`,
      value,
      wish,
      isOwn: wish !== 'unset',
      detects: detects(value),
      ...(replaced === undefined ? {} : { replaced }),
      replacedWish: localityWish(replaced),
      inherits: false,
    };
  });
}

function settingIn(policy: JsonObject): Json | undefined {
  return at(policy, 'loadBalancer', 'localityLbSetting') ?? undefined;
}

/** An empty block counts: Envoy's own defaults hold then. */
export function detects(policy: JsonObject): boolean {
  return isPresent(policy['outlierDetection']);
}

function isPresent(value: Json | undefined): boolean {
  return value !== undefined && value !== null;
}

/** True for the policy of a port that silently drops the level above's failover. */
export function dropsWish({ wish, replacedWish }: Policy): boolean {
  return wish === 'unset' && replacedWish !== undefined && wantsFailover(replacedWish);
}

/**
 * What gives a policy outlier detection, and for a port the order that the level above asks for.
 *
 * @returns undefined where part of the way is not a mapping, such as a placeholder
 */
export function operationsFor(
  rule: Resource,
  policy: Policy,
  detection: JsonObject,
  switchOn: boolean,
): Operation[] | undefined {
  const locality = policy.replacedWish === 'ordered' && policy.wish === 'unset' ? policy.replaced : undefined;
  const wanted = locality ?? (switchOn && policy.wish === 'unset' ? { enabled: true } : undefined);
  const hasPolicy = isObject(at(rule.value, ...policy.path));
  if (!hasPolicy && wanted !== undefined) {
    const whole = { loadBalancer: { localityLbSetting: wanted }, outlierDetection: detection };
    return set(rule, policy.path, whole);
  }
  const first = wanted === undefined ? [] : set(rule, [...policy.path, 'loadBalancer', 'localityLbSetting'], wanted);
  const second = set(rule, [...policy.path, 'outlierDetection'], detection);
  return first && second && [...first, ...second];
}

function set(rule: Resource, path: readonly (string | number)[], value: Json): Operation[] | undefined {
  const setting = operationsToSet(rule.value, path, value);
  return setting.outcome === 'cannot' ? undefined : setting.outcome === 'same' ? [] : [...setting.operations];
}

/** Pointer to the longest part of a policy that is there. */
export function placeOf(rule: Resource, { path }: Policy): string {
  return pointer(...existingPart(rule.value, path));
}
