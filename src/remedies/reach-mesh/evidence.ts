import type { Json } from '../../manifest/node.ts';
import { pointer } from '../../manifest/pointer.ts';
import { gatewaysNamed, serversOf, workloadsOfGateway } from '../../mesh/gateway.ts';
import { takes } from '../../mesh/gateway-hosts.ts';
import { fqdnOf, namespaceOfHost } from '../../mesh/host.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { listAt, objectAt, stringAt } from '../../mesh/read.ts';
import { namespaceOf, type Resource } from '../../mesh/resource.ts';
import { gatewaysOf, readGateways } from '../../mesh/route-match.ts';
import type { Version } from '../../mesh/version.ts';
import { servesMesh, virtualServicesFor } from '../../mesh/virtual-service.ts';
import { podLabels } from '../../mesh/workload.ts';
import { meshFault, type Reaching } from './faults.ts';

/** A match of a rule of any kind, and where it is. */
interface Match {
  readonly value: Json;
  readonly path: string;
}

function matchesOf(virtualService: Resource): Match[] {
  return ['http', 'tls', 'tcp'].flatMap((kind) =>
    listAt(virtualService.value, 'spec', kind).flatMap((rule, index) =>
      listAt(rule, 'match').map((value, match) => ({ value, path: pointer('spec', kind, index, 'match', match) })),
    ),
  );
}

/** The fault of a VirtualService that is not bound to the mesh, although something in it is for the mesh alone. */
export function findEvidence(mesh: Mesh, reaching: Reaching, version: Version) {
  const { virtualService: resource } = reaching;
  const forMesh = matchForMesh(resource);
  if (forMesh) return meshFault('unbound-mesh-match', { resource, path: `${forMesh.path}/gateways` }, reaching);
  const forSources = matchForSources(mesh, resource, version);
  if (forSources) return meshFault('unbound-source-match', { resource, path: forSources.path }, reaching);
  const host = hostForMesh(mesh, resource);
  if (!host) return undefined;
  return meshFault('unbound-mesh-host', { resource, path: host.path }, { ...reaching, host: String(host.value) });
}

/** The first match that names `mesh` in a VirtualService that is not for the mesh: it can only be meant for it. */
function matchForMesh(virtualService: Resource): Match | undefined {
  if (gatewaysOf(virtualService)?.includes('mesh')) return undefined;
  return matchesOf(virtualService).find(({ value }) => listAt(value, 'gateways').includes('mesh'));
}

/**
 * The first match for certain clients, where only gateways use the rules: their pods are in the input, and
 * none of them is that sender.
 *
 * @see https://github.com/istio/istio/blob/1.31.0/pilot/pkg/networking/core/route/route.go `sourceMatchHTTP`
 */
function matchForSources(mesh: Mesh, virtualService: Resource, version: Version): Match | undefined {
  const bound = gatewaysOf(virtualService) ?? [];
  if (bound.length === 0 || bound.includes('mesh')) return undefined;
  const asking = matchesOf(virtualService).filter(({ path, value }) => {
    const isHttp = path.startsWith('/spec/http/');
    return isHttp && listAt(value, 'gateways').length === 0 && asksForSource(value);
  });
  if (asking.length === 0) return undefined;
  const workloads = bound.map((name) =>
    gatewaysNamed(mesh, name).flatMap((gateway) => workloadsOfGateway(mesh, gateway, version)),
  );
  if (workloads.some((found) => found.length === 0)) return undefined;
  return asking.find(({ value }) => {
    const labels = Object.entries(objectAt(value, 'sourceLabels'));
    const namespace = stringAt(value, 'sourceNamespace') ?? '';
    return !workloads.flat().some((workload) => {
      const own = podLabels(workload);
      const isThere = namespace === '' || namespaceOf(workload.resource) === namespace;
      return isThere && labels.every(([key, wanted]) => own[key] === wanted);
    });
  });
}

/**
 * Where a VirtualService for gateways has a Service among its hosts that none of them takes, and no other brings to
 * the mesh: only clients inside could call it. All its Gateways must be in the input.
 */
function hostForMesh(mesh: Mesh, virtualService: Resource): Match | undefined {
  const bound = gatewaysOf(virtualService) ?? [];
  if (bound.includes('mesh')) return undefined;
  const namespace = namespaceOf(virtualService);
  const hosts = listAt(virtualService.value, 'spec', 'hosts').flatMap((value, index) => {
    const host = typeof value === 'string' ? fqdnOf(value, namespace) : '';
    const isService = namespaceOfHost(host) !== undefined && !host.startsWith('*');
    return isService ? [{ value, host, path: pointer('spec', 'hosts', index) }] : [];
  });
  if (hosts.length === 0) return undefined;
  const gateways = bound.map((name) => gatewaysNamed(mesh, name));
  const servers = gateways.flat().flatMap(serversOf);
  if (servers.length === 0 || gateways.some((found) => found.length === 0)) return undefined;
  return hosts.find(({ host }) => {
    const isTaken = servers.some((server) => takes(server, host, virtualService));
    return !isTaken && !virtualServicesFor(mesh, host).some(servesMesh);
  });
}

function asksForSource(match: Json): boolean {
  return Object.keys(objectAt(match, 'sourceLabels')).length > 0 || Boolean(stringAt(match, 'sourceNamespace'));
}

/** Matches that are only for gateways which the VirtualService itself is not bound to. */
export function* findUnboundMatches(virtualService: Resource) {
  const bound = gatewaysOf(virtualService);
  if (!bound) return;
  const isSet = listAt(virtualService.value, 'spec', 'gateways').length > 0;
  for (const { value, path } of matchesOf(virtualService)) {
    const gateways = readGateways(value, namespaceOf(virtualService));
    if (gateways.length === 0 || gateways.includes('mesh') || gateways.some((name) => bound.includes(name))) continue;
    const where = { resource: virtualService, path: `${path}/gateways` };
    yield meshFault('unbound-match', where, { gateways, bound: isSet ? bound : [] });
  }
}
