import { isObject } from '../../manifest/node.ts';
import type { Operation } from '../../manifest/operation.ts';
import { pointer } from '../../manifest/pointer.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { at } from '../../mesh/read.ts';
import { facts, has } from '../../mesh/since.ts';
import {
  heldByMeshConfig,
  holdField,
  holdIn,
  holdValue,
  isHeldByChart,
  nativeSidecar,
} from '../../mesh/start-order.ts';
import { type Surface, surfacesOf } from '../../mesh/surface/surface.ts';
import { edit, type Step } from '../../step.ts';
import { helmValueSteps, meshConfigSteps } from '../mechanisms/mesh-setting.ts';
import { slipIn } from './annotation.ts';
import { holdFault } from './faults.ts';
import type { HoldTarget } from './parameters.ts';

/** What must happen before running pods follow. */
export const effect = 'pods take it when they are created anew';

/** What makes all workloads wait that do not set otherwise. */
export function heldBy(mesh: Mesh): 'chart' | 'mesh-config' | undefined {
  if (isHeldByChart(mesh)) return 'chart';
  return heldByMeshConfig(mesh) === true ? 'mesh-config' : undefined;
}

/** @see https://github.com/istio/istio/blob/1.7.0/manifests/charts/istio-control/istio-discovery/files/injection-template.yaml */
export function* findOnOldVersion(target: HoldTarget) {
  const { version, parameters } = target;
  if (!has(version, 'holdValue')) yield holdFault('unsupported-version', {}, version);
  else if (parameters.scope === 'workload') {
    const todo = `Use \`scope: mesh\`, or upgrade to ${facts.holdInProxyConfig.since}, which reads the annotation`;
    yield holdFault('chart-value-only', {}, { version, todo });
  } else if (isNarrowed(target)) yield holdFault('narrowed-mesh', {});
  else if (chartSteps(target)) yield holdFault('starts-unready-in-mesh', {});
  else {
    const todo = 'Add the IstioOperator or the Helm values of istiod to the PATHs, so that it can be set there';
    yield holdFault('chart-value-only', {}, { version, todo });
  }
}

function isNarrowed({ parameters: { namespaces, names } }: HoldTarget): boolean {
  return namespaces !== undefined || names !== undefined;
}

function chartSteps({ mesh, version, parameters: { surface } }: HoldTarget): Step[] | undefined {
  return helmValueSteps(mesh, holdValue, true, { version, surface, effect });
}

/** What the whole mesh lacks, when the user asks for all of it. */
export function* findInMesh(target: HoldTarget) {
  const { mesh, version, parameters } = target;
  const isConfigured = surfacesOf(mesh).some(({ meshConfig }) => meshConfig.length > 0);
  if (isNarrowed(target)) yield holdFault('narrowed-mesh', {});
  else if (nativeSidecar(mesh, undefined, version) === 'yes') yield holdFault('native-in-mesh', {});
  else if (isHeldByChart(mesh)) yield holdFault('held-by-chart', {});
  // istiod reads a second mesh config only since then, and a `data.mesh` that was not seen must not be replaced.
  else if (!isConfigured && parameters.surface === 'deployment' && !has(version, 'sharedMeshConfig'))
    yield holdFault('no-mesh-config', {}, version);
  else {
    yield holdFault('starts-unready-in-mesh', {});
    yield* findByNode(target);
  }
}

/** @see https://github.com/istio/istio/blob/1.27.0/pkg/kube/inject/webhook.go `DetectNativeSidecar` */
export function* findByNode({ mesh, version }: HoldTarget) {
  if (nativeSidecar(mesh, undefined, version) === 'by-node') yield holdFault('native-by-node', {});
}

/** Makes all applications wait. */
export function holdInMesh(target: HoldTarget): readonly Step[] {
  const { mesh, version, parameters } = target;
  if (!has(version, 'holdInProxyConfig')) return chartSteps(target) ?? [];
  const slips = slipsInMesh(mesh).map(({ surface: { resource }, path, slip, within }) => {
    const place = pointer(...path, slip);
    const patch = { resource, operations: [{ op: 'remove', path: place }] as const, ...(within && { within }) };
    const fix = `remove \`${slip}\`, which is not a field of a proxy config`;
    return edit(fix, patch, { resource, path: within ?? place });
  });
  const plan = { version, surface: parameters.surface, effect };
  return [...slips, ...meshConfigSteps(mesh, ['defaultConfig', holdField], true, plan)];
}

/** A misspelt field in the mesh config of an install resource, where the right one is not set to true beside it. */
export interface MeshSlip {
  readonly surface: Surface;
  readonly within: string | undefined;
  /** Keys to the defaultConfig. */
  readonly path: readonly (string | number)[];
  readonly slip: string;
  /** True when the right field is there too. */
  readonly isSet: boolean;
}

export function* findMeshSlips(mesh: Mesh) {
  for (const found of slipsInMesh(mesh)) {
    const path = found.within ?? pointer(...found.path, found.slip);
    const where = { resource: found.surface.resource, path, narrowedBy: null } as const;
    // Whoever asks for the whole mesh gets the right field anyway, and others keep their mesh config.
    yield holdFault('misspelt-field-in-mesh', { ...where, reported: 'when diagnosing' }, found);
  }
}

/** Puts the right name in place of the misspelt one. */
export function renameInMesh({ surface: { resource }, within, path, slip, isSet }: MeshSlip): Step {
  const operations: Operation[] = [
    { op: isSet ? 'replace' : 'add', path: pointer(...path, holdField), value: true },
    { op: 'remove', path: pointer(...path, slip) },
  ];
  const patch = { resource, operations, ...(within === undefined ? {} : { within }) };
  return edit(`set \`${holdField}: true\` instead; ${effect}`, patch, { parameters: { scope: 'mesh' } });
}

function slipsInMesh(mesh: Mesh): MeshSlip[] {
  return surfacesOf(mesh).flatMap((surface) =>
    surface.meshConfig.flatMap(({ shape, root, path, within }) => {
      const config = shape === 'map' ? at(root, ...path, 'defaultConfig') : undefined;
      const slip = slipIn(config);
      if (slip === undefined || !isObject(config) || holdIn(config) === true) return [];
      return [{ surface, within, path: [...path, 'defaultConfig'], slip, isSet: Object.hasOwn(config, holdField) }];
    }),
  );
}
