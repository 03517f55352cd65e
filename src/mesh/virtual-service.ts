import { groupByEach } from '../group-by.ts';
import { isObject, type Json, type JsonObject } from '../manifest/node.ts';
import { derived } from './derived.ts';
import { fqdnOf, type HostIndex, indexByHost } from './host.ts';
import type { Mesh } from './mesh.ts';
import { at, listAt, stringAt } from './read.ts';
import { namespaceOf, type Resource } from './resource.ts';
import { has } from './since.ts';
import { meshConfigOf } from './surface/mesh-config.ts';
import type { Version } from './version.ts';

/** One entry of a VirtualService's `spec.http`. */
export interface HttpRule {
  readonly virtualService: Resource;
  readonly index: number;
  readonly value: JsonObject;
}

/**
 * The apiVersion for a new VirtualService or DestinationRule. Older ones stay served, so existing resources keep theirs.
 *
 * @see https://istio.io/latest/news/releases/1.22.x/announcing-1.22/ `networking.istio.io/v1`
 */
export function networkingApiVersion(version: Version): string {
  return has(version, 'networkingV1') ? 'networking.istio.io/v1' : 'networking.istio.io/v1beta1';
}

/** The VirtualServices of a mesh, in input order. */
export function virtualServicesOf(mesh: Mesh): readonly Resource[] {
  return mesh.ofKind('VirtualService', 'networking.istio.io');
}

/** The HTTP rules of a VirtualService, in order; entries that are not mappings are left out. */
export function httpRulesOf(virtualService: Resource): HttpRule[] {
  return listAt(virtualService.value, 'spec', 'http').flatMap((value, index) =>
    isObject(value) ? [{ virtualService, index, value }] : [],
  );
}

/**
 * What a rule does with a request: `route` forwards it, `delegate` leaves it to another VirtualService, `answer`
 * redirects or answers it in the proxy, `none` is a rule that Istio rejects.
 */
export function actionOf({ value }: HttpRule): 'route' | 'delegate' | 'answer' | 'none' {
  if (isObject(value['redirect']) || isObject(value['directResponse'])) return 'answer';
  if (isObject(value['delegate'])) return 'delegate';
  return listAt(value, 'route').length > 0 ? 'route' : 'none';
}

/** The hosts that a rule forwards to, as written; none for a rule that delegates or answers. */
export function destinationsOf({ value }: HttpRule): string[] {
  return listAt(value, 'route').flatMap((route) => stringAt(route, 'destination', 'host') ?? []);
}

/** The hosts of a VirtualService as FQDNs and wildcards; none for a delegate. */
export function hostsOf(virtualService: Resource): string[] {
  const hosts = listAt(virtualService.value, 'spec', 'hosts');
  const namespace = namespaceOf(virtualService);
  return hosts.flatMap((host) => (typeof host === 'string' ? [fqdnOf(host, namespace)] : []));
}

/** True for a VirtualService without hosts: its rules count only where another one delegates to it. */
export function isDelegate(virtualService: Resource): boolean {
  return listAt(virtualService.value, 'spec', 'hosts').length === 0;
}

/**
 * True when sidecars use a VirtualService: `gateways` is not set, or names `mesh`. Istio rejects one for the mesh that
 * has the host `*`.
 */
export function servesMesh({ value }: Resource): boolean {
  const gateways = listAt(value, 'spec', 'gateways');
  const isForMesh = gateways.length === 0 || gateways.includes('mesh');
  return isForMesh && !listAt(value, 'spec', 'hosts').includes('*');
}

/** True when sidecars use a rule: their VirtualService is theirs, and one of its matches is not for gateways alone. */
export function isMeshRule({ virtualService, value }: HttpRule): boolean {
  const matches = listAt(value, 'match');
  const isForMesh = (match: Json): boolean => {
    const gateways = listAt(match, 'gateways');
    return gateways.length === 0 || gateways.includes('mesh');
  };
  return servesMesh(virtualService) && (matches.length === 0 || matches.some(isForMesh));
}

/** How far a VirtualService is visible: to all namespaces, or to those named, its own written out. */
export function exportOf(mesh: Mesh, virtualService: Resource): 'all' | readonly string[] {
  const own = listAt(virtualService.value, 'spec', 'exportTo');
  const targets = own.length > 0 ? own : indexOf(mesh).defaultExport;
  if (targets.length === 0 || targets.includes('*')) return 'all';
  const namespace = namespaceOf(virtualService);
  return targets.filter((target) => target !== '~').map((target) => (target === '.' ? namespace : String(target)));
}

/** The VirtualServices that have `fqdn` or a wildcard over it among their hosts, the most specific host first. */
export function virtualServicesFor(mesh: Mesh, fqdn: string): readonly Resource[] {
  return [...new Set(indexOf(mesh).byHost.covering(fqdn))];
}

/**
 * The VirtualService that a rule delegates to, when it is in the input.
 *
 * @see https://istio.io/latest/docs/reference/config/networking/virtual-service/#Delegate
 */
export function delegateOf(mesh: Mesh, rule: HttpRule): Resource | undefined {
  const key = delegateKey(rule);
  const found = key === undefined ? undefined : indexOf(mesh).byName.get(key);
  return found && isDelegate(found) ? found : undefined;
}

/** The rules of all VirtualServices that delegate to this one. */
export function rootRulesOf(mesh: Mesh, delegate: Resource): readonly HttpRule[] {
  return indexOf(mesh).roots.get(nameKey(namespaceOf(delegate), delegate.name)) ?? [];
}

/** The VirtualService of a name, when it is in the input. */
export function virtualServiceNamed(mesh: Mesh, namespace: string, name: string): Resource | undefined {
  return indexOf(mesh).byName.get(nameKey(namespace, name));
}

function delegateKey({ virtualService, value }: HttpRule): string | undefined {
  const name = stringAt(value, 'delegate', 'name');
  if (name === undefined) return undefined;
  return nameKey(stringAt(value, 'delegate', 'namespace') || namespaceOf(virtualService), name);
}

function nameKey(namespace: string, name: string): string {
  return `${namespace}/${name}`;
}

interface MeshIndex {
  readonly byHost: HostIndex<Resource>;
  readonly byName: ReadonlyMap<string, Resource>;
  readonly roots: ReadonlyMap<string, readonly HttpRule[]>;
  readonly defaultExport: readonly unknown[];
}

const indexOf = derived((mesh): MeshIndex => {
  const all = virtualServicesOf(mesh);
  return {
    byHost: indexByHost(
      all.flatMap((resource) => hostsOf(resource).map((host): [string, Resource] => [host, resource])),
    ),
    byName: new Map(all.map((resource) => [nameKey(namespaceOf(resource), resource.name), resource])),
    roots: groupByEach(all.flatMap(httpRulesOf), (rule) => {
      const key = actionOf(rule) === 'delegate' ? delegateKey(rule) : undefined;
      return key === undefined ? [] : [key];
    }),
    defaultExport: listAt(at(meshConfigOf(mesh), 'defaultVirtualServiceExportTo')),
  };
});
