import { cniInstallOf } from '../../mesh/cni.ts';
import { type PrunePlace, prunePlacesOf } from '../../mesh/pruning/places.ts';
import { at } from '../../mesh/read.ts';
import { has } from '../../mesh/since.ts';
import { nativeSidecar } from '../../mesh/start-order.ts';
import type { Version } from '../../mesh/version.ts';
import { operationsToSet } from '../../operations.ts';
import { edit, keep, type ResourcePlace, type Step } from '../../step.ts';
import { selection } from '../parameter.ts';
import { defineRemedy } from '../remedy.ts';
import { pruneFault } from './faults.ts';

export default defineRemedy({
  id: 'protect-init-containers',
  source: 'https://github.com/istio/istio/issues/42792',
  parameters: selection,
  faults: pruneFault,

  *find({ mesh, version }) {
    const places = prunePlacesOf(mesh);
    const cni = cniInstallOf(mesh);
    // With native sidecars a pod always has a running container, so kubelets have no reason to start over.
    const isMild = nativeSidecar(mesh, undefined, version) === 'yes';
    if (places.length === 0) yield pruneFault('no-removal', {});
    for (const place of places) {
      yield cni ? pruneFault('removal-beside-cni', placeOf(place), { place, cni }) : faultOf(place, version, isMild);
    }
  },

  fix: {
    'removes-init-containers': ({ data }) => suspend(data),
    'may-remove-init-containers': ({ data }) => suspend(data),
    'removes-other-init-containers': () => keep('It stays as it is'),
  },
});

/** @see https://github.com/istio/istio/pull/50328 "Idempotency for istio-iptables apply flow", in 1.24 */
function faultOf(place: PrunePlace, version: Version, isMild: boolean) {
  const where = placeOf(place);
  if (at(place.resource.value, 'spec', 'suspend') === true) return pruneFault('suspended-removal', where, place);
  if (has(version, 'reentrantIstioInit')) return pruneFault('removes-other-init-containers', where, place);
  const isSure = place.onNode && !isMild;
  return pruneFault(isSure ? 'removes-init-containers' : 'may-remove-init-containers', where, place);
}

function placeOf({ resource, path }: PrunePlace): ResourcePlace {
  return { resource, ...(path !== undefined && { path }) };
}

/** Only a CronJob can be suspended; undefined for everything else. */
function suspend({ resource }: PrunePlace): Step | undefined {
  if (resource.kind !== 'CronJob') return undefined;
  const setting = operationsToSet(resource.value, ['spec', 'suspend'], true);
  if (setting.outcome !== 'change') return undefined;
  return edit('set `suspend: true`, which stops all else that it does too', {
    resource,
    operations: setting.operations,
  });
}
