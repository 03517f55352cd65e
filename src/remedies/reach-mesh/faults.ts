import type { Json } from '../../manifest/node.ts';
import type { Operation } from '../../manifest/operation.ts';
import { pointer } from '../../manifest/pointer.ts';
import { gatewaysNamed, serversOf, workloadsOfGateway } from '../../mesh/gateway.ts';
import { takes } from '../../mesh/gateway-hosts.ts';
import { fqdnOf, namespaceOfHost } from '../../mesh/host.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { listAt, objectAt, stringAt } from '../../mesh/read.ts';
import { namespaceOf, type Resource } from '../../mesh/resource.ts';
import { gatewaysOf, readGateways } from '../../mesh/route-match.ts';
import { literalService } from '../../mesh/service-behind.ts';
import type { Version } from '../../mesh/version.ts';
import { hostsOf, isDelegate, rootRulesOf, servesMesh, virtualServicesFor } from '../../mesh/virtual-service.ts';
import { podLabels } from '../../mesh/workload.ts';
import type { LegacyStep as Step } from '../remedy.ts';

/** A match of a rule of any kind, and where it stands. */
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

/** The first match that names `mesh` in a VirtualService that is not for the mesh: it can only be meant for it. */
export function matchForMesh(virtualService: Resource): Match | undefined {
  if (gatewaysOf(virtualService)?.includes('mesh')) return undefined;
  return matchesOf(virtualService).find(({ value }) => listAt(value, 'gateways').includes('mesh'));
}

/**
 * The first match that asks who sends a request, where only gateways are asked: their pods are in the input, and
 * none of them is that sender.
 *
 * @see https://github.com/istio/istio/blob/1.31.0/pilot/pkg/networking/core/route/route.go `sourceMatchHTTP`
 */
export function matchForSources(mesh: Mesh, virtualService: Resource, version: Version): Match | undefined {
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
 * the mesh: only callers inside could ask for it. All its Gateways must be in the input.
 */
export function hostForMesh(mesh: Mesh, virtualService: Resource): Match | undefined {
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

/** Tells of matches that are narrowed to gateways which the VirtualService itself is not bound to: nobody uses them. */
export function* planUnboundMatches(virtualService: Resource): Iterable<Step> {
  const bound = gatewaysOf(virtualService);
  if (!bound) return;
  const { length } = listAt(virtualService.value, 'spec', 'gateways');
  for (const { value, path } of matchesOf(virtualService)) {
    const own = readGateways(value, namespaceOf(virtualService));
    if (own.length === 0 || own.includes('mesh') || own.some((name) => bound.includes(name))) continue;
    const where =
      length === 0 ? 'spec.gateways is not set, which means mesh' : `spec.gateways has only ${bound.join(', ')}`;
    yield {
      severity: 'warning',
      outcome: 'advise',
      message: `This match is for ${own.join(', ')}, and ${where}, so no proxy ever uses it: name the gateway in spec.gateways too${length === 0 ? ', and mesh beside it for callers inside' : ''}`,
      resource: virtualService,
      path: `${path}/gateways`,
    };
  }
}

/**
 * Mends hosts such as `reviews.shop` where a Service of that name is in the input: only names without a dot are
 * completed, so such a host is no Service for Istio.
 *
 * @param claimed - the Services that this run gives to a VirtualService, by FQDN; what is planned here is added
 * @see https://github.com/istio/istio/blob/1.31.0/pilot/pkg/model/config.go `ResolveShortnameToFQDN`
 */
export function* planLiteralHosts(
  mesh: Mesh,
  virtualService: Resource,
  claimed: Map<string, Resource>,
): Iterable<Step> {
  if (!servesMesh(virtualService)) return;
  const isForGateways = (gatewaysOf(virtualService) ?? []).some((name) => name !== 'mesh');
  const hosts = hostsOf(virtualService);
  for (const [index, host] of listAt(virtualService.value, 'spec', 'hosts').entries()) {
    const fqdn = typeof host === 'string' ? literalService(mesh, host) : undefined;
    if (fqdn === undefined || hosts.includes(fqdn)) continue;
    const common = { severity: 'warning', resource: virtualService, path: pointer('spec', 'hosts', index) } as const;
    const why = `Host ${host} is taken literally, as is every name with a dot, so these rules do not reach Service ${fqdn}: at most requests on port 80 with this very name get them`;
    const taken =
      claimed.get(fqdn) ??
      virtualServicesFor(mesh, fqdn).find((other) => other !== virtualService && servesMesh(other));
    if (taken) {
      const message = `${why}; VirtualService ${taken.name} has that Service already, so merge the two`;
      yield { ...common, outcome: 'advise', message };
      continue;
    }
    const operation: Operation = isForGateways
      ? { op: 'add', path: pointer('spec', 'hosts', '-'), value: fqdn }
      : { op: 'replace', path: pointer('spec', 'hosts', index), value: fqdn };
    const what = isForGateways ? `adds ${fqdn} beside it, which gateways may need` : `writes ${fqdn}`;
    hosts.push(fqdn);
    claimed.set(fqdn, virtualService);
    yield {
      ...common,
      outcome: 'change',
      message: `${why}; ${what}`,
      patch: { resource: virtualService, operations: [operation] },
    };
  }
}

/**
 * Mends a delegate that names gateways, which Istio rejects: it is used where its root is.
 *
 * @param whole - the names of the VirtualServices that have hosts; what has none and such a name is laid over one by kustomize
 */
export function* planDelegate(mesh: Mesh, virtualService: Resource, whole: ReadonlySet<string>): Iterable<Step> {
  if (!isDelegate(virtualService) || listAt(virtualService.value, 'spec', 'gateways').length === 0) return;
  const common = { severity: 'error', resource: virtualService, path: pointer('spec', 'gateways') } as const;
  if (rootRulesOf(mesh, virtualService).length > 0) {
    yield {
      ...common,
      outcome: 'change',
      message: 'Istio rejects gateways in a delegate, which serves wherever its root does: removes them',
      patch: { resource: virtualService, operations: [{ op: 'remove', path: pointer('spec', 'gateways') }] },
    };
    return;
  }
  const hasRules = ['http', 'tls', 'tcp'].some((kind) => listAt(virtualService.value, 'spec', kind).length > 0);
  if (!hasRules || whole.has(virtualService.name)) return;
  const message =
    'Istio rejects a VirtualService with gateways and without hosts: give it hosts, or remove gateways if another VirtualService delegates to it';
  yield { ...common, outcome: 'advise', message };
}
