import { pointer } from '../../manifest/pointer.ts';
import { isMeshConfigMap, type Mesh } from '../../mesh/mesh.ts';
import { at, listAt, stringAt } from '../../mesh/read.ts';
import { facts, firstWithout, has } from '../../mesh/since.ts';
import { meshConfigOf } from '../../mesh/surface/mesh-config.ts';
import { surfacesOf } from '../../mesh/surface/surface.ts';
import {
  requestId,
  setsSampling,
  tracersOf,
  tracingProvidersOf,
  tracingUsesOf,
  usualHeaders,
} from '../../mesh/tracing.ts';
import type { Version } from '../../mesh/version.ts';
import type { LegacyStep as Step } from '../remedy.ts';

/** What applications must do themselves, which no manifest shows. */
export function applicationAdvice(mesh: Mesh, version: Version): Step {
  const tracers = tracersOf(mesh);
  const headers = tracers.length > 0 ? tracers.flatMap((tracer) => tracer.headers) : usualHeaders(version);
  const known = tracers.map(({ tracer }) => tracer).join(' and ');
  const which = known === '' ? '' : `for ${known}, `;
  const sampling = setsSampling(mesh) ? '' : '. Istio traces 1% of the requests unless it is told otherwise';
  return {
    severity: 'info',
    outcome: 'advise',
    message: `Applications must copy trace headers from each request they get to those they send meanwhile: ${which}${[...new Set([requestId, ...headers])].join(', ')}; no manifest shows whether they do${sampling}`,
    source: 'https://istio.io/latest/docs/tasks/observability/distributed-tracing/overview/',
  };
}

/** True when the manifests show that Istio's own tracing is meant. */
export function isTraced(mesh: Mesh): boolean {
  return tracersOf(mesh).length > 0 || tracingUsesOf(mesh).length > 0 || saysEnabled(mesh);
}

function saysEnabled(mesh: Mesh): boolean {
  return meshConfigOf(mesh)['enableTracing'] === true;
}

/** Providers that istiod has without being told, and those of the demo profile. */
const builtIn: ReadonlySet<string> = new Set(['prometheus', 'stackdriver', 'envoy']);
const ofDemo: ReadonlySet<string> = new Set(['otel', 'skywalking', 'otel-tracing', 'jaeger']);

/**
 * Telemetry resources whose provider the mesh config does not have. Only a whole ConfigMap, or a list that would
 * replace the profile's, shows that it is missing.
 *
 * @see https://github.com/istio/istio/blob/1.24.0/pilot/pkg/model/telemetry.go `fetchProvider`
 */
export function* missingProviders(mesh: Mesh): Iterable<Step> {
  const config = meshConfigOf(mesh);
  const isWhole = mesh.resources.some(isMeshConfigMap) || Array.isArray(config['extensionProviders']);
  if (!isWhole) return;
  const defined = new Set(listAt(config, 'extensionProviders').map((provider) => at(provider, 'name')));
  const isDemo = isDemoProfile(mesh);
  for (const { telemetry, provider, path } of tracingUsesOf(mesh)) {
    if (defined.has(provider) || builtIn.has(provider) || (isDemo && ofDemo.has(provider))) continue;
    const message = `No extensionProviders entry of the mesh config is called ${provider}, so Istio sends no spans for it: add one, or name one that is there${existing(mesh)}`;
    yield { severity: 'warning', outcome: 'advise', message, resource: telemetry, path: pointer(...path) };
  }
}

function existing(mesh: Mesh): string {
  const names = tracingProvidersOf(mesh).map(({ name }) => name);
  return names.length > 0 ? ` (${names.join(', ')})` : '';
}

function isDemoProfile(mesh: Mesh): boolean {
  const profiles = [...mesh.ofKind('IstioOperator'), ...mesh.ofKind('Istio', 'sailoperator.io')];
  return profiles.some(({ value }) => /demo|preview/.test(stringAt(value, 'spec', 'profile') ?? ''));
}

/**
 * Until 1.21 Istio sent spans to `zipkin.istio-system` when nobody said where to; since 1.22 it sends none.
 *
 * @see https://github.com/istio/istio/blob/1.22.0/releasenotes/notes/drop-default-tracing.yaml
 */
export function* missingTracer(mesh: Mesh, version: Version): Iterable<Step> {
  if (has(version, 'defaultZipkin') || !saysEnabled(mesh) || isDemoProfile(mesh) || isCompatible(mesh)) return;
  if (tracersOf(mesh).length + tracingProvidersOf(mesh).length + tracingUsesOf(mesh).length > 0) return;
  if (listAt(meshConfigOf(mesh), 'defaultProviders', 'tracing').length > 0) return;
  const resource = surfacesOf(mesh).find(({ meshConfig }) => meshConfig.length > 0)?.resource;
  const message = `enableTracing: true sends no spans: Istio ${firstWithout('defaultZipkin')} and later has no default tracer (zipkin.istio-system until ${facts.defaultZipkin.until}). Define one in meshConfig.extensionProviders, and name it in a Telemetry in the root namespace`;
  yield { severity: 'warning', outcome: 'advise', message, ...(resource ? { resource } : {}) };
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
