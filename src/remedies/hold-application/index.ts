import { isSelected } from '../../mesh/mesh.ts';
import { has } from '../../mesh/since.ts';
import { isHookReplaced, nativeSidecar } from '../../mesh/start-order.ts';
import { isGateway, workloadsOf } from '../../mesh/workload.ts';
import { unreachedBy } from '../mechanisms/audience.ts';
import { defineRemedy } from '../remedy.ts';
import { meansTrue, ownSettingOf } from './annotation.ts';
import { holdFault } from './faults.ts';
import {
  findByNode,
  findInMesh,
  findMeshSlips,
  findOnOldVersion,
  heldBy,
  holdInMesh,
  renameInMesh,
} from './mesh-wide.ts';
import { type HoldTarget, parameters } from './parameters.ts';
import { findInWorkload, hold, holdIfNamed, moveToPods, refuseUnreadable } from './workloads.ts';

export default defineRemedy({
  id: 'hold-application',
  source:
    'https://istio.io/latest/docs/ops/common-problems/injection/#pod-or-containers-start-with-network-issues-if-istio-proxy-is-not-ready',
  parameters,
  faults: holdFault,

  *find(target) {
    const { mesh, version, parameters } = target;
    const isRead = has(version, 'holdInProxyConfig');
    const found = workloadsOf(mesh).flatMap((workload) => [...findInWorkload(workload, target)]);
    yield* found;
    if (isRead) yield* findMeshSlips(mesh);
    if (!isRead) yield* findOnOldVersion(target);
    else if (isHookReplaced(mesh)) yield* findReplacedHook(target);
    else if (parameters.scope === 'mesh') yield* findInMesh(target);
    else {
      yield* findBesideWorkloads(target);
      const isChanged = found.some(
        ({ code, resource }) => changing.has(code) && resource && isSelected(resource, parameters),
      );
      if (isChanged) yield* findByNode(target);
    }
  },

  fix: {
    'unreadable-config': ({ data }, target) => refuseUnreadable(data, target),
    'not-boolean': ({ data: { workload, value } }, target) =>
      target.parameters.scope === 'workload' && meansTrue(value)
        ? hold(workload, target)
        : holdIfNamed(workload, target),
    'overruled-false': ({ data }, target) => holdIfNamed(data, target),
    'misspelt-field': ({ data: { workload, value } }, target) =>
      value === undefined ? hold(workload, target) : holdIfNamed(workload, target),
    'misspelt-field-in-mesh': ({ data }) => renameInMesh(data),
    'misplaced-config': ({ data: { workload, misplaced } }, target) => moveToPods(workload, misplaced, target),
    'replaced-hook': () => ({ outcome: 'refuse' }),
    'starts-unready': ({ data }, target) => hold(data.workload, target),
    'starts-unready-in-mesh': (_, target) => holdInMesh(target),
  },
});

/** Codes of workloads that are made to wait. */
const changing: ReadonlySet<string> = new Set(['misspelt-field', 'misplaced-config', 'starts-unready']);

/** The hook that waits is replaced: whoever asks for it already, or now, waits for nothing. */
function* findReplacedHook({ mesh, version }: HoldTarget) {
  const isSet = workloadsOf(mesh).some((workload) => {
    const isProxied = !isGateway(workload) && !unreachedBy(mesh, workload);
    const isWaiting = isProxied && nativeSidecar(mesh, workload, version) !== 'yes';
    return isWaiting && ownSettingOf(workload).value === true;
  });
  if (isSet || heldBy(mesh)) yield holdFault('replaced-hook', { reported: 'when diagnosing' });
  yield holdFault('replaced-hook', { reported: 'when asked', severity: 'error' });
}

/** What there is to say about chosen workloads as a whole. */
function* findBesideWorkloads({ mesh, parameters }: HoldTarget) {
  if (!workloadsOf(mesh).some(({ resource }) => isSelected(resource, parameters))) {
    yield holdFault('no-workload', {});
    return;
  }
  const held = heldBy(mesh);
  if (held) yield holdFault(`held-by-${held}`, {});
}
