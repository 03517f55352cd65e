import { isObject } from '../../manifest/node.ts';
import { destinationRuleNamed, isForAllClients } from '../../mesh/destination-rule.ts';
import { isPassedThrough, trafficDistributionOf } from '../../mesh/locality.ts';
import { at, listAt, stringAt } from '../../mesh/read.ts';
import { namespaceOf, type Resource } from '../../mesh/resource.ts';
import { destinationHost, destinationRulesFor, isWithoutProxy, serviceHost, serviceOf } from '../../mesh/service.ts';
import { advise, emit, type Step } from '../../step.ts';
import { forService } from '../mechanisms/for-service.ts';
import { unusedPort } from './clients.ts';
import { detectionText, isOffInMesh, outlierDetection, sideEffects } from './detection.ts';
import { localityFault } from './faults.ts';
import type { LocalityTarget } from './parameters.ts';

/** Finds Services that the user may have chosen and that have no DestinationRule for all clients. */
export function* findInServices(target: LocalityTarget) {
  const { mesh } = target;
  for (const service of mesh.ofKind('Service', '')) {
    const isVariant = serviceOf(mesh, serviceHost(service)) !== service; // of one that came before
    if (!isVariant && canBalance(service)) yield* findInService(service, target);
  }
}

/** Not for a name outside, nor for what `addService` adds for a client, which nobody calls. */
function canBalance({ value }: Resource): boolean {
  const ports = listAt(value, 'spec', 'ports');
  return stringAt(value, 'spec', 'type') !== 'ExternalName' && ports.some((port) => at(port, 'name') !== unusedPort);
}

function* findInService(service: Resource, { mesh, version }: LocalityTarget) {
  const where = { resource: service, reported: 'when asked' } as const;
  const host = serviceHost(service);
  const rules = destinationRulesFor(mesh, host);
  const own = rules.filter((rule) => destinationHost(rule) === host);
  const forAll = rules.filter((rule) => isForAllClients(mesh, rule, namespaceOf(service)));
  if (own.some((rule) => forAll.includes(rule))) return; // found with the DestinationRules
  if (own.length > 0) {
    const namespaces = [...new Set(own.map(namespaceOf))].join(', ');
    yield localityFault('only-for-some-clients', where, { host, namespaces, own: namespaceOf(service) });
    return;
  }
  const covering = forAll.find((rule) => isObject(at(rule.value, 'spec', 'trafficPolicy')));
  const distribution = trafficDistributionOf(mesh, service, version);
  if (covering) {
    const data = { host, rule: covering.name, ruleHost: destinationHost(covering) };
    yield localityFault('governed-host', where, data);
  } else if (isPassedThrough(mesh, host, version)) yield localityFault('headless', where, { host, isBalanced: false });
  else if (isWithoutProxy(mesh, host)) yield localityFault('ambient', where, { host, version });
  else if (distribution) yield localityFault('near-already', where, { service, distribution });
  else yield localityFault('every-zone', where, service);
}

/** Adds a DestinationRule with outlier detection. */
export function addRule(service: Resource, { mesh, version, parameters }: LocalityTarget): Step {
  const name = `${service.name}-locality`;
  if (destinationRuleNamed(mesh, namespaceOf(service), name))
    return advise(`A DestinationRule ${name} exists already, for another host, so none is added`, {
      severity: 'warning',
    });
  const switchOn = isOffInMesh(mesh);
  const on = switchOn ? ' and `localityLbSetting` switched on, because the mesh has it off' : '';
  const effects = sideEffects(mesh, service, parameters, version);
  return emit(`add DestinationRule ${name} with ${detectionText(parameters)}${on}${effects}`, {
    template: 'locality-failover/destination-rule',
    values: {
      ...forService(service, name, version),
      switchOn,
      outlierDetection: outlierDetection(parameters),
    },
  });
}
