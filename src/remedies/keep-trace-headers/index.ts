import { isSelected } from '../../mesh/mesh.ts';
import { virtualServicesOf } from '../../mesh/virtual-service.ts';
import { selection } from '../parameter.ts';
import { defineRemedy } from '../remedy.ts';
import { planHeaderRules } from './header-rules.ts';
import { otherRemovals } from './other-removals.ts';
import { applicationAdvice, isTraced, missingProviders, missingTracer } from './tracers.ts';

export default defineRemedy({
  id: 'keep-trace-headers',
  title: 'Traces fall apart into pieces',
  summary:
    'Take out header rules that drop or overwrite trace headers, and say which headers applications must pass on for the tracer in use',
  faq: 'Incomplete Call Tracing Information',
  source: 'https://istio.io/latest/docs/tasks/observability/distributed-tracing/overview/',
  explanation: {
    symptoms: [
      'tracing',
      'trace',
      'traces',
      'incomplete',
      'call tracing',
      'spans',
      'missing spans',
      'no spans',
      'broken traces',
      'Jaeger',
      'Zipkin',
      'OpenTelemetry',
      'SkyWalking',
      'Datadog',
      'traceparent',
      'tracestate',
      'b3',
      'x-b3-traceid',
      'x-b3-spanid',
      'x-b3-sampled',
      'x-request-id',
      'sw8',
      'headers.request.remove',
      'enableTracing',
      'extensionProviders',
      'Telemetry',
      'sampling',
    ],
    symptom:
      'The tracing UI shows a request in pieces: each service starts a trace of its own, and the calls before or after it are missing. Or there are no spans at all.',
    cause:
      'Spans find each other by headers. Istio cannot know which outgoing request belongs to which incoming one, so the application must copy them; and rules that remove or overwrite them undo that.',
    change:
      'Takes trace headers out of `headers.request.remove`, and fixed values for them out of `set` and `add`, in VirtualServices. Rules towards hosts outside the mesh stay. EnvoyFilters and HTTPRoutes that do the same are named, and so are the headers that applications must copy.',
    versions:
      'Since 1.22 there is no default tracer: until 1.21 spans went to `zipkin.istio-system`. Telemetry resources exist since 1.10. OpenTelemetry carries traces in `traceparent` and `tracestate`, Zipkin in B3 headers, from 1.28 in both if asked to (`traceContextOption`).',
    caution:
      'At a gateway the removal may be meant to keep out trace headers of strangers: `diagnose` leaves such rules alone, and so may you, by `namespaces` and `names`. Rules that set sampling flags stay.',
    check:
      'Send a request with a `traceparent` of your own and look for it at the last application: the trace id (the second field) must be the same.',
  },
  parameters: { ...selection },

  *plan(mesh, settings, { version, requested }) {
    for (const virtualService of virtualServicesOf(mesh)) {
      if (isSelected(virtualService, settings)) yield* planHeaderRules(mesh, virtualService, requested);
    }
    yield* otherRemovals(mesh, settings, requested);
    yield* missingProviders(mesh);
    yield* missingTracer(mesh, version);
    if (requested || isTraced(mesh)) yield applicationAdvice(mesh, version);
  },
});
