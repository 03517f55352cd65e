import type { Operation } from '../../manifest/operation.ts';
import { pointer } from '../../manifest/pointer.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { proxyConfigsOf } from '../../mesh/proxy-metadata.ts';
import { at } from '../../mesh/read.ts';
import { setMeshConfig } from '../../mesh/surface/mesh-config.ts';
import { helmValuesSurfaces, type Surface, surfacesOf } from '../../mesh/surface/surface.ts';
import { isUnquoted } from '../../mesh/unquoted.ts';
import { type PodTemplate, proxyConfigOf, workloadsOf } from '../../mesh/workload.ts';
import { placeIn } from '../../step.ts';
import { proxyConfigPatch } from '../mechanisms/proxy-config.ts';
import { titleOf } from '../mechanisms/wording.ts';
import { dnsFault } from './faults.ts';
import { dnsAutoAllocate, dnsCapture } from './variables.ts';

/**
 * Finds switches of smart DNS that are not strings. Their readers reject everything around them, too:
 * "json: cannot unmarshal bool into Go value of type string".
 *
 * @see https://github.com/istio/istio/blob/1.24.0/pkg/config/mesh/mesh.go `MergeProxyConfig`
 */
export function* findUnquoted(mesh: Mesh) {
  for (const name of [dnsCapture, dnsAutoAllocate]) {
    for (const surface of [...surfacesOf(mesh), ...helmValuesSurfaces(mesh)]) yield* findInMeshConfig(surface, name);
    for (const workload of workloadsOf(mesh)) yield* findInAnnotation(workload, name);
    yield* findInProxyConfigs(mesh, name);
  }
}

function* findInMeshConfig(surface: Surface, name: string) {
  const path = ['defaultConfig', 'proxyMetadata', name];
  const value = surface.meshConfig
    .filter(({ shape }) => shape === 'map')
    .map(({ root, path: base }) => at(root, ...base, ...path))
    .find((found) => found !== undefined);
  if (!isUnquoted(value)) return;
  const setting = setMeshConfig(surface, path, String(value));
  if (setting.outcome !== 'change') return;
  const { resource } = surface;
  const { operations, within } = setting;
  const patch = { resource, operations, ...(within !== undefined && { within }) };
  const isNamed = resource.kind !== ''; // Helm values are not
  const where = { ...(isNamed && { resource }), path: within ?? setting.path };
  const unquoted = { what: `\`${name}\` in the mesh config`, value, refusedBy: 'istiod', patch };
  yield dnsFault('unquoted-switch', where, isNamed ? unquoted : { ...unquoted, parameters: {} });
}

function* findInAnnotation(workload: PodTemplate, name: string) {
  const value = at(proxyConfigOf(workload), 'proxyMetadata', name);
  if (!isUnquoted(value)) return;
  const { resource } = workload;
  const patch = proxyConfigPatch(workload, [quoting(pointer('proxyMetadata', name), value)]);
  const what = `\`${name}\` of ${titleOf(resource)}`;
  const refusedBy = 'the sidecar injector';
  yield dnsFault('unquoted-switch', { resource, path: patch.within }, { what, value, refusedBy, patch });
}

function* findInProxyConfigs(mesh: Mesh, name: string) {
  for (const resource of proxyConfigsOf(mesh)) {
    const value = at(resource.value, 'spec', 'environmentVariables', name);
    if (!isUnquoted(value)) continue;
    const place = placeIn(resource, 'spec', 'environmentVariables', name);
    const patch = { resource, operations: [quoting(place.path, value)] };
    yield dnsFault('unquoted-switch', place, { what: `\`${name}\` of ${titleOf(resource)}`, value, patch });
  }
}

function quoting(path: string, value: boolean | number): Operation {
  return { op: 'replace', path, value: String(value) };
}
