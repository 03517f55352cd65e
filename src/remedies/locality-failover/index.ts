import { destinationRulesOf, firstRuleFor } from '../../mesh/destination-rule.ts';
import { isPassedThrough, trafficDistributionOf } from '../../mesh/locality.ts';
import { isSelected, type Mesh } from '../../mesh/mesh.ts';
import { objectAt } from '../../mesh/read.ts';
import type { Resource } from '../../mesh/resource.ts';
import { destinationHost, destinationRulesFor, isWithoutProxy, serviceHost, serviceOf } from '../../mesh/service.ts';
import { has } from '../../mesh/since.ts';
import { surfacesOf } from '../../mesh/surface/surface.ts';
import type { Version } from '../../mesh/version.ts';
import { defineRemedy } from '../remedy.ts';
import { addService, clientsWithoutService, findNamedClients } from './clients.ts';
import { isWholeMilliseconds } from './detection.ts';
import { localityFault } from './faults.ts';
import { isNarrowed, type LocalityTarget, parameters } from './parameters.ts';
import { detects, policiesOf } from './policies.ts';
import { detect, findInRule, isOrderedInMesh } from './rules.ts';
import { addRule, findInServices } from './services.ts';

export default defineRemedy({
  id: 'locality-failover',
  source: 'https://istio.io/latest/docs/reference/config/networking/destination-rule/#LocalityLoadBalancerSetting',
  parameters,
  faults: localityFault,

  *find(target) {
    const { mesh, version, parameters } = target;
    const name = (['interval', 'baseEjectionTime'] as const).find((each) => !isWholeMilliseconds(parameters[each]));
    if (name) {
      yield localityFault('invalid-duration', {}, { name, value: parameters[name] });
      return;
    }
    for (const rule of destinationRulesOf(mesh)) if (isChosen(rule, target)) yield* findInRule(rule, target);
    yield* findIgnoredOrder(mesh, version);
    yield* isNarrowed(target) ? findInServices(target) : findUnselected(mesh, version);
    if (has(version, 'localityWithoutService')) return;
    if (isNarrowed(target)) yield* findNamedClients(target);
    yield* findUnknownClients(target);
  },

  fix: {
    'ignored-failover': ({ data }, target) => detect(data, target),
    'replaced-failover': ({ data }, target) => detect(data, target),
    'every-zone': ({ data }, target) => ('policy' in data ? detect(data, target) : addRule(data, target)),
    'unknown-zone': ({ resource, data: [client] }, target) => {
      // The finding for all of them names no resource, since nobody asked for a Service.
      return resource && client && addService(client, target);
    },
  },
});

/** A DestinationRule is chosen by its own name, or by that of its Service. */
function isChosen(rule: Resource, { mesh, parameters }: LocalityTarget): boolean {
  if (isSelected(rule, parameters)) return true;
  const service = serviceOf(mesh, destinationHost(rule) ?? '');
  return service !== undefined && isSelected(service, parameters);
}

/** Hosts whose traffic goes everywhere alike because nothing else is set: that may be intended. */
function* findUnselected(mesh: Mesh, version: Version) {
  const rules = isOrderedInMesh(mesh) ? [] : silentRules(mesh, version).map(({ name }) => name);
  const plain = mesh.ofKind('Service', '').filter((service) => isPlain(mesh, service, version));
  const services = plain.map(({ name }) => name);
  if (rules.length + services.length > 0) yield localityFault('unselected-hosts', {}, { rules, services });
}

/** DestinationRules that set nothing about locality and do not detect outliers, though they could. */
function silentRules(mesh: Mesh, version: Version): Resource[] {
  return destinationRulesOf(mesh).filter((rule) => {
    const host = destinationHost(rule);
    if (host === undefined || firstRuleFor(mesh, rule) !== rule || !isReached(mesh, host, version)) return false;
    return policiesOf(rule, {}).every((policy) => policy.wish === 'unset' && !policy.detects);
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
 * A failover order of the mesh config applies only to hosts that detect outliers. Where none of the input does, it has no
 * effect there; where some do, the others may be left out on purpose.
 */
function* findIgnoredOrder(mesh: Mesh, version: Version) {
  if (!isOrderedInMesh(mesh)) return;
  const isNowhere = !destinationRulesOf(mesh).some((rule) => policiesOf(rule, {}).some(({ value }) => detects(value)));
  const silent = silentRules(mesh, version).map(({ name }) => name);
  if (silent.length === 0) return;
  const resource = surfacesOf(mesh).find(({ meshConfig }) => meshConfig.length > 0)?.resource;
  const severity = isNowhere ? 'warning' : 'info';
  // Whoever asks for failover gets it for each of these rules.
  const where = { ...(resource && { resource }), narrowedBy: null, severity, reported: 'when diagnosing' } as const;
  yield localityFault('ignored-mesh-order', where, silent);
}

/** Only where the manifests use locality at all, and only as information: their Services may be elsewhere. */
function* findUnknownClients(target: LocalityTarget) {
  const { mesh } = target;
  const isUsed =
    isOrderedInMesh(mesh) ||
    destinationRulesOf(mesh).some((rule) => policiesOf(rule, {}).some(({ wish }) => !['unset', 'off'].includes(wish)));
  const clients = isUsed ? clientsWithoutService(mesh) : [];
  if (clients.length === 0) return;
  yield localityFault('unknown-zone', isNarrowed(target) ? { reported: 'when diagnosing' } : {}, clients);
}
