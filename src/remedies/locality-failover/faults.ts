import type { Resource } from '../../mesh/resource.ts';
import { facts, firstWithout, has, lastWithout } from '../../mesh/since.ts';
import type { Version } from '../../mesh/version.ts';
import type { PodTemplate } from '../../mesh/workload.ts';
import { caveat, choice, defineFaults, error, info, note, refusal, warning } from '../fault.ts';
import { literalHost } from '../mechanisms/literal-host.ts';
import { someOf } from '../mechanisms/wording.ts';
import type { Policy } from './policies.ts';

/** A level of a DestinationRule that is to have outlier detection. */
export interface Undetected {
  readonly rule: Resource;
  readonly policy: Policy;
  /** True for the first of its rule, whose fix names the side effects. */
  readonly isFirst: boolean;
}

const here = ({ name }: Policy): string => (name === undefined ? '' : `${name}: `);

export const localityFault = defineFaults({
  'ignored-failover': warning(({ policy }: Undetected) =>
    policy.cutOff === undefined
      ? `${here(policy)}\`localityLbSetting\` is ignored without \`outlierDetection\`, so traffic goes to every zone alike`
      : `${here(policy)}\`localityLbSetting\` is ignored on port ${policy.cutOff}, whose own settings replace the \`outlierDetection\` above`,
  ),
  'replaced-failover': warning(
    ({ policy }: Undetected) =>
      `${policy.name} has settings of its own, which replace all of the level above, including its failover`,
  ),
  'every-zone': choice(
    (where: Undetected | Resource) =>
      `${'policy' in where ? here(where.policy) : ''}Traffic goes to every zone alike, because nothing sets \`outlierDetection\` here`,
  ),
  'ignored-mesh-order': warning(
    (rules: readonly string[]) =>
      `The failover order of the mesh's \`localityLbSetting\` applies only to hosts with \`outlierDetection\`, which DestinationRules ${someOf(rules)} do not have. \`meshmend rewrite --locality-failover\` adds it`,
  ),
  'unknown-zone': info(
    (clients: readonly PodTemplate[]) =>
      `No Service with a port selects the pods of ${someOf(clients.map(({ resource }) => resource.name))}, so istiod does not know their zone (Istio ${lastWithout('localityWithoutService')} and older). Add one by \`locality-failover.names\`, or upgrade to ${facts.localityWithoutService.since}`,
  ),
  'distribute-and-failover': error(
    'Istio rejects `distribute` and `failover` in one `localityLbSetting`. Keep one of them: weights never fail over to another order',
  ),
  'failover-and-topology': error(
    (label: string) =>
      `Istio ${facts.failoverBesideTopologyRejected.since} and later rejects \`failover\` beside ${label} in \`failoverPriority\`. Keep one of them: both set the order of localities`,
  ),
  'invalid-weights': error((problem: string) => problem),
  'invalid-region': error((problem: string) => problem),
  'ignored-consecutive-errors': warning(
    (errors: number) =>
      `\`consecutiveErrors: ${errors}\` is ignored since Istio ${firstWithout('consecutiveErrors')}, so pods are ejected after Envoy's default of 5 errors. Write \`consecutiveGatewayErrors: ${errors}\`, which has the old meaning, or \`consecutive5xxErrors\``,
  ),
  'older-rule': warning(
    (older: string) =>
      `DestinationRule ${older} is for the same host in the same namespace, and only the top level of the older of the two counts, so this \`localityLbSetting\` is dropped. Put it into one`,
  ),
  'literal-host': literalHost,
  ambient: warning(
    ({ host, version }: { host: string; version: Version }) =>
      `No proxy applies a DestinationRule to ${host}: its namespace is in ambient mode and it has no waypoint. Set \`trafficDistribution: ${has(version, 'trafficDistributionByZone') ? 'PreferSameZone' : 'PreferClose'}\` of the Service, which ztunnel follows`,
  ),
  headless: caveat(
    ({ host, isBalanced }: { host: string; isBalanced: boolean }) =>
      `${host} is headless, so sidecars use the pod IP that the client resolved, and neither locality nor outlier detection has an effect. ${isBalanced ? '`balance-headless` gives it a ClusterIP' : 'Have clients call a Service with a ClusterIP for its pods'}`,
  ),
  'not-balanced': caveat(
    (host: string) =>
      `${host} has \`resolution: NONE\`, so connections go to the address that the client asks for, and no proxy chooses by locality`,
  ),
  'hides-failover': caveat(
    ({ clients, hidden }: { clients: string; hidden: string }) =>
      `Clients in namespace ${clients} use this DestinationRule instead of ${hidden}, so its failover does not apply to them. Repeat \`outlierDetection\` and \`localityLbSetting\` here`,
  ),
  'only-for-some-clients': caveat(
    ({ host, namespaces, own }: { host: string; namespaces: string; own: string }) =>
      `Only clients in namespace ${namespaces} have a DestinationRule for ${host}. Those elsewhere need one in ${own}, the Service's own namespace`,
  ),
  'governed-host': caveat(
    ({ host, rule, ruleHost }: { host: string; rule: string; ruleHost: string | undefined }) =>
      `DestinationRule ${rule} (host ${ruleHost}) governs ${host}, and a new one would replace all of its traffic policy. Choose that one by \`namespaces\` and \`names\`, or write one for ${host} by hand`,
  ),
  'invalid-duration': refusal(
    ({ name, value }: { name: string; value: string }) =>
      `\`${name}\` must be greater than 0, in whole milliseconds; Istio rejects ${value}`,
  ),
  'near-already': note(
    ({ service, distribution }: { service: Resource; distribution: string }) =>
      `\`${distribution}\` of Service ${service.name} keeps its traffic near without \`outlierDetection\` (Istio ${facts.trafficDistribution.since} and later)`,
  ),
  'explicit-off': note('`enabled: false` switches locality load balancing off here, which stays'),
  'explicit-weights': note('`distribute` sets weights, which work without `outlierDetection`'),
  'unselected-hosts': note(
    ({ rules, services }: { rules: readonly string[]; services: readonly string[] }) =>
      `Traffic goes to every zone alike for ${[
        ...(rules.length > 0 ? [`DestinationRules without a \`localityLbSetting\` (${someOf(rules)})`] : []),
        ...(services.length > 0 ? [`Services without a DestinationRule (${someOf(services)})`] : []),
      ].join(' and ')}. Choose them by \`namespaces\` and \`names\` to give them \`outlierDetection\``,
  ),
  'short-lived-client': note(
    ({ kind }: Resource) =>
      `Pods of a ${kind} run once and end, so it gets no Service, and istiod does not know their zone (Istio ${lastWithout('localityWithoutService')} and older)`,
  ),
});
