import { distance } from 'fastest-levenshtein';
import { groupBy, groupPairs } from '../../group-by.ts';
import { istioGatewaysOf, serversOf } from '../../mesh/gateway.ts';
import { partsOf, takes } from '../../mesh/gateway-hosts.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { namespaceOf, type Resource } from '../../mesh/resource.ts';
import { hostsOf } from '../../mesh/virtual-service.ts';
import { placeIn } from '../../step.ts';
import { gatewayFault } from './faults.ts';
import type { GatewayRef } from './meeting.ts';

/** A reference to a Gateway that is not in the input. */
export interface Unknown {
  readonly virtualService: Resource;
  readonly ref: GatewayRef;
}

/** References to Gateways that are not in the input: each one that is probably wrong, and one line for the others. */
export function* findUnknown(mesh: Mesh, unknown: readonly Unknown[]) {
  if (unknown.length === 0) return;
  const known = knownGateways(mesh, unknown);
  const rest: Unknown[] = [];
  for (const each of unknown) {
    const wrong = wrongReference(known, each);
    if (wrong) yield wrong;
    else rest.push(each);
  }
  yield* findOverview(mesh, rest);
}

interface KnownGateways {
  /** Names of Istio's Gateways by namespace. */
  readonly istio: ReadonlyMap<string, readonly string[]>;
  /** Istio's Gateways by name, of whatever namespace. */
  readonly byName: ReadonlyMap<string, readonly Resource[]>;
  /** `namespace/name` of the Gateways of the Gateway API. */
  readonly api: ReadonlySet<string>;
  /** Of each missing Gateway, the VirtualServices that name it. */
  readonly users: ReadonlyMap<string, ReadonlySet<string>>;
}

function knownGateways(mesh: Mesh, unknown: readonly Unknown[]): KnownGateways {
  const byName = groupBy(istioGatewaysOf(mesh), ({ name }) => name);
  const istio = groupPairs(istioGatewaysOf(mesh).map((gateway) => [namespaceOf(gateway), gateway.name]));
  const users = new Map<string, Set<string>>();
  for (const { ref, virtualService } of unknown) {
    const names = users.get(ref.name) ?? new Set();
    users.set(ref.name, names.add(`${namespaceOf(virtualService)}/${virtualService.name}`));
  }
  const api = mesh.ofKind('Gateway', 'gateway.networking.k8s.io').map(({ namespace, name }) => `${namespace}/${name}`);
  return { istio, byName, api: new Set(api), users };
}

function wrongReference({ istio, api, users, byName }: KnownGateways, { virtualService, ref }: Unknown) {
  const where = placeIn(virtualService, 'spec', 'gateways', ref.index);
  if (api.has(ref.name)) return gatewayFault('kubernetes-gateway', where, ref.name);
  const [namespace = '', name = ''] = ref.name.split('/');
  const [elsewhere, ...others] = byName.get(name) ?? [];
  // A VirtualService without a namespace may get that of the Gateway.
  const isUnqualified = virtualService.namespace && !ref.written.includes('/');
  if (elsewhere && others.length === 0 && isUnqualified && hasHostOf(elsewhere, virtualService)) {
    const data = { written: name, namespace, elsewhere: `${namespaceOf(elsewhere)}/${name}` };
    return gatewayFault('gateway-in-other-namespace', where, data);
  }
  // A name that others use, too, is probably right.
  if ((users.get(ref.name)?.size ?? 0) > 1) return undefined;
  const near = (istio.get(namespace) ?? []).find((other) => isSlip(name, other));
  return near && gatewayFault('misspelled-gateway', where, { gateway: ref.name, near: `${namespace}/${near}` });
}

/** True when a Gateway names a host of a VirtualService: one that takes every host, as many do, does not count. */
function hasHostOf(gateway: Resource, virtualService: Resource): boolean {
  const hosts = hostsOf(virtualService).filter((host) => host !== '*');
  return serversOf(gateway).some((server) => {
    const named = server.hosts.filter((written) => partsOf(written, server).host !== '*');
    return hosts.some((host) => takes({ ...server, hosts: named }, host, virtualService));
  });
}

/** True for a letter left out, doubled or swapped: `test-gatway`. Names that differ in a letter or digit may be two. */
function isSlip(name: string, other: string): boolean {
  if (name.length < 5 || name.replace(/\D/g, '') !== other.replace(/\D/g, '')) return false;
  const apart = distance(name, other);
  const isSwapped = name.length === other.length && apart === 2 && [...name].sort().join() === [...other].sort().join();
  return isSwapped || (apart === 1 && name.length !== other.length);
}

function* findOverview(mesh: Mesh, unknown: readonly Unknown[]) {
  const known = istioGatewaysOf(mesh);
  const namespaces = new Set(known.map(namespaceOf));
  const names = new Map(known.map((gateway) => [gateway.name, namespaceOf(gateway)]));
  const missing = unknown.filter(({ ref }) => {
    const [namespace = '', name = ''] = ref.name.split('/');
    return namespaces.has(namespace) || names.has(name);
  });
  if (missing.length === 0) return;
  const gateways = [...new Set(missing.map(({ ref }) => ref.name))];
  const name = missing.map(({ ref }) => ref.written).find((written) => !written.includes('/') && names.has(written));
  const elsewhere = name === undefined ? {} : { elsewhere: { name, namespace: names.get(name)! } };
  yield gatewayFault('gateways-not-in-input', {}, { gateways, ...elsewhere });
}
