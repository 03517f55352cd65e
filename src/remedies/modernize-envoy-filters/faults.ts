import type { Operation } from '../../manifest/operation.ts';
import { facts, firstWithout, lastWithout } from '../../mesh/since.ts';
import { type Change, edit } from '../../step.ts';
import { choice, defineFaults, error, type Fault, warning } from '../fault.ts';

/** What a fault of a patch carries: how it is fixed, or what people have to do. */
export interface Fixable {
  readonly repair?: Repair | undefined;
  /** A sentence without its final stop, where nothing can be edited. */
  readonly advice?: string | undefined;
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
const rejectionKinds = {
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
      `\`config\` is silently dropped since Istio ${facts.v3Types.since}${data.isRejected ? ', and proxies reject the filter without a type' : ''}`,
      data,
    ),
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
  ...ignoredKinds,
  ...orderKinds,
});

/** The edit that a fault of a patch carries. */
export function repaired({ data: { repair }, resource }: Fault<string, Fixable>): Change | undefined {
  return repair && resource && edit(repair.fix, { resource, operations: repair.operations });
}
