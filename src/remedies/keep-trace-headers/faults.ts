import { facts, firstWithout } from '../../mesh/since.ts';
import { type Propagation, requestId } from '../../mesh/tracing.ts';
import { caveat, defineFaults, info, note, unsure, warning } from '../fault.ts';
import type { HeaderPlace, Loss } from './header-rules.ts';

/** A `headers` of a VirtualService that loses trace headers. */
export interface Losing {
  readonly place: HeaderPlace;
  readonly losses: readonly Loss[];
}

/** Something else that removes trace headers: "This patch" of an EnvoyFilter, "A filter of this rule" of an HTTPRoute. */
export interface Remover {
  readonly subject: string;
  readonly headers: readonly string[];
}

/** The headers that applications must copy. */
export interface Forwarding {
  /** Tracers that the manifests name. */
  readonly tracers: readonly Propagation[];
  readonly headers: readonly string[];
  /** True when the manifests say how many requests are traced. */
  readonly setsSampling: boolean;
}

export const traceFault = defineFaults({
  'lost-trace-headers': warning<Losing>(({ losses }) => lossOf(losses)),
  'lost-at-gateway': caveat<Losing>(
    ({ losses }) =>
      `${lossOf(losses)}. Only gateways use this rule, so traces of external clients then continue inside`,
  ),
  'lost-by-filter': warning(removalOf),
  'lost-by-gateway-filter': unsure(removalOf),
  'lost-outside': note<Losing>(
    ({ losses }) => `${namesOf(losses)} is removed where requests leave the mesh, and hosts outside need not see it`,
  ),
  'written-sampling': note(
    (header: string) => `${header} is written here and stays, because it selects what is traced`,
  ),
  'computed-header': note(
    (header: string) =>
      `${header} is written here and stays, because its value is computed for each request. It must always be a valid one`,
  ),
  'unknown-provider': warning(
    ({ provider, known }: { provider: string; known: readonly string[] }) =>
      `\`extensionProviders\` of the mesh config has no ${provider}, so Istio sends no spans for it. Add it, or use one that is defined${known.length > 0 ? ` (${known.join(', ')})` : ''}`,
  ),
  'no-default-tracer': warning(
    `\`enableTracing: true\` sends no spans: since ${firstWithout('defaultZipkin')} there is no default tracer (up to ${facts.defaultZipkin.until} it was \`zipkin.istio-system\`). Define one in \`extensionProviders\` of the mesh config, and name it in a Telemetry resource in the root namespace`,
  ),
  'headers-to-forward': info(forwardingOf),
  'headers-to-forward-if-traced': unsure(forwardingOf),
});

function lossOf(losses: readonly Loss[]): string {
  const removed = namesOf(losses.filter(({ operation }) => operation === 'remove'));
  const written = namesOf(losses.filter(({ operation }) => operation !== 'remove'));
  const parts = [
    ...(removed === '' ? [] : [`lose ${removed}`]),
    ...(written === '' ? [] : [`all get the same ${written}`]),
  ];
  return `Requests ${parts.join(' and ')} here, so the application does not continue the trace of its client`;
}

function removalOf({ subject, headers }: Remover): string {
  return `${subject} removes ${headers.join(', ')} from requests, so the application does not continue the trace of its client. Do not remove trace headers there`;
}

/** The names of the lost headers, each once. */
export function namesOf(losses: readonly Loss[]): string {
  return [...new Set(losses.map(({ header }) => header))].join(', ');
}

function forwardingOf({ tracers, headers, setsSampling }: Forwarding): string {
  const known = tracers.length === 0 ? '' : ` for ${tracers.map(({ tracer }) => tracer).join(' and ')}`;
  const sampling = setsSampling ? '' : '. By default Istio traces 1% of the requests';
  return `Applications must copy these headers from each request to the requests that they send for it${known}: ${[...new Set([requestId, ...headers])].join(', ')}. Manifests do not show whether they do${sampling}`;
}
