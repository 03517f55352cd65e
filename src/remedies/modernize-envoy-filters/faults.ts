import type { Operation } from '../../manifest/operation.ts';
import { facts, firstWithout, lastWithout } from '../../mesh/since.ts';
import { type Advise, advise, type Change, edit } from '../../step.ts';
import { choice, defineFaults, error, type Fault, type FaultOf, unsure, warning } from '../fault.ts';

/** What a fault of a patch carries: how it is fixed, or what people have to do. */
export interface Fixable {
  readonly repair?: Repair | undefined;
  /** A sentence without its final stop, where nothing can be edited. */
  readonly advice?: string | undefined;
  /** Why the repair is not made, as a sentence without its final stop: the patch has a fault without one. */
  readonly blocked?: string;
}

export interface Repair {
  /** In the imperative: "rename it to X". */
  readonly fix: string;
  readonly operations: readonly Operation[];
}

interface Named extends Fixable {
  /** A filter, type, field or value, as written. */
  readonly name: string;
}

/** A word of the EnvoyFilter API that the target version does not know. */
interface UnknownWord {
  readonly word: string;
  /** A clause: "which no Istio version knows". */
  readonly why: string;
}

function withAdvice(problem: string, { advice, repair }: Fixable): string {
  return advice === undefined || repair ? problem : `${problem}. ${advice}`;
}

const rejected = 'so the EnvoyFilter is rejected';
const noEffect = 'so the patch has no effect';

/** The resource as a whole. */
const wholeKinds = {
  'wrong-api-version': error(
    (apiVersion: string) => `EnvoyFilter is only served as networking.istio.io/v1alpha3, not as ${apiVersion}`,
  ),
  'old-filters-list': warning(
    '`spec.filters` is the form before Istio 1.3, and is ignored since 1.6. Write `configPatches`',
  ),
  'old-workload-labels': warning(
    '`spec.workloadLabels` is ignored since Istio 1.6, so this EnvoyFilter applies to its whole namespace. Write `workloadSelector.labels`',
  ),
  'patches-not-a-list': error(`\`spec.configPatches\` is not a list, ${rejected}`),
  'patch-not-a-mapping': error(`This item of \`spec.configPatches\` is not a mapping, ${rejected}`),
  'invalid-priority': error((priority: string) => `Priority ${priority} is not a whole number, ${rejected}`),
  'wildcard-selector': error(`The \`workloadSelector\` contains a wildcard, ${rejected}`),
  'empty-selector': warning(
    'The `workloadSelector` has no labels, so it selects every workload. Remove it if that is intended',
  ),
  'selector-and-target-refs': error(`Both \`workloadSelector\` and \`targetRefs\` are set, ${rejected}`),
} as const;

/** What the API server or the webhook rejects in a patch. */
export const rejectionKinds = {
  'unknown-apply-to': error(({ word, why }: UnknownWord) => `\`applyTo: ${word}\`, ${why}, ${rejected}`),
  'unknown-operation': error(({ word, why }: UnknownWord) => `\`operation: ${word}\`, ${why}, ${rejected}`),
  'unknown-context': error(({ word, why }: UnknownWord) => `\`context: ${word}\`, ${why}, ${rejected}`),
  'missing-apply-to': error(`This patch has no \`applyTo\`, ${rejected}`),
  'missing-operation': error(`This patch has no \`operation\`, ${rejected}`),
  'missing-value': error(
    (operation: string) => `This patch has \`operation: ${operation}\` but no \`value\` that is a mapping, ${rejected}`,
  ),
  'foreign-match': error(
    ({ applyTo, match }: { applyTo: string; match: string }) =>
      `A patch of ${applyTo} cannot match by \`${match}\`, ${rejected}`,
  ),
  'nameless-filter': error(`The \`filter\` of this match has no name, ${rejected}`),
  'nameless-sub-filter': error(`The \`subFilter\` of this match has no name, ${rejected}`),
  'misplaced-sub-filter': error(
    (applyTo: string) => `\`subFilter\` is only for HTTP_FILTER, not for ${applyTo}, ${rejected}`,
  ),
  'foreign-sub-filter': error(
    (filter: string) => `Only the HTTP connection manager has a \`subFilter\`, not ${filter}, ${rejected}`,
  ),
  'invalid-proxy-version': error(
    (expression: string) => `\`proxyVersion: ${expression}\` is not a regular expression of Go, ${rejected}`,
  ),
} as const;

/** Types of settings that the target version does not know, and settings without a type. */
const typeKinds = {
  'v2-type': error((data: Named & { isRejected: boolean }) =>
    withAdvice(
      data.isRejected
        ? `Type ${data.name} belongs to API v2, which Istio ${firstWithout('v2Types')} and later reject with the whole EnvoyFilter`
        : `Type ${data.name} belongs to API v2, which Envoy does not have since Istio ${firstWithout('v2InEnvoy')}, so proxies reject what they receive`,
      data,
    ),
  ),
  'lapsing-v2-type': choice((data: Named) =>
    withAdvice(`Type ${data.name} belongs to API v2, which Istio ${firstWithout('v2Types')} and later reject`, data),
  ),
  'early-v3-type': warning((data: Named) =>
    withAdvice(`Istio ${lastWithout('v3Types')} only merges types of API v2, not ${data.name}`, data),
  ),
  'unknown-type': error((data: Named & { why: string }) =>
    withAdvice(`Type ${data.name}, ${data.why}, ${rejected}`, data),
  ),
  'wrong-message': error((data: Named) =>
    withAdvice(
      `Type ${data.name} is not the configuration of this filter: it is rejected by istiod or by proxies`,
      data,
    ),
  ),
  'missing-type': error((data: Named) =>
    withAdvice(`The settings under \`${data.name}\` have no \`@type\`, ${rejected}`, data),
  ),
  'untyped-config': warning((data: Fixable & { isRejected: boolean }) =>
    withAdvice(
      `\`config\` is silently dropped since Istio ${facts.v3Types.since}${data.isRejected ? ', and proxies reject what has no type' : ''}`,
      data,
    ),
  ),
  'removed-field': warning(({ name, advice }: { name: string; advice: string }) => {
    return `\`${name}\` is a field of API v2, which is silently dropped since Istio ${facts.v3Types.since}. ${advice}`;
  }),
  'gone-type': error(
    (name: string) =>
      `Envoy has no type ${name} since Istio ${firstWithout('gzipFilter')}, so proxies reject the listener. Insert envoy.filters.http.compressor with a \`compressor_library\` of gzip`,
  ),
  'missing-setting': error(
    ({ name, fields }: { name: string; fields: string }) =>
      `${name} is without ${fields}, so proxies reject the listener`,
  ),
  'header-limit-out-of-range': error(
    ({ kib, largest }: { kib: number; largest: number }) =>
      `\`max_request_headers_kb: ${kib}\` is not between 1 and ${largest}, so proxies reject the listener`,
  ),
  'unproven-type': unsure(
    (name: string) =>
      `Not each build of the proxy has type ${name}. Make sure that yours does before you change this patch`,
  ),
  'missing-transport-version': error(
    (name: string) =>
      `\`${name}\` calls a gRPC server without \`transport_api_version\`, so proxies of Istio ${facts.transportVersionAsked.since} to ${facts.transportVersionAsked.until} reject it. Set it to V3 if the server supports that`,
  ),
  'name-without-type': error((data: Named) =>
    withAdvice(
      `${data.name} has no \`typed_config\`: since Istio ${firstWithout('filtersByNameAlone')} proxies find no filter by its name alone, and reject the listener`,
      data,
    ),
  ),
} as const;

/** Names of filters. */
const nameKinds = {
  'old-filter-name': warning(
    ({ name, when }: Named & { when: string }) => `Filter name ${name} does not exist ${when}, ${noEffect}`,
  ),
  'lapsing-filter-name': choice(
    ({ name }: Named) =>
      `Filter name ${name} is the old one, which matches nothing since Istio ${firstWithout('oldFilterNames')}`,
  ),
  'unproven-filter-name': choice((data: Named) =>
    withAdvice(`istiod does not generate a filter ${data.name}, and no EnvoyFilter of the input inserts one`, data),
  ),
  'no-common-filter-name': warning((data: Named & { versions: string }) =>
    withAdvice(`No single name of the filter ${data.name} works for Istio ${data.versions}`, data),
  ),
  'old-given-name': warning(
    ({ name }: Named) =>
      `The merge renames the filter to its old name ${name}, so other patches no longer find it since Istio ${firstWithout('oldFilterNames')}`,
  ),
  'lapsing-given-name': choice(
    ({ name }: Named) =>
      `The merge gives the filter its old name ${name}, which renames it since Istio ${firstWithout('oldFilterNames')}`,
  ),
  'gone-filter': warning(
    ({ name, since }: { name: string; since: string }) =>
      `Filter ${name} does not exist since Istio ${since}, ${noEffect}. Choose another filter as the position, such as envoy.filters.http.router`,
  ),
} as const;

/** Options of clusters, which a merge replaces as a whole. */
const clusterKinds = {
  'auto-config-without-alpn': error(({ isSure }: { isSure: boolean }) =>
    isSure
      ? '`auto_config` needs clusters whose TLS negotiates ALPN, and this patch also applies to clusters without TLS, so proxies reject them. Use `explicit_http_config` or `use_downstream_protocol_config`'
      : '`auto_config` needs clusters whose TLS negotiates ALPN, else proxies reject them. Make sure that a DestinationRule starts TLS for this one',
  ),
  'http1-for-http2': warning(
    ({ service, port }: { service: string; port: number }) =>
      `This patch makes port ${port} of Service ${service}, which is HTTP/2 or gRPC, HTTP/1. Limit it by \`match.cluster.service\` and \`portNumber\``,
  ),
  'http2-for-http1': warning(
    ({ service, port }: { service: string; port: number }) =>
      `This patch makes gateways send HTTP/2 to port ${port} of Service ${service}, which is HTTP/1, when a client uses HTTP/2. Use \`explicit_http_config\` for HTTP/1 ports`,
  ),
  'dropped-pool-options': warning(
    ({ rule, options }: { rule: string; options: string }) =>
      `Merging replaces the whole \`HttpProtocolOptions\`, so ${options} of DestinationRule ${rule} no longer counts. Repeat it in the patch`,
  ),
} as const;

/** What istiod accepts and ignores. */
const ignoredKinds = {
  'ignored-operation': warning(
    ({ operation, applyTo, advice }: { operation: string; applyTo: string; advice: string }) =>
      `\`operation: ${operation}\` has no effect for ${applyTo}. ${advice}`,
  ),
  'operation-without-filter': warning(
    ({ operation, field, removesAll }: { operation: string; field: string; removesAll: boolean }) =>
      removesAll
        ? `\`operation: ${operation}\` without \`${field}\` removes every filter there, and nothing since Istio ${firstWithout('removalWithoutName')}`
        : `\`operation: ${operation}\` without \`${field}\` finds no filter, ${noEffect}`,
  ),
  'ignored-filter-match': warning(
    ({ name, applyTo }: { name: string; applyTo: string }) =>
      `The match by filter ${name} has no effect for ${applyTo}, so the patch applies to more than intended`,
  ),
  'http-filter-elsewhere': warning(
    (name: string) =>
      `Only the HTTP connection manager has HTTP filters, not ${name}, ${noEffect}. The name of an HTTP filter belongs under \`subFilter\``,
  ),
  'ignored-port-name': warning(
    'istiod ignores `listener.portName`, so the patch also applies to listeners of other ports. Use `portNumber`',
  ),
  'early-transport-socket': warning(
    (versions: string) =>
      `\`filterChain.transportSocket\` exists since Istio ${facts.transportSocketMatch.since} and is ignored by ${versions}, so the patch also applies to filter chains with other transport sockets`,
  ),
  'service-port': warning(
    ({ port, target, service }: { port: number; target: string; service: string }) =>
      `Listeners of the workload have the target port ${target} of Service ${service}, not ${port}, ${noEffect}. Use \`portNumber: ${target}\``,
  ),
  'http-server-by-name': warning(
    (field: string) =>
      `\`routeConfiguration.${field}\` never matches an HTTP server of a Gateway, whose routes are named by port alone, ${noEffect}. Match by \`portNumber\` or \`name: http.PORT\``,
  ),
  'old-filter-key': warning((data: Named) =>
    withAdvice(`\`typed_per_filter_config\` has settings for ${data.name}, and no filter has this name`, data),
  ),
  'short-service': warning((data: Named) =>
    withAdvice(`istiod compares whole hosts, so service ${data.name} matches no cluster`, data),
  ),
} as const;

/** The order of filters, and versions of proxies. */
const orderKinds = {
  'behind-last-filter': error((data: Fixable & { operation: string; last: string }) =>
    withAdvice(
      `\`operation: ${data.operation}\` puts a filter behind ${data.last}, so proxies reject the listener`,
      data,
    ),
  ),
  'removed-router': error(
    'Removing the router leaves the HTTP filters without their last one, so proxies reject the listener. Insert another router, or delete the patch',
  ),
  'second-router': error(
    'The HTTP filters have a router already, which must be the last, so proxies reject the listener',
  ),
  'merged-behind-router': error(
    (list: string) =>
      `Merging \`${list}\` puts these filters behind the router, which must be the last, so proxies reject the listener. Insert them by patches of HTTP_FILTER`,
  ),
  'inserted-for-other-versions': warning(
    ({ name, by }: Inserted) =>
      `EnvoyFilter ${by} inserts filter ${name} only for other versions of proxies, ${noEffect}`,
  ),
  'inserted-later': warning(
    ({ name, by, advice }: Inserted) => `EnvoyFilter ${by} inserts filter ${name} later, ${noEffect}. ${advice}`,
  ),
  'inserted-by-age': choice(
    ({ name, by, advice }: Inserted) =>
      `EnvoyFilter ${by} inserts filter ${name}, and this patch only finds it if that is the older resource. ${advice}`,
  ),
  'past-proxies': choice(
    ({ expression, minor, versions }: Expression) =>
      `\`proxyVersion: ${expression}\` is for proxies of Istio 1.${minor}, and ${versions} has none. Delete the patch once they are gone`,
  ),
  'loose-proxy-version': choice(
    ({ expression, minor, versions }: Expression) =>
      `\`proxyVersion: ${expression}\` reads as Istio 1.${minor} and also matches ${versions}. \`^1\\.${minor}\\.\` matches that version only`,
  ),
} as const;

interface Inserted {
  readonly name: string;
  /** Names of EnvoyFilters. */
  readonly by: string;
  readonly advice: string;
}

interface Expression {
  readonly expression: string;
  readonly minor: number;
  readonly versions: string;
}

export const filterFault = defineFaults({
  ...wholeKinds,
  ...rejectionKinds,
  ...typeKinds,
  ...nameKinds,
  ...clusterKinds,
  ...ignoredKinds,
  ...orderKinds,
});

export type FilterFault = FaultOf<typeof filterFault.kinds>;

/** The edit that a fault of a patch carries, unless the patch cannot be fixed as a whole. */
export function repaired({ data: { repair, blocked }, resource }: Fault<string, Fixable>): Change | Advise | undefined {
  if (!repair || !resource) return undefined;
  return blocked === undefined ? edit(repair.fix, { resource, operations: repair.operations }) : advise(blocked);
}
