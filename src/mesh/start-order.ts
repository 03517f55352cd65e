import { isObject, type Json } from '../manifest/node.ts';
import type { Mesh } from './mesh.ts';
import { at, stringAt } from './read.ts';
import { has } from './since.ts';
import { istiodEnv } from './surface/env.ts';
import { helmValuesOf, meshConfigOf } from './surface/mesh-config.ts';
import { parseVersion, type Version } from './version.ts';
import type { PodTemplate } from './workload.ts';

/** The field of a proxy config that makes applications wait for their proxy. */
export const holdField = 'holdApplicationUntilProxyStarts';

/** Where the istiod chart has that switch; all of Istio 1.7's, and still read by every later version. */
export const holdValue = ['global', 'proxy', holdField] as const;

/** Protobuf's JSON takes a field by its name in the .proto too. */
export const holdFieldNames = [holdField, 'hold_application_until_proxy_starts'] as const;

/**
 * Whether a proxy is an init container that Kubernetes keeps running, which starts before the application anyway;
 * `by-node` where Istio looks at the kubelets: 1.33 and later have it so.
 *
 * @param workload - undefined for a workload without settings of its own
 * @see https://github.com/istio/istio/blob/1.27.0/pkg/kube/inject/webhook.go `DetectNativeSidecar`
 * @see https://github.com/istio/istio/blob/1.27.0/manifests/charts/istio-control/istio-discovery/files/injection-template.yaml
 *   `$nativeSidecar`: up to 1.26 the annotation has to be "true", since then anything but "false" is a yes
 */
export function nativeSidecar(
  mesh: Mesh,
  workload: PodTemplate | undefined,
  version: Version,
): 'yes' | 'no' | 'by-node' {
  if (!has(version, 'nativeSidecars')) return 'no';
  return nativeByAnnotation(workload, version) ?? nativeByInstall(mesh, version);
}

/** What the pod's annotation says; undefined when it says nothing that counts. */
function nativeByAnnotation(workload: PodTemplate | undefined, version: Version): 'yes' | 'no' | undefined {
  const own = stringAt(workload?.value, 'metadata', 'annotations', 'sidecar.istio.io/nativeSidecar');
  if (has(version, 'nativeSidecarsByDefault')) {
    if (own) return own === 'false' ? 'no' : 'yes';
  } else if (own !== undefined && has(version, 'nativeSidecarAnnotation')) return own === 'true' ? 'yes' : 'no';
  return undefined;
}

function nativeByInstall(mesh: Mesh, version: Version): 'yes' | 'no' | 'by-node' {
  const switched = istiodEnv(mesh, 'ENABLE_NATIVE_SIDECARS', version) || undefined;
  if (switched === 'true') return 'yes';
  // Words that istiod does not know are a no, whatever the default is.
  if (!has(version, 'nativeSidecarsByDefault') || (switched !== undefined && switched !== 'auto')) return 'no';
  if (switched === 'auto') return 'by-node';
  const compatibility = parseVersion(stringAt(helmValuesOf(mesh), 'compatibilityVersion') ?? '');
  return compatibility && !has(compatibility, 'nativeSidecarsByDefault') ? 'no' : 'by-node';
}

/** True when the istiod chart's value makes all applications wait: no annotation can take that back. */
export function isHeldByChart(mesh: Mesh): boolean {
  return at(helmValuesOf(mesh), ...holdValue) === true;
}

/** What the mesh config says of waiting; undefined when the manifests do not say. */
export function heldByMeshConfig(mesh: Mesh): Json | undefined {
  return holdIn(at(meshConfigOf(mesh), 'defaultConfig'));
}

/** What a proxy config says of waiting, by either name of the field; null counts as nothing said. */
export function holdIn(proxyConfig: Json | undefined): Json | undefined {
  return holdFieldNames.map((name) => at(proxyConfig, name) ?? undefined).find((value) => value !== undefined);
}

/**
 * True when the istiod chart gives proxies a lifecycle of the user's own, which takes the place of the hook that
 * waits, and that lifecycle does not wait itself.
 *
 * @see https://github.com/istio/istio/blob/1.24.0/manifests/charts/istio-control/istio-discovery/files/injection-template.yaml
 */
export function isHookReplaced(mesh: Mesh): boolean {
  const lifecycle = at(helmValuesOf(mesh), 'global', 'proxy', 'lifecycle');
  if (!isObject(lifecycle) || Object.keys(lifecycle).length === 0) return false;
  return !/pilot-agent[^a-z]+wait/.test(JSON.stringify(at(lifecycle, 'postStart') ?? ''));
}
