import type { Mesh } from '../../mesh/mesh.ts';
import { facts } from '../../mesh/since.ts';
import { holdField, nativeSidecar } from '../../mesh/start-order.ts';
import type { Version } from '../../mesh/version.ts';
import { type PodTemplate, proxyConfigPointer } from '../../mesh/workload.ts';
import type { LegacyStep as Step } from '../remedy.ts';

/** What happens without the field. */
export const notWaiting = 'An application starts while its proxy is still getting ready, so its first calls may fail';

/** What to do where the chart's own lifecycle stands in the way. */
export const hookAdvice =
  'holdApplicationUntilProxyStarts does not hold anything here: global.proxy.lifecycle of the istiod chart takes the place of the hook that waits. Add a postStart with exec command ["pilot-agent", "wait"] to that lifecycle, or remove it';

export function named({ resource }: PodTemplate): string {
  return `${resource.kind} ${resource.name}`;
}

/** What must happen before running pods follow. */
export const effect = 'pods take it when they are created anew';

/** A workload that does not want to wait is left so. */
export function keptFalse(workload: PodTemplate): Step {
  const message = `${named(workload)} sets ${holdField}: false for itself, which stays: names with its very name changes it`;
  const { resource } = workload;
  return { severity: 'info', outcome: 'keep', message, resource, path: proxyConfigPointer(workload) };
}

/** @see https://github.com/istio/istio/blob/1.27.0/pkg/kube/inject/webhook.go `DetectNativeSidecar` */
export function* nativeNote(mesh: Mesh, version: Version): Iterable<Step> {
  if (nativeSidecar(mesh, undefined, version) !== 'by-node') return;
  const message = `Where all nodes are Kubernetes 1.33 or later, Istio ${facts.nativeSidecarsByDefault.since} and later make proxies native sidecars, which start first anyway: ${holdField} changes nothing there`;
  yield { severity: 'info', outcome: 'keep', message };
}
