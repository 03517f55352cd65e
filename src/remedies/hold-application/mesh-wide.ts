import { pointer } from '../../manifest/pointer.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { facts, has } from '../../mesh/since.ts';
import { heldByMeshConfig, holdField, holdValue, isHeldByChart, nativeSidecar } from '../../mesh/start-order.ts';
import { surfacesOf } from '../../mesh/surface/surface.ts';
import { formatVersion, type Version } from '../../mesh/version.ts';
import { workloadsOf } from '../../mesh/workload.ts';
import { type EmittedSurface, planHelmValue, planMeshConfig } from '../mechanisms/mesh-setting.ts';
import type { LegacyStep as Step } from '../remedy.ts';
import { ownWordOf } from './annotation.ts';
import { slipsInMeshConfig } from './faults.ts';
import { effect, keptFalse, nativeNote, notWaiting } from './messages.ts';

/** The remedy's parameters, as far as they concern the whole mesh. */
export interface MeshWide {
  readonly scope: 'workload' | 'mesh';
  readonly surface: EmittedSurface;
  readonly namespaces?: readonly string[] | undefined;
  readonly names?: readonly string[] | undefined;
}

export function refusal(message: string): Step {
  return { severity: 'error', outcome: 'refuse', message };
}

/** @see https://github.com/istio/istio/blob/1.7.0/manifests/charts/istio-control/istio-discovery/files/injection-template.yaml */
export function* onOldVersion(mesh: Mesh, values: MeshWide, version: Version): Iterable<Step> {
  const name = formatVersion(version);
  if (!has(version, 'holdValue')) {
    yield refusal(
      `Istio ${name} cannot hold applications back: upgrade, or let the application try its first calls again`,
    );
    return;
  }
  const only = `Istio ${name} holds applications back only in the whole mesh, by the value ${holdValue.join('.')} of the istiod chart`;
  if (values.scope === 'workload') {
    yield refusal(
      `${only}: set hold-application.scope to mesh, or upgrade to ${facts.holdInProxyConfig.since}, which reads the annotation`,
    );
    return;
  }
  if (values.namespaces || values.names) {
    yield narrowedMesh;
    return;
  }
  const plan = { version, surface: values.surface, severity: 'warning', why: notWaiting, effect } as const;
  const steps = planHelmValue(mesh, holdValue, true, plan);
  yield* steps ?? [
    refusal(`${only}: add the IstioOperator or the Helm values of istiod to the PATHs, so that it can be set there`),
  ];
}

const narrowedMesh = refusal(
  'namespaces and names choose workloads, while scope mesh reaches every pod. Set hold-application.scope to workload, or leave them out',
);

export function* forMesh(mesh: Mesh, values: MeshWide, version: Version): Iterable<Step> {
  if (values.namespaces || values.names) {
    yield narrowedMesh;
    return;
  }
  const already = alreadyInOrder(mesh, version);
  if (already !== undefined) {
    yield { severity: 'info', outcome: 'keep', message: already };
    return;
  }
  // istiod reads a second mesh config from 1.10 on, and nobody may replace a data.mesh that was not seen.
  const isConfigured = surfacesOf(mesh).some(({ meshConfig }) => meshConfig.length > 0);
  if (!isConfigured && values.surface === 'deployment' && !has(version, 'sharedMeshConfig')) {
    yield refusal(
      `Istio ${formatVersion(version)} has its mesh config in ConfigMap istio only: add that to the PATHs, or choose another surface`,
    );
    return;
  }
  for (const { surface, path, slip, within } of slipsInMeshConfig(mesh)) {
    const { resource } = surface;
    const message = `${slip} in the defaultConfig of ${resource.kind} ${resource.name} is no field of a proxy config: removes it`;
    const operations = [{ op: 'remove', path: pointer(...path, slip) }] as const;
    const patch = { resource, operations, ...(within === undefined ? {} : { within }) };
    yield { severity: 'warning', outcome: 'change', message, resource, path: within ?? pointer(...path, slip), patch };
  }
  const plan = { version, surface: values.surface, severity: 'warning', why: notWaiting, effect } as const;
  yield* planMeshConfig(mesh, ['defaultConfig', holdField], true, plan);
  for (const workload of workloadsOf(mesh)) {
    if (ownWordOf(workload).value === false) yield keptFalse(workload);
  }
  yield* nativeNote(mesh, version);
}

/** Why nothing is to be done in the whole mesh: native sidecars, or the chart's value. */
function alreadyInOrder(mesh: Mesh, version: Version): string | undefined {
  if (nativeSidecar(mesh, undefined, version) === 'yes')
    return 'ENABLE_NATIVE_SIDECARS makes proxies native sidecars, which start before the application anyway';
  return isHeldByChart(mesh) ? heldInMesh(mesh) : undefined;
}

/** What makes all workloads wait that do not say otherwise. */
export function heldInMesh(mesh: Mesh): string | undefined {
  if (isHeldByChart(mesh))
    return `The istiod chart sets ${holdValue.join('.')}: true, so all applications wait already`;
  if (heldByMeshConfig(mesh) !== true) return undefined;
  return `The mesh config sets ${holdField}: true, so workloads without a word of their own wait already`;
}
