import { isObject, type JsonObject } from '../../manifest/node.ts';
import { pointer } from '../../manifest/pointer.ts';
import { firstRuleFor, ruleHiddenBy } from '../../mesh/destination-rule.ts';
import { loadBalancingOf } from '../../mesh/load-balancing.ts';
import { isPassedThrough, localityWish, trafficDistributionOf, wantsFailover } from '../../mesh/locality.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { at } from '../../mesh/read.ts';
import { namespaceOf, type Resource } from '../../mesh/resource.ts';
import { destinationHost, isWithoutProxy, serviceOf } from '../../mesh/service.ts';
import { facts, has } from '../../mesh/since.ts';
import { meshConfigOf } from '../../mesh/surface/mesh-config.ts';
import type { Version } from '../../mesh/version.ts';
import { literalHostStep } from '../mechanisms/literal-host.ts';
import type { LegacyStep as Step } from '../remedy.ts';
import { type Detection, isOffInMesh, outlierDetection, sideEffects } from './detection.ts';
import { deadFields, rejectedSettings } from './faulty-settings.ts';
import { dropsWish, operationsFor, type Policy, placeOf, policiesOf } from './policies.ts';

export interface RuleTarget {
  readonly version: Version;
  readonly requested: boolean;
  /** True when the user asks for this host, or the mesh for all: a rule without a word of locality gets it too. */
  readonly isAsked: boolean;
}

/** Plans for one DestinationRule: every policy of it that wants failover, or is asked to have it, must detect outliers. */
export function* planRule(mesh: Mesh, rule: Resource, detection: Detection, target: RuleTarget): Iterable<Step> {
  const host = destinationHost(rule);
  if (host === undefined) return;
  const first = firstRuleFor(mesh, rule);
  const policies = policiesOf(rule, topOf(first));
  yield* rejectedSettings(rule, policies, target.version);
  yield* deadFields(rule, policies, target.version);
  const isTopDead = first !== rule;
  if (isTopDead && policies.some((policy) => isTop(policy) && wantsFailover(policy.wish))) {
    const message = `DestinationRule ${first.name} is for the same host in the same namespace: only the top level of the older of the two counts, so this localityLbSetting is dropped; put it into one`;
    yield { severity: 'warning', outcome: 'advise', message, resource: rule, path: pointer('spec', 'trafficPolicy') };
  }
  const lacking = isTopDead ? policies.filter((policy) => !isTop(policy)) : policies;
  const planned = lacking.filter((policy) => needsDetection(policy, lacking, target));
  const obstacle = planned.length > 0 ? obstacleTo(mesh, rule, host, target) : undefined;
  if (obstacle) {
    if (obstacle !== 'silent') yield obstacle;
    return;
  }
  const service = serviceOf(mesh, host);
  for (const [index, policy] of planned.entries()) {
    const effects = index === 0 ? sideEffects(mesh, service, detection, target.version) : '';
    yield* planPolicy(mesh, rule, policy, detection, effects);
  }
  if (target.requested) yield* tell(mesh, rule, lacking, target);
}

function topOf(rule: Resource): JsonObject {
  const top = at(rule.value, 'spec', 'trafficPolicy');
  return isObject(top) ? top : {};
}

/** A subset that has it from the top level, now or once the top level is mended, needs none of its own. */
function needsDetection(policy: Policy, all: readonly Policy[], target: RuleTarget): boolean {
  const wants = (one: Policy): boolean =>
    !one.detects && (wantsFailover(one.wish) || dropsWish(one) || (target.isAsked && one.wish === 'unset'));
  if (!wants(policy)) return false;
  const above = all.filter(isTop);
  return !(policy.inherits && above.length > 0 && above.every((one) => one.detects || wants(one)));
}

/** True for the top level and its ports, which are one to Istio: of two rules for a host only one's count. */
function isTop({ path }: Policy): boolean {
  return path[1] === 'trafficPolicy';
}

/** Why outlier detection would do nothing for a host; `silent` where another remedy says so in a diagnosis. */
function obstacleTo(mesh: Mesh, rule: Resource, host: string, target: RuleTarget): Step | 'silent' | undefined {
  const literal = literalHostStep(mesh, rule);
  if (literal) return literal;
  const place = { resource: rule, path: pointer('spec', 'host') };
  const passed = isPassedThrough(mesh, host, target.version);
  if (passed && !target.requested) return 'silent';
  if (passed === 'headless') {
    const { balancers, ejects } = loadBalancingOf(rule);
    const way =
      balancers.length > 0 || ejects
        ? 'balance-headless gives it a ClusterIP'
        : 'have clients call a Service with a ClusterIP for its pods';
    const message = `${host} is headless: sidecars send each connection to the pod that the client's DNS answer names, so neither locality nor outlier detection has a say; ${way}`;
    return { severity: 'warning', outcome: 'advise', message, ...place };
  }
  if (passed === 'none') {
    const message = `${host} has resolution NONE, so its connections go to the address that the client asks for, and no proxy chooses by locality`;
    return { severity: 'warning', outcome: 'advise', message, ...place };
  }
  if (isWithoutProxy(mesh, host)) return { ...ambientStep(host, target.version), ...place };
  const service = serviceOf(mesh, host);
  const distribution = service && trafficDistributionOf(mesh, service, target.version);
  const isUnset = policiesOf(rule, topOf(rule)).every(({ wish }) => wish === 'unset');
  if (!distribution || !isUnset) return undefined;
  const message = `Left as it is: ${distribution} of Service ${service.name} keeps its traffic near without outlierDetection (Istio ${facts.trafficDistribution.since} and later)`;
  return { severity: 'info', outcome: 'keep', message, ...place };
}

/** What to say of a host whose traffic goes through ztunnel alone. */
export function ambientStep(host: string, version: Version): Step {
  const value = has(version, 'trafficDistributionByZone') ? 'PreferSameZone' : 'PreferClose';
  const message = `Nothing applies a DestinationRule to ${host}: its namespace is in ambient mode, and it has no waypoint; ztunnel keeps traffic near by spec.trafficDistribution: ${value} of the Service`;
  return { severity: 'warning', outcome: 'advise', message };
}

function* planPolicy(
  mesh: Mesh,
  rule: Resource,
  policy: Policy,
  detection: Detection,
  effects: string,
): Iterable<Step> {
  const place = { resource: rule, path: placeOf(rule, policy) };
  const fields = outlierDetection(detection);
  const switchOn = isOffInMesh(mesh);
  const operations = operationsFor(rule, policy, fields, switchOn);
  if (!operations) {
    const message = 'This policy is no mapping, so outlierDetection cannot be added to it';
    yield { severity: 'warning', outcome: 'keep', message, ...place };
    return;
  }
  const text = Object.entries(fields).map(([name, value]) => `${name}: ${value}`);
  const also = operations.some(({ path }) => path.includes('/loadBalancer')) ? localityNote(policy) : '';
  const message = `${reasonFor(policy)}: adds outlierDetection (${text.join(', ')})${also}${effects}`;
  yield { severity: 'warning', outcome: 'change', message, ...place, patch: { resource: rule, operations } };
}

function localityNote(policy: Policy): string {
  return dropsWish(policy)
    ? ' and repeats its localityLbSetting'
    : ' and switches localityLbSetting on for this host, because the mesh has it off';
}

function reasonFor(policy: Policy): string {
  const { name, wish, cutOff } = policy;
  const here = name === undefined ? '' : `${name}: `;
  if (dropsWish(policy))
    return `${name} has settings of its own, which replace all of the level above, its failover too`;
  if (wantsFailover(wish) && cutOff !== undefined)
    return `${here}localityLbSetting is ignored on port ${cutOff}, whose own settings replace the outlierDetection above`;
  return wantsFailover(wish)
    ? `${here}localityLbSetting is ignored without outlierDetection, so traffic goes to every zone alike`
    : `${here}Without outlierDetection traffic goes to every zone alike`;
}

/** What stays as it is though the user asks for this host, and what this rule takes from others. */
function* tell(mesh: Mesh, rule: Resource, policies: readonly Policy[], { isAsked }: RuleTarget): Iterable<Step> {
  const namespace = namespaceOf(rule);
  const hidden = ruleHiddenBy(mesh, rule);
  if (hidden && !isAsked && detectsOnlyThere(hidden, policies)) {
    const message = `Clients in namespace ${namespace} take this DestinationRule instead of ${namespaceOf(hidden)}/${hidden.name}, so its failover does not hold for them; repeat outlierDetection and localityLbSetting here`;
    yield { severity: 'warning', outcome: 'advise', message, resource: rule, path: pointer('spec', 'host') };
  }
  if (!isAsked) return;
  for (const policy of policies) {
    if (policy.detects || !policy.isOwn || wantsFailover(policy.wish)) continue;
    const why = {
      off: 'enabled: false switches locality load balancing off here, which stays',
      distribute: 'distribute sets weights, which work without outlierDetection',
    }[policy.wish as string];
    const place = { resource: rule, path: pointer(...policy.path, 'loadBalancer', 'localityLbSetting') };
    if (why) yield { severity: 'info', outcome: 'keep', message: why, ...place };
  }
}

function detectsOnlyThere(hidden: Resource, policies: readonly Policy[]): boolean {
  const [there] = policiesOf(hidden, topOf(hidden));
  return there !== undefined && wantsFailover(there.wish) && policies.every(({ wish }) => wish === 'unset');
}

/** The order that the mesh config asks for, where it names one. */
export function isOrderedInMesh(mesh: Mesh): boolean {
  return localityWish(meshConfigOf(mesh)['localityLbSetting']) === 'ordered';
}
