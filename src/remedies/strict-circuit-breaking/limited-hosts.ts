import { isObject } from '../../manifest/node.ts';
import { pointer } from '../../manifest/pointer.ts';
import { connectionLimit, type PoolScope, trafficOf } from '../../mesh/connection-pool.ts';
import { destinationRulesOf } from '../../mesh/destination-rule.ts';
import { namespaceOfHost } from '../../mesh/host.ts';
import { isSelected, type Mesh, type Selection } from '../../mesh/mesh.ts';
import { at } from '../../mesh/read.ts';
import { namespaceOf, type Resource } from '../../mesh/resource.ts';
import { destinationHost, destinationRulesFor, isWithoutProxy } from '../../mesh/service.ts';
import type { TargetHost } from '../../mesh/target-host.ts';
import type { Version } from '../../mesh/version.ts';
import { networkingApiVersion } from '../../mesh/virtual-service.ts';
import { hasSidecars } from '../../mesh/workload.ts';
import type { LegacyStep as Step } from '../remedy.ts';
import { type Limits, listed, missingHttp, notes } from './pool-limits.ts';

export interface TargetSettings extends Limits, Selection {
  /** The limit that the hosts are to have. */
  readonly connections: number;
  /** True when the mesh upgrades HTTP/1.1 to HTTP/2 between sidecars. */
  readonly upgrades: boolean;
}

/** Plans for a host that the user names: its DestinationRules were planned for already, unless there is none. */
export function* planTarget(
  mesh: Mesh,
  target: TargetHost | { readonly problem: string },
  settings: TargetSettings,
  version: Version,
): Iterable<Step> {
  if ('problem' in target) {
    yield { severity: 'error', outcome: 'refuse', message: target.problem };
    return;
  }
  const { host, owner } = target;
  const about = owner ? { resource: owner } : {};
  const found = destinationRulesFor(mesh, host).filter((rule) => isFoundByAll(mesh, rule, target));
  const own = found.filter((rule) => destinationHost(rule) === host);
  if (own.length > 0) {
    yield* own.flatMap((rule) => keepStep(rule, settings));
    return;
  }
  const covering = found.find(({ value }) => isObject(at(value, 'spec', 'trafficPolicy')));
  if (covering) {
    const message = `DestinationRule ${covering.name} (host ${destinationHost(covering)}) rules ${host}, and a new one would replace all of its traffic policy: name that host instead, or write one for ${host} by hand`;
    yield { severity: 'error', outcome: 'refuse', message, resource: covering, path: pointer('spec', 'host') };
    return;
  }
  if (isWithoutProxy(mesh, host)) {
    const message = `${host} gets no DestinationRule: its namespace is in ambient mode, and without a waypoint (label istio.io/use-waypoint) nothing applies one`;
    yield { severity: 'warning', outcome: 'advise', message, ...about };
    return;
  }
  yield emission(mesh, target, settings, version);
}

/** True for a DestinationRule that clients of every namespace find: in the host's own namespace, or the root. */
function isFoundByAll(mesh: Mesh, rule: Resource, { namespace = 'default' }: TargetHost): boolean {
  return namespaceOf(rule) === namespace || namespaceOf(rule) === mesh.rootNamespace;
}

/** What to say of a DestinationRule that stays as it is though the user names its host. */
function keepStep(rule: Resource, settings: TargetSettings): Step[] {
  const limit = connectionLimit(at(rule.value, 'spec', 'trafficPolicy', 'connectionPool'));
  const message = !isSelected(rule, settings)
    ? `Left as it is, because namespaces or names leaves it out`
    : limit !== undefined && limit !== settings.connections
      ? `It limits connections to ${limit} already, which stays`
      : undefined;
  if (message === undefined) return [];
  return [{ severity: 'info', outcome: 'keep', message, resource: rule, path: pointer('spec') }];
}

/** The name never is the Service's own: a DestinationRule of that name may be in the cluster without being in the input. */
function emission(mesh: Mesh, target: TargetHost, settings: TargetSettings, version: Version): Step {
  const { host, owner, namespace } = target;
  const isService = owner?.kind === 'Service';
  const label =
    namespaceOfHost(host) === undefined ? host.replace(/^\*/, 'any').replace(/\./g, '-') : host.split('.')[0];
  const name = `${label}-circuit-breaker`;
  const about = owner ? { resource: owner } : {};
  const taken = destinationRulesOf(mesh).some(
    (rule) => rule.name === name && namespaceOf(rule) === (namespace ?? 'default'),
  );
  if (taken) {
    const message = `${host} gets no DestinationRule: one called ${name} is there already, for another host`;
    return { severity: 'error', outcome: 'refuse', message, ...about };
  }
  const { connections } = settings;
  const traffic = trafficOf(mesh, host, everyPort, settings.upgrades);
  const http = missingHttp(undefined, traffic, settings, connections);
  const fields = listed({ maxConnections: connections, ...http });
  return {
    severity: 'info',
    outcome: 'change',
    message: `Nothing limits the connections to ${host}: adds DestinationRule ${name} with ${fields}${notes({ traffic, atServers: hasSidecars(mesh, host) }, http)}`,
    ...about,
    emit: {
      template: 'strict-circuit-breaking/destination-rule',
      values: {
        apiVersion: networkingApiVersion(version),
        name,
        namespace: namespace ?? null,
        // A Service without a namespace is given one later, by kustomize or kubectl: a short name follows it there.
        host: isService && namespace === undefined ? owner.name : host,
        connections,
        http: Object.keys(http).length > 0 ? http : null,
      },
    },
  };
}

const everyPort: PoolScope = { path: [], pool: undefined, without: new Set(), replacedLimit: undefined };
