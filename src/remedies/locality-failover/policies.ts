import { isObject, type Json, type JsonObject } from '../../manifest/node.ts';
import type { Operation } from '../../manifest/operation.ts';
import { pointer } from '../../manifest/pointer.ts';
import { type LocalityWish, localityWish, wantsFailover } from '../../mesh/locality.ts';
import { at, listAt, stringAt } from '../../mesh/read.ts';
import type { Resource } from '../../mesh/resource.ts';
import { operationsToSet } from '../../mesh/surface/setting.ts';

/** One traffic policy of a DestinationRule: its top level, a port, a subset, or a port of a subset. */
export interface Policy {
  /** Keys from the resource to the policy: `['spec', 'subsets', 0, 'trafficPolicy']`. */
  readonly path: readonly (string | number)[];
  /** As people call it: `Subset v1`; undefined for the top level. */
  readonly name?: string;
  /** The one port that the policy is for. */
  readonly port?: number;
  readonly value: JsonObject;
  /** What holds here after Istio's merge, before any edit. */
  readonly wish: LocalityWish;
  /** True when the policy says so itself, rather than having it from above. */
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
 * @param top - the top level that counts for this rule's subsets, which may stand in an older rule for the host
 * @see https://github.com/istio/istio/blob/1.31.0/pilot/pkg/model/destination_rule.go `MergeSubsetTrafficPolicy`
 */
export function policiesOf(rule: Resource, top: JsonObject): Policy[] {
  const own = at(rule.value, 'spec', 'trafficPolicy');
  const value = isObject(own) ? own : {};
  const setting = settingIn(value);
  const wish = localityWish(setting);
  const path = ['spec', 'trafficPolicy'];
  const policies: Policy[] = [
    { path, value, wish, isOwn: wish !== 'unset', detects: detects(value), inherits: false },
    ...portsOf(value, path, undefined, setting),
  ];
  for (const [index, subset] of listAt(rule.value, 'spec', 'subsets').entries()) {
    const policy = at(subset, 'trafficPolicy');
    if (isObject(policy)) policies.push(...subsetPolicies(policy, index, stringAt(subset, 'name') ?? '', top));
  }
  return policies;
}

function subsetPolicies(value: JsonObject, index: number, subset: string, top: JsonObject): Policy[] {
  const path = ['spec', 'subsets', index, 'trafficPolicy'];
  const name = `Subset ${subset}`;
  const isOwn = isObject(value['loadBalancer']);
  const setting = isOwn ? settingIn(value) : settingIn(top);
  const inherits = !isPresent(value['outlierDetection']);
  const cutOff = inherits && detects(top) ? portWithoutDetection(top) : undefined;
  return [
    {
      path,
      name,
      value,
      wish: localityWish(setting),
      isOwn: isOwn && localityWish(setting) !== 'unset',
      detects: detects(value) || (inherits && detects(top) && cutOff === undefined),
      inherits,
      ...(cutOff === undefined ? {} : { cutOff }),
    },
    ...portsOf(value, path, name, setting),
  ];
}

/** A subset inherits from the settings of a port where there are some, and not from what they replace. */
function portWithoutDetection(top: JsonObject): number | undefined {
  return portsOf(top, [], undefined, undefined).find((port) => !port.detects)?.port;
}

function portsOf(
  policy: JsonObject,
  path: readonly (string | number)[],
  level: string | undefined,
  replaced: Json | undefined,
): Policy[] {
  return listAt(policy, 'portLevelSettings').flatMap((value, index) => {
    const port = at(value, 'port', 'number');
    if (!isObject(value) || typeof port !== 'number') return [];
    const wish = localityWish(settingIn(value));
    return {
      path: [...path, 'portLevelSettings', index],
      port,
      name: level === undefined ? `Port ${port}` : `Port ${port} of s${level.slice(1)}`,
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

/** True for the policy of a port that takes the level above's wish for failover away without saying so. */
export function dropsWish({ wish, replacedWish }: Policy): boolean {
  return wish === 'unset' && replacedWish !== undefined && wantsFailover(replacedWish);
}

/**
 * What gives a policy outlier detection, and for a port the order that the level above asks for.
 *
 * @returns undefined where something stands in the way that is no mapping, such as a placeholder
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
  const depth = path.findIndex((_, index) => at(rule.value, ...path.slice(0, index + 1)) === undefined);
  return pointer(...(depth === -1 ? path : path.slice(0, depth)));
}
