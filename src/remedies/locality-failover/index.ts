import { destinationRulesOf, firstRuleFor } from '../../mesh/destination-rule.ts';
import { isPassedThrough, trafficDistributionOf } from '../../mesh/locality.ts';
import { isSelected, type Mesh } from '../../mesh/mesh.ts';
import { objectAt } from '../../mesh/read.ts';
import type { Resource } from '../../mesh/resource.ts';
import { destinationHost, destinationRulesFor, isWithoutProxy, serviceHost, serviceOf } from '../../mesh/service.ts';
import { facts, has, lastWithout } from '../../mesh/since.ts';
import { surfacesOf } from '../../mesh/surface/surface.ts';
import type { Version } from '../../mesh/version.ts';
import { someOf } from '../mechanisms/wording.ts';
import { type ParameterValues, selection } from '../parameter.ts';
import { defineRemedy, type LegacyStep as Step } from '../remedy.ts';
import { isWholeMilliseconds } from './detection.ts';
import { detects, type Policy, policiesOf } from './policies.ts';
import { isOrderedInMesh, planRule } from './rules.ts';
import { clientsWithoutService, planClients, planServices } from './services.ts';

const parameters = {
  ...selection,
  consecutive5xxErrors: {
    type: 'integer',
    minimum: 1, // 0 would switch the detection off again
    maximum: 4_294_967_295,
    default: 3,
    help: 'errors in a row after which a pod gets no requests for a while; failed connections count too',
  },
  interval: { type: 'duration', default: '30s', help: 'how often ejected pods are looked at' },
  baseEjectionTime: {
    type: 'duration',
    default: '30s',
    help: 'how long a pod gets no requests, times the number of times it happened',
  },
  maxEjectionPercent: {
    type: 'integer',
    minimum: 1, // Istio takes 0 for "not set"
    maximum: 100,
    help: `how many of the pods may get no requests at a time; 10 when not given, which is none of fewer than 10 from Istio ${facts.firstEjectionCounted.since} on`,
  },
} as const;

type Settings = ParameterValues<typeof parameters>;

export default defineRemedy({
  id: 'locality-failover',
  source: 'https://istio.io/latest/docs/reference/config/networking/destination-rule/#LocalityLoadBalancerSetting',
  parameters,

  *plan(mesh, settings, { version, requested }) {
    const odd = (['interval', 'baseEjectionTime'] as const).find((name) => !isWholeMilliseconds(settings[name]));
    if (odd) {
      const message = `${odd} must be above 0, in whole milliseconds: Istio rejects ${settings[odd]}`;
      yield { severity: 'error', outcome: 'refuse', message };
      return;
    }
    const isOrdered = requested && isOrderedInMesh(mesh);
    const isNarrowed = settings.namespaces !== undefined || settings.names !== undefined;
    for (const rule of destinationRulesOf(mesh)) {
      if (!isChosen(mesh, rule, settings)) continue;
      yield* planRule(mesh, rule, settings, { version, requested, isAsked: requested && (isNarrowed || isOrdered) });
    }
    if (!requested) {
      yield* meshOrder(mesh, version);
      if (!has(version, 'localityWithoutService')) yield* unknownClients(mesh);
      return;
    }
    if (isNarrowed) {
      yield* planServices(mesh, settings, version);
      if (!has(version, 'localityWithoutService')) yield* planClients(mesh, settings);
    } else {
      yield* untouched(mesh, version, isOrdered);
      if (!has(version, 'localityWithoutService')) yield* unknownClients(mesh);
    }
  },
});

/** A DestinationRule is chosen by its own name, or by that of its Service. */
function isChosen(mesh: Mesh, rule: Resource, settings: Settings): boolean {
  if (isSelected(rule, settings)) return true;
  const service = serviceOf(mesh, destinationHost(rule) ?? '');
  return service !== undefined && isSelected(service, settings);
}

/** Hosts whose traffic goes everywhere alike because nobody said otherwise: that may be meant. */
function* untouched(mesh: Mesh, version: Version, isOrdered: boolean): Iterable<Step> {
  const rules = isOrdered ? [] : silentRules(mesh, version).map(({ name }) => name);
  const services = mesh.ofKind('Service', '').filter((service) => isPlain(mesh, service, version));
  if (rules.length + services.length === 0) return;
  const parts = [
    ...(rules.length > 0 ? [`DestinationRules without a localityLbSetting (${someOf(rules)})`] : []),
    ...(services.length > 0
      ? [`Services without a DestinationRule (${someOf(services.map(({ name }) => name))})`]
      : []),
  ];
  const message = `Left as they are, with traffic to every zone alike: ${parts.join(' and ')}; choose them by namespaces and names to give them outlierDetection`;
  yield { severity: 'info', outcome: 'keep', message };
}

/** DestinationRules that neither speak of locality nor detect outliers, though they could. */
function silentRules(mesh: Mesh, version: Version): Resource[] {
  return destinationRulesOf(mesh).filter((rule) => {
    const host = destinationHost(rule);
    if (host === undefined || firstRuleFor(mesh, rule) !== rule || !isReached(mesh, host, version)) return false;
    return policiesOf(rule, {}).every((policy: Policy) => policy.wish === 'unset' && !policy.detects);
  });
}

function isReached(mesh: Mesh, host: string, version: Version): boolean {
  if (isPassedThrough(mesh, host, version) || isWithoutProxy(mesh, host)) return false;
  const service = serviceOf(mesh, host);
  return !service || trafficDistributionOf(mesh, service, version) === undefined;
}

function isPlain(mesh: Mesh, service: Resource, version: Version): boolean {
  const host = serviceHost(service);
  if (serviceOf(mesh, host) !== service || !isReached(mesh, host, version)) return false;
  const { type, selector } = objectAt(service.value, 'spec');
  return type !== 'ExternalName' && selector !== undefined && destinationRulesFor(mesh, host).length === 0;
}

/**
 * A failover order of the mesh config holds only for hosts that detect outliers. Where none of the input does, it does
 * nothing there; where some do, that may be the choice.
 */
function* meshOrder(mesh: Mesh, version: Version): Iterable<Step> {
  if (!isOrderedInMesh(mesh)) return;
  const isNowhere = !destinationRulesOf(mesh).some((rule) => policiesOf(rule, {}).some(({ value }) => detects(value)));
  const silent = silentRules(mesh, version).map(({ name }) => name);
  if (silent.length === 0) return;
  const surface = surfacesOf(mesh).find(({ meshConfig }) => meshConfig.length > 0);
  const message = `The failover order of the mesh's localityLbSetting holds only for hosts with outlierDetection, which DestinationRules ${someOf(silent)} do not have; meshmend rewrite --locality-failover adds it`;
  yield {
    severity: isNowhere ? 'warning' : 'info',
    outcome: 'advise',
    message,
    ...(surface ? { resource: surface.resource } : {}),
  };
}

/** Only where the manifests want locality at all, and only as a hint: their Services may be elsewhere. */
function* unknownClients(mesh: Mesh): Iterable<Step> {
  const isUsed =
    isOrderedInMesh(mesh) ||
    destinationRulesOf(mesh).some((rule) => policiesOf(rule, {}).some(({ wish }) => !['unset', 'off'].includes(wish)));
  const clients = isUsed ? clientsWithoutService(mesh).map(({ resource }) => resource.name) : [];
  if (clients.length === 0) return;
  const message = `Up to Istio ${lastWithout('localityWithoutService')} istiod learns a client's zone from a Service with a port that selects its pods, and none in the input selects those of ${someOf(clients)}; name them by names to add one, or upgrade to 1.20`;
  yield { severity: 'info', outcome: 'advise', message };
}
