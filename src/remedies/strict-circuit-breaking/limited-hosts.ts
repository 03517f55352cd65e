import { isObject } from '../../manifest/node.ts';
import { pointer } from '../../manifest/pointer.ts';
import { connectionLimit, type PoolScope, trafficOf } from '../../mesh/connection-pool.ts';
import { destinationRuleNamed, rulesForAllClients } from '../../mesh/destination-rule.ts';
import { namespaceOfHost } from '../../mesh/host.ts';
import { isSelected, type Mesh, type Selection } from '../../mesh/mesh.ts';
import { distinctNames, dnsName } from '../../mesh/new-name.ts';
import { at } from '../../mesh/read.ts';
import type { Resource } from '../../mesh/resource.ts';
import { destinationHost, isWithoutProxy } from '../../mesh/service.ts';
import type { TargetHost } from '../../mesh/target-host.ts';
import type { Version } from '../../mesh/version.ts';
import { networkingApiVersion } from '../../mesh/virtual-service.ts';
import { hasSidecars } from '../../mesh/workload.ts';
import { writtenHost } from '../mechanisms/for-service.ts';
import type { LegacyStep as Step } from '../remedy.ts';
import { type Limits, listed, missingHttp, notes } from './pool-limits.ts';

export interface TargetSettings extends Limits, Selection {
  /** The limit that the hosts are to have. */
  readonly connections: number;
  /** Names of new DestinationRules by host. */
  readonly ruleNames: ReadonlyMap<string, string>;
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
  const found = rulesForAllClients(mesh, host, target.namespace ?? 'default');
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

/** The names of the DestinationRules that targets would get. */
export function namesOf(targets: readonly TargetHost[]): ReadonlyMap<string, string> {
  return distinctNames(
    targets.map(({ host, namespace = 'default' }) => {
      const label = namespaceOfHost(host) === undefined ? host.replace(/\./g, '-') : host.split('.')[0];
      return { subject: host, namespace, name: dnsName(`${label}-circuit-breaker`) };
    }),
  );
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

function emission(mesh: Mesh, target: TargetHost, settings: TargetSettings, version: Version): Step {
  const { host, owner, namespace } = target;
  const isService = owner?.kind === 'Service';
  const name = settings.ruleNames.get(host) ?? '';
  const about = owner ? { resource: owner } : {};
  if (destinationRuleNamed(mesh, namespace ?? 'default', name)) {
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
        host: isService ? writtenHost(owner) : host,
        connections,
        http: Object.keys(http).length > 0 ? http : null,
      },
    },
  };
}

const everyPort: PoolScope = { path: [], pool: undefined, without: new Set(), replacedLimit: undefined };
