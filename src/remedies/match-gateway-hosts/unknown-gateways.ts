import { distance } from 'fastest-levenshtein';
import { groupBy, groupPairs } from '../../group-by.ts';
import { pointer } from '../../manifest/pointer.ts';
import { istioGatewaysOf, serversOf } from '../../mesh/gateway.ts';
import { partsOf, takes } from '../../mesh/gateway-hosts.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { namespaceOf, type Resource } from '../../mesh/resource.ts';
import { hostsOf } from '../../mesh/virtual-service.ts';
import { someOf } from '../mechanisms/wording.ts';
import type { LegacyStep as Step } from '../remedy.ts';
import type { GatewayRef } from './meeting.ts';

/** A reference to a Gateway that is not in the input. */
export interface Unknown {
  readonly virtualService: Resource;
  readonly ref: GatewayRef;
}

/** Tells of references that lead nowhere as far as the input says: surely wrong ones each, the others in one word. */
export function* planUnknown(mesh: Mesh, unknown: readonly Unknown[]): Iterable<Step> {
  if (unknown.length === 0) return;
  const known = knownGateways(mesh, unknown);
  const rest: Unknown[] = [];
  for (const each of unknown) {
    const { virtualService, ref } = each;
    const wrong = wrongReference(known, each);
    if (wrong === undefined) rest.push(each);
    else {
      yield {
        severity: 'warning',
        outcome: 'advise',
        message: wrong,
        resource: virtualService,
        path: pointer('spec', 'gateways', ref.index),
      };
    }
  }
  yield* overview(mesh, rest);
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

function wrongReference(
  { istio, api, users, byName }: KnownGateways,
  { virtualService, ref }: Unknown,
): string | undefined {
  if (api.has(ref.name))
    return `${ref.name} is a Gateway of the Gateway API, which takes HTTPRoutes and no VirtualServices: route by an HTTPRoute, or name a Gateway of networking.istio.io`;
  const [namespace = '', name = ''] = ref.name.split('/');
  const [elsewhere, ...others] = byName.get(name) ?? [];
  // A VirtualService without a namespace may be meant for the Gateway's.
  if (
    elsewhere &&
    others.length === 0 &&
    virtualService.namespace &&
    !ref.written.includes('/') &&
    hasHostOf(elsewhere, virtualService)
  )
    return `Gateway ${ref.written} without a namespace is one of ${namespace}, which the input does not have; ${namespaceOf(elsewhere)}/${name} takes these hosts, so write that if it is meant, else the gateway answers 404`;
  // Whoever else names it too makes a slip unlikely.
  if ((users.get(ref.name)?.size ?? 0) > 1) return undefined;
  const near = (istio.get(namespace) ?? []).find((other) => isSlip(name, other));
  return (
    near &&
    `Gateway ${ref.name} is not in the input, but ${namespace}/${near} is: if the name is a slip, the gateway answers 404 for these hosts`
  );
}

/** True when a Gateway names a host of a VirtualService: taking every host, as many do, tells nothing. */
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

function* overview(mesh: Mesh, unknown: readonly Unknown[]): Iterable<Step> {
  const gateways = istioGatewaysOf(mesh);
  const namespaces = new Set(gateways.map(namespaceOf));
  const names = new Map(gateways.map((gateway) => [gateway.name, namespaceOf(gateway)]));
  const missing = unknown.filter(({ ref }) => {
    const [namespace = '', name = ''] = ref.name.split('/');
    return namespaces.has(namespace) || names.has(name);
  });
  if (missing.length === 0) return;
  const refs = [...new Set(missing.map(({ ref }) => ref.name))];
  const elsewhere = missing.find(({ ref }) => !ref.written.includes('/') && names.has(ref.written));
  const hint = elsewhere
    ? `; ${elsewhere.ref.written} without a namespace is the Gateway of the VirtualService's own, and one of that name is in ${names.get(elsewhere.ref.written)}`
    : '';
  yield {
    severity: 'info',
    outcome: 'advise',
    message: `VirtualServices name Gateways that are not in the input (${someOf(refs)}), so their hosts were not compared${hint}`,
    parameters: {},
  };
}
