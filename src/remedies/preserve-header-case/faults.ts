import type { Resource } from '../../mesh/resource.ts';
import { facts, lastWithout } from '../../mesh/since.ts';
import { formatVersion, type Version } from '../../mesh/version.ts';
import type { PodTemplate } from '../../mesh/workload.ts';
import type { Emission, Patch } from '../../step.ts';
import { caveat, choice, defineFaults, error, note, refusal, unsure, warning } from '../fault.ts';
import { ambientWorkloads, noLabels, unreachedFaults } from '../mechanisms/audience.ts';
import { clashNote, type MissingHttp10Filter } from '../mechanisms/http10-filter.ts';
import { unreadableProxyConfig } from '../mechanisms/proxy-config.ts';
import { titleOf } from '../mechanisms/wording.ts';
import type { FilterStyle } from './filters.ts';
import type { NamedHost } from './hosts.ts';

/** The field that preserves the case of header names, in `proxyHeaders` of a proxy config. */
export const caseField = 'preserveHttp1HeaderCase';

/** What preserves the case of header names: the mesh config, one workload's annotation, or an EnvoyFilter. */
export type Lowered =
  | { readonly by: 'mesh-config' }
  | {
      readonly by: 'annotation';
      readonly patch: Patch;
      /** True where the patch repeats mesh-wide `proxyHeaders`, which the annotation replaces. */
      readonly repeats: boolean;
    }
  | {
      readonly by: 'filter';
      readonly emission: Emission;
      /** What the filter is for: `responses of all proxies`. */
      readonly what: string;
    }
  /** Nothing of the default style: the version knows only capitalised words. */
  | { readonly by: 'proper-case' };

/** What makes traffic TCP to proxies. */
export type ReadAsHttp =
  | { readonly service: Resource; readonly patch: Patch }
  | { readonly entry: Resource; readonly patch: Patch }
  | { readonly host: string; readonly port: number; readonly emission: Emission };

/** A filter that sets a format for headers. */
export interface Formatted {
  readonly filter: Resource;
  /** `stateful_formatter` or `proper_case_words`. */
  readonly format: string;
}

/** A filter that changes responses only. */
export interface OneWay extends Formatted {
  /** The style that the rest takes; undefined where nothing of the input needs a filter. */
  readonly style: FilterStyle | undefined;
}

export const caseFault = defineFaults({
  'lower-case': choice<Lowered>(
    'Proxies write HTTP/1 header names in lower case, which some applications do not expect',
  ),
  'read-as-http': choice<ReadAsHttp>('Proxies read this traffic as HTTP, and write its header names in lower case'),
  'one-way-filter': warning(({ filter, format, style }: OneWay) => {
    const problem = `EnvoyFilter ${filter.name} sets \`${format}\` on listeners only, so responses get it and requests still reach servers in lower case`;
    return style === undefined ? `${problem}. ${addServices}` : problem;
  }),
  'unscoped-filter': error(
    ({ name }: Resource) =>
      `EnvoyFilter ${name} makes every cluster HTTP/1, also those of HTTP/2 and gRPC, and drops the connection options of DestinationRules, because merging replaces the whole \`HttpProtocolOptions\`. Limit it by \`match.cluster.service\` and \`portNumber\``,
  ),
  'ignored-field': warning(
    (version: Version) =>
      `\`${caseField}\` is silently ignored before Istio ${facts.nativeHeaderCase.since}, and this is ${formatVersion(version)}`,
  ),
  'lost-field': warning(
    ({ workload }: { workload: PodTemplate; patch: Patch }) =>
      `The annotation of ${titleOf(workload.resource)} sets \`proxyHeaders\`, which replaces those of the mesh, so \`${caseField}\` is lost`,
  ),
  'switched-off': note(
    ({ resource }: PodTemplate) => `The annotation of ${titleOf(resource)} sets \`${caseField}: false\`, which stays`,
  ),
  'other-format': caveat(
    ({ filter, format, wins }: Formatted & { wins: string }) =>
      `EnvoyFilter ${filter.name} sets \`${format}\`, and ${wins}. Delete that part of it`,
  ),
  'superseded-filter': unsure(
    ({ name }: Resource) =>
      `EnvoyFilter ${name} does what \`${caseField}\` does from Istio ${facts.nativeHeaderCase.since}. Delete it once all proxies have restarted`,
  ),
  'upgraded-to-http2': caveat(
    (where: string) =>
      `\`h2UpgradePolicy: UPGRADE\` sends requests over HTTP/2, where names are lower case (until Istio ${lastWithout('nativeHeaderCaseOverUpgrade')} it wins over \`${caseField}\`). Remove it from ${where}`,
  ),
  'upgraded-port': caveat(
    ({ host, port }: { host: string; port: number }) =>
      `\`h2UpgradePolicy: UPGRADE\` sends requests to ${host} port ${port} over HTTP/2, where names are lower case`,
  ),
  'header-case-clash': caveat<MissingHttp10Filter>(`${clashNote}. Upgrade if you can`),
  'unknown-hosts': unsure(
    `Requests to hosts without a Service or ServiceEntry keep lower-case names: \`${caseField}\` reaches those from Istio ${facts.nativeHeaderCaseInPassthrough.since}`,
  ),
  'hosts-ignored': unsure(
    `\`hosts\` has no effect: \`${caseField}\` (Istio ${facts.nativeHeaderCase.since} and later) applies to all HTTP/1 ports of a proxy`,
  ),
  'ambient-workloads': unsure(({ count, isNative }: { count: number; isNative: boolean }) =>
    ambientWorkloads(
      count,
      `: ztunnel leaves headers alone, and their waypoints ${isNative ? 'follow the mesh config' : 'are not reached by these filters'}`,
    ),
  ),
  'missing-hosts': caveat((hosts: readonly string[]) =>
    hosts.length > 0
      ? `The input has no HTTP/1 port of ${hosts.join(', ')}, so requests there keep lower-case names. Add the Services to the PATHs`
      : `Requests keep lower-case names. ${addServices}`,
  ),
  'unknown-target-port': caveat(
    ({ service, port }: { service: Resource; port: number }) =>
      `Port ${port} of Service ${service.name} has a named \`targetPort\`, and no workload in the input shows its number, so the servers' own proxies are not changed. Add the workload to the PATHs`,
  ),
  'no-such-workload': caveat('The input has no workload of the chosen `namespaces` and `names`'),
  'no-such-service': caveat('The input has no Service of the chosen `namespaces` and `names`'),
  ...unreachedFaults({
    ambient: ', so it has no sidecar to set: ztunnel leaves headers alone, and a waypoint follows `scope: mesh`',
    withoutSidecar: ', so there is nothing to set',
  }),
  'no-labels': noLabels,
  'unreadable-annotation': unreadableProxyConfig,
  'narrowed-mesh': refusal(
    '`namespaces` and `names` choose workloads, but `scope: mesh` reaches every proxy. Use `scope: workload`, or leave them out',
  ),
  'cannot-preserve': refusal(
    (version: Version) =>
      `Envoy can preserve header case from Istio ${facts.statefulHeaderFormatter.since}, and this is ${formatVersion(version)}. \`style: proper-case\` capitalises each word at this version`,
  ),
  'too-many-patches': refusal(
    ({ workloads, hosts }: { workloads: number; hosts: number }) =>
      `Each of ${workloads} workloads would need a patch for each of ${hosts} hosts that it may call. Name those that it does call by \`hosts\`, choose fewer workloads, or use \`scope: mesh\``,
  ),
  'nothing-chosen': refusal(
    '`style: tcp` takes HTTP features away from traffic, so it must be chosen: set `hosts`, or `namespaces` and `names` of Services',
  ),
  'ambiguous-host': refusal(
    ({ host, found }: { host: string; found: readonly string[] }) =>
      `Host ${host} may be any of ${found.join(', ')}. Write the one that is meant`,
  ),
  'no-such-host': refusal(
    ({ host }: NamedHost) =>
      `The input has no Service ${host}. Add it to the PATHs, or write the full name of a host outside the mesh`,
  ),
  'no-address': refusal(
    ({ host }: NamedHost) =>
      `A TCP port of ${host} needs addresses: without them it shares a listener with the HTTP traffic of the same port, which stays HTTP, and takes the TCP traffic of other hosts. Set \`hosts\` to [{host: ${host}, addresses: [<IP>]}], or turn on DNS capture in the mesh config`,
  ),
  'shared-entry': refusal(
    ({ host, entry, hosts }: { host: string; entry: Resource; hosts: number }) =>
      `ServiceEntry ${entry.name} has ${hosts} hosts, which Istio allows on TCP ports only with \`resolution: NONE\`. Give ${host} its own ServiceEntry`,
  ),
});

const addServices =
  'A filter for clusters names Services, and the input has none with an HTTP/1 port: add their manifests to the PATHs';
