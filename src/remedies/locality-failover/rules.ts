import { isObject, type JsonObject } from '../../manifest/node.ts';
import { firstRuleFor, ruleHiddenBy } from '../../mesh/destination-rule.ts';
import { loadBalancingOf } from '../../mesh/load-balancing.ts';
import { isPassedThrough, localityWish, trafficDistributionOf, wantsFailover } from '../../mesh/locality.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { at } from '../../mesh/read.ts';
import { namespaceOf, type Resource } from '../../mesh/resource.ts';
import { destinationHost, isWithoutProxy, serviceOf } from '../../mesh/service.ts';
import { meshConfigOf } from '../../mesh/surface/mesh-config.ts';
import { edit, keep, placeIn, type Step } from '../../step.ts';
import type { Reported } from '../fault.ts';
import { literalHostOf } from '../mechanisms/literal-host.ts';
import { detectionText, isOffInMesh, outlierDetection, sideEffects } from './detection.ts';
import { localityFault, type Undetected } from './faults.ts';
import { findIgnoredFields, findRejected } from './faulty-settings.ts';
import { isNarrowed, type LocalityTarget } from './parameters.ts';
import { dropsWish, operationsFor, type Policy, placeOf, policiesOf } from './policies.ts';

/** Finds the policies of a DestinationRule that want failover, or are asked to have it, and do not detect outliers. */
export function* findInRule(rule: Resource, target: LocalityTarget) {
  const { mesh, version } = target;
  const host = destinationHost(rule);
  if (host === undefined) return;
  const first = firstRuleFor(mesh, rule);
  const policies = policiesOf(rule, topOf(first));
  yield* findRejected(rule, policies, version);
  yield* findIgnoredFields(rule, policies, version);
  const isTopDead = first !== rule;
  if (isTopDead && policies.some((policy) => isTop(policy) && wantsFailover(policy.wish)))
    yield localityFault('older-rule', { ...placeIn(rule, 'spec', 'trafficPolicy'), narrowedBy: null }, first.name);
  const counting = isTopDead ? policies.filter((policy) => !isTop(policy)) : policies;
  const found = undetectedIn(rule, counting, target);
  const obstacles = found.length > 0 ? [...findObstacle(rule, host, target)] : [];
  if (obstacles.length === 0) {
    yield* found;
    yield* findBeside(rule, counting, target);
    return;
  }
  const isOnlyAsked = found.every(({ reported }) => reported === 'when asked');
  for (const fault of obstacles) yield isOnlyAsked ? { ...fault, reported: 'when asked' as const } : fault;
}

function topOf(rule: Resource): JsonObject {
  const top = at(rule.value, 'spec', 'trafficPolicy');
  return isObject(top) ? top : {};
}

/** True when the user asks for this host, or the mesh for all: a rule that sets nothing about locality gets it too. */
function isAsked(target: LocalityTarget): boolean {
  return isNarrowed(target) || isOrderedInMesh(target.mesh);
}

/** The policies that lack outlier detection by what they set themselves, or only because the user asks for their host. */
function undetectedIn(rule: Resource, policies: readonly Policy[], target: LocalityTarget) {
  const whenDiagnosing = policies.filter((policy) => needsDetection(policy, policies, false));
  const whenAsked = policies.filter((policy) => needsDetection(policy, policies, isAsked(target)));
  const all = policies.filter((policy) => whenDiagnosing.includes(policy) || whenAsked.includes(policy));
  return all.map((policy, index) => {
    const isAlways = whenDiagnosing.includes(policy) && whenAsked.includes(policy);
    const only: Reported = whenAsked.includes(policy) ? 'when asked' : 'when diagnosing';
    const reported = isAlways ? undefined : only;
    const where = { resource: rule, path: placeOf(rule, policy), narrowedBy: null, ...(reported && { reported }) };
    const data = { rule, policy, isFirst: index === 0 };
    if (dropsWish(policy)) return localityFault('replaced-failover', where, data);
    const isIgnored = wantsFailover(policy.wish);
    return isIgnored ? localityFault('ignored-failover', where, data) : localityFault('every-zone', where, data);
  });
}

/** A subset that has it from the top level, now or once the top level is fixed, needs none of its own. */
function needsDetection(policy: Policy, all: readonly Policy[], isAlsoUnset: boolean): boolean {
  const wants = (one: Policy): boolean =>
    !one.detects && (wantsFailover(one.wish) || dropsWish(one) || (isAlsoUnset && one.wish === 'unset'));
  if (!wants(policy)) return false;
  const above = all.filter(isTop);
  return !(policy.inherits && above.length > 0 && above.every((one) => one.detects || wants(one)));
}

/** True for the top level and its ports, which are one to Istio: of two rules for a host only one's count. */
function isTop({ path }: Policy): boolean {
  return path[1] === 'trafficPolicy';
}

/** Finds why outlier detection would do nothing for a host. */
function* findObstacle(rule: Resource, host: string, { mesh, version }: LocalityTarget) {
  const where = { ...placeIn(rule, 'spec', 'host'), narrowedBy: null };
  const literal = literalHostOf(mesh, rule);
  const passed = isPassedThrough(mesh, host, version);
  const service = serviceOf(mesh, host);
  const distribution = service && trafficDistributionOf(mesh, service, version);
  if (literal) yield localityFault('literal-host', where, literal);
  else if (passed === 'headless') {
    const { balancers, ejects } = loadBalancingOf(rule);
    yield localityFault('headless', where, { host, isBalanced: balancers.length > 0 || ejects });
  } else if (passed === 'none') yield localityFault('not-balanced', where, host);
  else if (isWithoutProxy(mesh, host)) yield localityFault('ambient', where, { host, version });
  else if (distribution && policiesOf(rule, topOf(rule)).every(({ wish }) => wish === 'unset'))
    yield localityFault('near-already', where, { service, distribution });
}

const notes: { readonly [wish: string]: 'explicit-off' | 'explicit-weights' } = {
  off: 'explicit-off',
  distribute: 'explicit-weights',
};

/** Finds what stays as it is though the user asks for this host, and what this rule takes from others. */
function* findBeside(rule: Resource, policies: readonly Policy[], target: LocalityTarget) {
  if (!isAsked(target)) {
    const hidden = ruleHiddenBy(target.mesh, rule);
    if (!hidden || !detectsOnlyThere(hidden, policies)) return;
    const names = { clients: namespaceOf(rule), hidden: `${namespaceOf(hidden)}/${hidden.name}` };
    yield localityFault('hides-failover', { ...placeIn(rule, 'spec', 'host'), narrowedBy: null }, names);
    return;
  }
  for (const { detects, isOwn, wish, path } of policies) {
    const code = detects || !isOwn ? undefined : notes[wish];
    const where = { ...placeIn(rule, ...path, 'loadBalancer', 'localityLbSetting'), narrowedBy: null };
    if (code) yield localityFault(code, where);
  }
}

function detectsOnlyThere(hidden: Resource, policies: readonly Policy[]): boolean {
  const [there] = policiesOf(hidden, topOf(hidden));
  return there !== undefined && wantsFailover(there.wish) && policies.every(({ wish }) => wish === 'unset');
}

/** Gives a policy outlier detection. */
export function detect({ rule, policy, isFirst }: Undetected, { mesh, version, parameters }: LocalityTarget): Step {
  const operations = operationsFor(rule, policy, outlierDetection(parameters), isOffInMesh(mesh));
  if (!operations)
    return keep('The policy is not a mapping, so `outlierDetection` cannot be added to it', { severity: 'warning' });
  const also = operations.some(({ path }) => path.includes('/loadBalancer')) ? localityClause(policy) : '';
  const service = serviceOf(mesh, destinationHost(rule) ?? '');
  const effects = isFirst ? sideEffects(mesh, service, parameters, version) : '';
  return edit(`add ${detectionText(parameters)}${also}${effects}`, { resource: rule, operations });
}

function localityClause(policy: Policy): string {
  return dropsWish(policy)
    ? ' and repeat the `localityLbSetting` of the level above'
    : ' and switch `localityLbSetting` on for this host, because the mesh has it off';
}

/** The order that the mesh config asks for, where it names one. */
export function isOrderedInMesh(mesh: Mesh): boolean {
  return localityWish(meshConfigOf(mesh)['localityLbSetting']) === 'ordered';
}
