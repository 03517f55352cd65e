import { type ConfigPatch, selectorLabels } from '../../mesh/envoy-filter.ts';
import { gatewaysNamed, istioGatewaysOf, serversOf } from '../../mesh/gateway.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { at, listAt, objectAt, stringAt } from '../../mesh/read.ts';
import { namespaceOf, type Resource } from '../../mesh/resource.ts';
import { portsOf } from '../../mesh/service.ts';
import { containerPort, type PodTemplate, servicesOf, workloadsLabelled } from '../../mesh/workload.ts';
import { filterFault } from './faults.ts';
import { whereIn } from './span.ts';

/**
 * Finds a match by the port of a Service, where the listeners of its pods have the target port: those of sidecars for what
 * comes in, and those of gateways.
 */
export function* findServicePort(mesh: Mesh, patch: ConfigPatch) {
  const port = at(patch.match, 'listener', 'portNumber');
  const isTarget = patch.context === 'SIDECAR_INBOUND' || patch.context === 'GATEWAY';
  if (typeof port !== 'number' || !isTarget || hasOwnListeners(mesh, patch)) return;
  const namespace = namespaceOf(patch.filter);
  const workloads = workloadsLabelled(mesh, selectorLabels(patch.filter)).filter(
    ({ resource }) => namespace === mesh.rootNamespace || namespaceOf(resource) === namespace,
  );
  const served = workloads.flatMap((workload) => servedPorts(mesh, workload));
  const meant = served.filter(({ number }) => number === port);
  const [first] = meant;
  const targets = new Set(meant.map(({ target }) => target));
  const isListened = served.some(({ target }) => target === undefined || target === port);
  if (!first || isListened || targets.size !== 1) return;
  const data = { port, target: String(first.target), service: `${namespaceOf(first.service)}/${first.service.name}` };
  yield filterFault('service-port', whereIn(patch, 'match', 'listener', 'portNumber'), data);
}

/** True where a Sidecar may bring listeners that no Service has. */
function hasOwnListeners(mesh: Mesh, { filter, context }: ConfigPatch): boolean {
  if (context === 'GATEWAY') return false;
  const namespace = namespaceOf(filter);
  return mesh
    .ofKind('Sidecar', 'networking.istio.io')
    .some((sidecar) => namespaceOf(sidecar) === namespace && listAt(sidecar.value, 'spec', 'ingress').length > 0);
}

interface ServedPort {
  readonly service: Resource;
  readonly number: number;
  /** The port of the container; undefined where the input does not have it. */
  readonly target: number | undefined;
}

function servedPorts(mesh: Mesh, workload: PodTemplate): readonly ServedPort[] {
  return servicesOf(mesh, workload).flatMap((service) =>
    portsOf(service).map(({ number, targetPort = number }) => {
      const target = typeof targetPort === 'number' ? targetPort : containerPort(workload, targetPort);
      return { service, number, target };
    }),
  );
}

/**
 * Finds matches of a gateway's routes by what only the routes of HTTPS servers are named by: those of HTTP servers are
 * called `http.80`.
 *
 * @see https://github.com/istio/istio/blob/1.31.0/pilot/pkg/networking/core/envoyfilter/rc_patch.go `routeConfigurationMatch`
 * @see https://github.com/istio/istio/blob/1.31.0/pilot/pkg/model/gateway.go `ParseGatewayRDSRouteName`
 */
export function* findServerByName(mesh: Mesh, patch: ConfigPatch) {
  const routes = objectAt(patch.match, 'routeConfiguration');
  const field = ['portName', 'gateway'].find((each) => stringAt(routes, each));
  if (patch.context !== 'GATEWAY' || field === undefined || Object.hasOwn(routes, 'portNumber')) return;
  const isNamedByPort = /^http\.\d+$/.test(stringAt(routes, 'name') ?? '');
  if (isNamedByPort || isForHttpServers(mesh, stringAt(routes, 'gateway'), stringAt(routes, 'portName')))
    yield filterFault('http-server-by-name', whereIn(patch, 'match', 'routeConfiguration', field), field);
}

/** True when all servers of the input that go by the names are HTTP without TLS. */
function isForHttpServers(mesh: Mesh, gateway: string | undefined, portName: string | undefined): boolean {
  const gateways = gateway === undefined ? istioGatewaysOf(mesh) : gatewaysNamed(mesh, gateway);
  const servers = gateways
    .flatMap(serversOf)
    .filter(({ value }) => portName === undefined || stringAt(value, 'port', 'name') === portName);
  return servers.length > 0 && servers.every(({ routes, endsTls }) => routes === 'http' && !endsTls);
}
