import { isObject, type Json } from '../manifest/node.ts';
import type { Mesh } from './mesh.ts';
import { at, listAt, objectAt, stringAt } from './read.ts';
import type { Resource } from './resource.ts';
import { has } from './since.ts';
import { meshConfigOf } from './surface/mesh-config.ts';
import type { Version } from './version.ts';

/** A way in which spans of one trace find each other, with the headers that carry it. */
export interface Propagation {
  readonly tracer: string;
  readonly headers: readonly string[];
}

const w3c = ['traceparent', 'tracestate'];
const b3 = ['x-b3-traceid', 'x-b3-spanid', 'x-b3-parentspanid', 'x-b3-sampled', 'x-b3-flags'];

/** Headers that Envoy's tracers read and write, by the name of the provider in the mesh config. */
const propagations: Readonly<Record<string, Propagation>> = {
  opentelemetry: { tracer: 'OpenTelemetry', headers: w3c },
  zipkin: { tracer: 'Zipkin', headers: b3 },
  datadog: { tracer: 'Datadog', headers: ['x-datadog-trace-id', 'x-datadog-parent-id', 'x-datadog-sampling-priority'] },
  skywalking: { tracer: 'SkyWalking', headers: ['sw8'] },
  lightstep: { tracer: 'Lightstep', headers: ['x-ot-span-context', ...w3c] },
  opencensus: { tracer: 'OpenCensus', headers: [...w3c, 'grpc-trace-bin', 'x-cloud-trace-context'] },
  stackdriver: { tracer: 'Stackdriver', headers: [...w3c, 'grpc-trace-bin', 'x-cloud-trace-context'] },
};

/** The names that `defaultConfig.tracing` has for some of them. */
const legacyTracers: Readonly<Record<string, string>> = { openCensusAgent: 'opencensus' };

/** Where no tracer is configured: until 1.21 that means Zipkin. */
export function usualHeaders(version: Version): readonly string[] {
  return has(version, 'defaultZipkin') ? b3 : [...w3c, ...b3];
}

/** Every proxy writes it into its access log, and takes its sampling from it. */
export const requestId = 'x-request-id';

const more = ['b3', 'x-datadog-tags', 'sw8-x', 'sw8-correlation', 'uber-trace-id', requestId];
const traceHeaders: ReadonlySet<string> = new Set([
  ...Object.values(propagations).flatMap(({ headers }) => headers),
  ...more,
]);

/** True for a header without which a trace falls apart, whatever its case. */
export function isTraceHeader(name: string): boolean {
  return traceHeaders.has(name.toLowerCase());
}

/** Headers that say whether a trace is kept, and not which one it is: to set them is a way to choose. */
const decisions: ReadonlySet<string> = new Set(['b3', 'x-b3-sampled', 'x-b3-flags', 'x-datadog-sampling-priority']);

export function isSamplingHeader(name: string): boolean {
  return decisions.has(name.toLowerCase());
}

/** A tracing provider of the mesh config. */
export interface TracingProvider {
  readonly name: string;
  readonly propagation: Propagation;
}

/** The extension providers of the mesh config that trace. */
export function tracingProvidersOf(mesh: Mesh): TracingProvider[] {
  return listAt(meshConfigOf(mesh), 'extensionProviders').flatMap((provider) => {
    const name = stringAt(provider, 'name');
    const kind = Object.keys(propagations).find((key) => at(provider, key) !== undefined);
    if (name === undefined || kind === undefined) return [];
    const known = propagations[kind]!;
    const isMixed = /W3C/.test(stringAt(provider, 'zipkin', 'traceContextOption') ?? '');
    return { name, propagation: isMixed ? { ...known, headers: [...w3c, ...known.headers] } : known };
  });
}

/** One entry of a Telemetry's `spec.tracing` that names a provider. */
export interface TracingUse {
  readonly telemetry: Resource;
  readonly provider: string;
  /** Keys from the resource. */
  readonly path: readonly (string | number)[];
}

/** The providers that Telemetry resources name; Istio takes the first of each list. */
export function tracingUsesOf(mesh: Mesh): TracingUse[] {
  return mesh.ofKind('Telemetry', 'telemetry.istio.io').flatMap((telemetry) =>
    listAt(telemetry.value, 'spec', 'tracing').flatMap((tracing, index) => {
      const provider = stringAt(tracing, 'providers', 0, 'name');
      const isOff = at(tracing, 'disableSpanReporting') === true;
      if (provider === undefined || isOff) return [];
      return { telemetry, provider, path: ['spec', 'tracing', index, 'providers', 0, 'name'] };
    }),
  );
}

/**
 * The tracers that the manifests configure: by Telemetry resources, `defaultProviders`, or `defaultConfig.tracing`.
 *
 * @see https://istio.io/latest/docs/tasks/observability/distributed-tracing/overview/
 */
export function tracersOf(mesh: Mesh): Propagation[] {
  const config = meshConfigOf(mesh);
  const providers = tracingProvidersOf(mesh);
  const defaults = listAt(config, 'defaultProviders', 'tracing');
  const names = [...tracingUsesOf(mesh).map(({ provider }) => provider), ...defaults];
  const used = providers.filter(({ name }) => names.includes(name)).map(({ propagation }) => propagation);
  const legacy = Object.keys(objectAt(config, 'defaultConfig', 'tracing')).flatMap((key) => {
    const known = propagations[legacyTracers[key] ?? key];
    return known && isObject(at(config, 'defaultConfig', 'tracing', key)) ? [known] : [];
  });
  return [...new Set([...used, ...legacy])];
}

/** True when the manifests say how many requests are traced; 1% are otherwise. */
export function setsSampling(mesh: Mesh): boolean {
  const isSet = (value: Json | undefined): boolean => value !== undefined && value !== null;
  const inTelemetry = mesh
    .ofKind('Telemetry', 'telemetry.istio.io')
    .flatMap(({ value }) => listAt(value, 'spec', 'tracing'))
    .some((tracing) => isSet(at(tracing, 'randomSamplingPercentage')));
  return inTelemetry || isSet(at(meshConfigOf(mesh), 'defaultConfig', 'tracing', 'sampling'));
}
