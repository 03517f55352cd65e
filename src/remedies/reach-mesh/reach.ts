import type { JsonObject } from '../../manifest/node.ts';
import type { Operation } from '../../manifest/operation.ts';
import { pointer } from '../../manifest/pointer.ts';
import { gatewayApiRouteFor, isGatewayService } from '../../mesh/default-route.ts';
import { namespaceOfHost } from '../../mesh/host.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { at, listAt, stringAt } from '../../mesh/read.ts';
import { isVariantOf, namespaceOf, type Resource } from '../../mesh/resource.ts';
import { gatewaysOf } from '../../mesh/route-match.ts';
import { isHeadless, isHttp, isWithoutProxy, portsOf } from '../../mesh/service.ts';
import { literalService, type ServiceBehind, serviceBehind } from '../../mesh/service-behind.ts';
import type { Version } from '../../mesh/version.ts';
import {
  exportOf,
  hostsOf,
  httpRulesOf,
  networkingApiVersion,
  servesMesh,
  virtualServiceNamed,
  virtualServicesFor,
} from '../../mesh/virtual-service.ts';
import type { Emission } from '../../step.ts';
import {
  asksForGatewayPort,
  isForMesh,
  isRedirectOut,
  pinnedPort,
  routesByClaims,
  rulesForMesh,
  takesEverything,
  widenedMatches,
} from './mesh-rules.ts';

type Service = Extract<ServiceBehind, { kind: 'service' }>;

/** How clients inside the mesh can get the rules of a VirtualService for gateways. */
export type Reach =
  /** They are there already, or nothing is forwarded. */
  | { readonly kind: 'there' }
  | {
      readonly kind: 'edit';
      readonly service: Service;
      readonly operations: readonly Operation[];
      /** In the imperative. */
      readonly fix: string;
    }
  /** By a second VirtualService, since the first one may not or should not serve the mesh; `why` says which. */
  | {
      readonly kind: 'split';
      readonly service: Service;
      readonly emit: Emission;
      readonly name: string;
      readonly why: string;
    }
  /** Another VirtualService serves them. */
  | { readonly kind: 'taken'; readonly service: Service; readonly by: Resource }
  | { readonly kind: 'unclear'; readonly reason: string };

/**
 * Finds the way.
 *
 * @param claimed - the Services that this run gives to other VirtualServices, by FQDN
 */
export function reachOf(
  mesh: Mesh,
  virtualService: Resource,
  version: Version,
  claimed: ReadonlyMap<string, Resource>,
): Reach {
  const behind = serviceBehind(mesh, virtualService);
  if (behind.kind === 'none') return { kind: 'there' };
  // With mesh, and no Service in hosts or destinations, it is for something else: the way to an egress gateway.
  const isThere = servesMesh(virtualService) && (behind.kind === 'unclear' || behind.isNamed || isEgress(mesh, behind));
  if (isThere) return { kind: 'there' };
  if (behind.kind === 'unclear') return behind;
  const rivals = [claimed.get(behind.host) ?? [], virtualServicesFor(mesh, behind.host).filter(servesMesh)].flat();
  const by = rivals.find((other) => !isSameName(other, virtualService));
  if (by) return { kind: 'taken', service: behind, by };
  const obstacle = obstacleOf(mesh, virtualService, behind);
  if (obstacle) return { kind: 'unclear', reason: obstacle };
  const why = splitReason(mesh, virtualService, behind);
  return why === undefined ? editOf(mesh, virtualService, behind) : splitOf(mesh, virtualService, behind, why, version);
}

/** `namespace/name`. */
export function titled(virtualService: Resource): string {
  return `${namespaceOf(virtualService)}/${virtualService.name}`;
}

/** True when the Service is an ingress or egress gateway's, by its selector or, when it is not in the input, by its name. */
function isEgress(mesh: Mesh, { host, service }: Service): boolean {
  return service ? isGatewayService(mesh, service) : /^[^.]*(ingress|egress)-?gateway\b/.test(host);
}

/** Two of one name are variants of one resource, of which the cluster gets one. */
function isSameName(one: Resource, other: Resource): boolean {
  return one.name === other.name && namespaceOf(one) === namespaceOf(other);
}

/** Why no VirtualService with these rules should serve the mesh; undefined when one may. */
function obstacleOf(mesh: Mesh, virtualService: Resource, behind: Service): string | undefined {
  const { host, service } = behind;
  if (isEgress(mesh, behind)) return `${host} leads to a gateway`;
  const route = gatewayApiRouteFor(mesh, host);
  if (route) return `${route.kind} ${route.name} names ${host} too, and a VirtualService beside it would compete`;
  if (isWithoutProxy(mesh, host))
    return `${host} is in ambient mode without a waypoint: ztunnel forwards connections and applies no routes`;
  const exported = exportOf(mesh, virtualService);
  const own = namespaceOfHost(host)!;
  const isMissing = !service && mesh.ofKind('Service', '').some((each) => namespaceOf(each) === own);
  if (isMissing)
    return `the input has no Service ${host}, but other Services of namespace ${own}: the name may be misspelled`;
  if (exported !== 'all' && !exported.includes(own))
    return `its \`exportTo\` does not include namespace ${own}, where ${host} is`;
  if (hostsOf(virtualService).some((name) => name.startsWith('outbound_')))
    return 'its hosts are of the form outbound_…, which are only for gateways that pass TLS through';
  const literal = hostsOf(virtualService).find((name) => (literalService(mesh, name) ?? host) !== host);
  if (literal !== undefined)
    return `its host ${literal} does not mean Service ${literalService(mesh, literal)}, because names with a dot are not expanded`;
  const rules = httpRulesOf(virtualService);
  if (!rules.some((rule) => isForMesh(rule))) return '`match.gateways` of each rule is for some of its gateways only';
  if (rules.some((rule) => routesByClaims(mesh, rule)))
    return 'it routes by claims of a token (@request.auth.claims), which only gateways support';
  return service && serviceObstacle(service);
}

function serviceObstacle(service: Resource): string | undefined {
  if (stringAt(service.value, 'spec', 'type') === 'ExternalName')
    return `Service ${service.name} is an ExternalName: an alias of another host`;
  return httpPortsOf(service).length === 0
    ? `Service ${service.name} has no port that is declared as HTTP, so sidecars see no requests there (name the port http-…, or set its \`appProtocol\`)`
    : undefined;
}

function httpPortsOf(service: Resource): number[] {
  const detects = !isHeadless(service); // protocols are not detected in connections to pods of a headless Service
  const ports = portsOf(service).filter(({ protocol }) => isHttp(protocol) && (detects || protocol !== 'auto'));
  return [...new Set(ports.map(({ number }) => number))];
}

/** Why the mesh needs a VirtualService of its own: the rules for the gateways would be wrong there. */
function splitReason(mesh: Mesh, virtualService: Resource, service: Service): string | undefined {
  const rules = httpRulesOf(virtualService).filter(isForMesh);
  if (listAt(virtualService.value, 'spec', 'hosts').includes('*')) return 'Istio allows the host `*` only for gateways';
  if (listAt(virtualService.value, 'spec', 'tcp').length + listAt(virtualService.value, 'spec', 'tls').length > 0)
    return 'its TCP and TLS routes are for gateways';
  if (rules.some(asksForGatewayPort)) return 'its rules match ports of the Gateway';
  if (rules.some(isRedirectOut)) return 'it redirects clients from outside';
  if (hasOtherPorts(mesh, virtualService, service))
    return `Service ${service.service!.name} has other HTTP ports than the one that the rules lead to`;
  return servesMesh(virtualService) ? undefined : sharedHostReason(mesh, virtualService, service);
}

/** Gateways merge VirtualServices of one host; sidecars do not. */
function sharedHostReason(mesh: Mesh, virtualService: Resource, service: Service): string | undefined {
  for (const host of hostsOf(virtualService)) {
    const other = virtualServicesFor(mesh, host).find(
      (each) => !isVariantOf(each, virtualService) && hostsOf(each).includes(host),
    );
    if (other && host !== service.host)
      return `VirtualService ${namespaceOf(other)}/${other.name} has its host ${host} too, and sidecars use only one for a host`;
  }
  return undefined;
}

/** True when rules name a port of a Service that has several: requests to the others would go there, too. */
function hasOtherPorts(mesh: Mesh, virtualService: Resource, { service }: Service): boolean {
  if (!service || httpPortsOf(service).length < 2) return false;
  return httpRulesOf(virtualService).some((rule) => isForMesh(rule) && pinnedPort(mesh, rule) !== undefined);
}

function editOf(mesh: Mesh, virtualService: Resource, service: Service): Reach {
  const operations: Operation[] = [];
  const parts: string[] = [];
  if (!(gatewaysOf(virtualService) ?? []).includes('mesh')) {
    operations.push({ op: 'add', path: pointer('spec', 'gateways', '-'), value: 'mesh' });
    parts.push('`mesh` to `gateways`');
  }
  if (!service.isNamed) {
    operations.push({ op: 'add', path: pointer('spec', 'hosts', '-'), value: service.written });
    parts.push(`${service.written} to \`hosts\``);
  }
  const widened = widenedMatches(virtualService);
  for (const { rule, match } of widened) {
    operations.push({ op: 'add', path: pointer('spec', 'http', rule, 'match', match, 'gateways', '-'), value: 'mesh' });
  }
  if (widened.length > 0) parts.push('`mesh` to `match.gateways` of rules that name every gateway');
  if (!takesEverything(mesh, virtualService)) {
    const route = [{ destination: { host: service.written } }];
    operations.push({
      op: 'add',
      path: pointer('spec', 'http', '-'),
      value: { match: [{ gateways: ['mesh'] }], route },
    });
    parts.push(
      'a last rule for the mesh, so that requests without a matching rule still reach the Service instead of getting 404',
    );
  }
  return {
    kind: 'edit',
    service,
    operations,
    fix: `add ${parts.join(', ')}${portCaution(mesh, virtualService, service)}`,
  };
}

function portCaution(mesh: Mesh, virtualService: Resource, { service, host }: Service): string {
  if (service) return '';
  const port = httpRulesOf(virtualService)
    .map((rule) => pinnedPort(mesh, rule))
    .find((each) => each !== undefined);
  return port === undefined
    ? ''
    : `; ${host} is not in the input, so check that it has no other HTTP port than ${port === 'several' ? 'those of the rules' : port}`;
}

function splitOf(mesh: Mesh, virtualService: Resource, service: Service, why: string, version: Version): Reach {
  const name = `${virtualService.name}-mesh`;
  if (virtualServiceNamed(mesh, namespaceOf(virtualService), name))
    return { kind: 'unclear', reason: `${why}, and a VirtualService ${name} already exists for something else` };
  const narrowed = hasOtherPorts(mesh, virtualService, service);
  if (narrowed && httpRulesOf(virtualService).some((rule) => isForMesh(rule) && pinnedPort(mesh, rule) === 'several'))
    return { kind: 'unclear', reason: `${why}, and one rule leads to several ports` };
  const http = rulesForMesh(mesh, virtualService, service.written, narrowed);
  if (http.length === 0) return { kind: 'unclear', reason: `${why}, and no rule would be left for the mesh` };
  const exportTo = at(virtualService.value, 'spec', 'exportTo');
  const values: JsonObject = {
    apiVersion: networkingApiVersion(version),
    name,
    namespace: virtualService.namespace ?? null,
    host: service.written,
    exportTo: listAt(exportTo).length > 0 ? [...listAt(exportTo)] : null,
    http: http.map(fieldsOf),
  };
  return { kind: 'split', service, emit: { template: 'reach-mesh/virtual-service', values }, name, why };
}

/** A rule as the template prints it: a field a line, and an item a line where a field is a list. */
function fieldsOf(rule: JsonObject): JsonObject[] {
  return Object.entries(rule).map(([key, value]) =>
    Array.isArray(value) && value.length > 0 ? { key, items: value, value: null } : { key, items: null, value },
  );
}
