import { isObject, type JsonObject } from '../../manifest/node.ts';
import { destinationRuleNamed, isForAllClients } from '../../mesh/destination-rule.ts';
import { fqdnOf } from '../../mesh/host.ts';
import { isPassedThrough, trafficDistributionOf } from '../../mesh/locality.ts';
import { isSelected, type Mesh, type Selection } from '../../mesh/mesh.ts';
import { distinctNames, dnsLabel } from '../../mesh/new-name.ts';
import { at, listAt, stringAt } from '../../mesh/read.ts';
import { namespaceOf, type Resource } from '../../mesh/resource.ts';
import {
  destinationHost,
  destinationRulesFor,
  isAmbientNamespace,
  isWithoutProxy,
  serviceHost,
  serviceOf,
} from '../../mesh/service.ts';
import { facts, lastWithout } from '../../mesh/since.ts';
import type { Version } from '../../mesh/version.ts';
import {
  isAmbient,
  isGateway,
  isWithoutSidecar,
  type PodTemplate,
  servicesOf,
  workloadsOf,
} from '../../mesh/workload.ts';
import { selectorOf } from '../../mesh/workload-selector.ts';
import { forService } from '../mechanisms/for-service.ts';
import type { LegacyStep as Step } from '../remedy.ts';
import { type Detection, isOffInMesh, outlierDetection, sideEffects } from './detection.ts';
import { ambientStep } from './rules.ts';

/** Plans a DestinationRule for each chosen Service that has none. */
export function* planServices(mesh: Mesh, settings: Selection & Detection, version: Version): Iterable<Step> {
  for (const service of mesh.ofKind('Service', '')) {
    const isVariant = serviceOf(mesh, serviceHost(service)) !== service; // of one that came before
    if (isVariant || !isSelected(service, settings) || !canBalance(service)) continue;
    yield* planService(mesh, service, settings, version);
  }
}

/** Not for a name outside, nor for what `planClients` adds, which nobody calls. */
function canBalance({ value }: Resource): boolean {
  const ports = listAt(value, 'spec', 'ports');
  return stringAt(value, 'spec', 'type') !== 'ExternalName' && ports.some((port) => at(port, 'name') !== unusedPort);
}

const unusedPort = 'tcp-unused';

function* planService(mesh: Mesh, service: Resource, detection: Detection, version: Version): Iterable<Step> {
  const host = serviceHost(service);
  const rules = destinationRulesFor(mesh, host);
  const own = rules.filter((rule) => destinationHost(rule) === host);
  const isForAll = (rule: Resource): boolean => isForAllClients(mesh, rule, namespaceOf(service));
  if (own.length > 0) {
    if (own.some(isForAll)) return; // it is planned for with the others
    const namespaces = [...new Set(own.map(namespaceOf))].join(', ');
    const message = `Only clients in namespace ${namespaces} have a DestinationRule for ${host}: those elsewhere need one in ${namespaceOf(service)}, the Service's own namespace`;
    yield { severity: 'warning', outcome: 'advise', message, resource: service };
    return;
  }
  const covering = rules.find((rule) => isForAll(rule) && isObject(at(rule.value, 'spec', 'trafficPolicy')));
  if (covering) {
    const message = `Gets no DestinationRule: ${covering.name} (host ${destinationHost(covering)}) rules it, and a new one would replace all of its traffic policy; choose that one by namespaces and names, or write one for ${host} by hand`;
    yield { severity: 'warning', outcome: 'advise', message, resource: service };
    return;
  }
  if (isPassedThrough(mesh, host, version)) {
    const message = `Gets no DestinationRule: it is headless, so sidecars send each connection to the pod that the client's DNS answer names; have clients call a Service with a ClusterIP for its pods, as balance-headless adds where a DestinationRule sets load balancing`;
    yield { severity: 'warning', outcome: 'advise', message, resource: service };
    return;
  }
  if (isWithoutProxy(mesh, host)) {
    yield { ...ambientStep(host, version), resource: service };
    return;
  }
  const distribution = trafficDistributionOf(mesh, service, version);
  if (distribution) {
    const message = `Gets no DestinationRule: ${distribution} keeps its traffic near without one (Istio ${facts.trafficDistribution.since} and later)`;
    yield { severity: 'info', outcome: 'keep', message, resource: service };
    return;
  }
  yield emission(mesh, service, detection, version);
}

function emission(mesh: Mesh, service: Resource, detection: Detection, version: Version): Step {
  const name = `${service.name}-locality`;
  if (destinationRuleNamed(mesh, namespaceOf(service), name)) {
    const message = `Gets no DestinationRule: one called ${name} is there already, for another host`;
    return { severity: 'warning', outcome: 'advise', message, resource: service };
  }
  const switchOn = isOffInMesh(mesh);
  const fields = outlierDetection(detection);
  const text = Object.entries(fields).map(([field, value]) => `${field}: ${value}`);
  const on = switchOn ? ' and localityLbSetting switched on, because the mesh has it off' : '';
  const values: JsonObject = {
    ...forService(service, name, version),
    switchOn,
    outlierDetection: fields,
  };
  return {
    severity: 'info',
    outcome: 'change',
    message: `Traffic to this Service goes to every zone alike, because no DestinationRule gives it outlierDetection: adds DestinationRule ${name} (${text.join(', ')})${on}${sideEffects(mesh, service, detection, version)}`,
    resource: service,
    emit: { template: 'locality-failover/destination-rule', values },
  };
}

/** Kinds whose pods stay and call others; what runs once is not worth a Service. */
const callers: ReadonlySet<string> = new Set(['Deployment', 'StatefulSet', 'DaemonSet', 'Rollout', 'ReplicaSet']);

/**
 * Workloads whose own zone istiod does not know up to 1.19: it reads that from the endpoint of a Service, and a
 * Service without ports has none.
 *
 * @see https://github.com/istio/istio/blob/1.19.0/pilot/pkg/xds/ads.go `setTopologyLabels`
 */
export function clientsWithoutService(mesh: Mesh): PodTemplate[] {
  return withoutService(mesh).filter(({ resource }) => callers.has(resource.kind));
}

function withoutService(mesh: Mesh): PodTemplate[] {
  return workloadsOf(mesh).filter((workload) => {
    const { resource, value } = workload;
    if (isGateway(workload)) return false;
    if (isAmbient(mesh, workload) || isAmbientNamespace(mesh, namespaceOf(resource))) return false;
    if (isWithoutSidecar(mesh, workload) || at(value, 'metadata', 'labels', 'istio-locality') !== undefined)
      return false;
    return servicesOf(mesh, workload).every(({ value }) => listAt(value, 'spec', 'ports').length === 0);
  });
}

/** A Service for each client that the user names. */
export function* planClients(mesh: Mesh, settings: Selection): Iterable<Step> {
  const clients = withoutService(mesh);
  const names = distinctNames(
    clients.map((workload) => ({
      subject: subjectOf(workload),
      namespace: namespaceOf(workload.resource),
      name: dnsLabel(`${workload.resource.name}-locality`),
    })),
  );
  for (const workload of clients) {
    const { resource } = workload;
    if (settings.names === undefined || !isSelected(resource, settings)) continue;
    if (!callers.has(resource.kind)) {
      const message = `Gets no Service, because pods of a ${resource.kind} come and go: without one istiod does not know their zone (Istio ${lastWithout('localityWithoutService')} and older)`;
      yield { severity: 'info', outcome: 'keep', message, resource };
      continue;
    }
    const name = names.get(subjectOf(workload)) ?? '';
    const selector = selectorOf(workload);
    const isTaken = serviceOf(mesh, fqdnOf(name, namespaceOf(resource))) !== undefined;
    if (!selector || isTaken) {
      const why = selector ? `a Service ${name} is there already, for other pods` : 'its pods have no labels';
      const message = `Gets no Service, because ${why}: without one istiod does not know their zone (Istio ${lastWithout('localityWithoutService')} and older)`;
      yield { severity: 'warning', outcome: 'advise', message, resource };
      continue;
    }
    yield {
      severity: 'info',
      outcome: 'change',
      message: `No Service selects the pods of ${resource.name}, so istiod does not know their zone and sends their requests everywhere (Istio ${lastWithout('localityWithoutService')} and older): adds Service ${name}`,
      resource,
      emit: {
        template: 'locality-failover/service',
        values: { name, namespace: resource.namespace ?? null, selector, port: unusedPort },
      },
    };
  }
}

function subjectOf({ resource }: PodTemplate): string {
  return `${resource.kind} ${namespaceOf(resource)}/${resource.name}`;
}
