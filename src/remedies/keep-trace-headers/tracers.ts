import { isMeshConfigMap, type Mesh } from '../../mesh/mesh.ts';
import { at, listAt, stringAt } from '../../mesh/read.ts';
import { has } from '../../mesh/since.ts';
import { meshConfigOf } from '../../mesh/surface/mesh-config.ts';
import { surfacesOf } from '../../mesh/surface/surface.ts';
import { setsSampling, tracersOf, tracingProvidersOf, tracingUsesOf, usualHeaders } from '../../mesh/tracing.ts';
import type { Version } from '../../mesh/version.ts';
import { placeIn } from '../../step.ts';
import { traceFault } from './faults.ts';

/** What applications must do themselves; they apply for sure where the manifests show tracing. */
export function findHeadersToForward(mesh: Mesh, version: Version) {
  const tracers = tracersOf(mesh);
  const headers = tracers.length > 0 ? tracers.flatMap((tracer) => tracer.headers) : usualHeaders(version);
  const code = isTraced(mesh) ? 'headers-to-forward' : 'headers-to-forward-if-traced';
  return traceFault(code, {}, { tracers, headers, setsSampling: setsSampling(mesh) });
}

/** True when the manifests show that Istio's own tracing is used. */
function isTraced(mesh: Mesh): boolean {
  return tracersOf(mesh).length > 0 || tracingUsesOf(mesh).length > 0 || saysEnabled(mesh);
}

function saysEnabled(mesh: Mesh): boolean {
  return meshConfigOf(mesh)['enableTracing'] === true;
}

/** Providers that istiod has without configuration, and those of the demo profile. */
const builtIn: ReadonlySet<string> = new Set(['prometheus', 'stackdriver', 'envoy']);
const ofDemo: ReadonlySet<string> = new Set(['otel', 'skywalking', 'otel-tracing', 'jaeger']);

/**
 * Telemetry resources whose provider the mesh config does not have. Only a whole ConfigMap, or a list that would
 * replace the profile's, shows that it is missing.
 *
 * @see https://github.com/istio/istio/blob/1.24.0/pilot/pkg/model/telemetry.go `fetchProvider`
 */
export function* findUnknownProviders(mesh: Mesh) {
  const config = meshConfigOf(mesh);
  const isWhole = mesh.resources.some(isMeshConfigMap) || Array.isArray(config['extensionProviders']);
  if (!isWhole) return;
  const defined = new Set(listAt(config, 'extensionProviders').map((provider) => at(provider, 'name')));
  const isDemo = isDemoProfile(mesh);
  for (const { telemetry, provider, path } of tracingUsesOf(mesh)) {
    if (defined.has(provider) || builtIn.has(provider) || (isDemo && ofDemo.has(provider))) continue;
    const known = tracingProvidersOf(mesh).map(({ name }) => name);
    yield traceFault('unknown-provider', { ...placeIn(telemetry, ...path), narrowedBy: null }, { provider, known });
  }
}

function isDemoProfile(mesh: Mesh): boolean {
  const profiles = [...mesh.ofKind('IstioOperator'), ...mesh.ofKind('Istio', 'sailoperator.io')];
  return profiles.some(({ value }) => /demo|preview/.test(stringAt(value, 'spec', 'profile') ?? ''));
}

/**
 * Until 1.21 Istio sent spans to `zipkin.istio-system` without configuration; since 1.22 it sends none.
 *
 * @see https://github.com/istio/istio/blob/1.22.0/releasenotes/notes/drop-default-tracing.yaml
 */
export function* findMissingTracer(mesh: Mesh, version: Version) {
  if (has(version, 'defaultZipkin') || !saysEnabled(mesh) || isDemoProfile(mesh) || isCompatible(mesh)) return;
  if (tracersOf(mesh).length + tracingProvidersOf(mesh).length + tracingUsesOf(mesh).length > 0) return;
  if (listAt(meshConfigOf(mesh), 'defaultProviders', 'tracing').length > 0) return;
  const resource = surfacesOf(mesh).find(({ meshConfig }) => meshConfig.length > 0)?.resource;
  yield traceFault('no-default-tracer', { ...(resource && { resource }), narrowedBy: null });
}

/** `compatibilityVersion` up to 1.21 brings the old default back. */
function isCompatible(mesh: Mesh): boolean {
  return surfacesOf(mesh).some(({ resource: { value } }) =>
    [
      at(value, 'spec', 'compatibilityVersion'),
      at(value, 'spec', 'values', 'compatibilityVersion'),
      at(value, 'spec', 'values', 'global', 'compatibilityVersion'),
    ].some((written) => written !== undefined && written !== ''),
  );
}
