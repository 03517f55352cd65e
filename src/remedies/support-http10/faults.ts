import type { Json } from '../../manifest/node.ts';
import type { Resource } from '../../mesh/resource.ts';
import type { ServicePort } from '../../mesh/service.ts';
import { facts } from '../../mesh/since.ts';
import type { PodTemplate } from '../../mesh/workload.ts';
import type { Patch } from '../../step.ts';
import { caveat, choice, defineFaults, type FaultKind, refusal, unsure, warning } from '../fault.ts';
import { unreachedFaults } from '../mechanisms/audience.ts';
import { clashNote, type MissingHttp10Filter } from '../mechanisms/http10-filter.ts';
import { unreadableProxyConfig } from '../mechanisms/proxy-config.ts';
import { type Unquoted, unquotedValue } from '../mechanisms/unquoted.ts';
import { titleOf } from '../mechanisms/wording.ts';

export const http10Variable = 'PILOT_HTTP10';
export const http10Metadata = 'ISTIO_META_HTTP10';

/** A workload whose metadata does not switch HTTP/1.0 on, and the edit that does. */
export interface Http10Off {
  readonly workload: PodTemplate;
  readonly patch: Patch;
}

/** A value of `PILOT_HTTP10` without quotes, and the edit that quotes it. */
export interface UnquotedSwitch extends Unquoted {
  readonly patch: Patch;
}

const unquotedSwitch: FaultKind<UnquotedSwitch> = unquotedValue;

export const http10Fault = defineFaults({
  'http10-refused': choice<{ readonly of: Http10Off | 'mesh' }>(
    'Proxies answer HTTP/1.0 requests with 426 Upgrade Required',
  ),
  'ignored-metadata': warning(
    ({ workload, value }: Http10Off & { value: Json }) =>
      `\`${http10Metadata}: ${JSON.stringify(value)}\` of ${titleOf(workload.resource)} is ignored: only the string "1" switches HTTP/1.0 on`,
  ),
  'unquoted-switch': unquotedSwitch,
  'header-case-clash': warning<MissingHttp10Filter>(`${clashNote}. Upgrade if you can`),
  'no-default-host': caveat<MissingHttp10Filter>('HTTP/1.0 requests without a Host header get 400 Bad Request'),
  'nginx-upstream': warning(
    'nginx speaks HTTP/1.0 to its upstreams here, and proxies answer that with 426 by default. Add `proxy_http_version 1.1;`, which also keeps connections alive',
  ),
  'undetected-port': unsure(
    ({ service, port }: { service: Resource; port: ServicePort }) =>
      `Port ${port.number} of Service ${service.name} declares no protocol, so HTTP/1.0 on it passes as opaque TCP without routing or retries (Istio ${facts.http10DetectedBySwitch.since} and later detect it only where istiod has \`${http10Variable}\`). Set \`appProtocol: http\``,
  ),
  'narrowed-mesh': refusal(
    '`namespaces` and `names` choose workloads, but `scope: mesh` reaches every proxy. Use `scope: workload`, or leave them out',
  ),
  'no-such-workload': caveat('The input has no workload of the chosen `namespaces` and `names`'),
  'unreadable-annotation': unreadableProxyConfig,
  ...unreachedFaults({
    ambient: ', so it has no sidecar to set: ztunnel passes HTTP/1.0 through, and a waypoint follows `scope: mesh`',
    withoutSidecar: ', so there is nothing to set',
  }),
});
