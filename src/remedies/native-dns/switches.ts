import { pointer } from '../../manifest/pointer.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { proxyConfigsOf } from '../../mesh/proxy-metadata.ts';
import { at } from '../../mesh/read.ts';
import { setMeshConfig } from '../../mesh/surface/mesh-config.ts';
import { helmValuesSurfaces, surfacesOf } from '../../mesh/surface/surface.ts';
import { isUnquoted } from '../../mesh/unquoted.ts';
import { proxyConfigOf, workloadsOf } from '../../mesh/workload.ts';
import { proxyConfigPatch } from '../mechanisms/proxy-config.ts';
import type { LegacyStep as Step } from '../remedy.ts';

/** The switches of smart DNS in a proxy's environment. */
export const dnsCapture = 'ISTIO_META_DNS_CAPTURE';
export const dnsAutoAllocate = 'ISTIO_META_DNS_AUTO_ALLOCATE';

const names = [dnsCapture, dnsAutoAllocate];

/**
 * Values of the switches that are no strings, which whoever reads them refuses together with everything around them:
 * "json: cannot unmarshal bool into Go value of type string".
 *
 * @see https://github.com/istio/istio/blob/1.24.0/pkg/config/mesh/mesh.go `MergeProxyConfig`
 */
export function* unquotedSwitches(mesh: Mesh): Iterable<Step> {
  for (const name of names) {
    yield* inMeshConfig(mesh, name);
    yield* inAnnotations(mesh, name);
    yield* inProxyConfigs(mesh, name);
  }
}

function* inMeshConfig(mesh: Mesh, name: string): Iterable<Step> {
  const path = ['defaultConfig', 'proxyMetadata', name];
  for (const surface of [...surfacesOf(mesh), ...helmValuesSurfaces(mesh)]) {
    const { resource } = surface;
    const values = surface.meshConfig
      .filter(({ shape }) => shape === 'map')
      .map(({ root, path: base }) => at(root, ...base, ...path));
    const value = values.find((found) => found !== undefined);
    if (!isUnquoted(value)) continue;
    const setting = setMeshConfig(surface, path, String(value));
    if (setting.outcome !== 'change') continue;
    const { operations, within } = setting;
    const message = `${name}: ${value} is no string, and istiod refuses the whole mesh config with it: puts it in quotes`;
    const patch = { resource, operations, ...(within === undefined ? {} : { within }) };
    const about = resource.kind === '' ? { parameters: {} } : { resource }; // Helm values have no name to go by
    yield { severity: 'error', outcome: 'change', message, ...about, path: within ?? setting.path, patch };
  }
}

function* inAnnotations(mesh: Mesh, name: string): Iterable<Step> {
  for (const workload of workloadsOf(mesh)) {
    const value = at(proxyConfigOf(workload), 'proxyMetadata', name);
    if (!isUnquoted(value)) continue;
    const { resource } = workload;
    const message = `${name}: ${value} of ${resource.kind} ${resource.name} is no string, so the injector refuses its pods: puts it in quotes`;
    const operations = [{ op: 'replace' as const, path: pointer('proxyMetadata', name), value: String(value) }];
    const patch = proxyConfigPatch(workload, operations);
    yield { severity: 'error', outcome: 'change', message, resource, path: patch.within, patch };
  }
}

function* inProxyConfigs(mesh: Mesh, name: string): Iterable<Step> {
  for (const resource of proxyConfigsOf(mesh)) {
    const value = at(resource.value, 'spec', 'environmentVariables', name);
    if (!isUnquoted(value)) continue;
    const path = pointer('spec', 'environmentVariables', name);
    const message = `${name}: ${value} is no string, so Kubernetes refuses the resource: puts it in quotes`;
    const patch = { resource, operations: [{ op: 'replace' as const, path, value: String(value) }] };
    yield { severity: 'error', outcome: 'change', message, resource, path, patch };
  }
}
