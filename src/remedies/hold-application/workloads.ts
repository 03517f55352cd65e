import { isObject } from '../../manifest/node.ts';
import { at, listAt, stringAt } from '../../mesh/read.ts';
import { has } from '../../mesh/since.ts';
import { holdField, isHookReplaced, nativeSidecar } from '../../mesh/start-order.ts';
import type { Version } from '../../mesh/version.ts';
import { isGateway, type PodTemplate, proxyConfigPointer } from '../../mesh/workload.ts';
import { edit, refuse, type Step } from '../../step.ts';
import { unreachedBy } from '../mechanisms/audience.ts';
import { holdPatch, type Misplaced, meansTrue, misplacedIn, ownSettingOf } from './annotation.ts';
import { holdFault } from './faults.ts';
import { effect, heldBy } from './mesh-wide.ts';
import type { HoldTarget } from './parameters.ts';

/** True when the annotation of a workload is read, and what it asks for can take effect. */
export function isHoldable({ mesh, version }: HoldTarget): boolean {
  return has(version, 'holdInProxyConfig') && !isHookReplaced(mesh);
}

export function* findInWorkload(workload: PodTemplate, target: HoldTarget) {
  const isAsked = target.parameters.scope === 'workload' && isHoldable(target);
  const unreached = isGateway(workload) ? 'gateway' : unreachedBy(target.mesh, workload);
  if (!unreached) yield* findInReached(workload, target, isAsked);
  else if (isAsked) yield holdFault(unreached, { resource: workload.resource }, workload);
}

/** A workload that gets a sidecar, which its application may start before. */
function* findInReached(workload: PodTemplate, target: HoldTarget, isAsked: boolean) {
  const { mesh, version, parameters } = target;
  const { resource } = workload;
  const isRead = has(version, 'holdInProxyConfig');
  const { isReadable, value } = ownSettingOf(workload);
  const where = { resource, path: proxyConfigPointer(workload) };
  if (!isReadable) yield holdFault('unreadable-config', where, workload);
  // Istio that does not know the field ignores it, whatever it holds.
  else if (isRead && value !== undefined && typeof value !== 'boolean')
    yield holdFault('not-boolean', where, { workload, value });
  else if (nativeSidecar(mesh, workload, version) === 'yes') {
    if (isAsked) yield holdFault('native-sidecar', { resource }, workload);
  } else if (isRead) yield* value === undefined ? findUnset(workload, target, isAsked) : findSet(workload, target);
  else if ((value === true || meansTrue(value)) && parameters.scope === 'workload' && heldBy(mesh) !== 'chart')
    yield holdFault('unsupported-annotation', where, version);
}

/** A workload that sets `true` or `false` itself. */
function* findSet(workload: PodTemplate, target: HoldTarget) {
  const own = ownSettingOf(workload);
  if (own.value === true) return;
  const { mesh, parameters } = target;
  const { resource } = workload;
  const where = { resource, path: proxyConfigPointer(workload) };
  const held = heldBy(mesh);
  if (held === 'chart') yield holdFault('overruled-false', where, workload);
  else if (own.slip !== undefined && !held && parameters.scope === 'workload')
    yield holdFault('misspelt-field', where, { ...own, workload });
  else if (!isHoldable(target)) return;
  else if (isNamed(workload, target)) yield holdFault('starts-unready', where, unheld(workload, target));
  else yield holdFault('explicit-false', where, workload);
}

/** A workload without the field, which waits only if the mesh makes it. */
function* findUnset(workload: PodTemplate, target: HoldTarget, isAsked: boolean) {
  const { mesh, parameters } = target;
  if (heldBy(mesh) || parameters.scope === 'mesh') return;
  const own = ownSettingOf(workload);
  const { resource } = workload;
  const where = { resource, path: proxyConfigPointer(workload) };
  const misplaced = misplacedIn(workload);
  if (own.slip !== undefined) yield holdFault('misspelt-field', where, { ...own, workload });
  else if (misplaced) yield holdFault('misplaced-config', { resource, path: misplaced.path }, { workload, misplaced });
  else if (!isAsked) return;
  else if (Array.isArray(at(workload.value, 'metadata', 'annotations')))
    yield holdFault('unreadable-annotations', where);
  else yield holdFault('starts-unready', where, unheld(workload, target));
}

function unheld(workload: PodTemplate, { mesh, version }: HoldTarget) {
  return { workload, isByNode: nativeSidecar(mesh, workload, version) === 'by-node' };
}

/** True when the user gives the very name of a workload. */
function isNamed({ resource }: PodTemplate, { parameters }: HoldTarget): boolean {
  return parameters.names?.includes(resource.name) ?? false;
}

/** Sets the field to true. */
export function hold(workload: PodTemplate, { version }: HoldTarget): Step {
  const { slip } = ownSettingOf(workload);
  const instead = slip === undefined ? '' : ` instead of \`${slip}\``;
  return edit(`set \`${holdField}: true\`${instead}; ${effect}${limitsFor(workload, version)}`, holdPatch(workload));
}

/** Sets the field to true for a workload that sets it to something else, if the user gives its very name. */
export function holdIfNamed(workload: PodTemplate, target: HoldTarget): Step | undefined {
  return isNamed(workload, target) ? hold(workload, target) : undefined;
}

export function moveToPods(workload: PodTemplate, { move }: Misplaced, target: HoldTarget): Step {
  if (!move) return hold(workload, target);
  return edit(`move it to the pod template; ${effect}${limitsFor(workload, target.version)}`, move);
}

/** Fails the run for a workload that cannot be made to wait, though the user asks for it. */
export function refuseUnreadable(workload: PodTemplate, { mesh, version, parameters }: HoldTarget): Step | undefined {
  const isNeeded = parameters.scope === 'workload' && nativeSidecar(mesh, workload, version) !== 'yes';
  return isNeeded ? refuse(`\`${holdField}\` cannot be added to it`) : undefined;
}

/** What the field does not do for a workload of this shape, as further clauses. */
function limitsFor({ resource, value }: PodTemplate, version: Version): string {
  const inits = listAt(value, 'spec', 'initContainers').filter(
    (container) => isObject(container) && at(container, 'restartPolicy') !== 'Always',
  );
  const names = inits.map((container) => stringAt(container, 'name') ?? '').filter((name) => name !== '');
  const isJob = resource.kind === 'Job' || resource.kind === 'CronJob';
  if (names.length === 0 && !isJob) return '';
  const limits = [
    ...(names.length > 0 ? [`init containers (${names.join(', ')}) still run before the proxy`] : []),
    ...(isJob ? ['the proxy still outlives the Job and keeps it from completing'] : []),
  ].join(', and ');
  const better = has(version, 'nativeSidecarAnnotation')
    ? ' (annotation `sidecar.istio.io/nativeSidecar: "true"` solves that on Kubernetes 1.29 or later)'
    : '';
  return `; ${limits}${better}`;
}
