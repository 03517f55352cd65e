import { isObject } from '../../manifest/node.ts';
import { connectionLimit, type PoolScope, trafficOf } from '../../mesh/connection-pool.ts';
import { destinationRuleNamed, rulesForAllClients } from '../../mesh/destination-rule.ts';
import { namespaceOfHost } from '../../mesh/host.ts';
import { isSelected, type Mesh } from '../../mesh/mesh.ts';
import { distinctNames, dnsName } from '../../mesh/new-name.ts';
import { at } from '../../mesh/read.ts';
import type { Resource } from '../../mesh/resource.ts';
import { destinationHost, isWithoutProxy } from '../../mesh/service.ts';
import { resolveTarget, type TargetHost } from '../../mesh/target-host.ts';
import { networkingApiVersion } from '../../mesh/virtual-service.ts';
import { hasSidecars } from '../../mesh/workload.ts';
import { emit, placeIn, refuse, type Step } from '../../step.ts';
import { writtenHost } from '../mechanisms/for-service.ts';
import type { Target } from '../remedy.ts';
import { poolFault } from './faults.ts';
import type { parameters, Settings } from './parameters.ts';
import { fixText, missingHttp } from './pool-use.ts';
import { upgradesToHttp2 } from './pools.ts';

/** The hosts that the user names, as far as they are known. */
export function targetsOf(mesh: Mesh, { hosts = [], namespaces }: Settings) {
  return hosts.map((host) => resolveTarget(mesh, host, namespaces));
}

/** Finds hosts that the user names and that no DestinationRule limits. */
export function* findInHosts({ mesh, parameters: settings }: Target<typeof parameters>) {
  for (const target of targetsOf(mesh, settings)) {
    if ('problem' in target) yield poolFault('unknown-host', {}, target.problem);
    else yield* findInHost(mesh, target, settings);
  }
}

function* findInHost(mesh: Mesh, target: TargetHost, settings: Settings) {
  const { host, owner, namespace = 'default' } = target;
  const where = { ...(owner && { resource: owner }), narrowedBy: null };
  const found = rulesForAllClients(mesh, host, namespace);
  const own = found.filter((rule) => destinationHost(rule) === host);
  const covering = found.find(({ value }) => isObject(at(value, 'spec', 'trafficPolicy')));
  if (own.length > 0) for (const rule of own) yield* findInOwnRule(rule, settings);
  else if (covering) {
    const data = { host, rule: covering.name, ruleHost: destinationHost(covering) };
    yield poolFault('governed-host', { ...placeIn(covering, 'spec', 'host'), narrowedBy: null }, data);
  } else
    yield isWithoutProxy(mesh, host) ? poolFault('no-proxy', where, host) : poolFault('unlimited-host', where, target);
}

/** A DestinationRule that stays as it is though the user names its host. */
function* findInOwnRule(rule: Resource, settings: Settings) {
  const where = { ...placeIn(rule, 'spec'), narrowedBy: null };
  const limit = connectionLimit(at(rule.value, 'spec', 'trafficPolicy', 'connectionPool'));
  if (!isSelected(rule, settings)) yield poolFault('unselected-rule', where);
  else if (limit !== undefined && limit !== settings.connections) yield poolFault('other-limit', where, limit);
}

/** The names of the DestinationRules that hosts would get. */
function namesFor(mesh: Mesh, settings: Settings): ReadonlyMap<string, string> {
  const targets = targetsOf(mesh, settings).filter((target) => 'host' in target);
  return distinctNames(
    targets.map(({ host, namespace = 'default' }) => {
      const label = namespaceOfHost(host) === undefined ? host.replace(/\./g, '-') : host.split('.')[0];
      return { subject: host, namespace, name: dnsName(`${label}-circuit-breaker`) };
    }),
  );
}

/** Adds a DestinationRule that limits the connections to a host. */
export function limitHost(
  target: TargetHost,
  { mesh, version, parameters: settings }: Target<typeof parameters>,
): Step {
  const { host, owner, namespace } = target;
  const name = namesFor(mesh, settings).get(host) ?? '';
  if (destinationRuleNamed(mesh, namespace ?? 'default', name))
    return refuse(`A DestinationRule ${name} exists already, for another host`);
  const { connections = 0 } = settings;
  const traffic = trafficOf(mesh, host, everyPort, upgradesToHttp2(mesh));
  const http = missingHttp(undefined, traffic, settings, connections);
  const use = { traffic, atServers: hasSidecars(mesh, host) };
  const fields = fixText({ maxConnections: connections, ...http }, use, connections);
  return emit(`add DestinationRule ${name} with ${fields}`, {
    template: 'strict-circuit-breaking/destination-rule',
    values: {
      apiVersion: networkingApiVersion(version),
      name,
      namespace: namespace ?? null,
      host: owner?.kind === 'Service' ? writtenHost(owner) : host,
      connections,
      http: Object.keys(http).length > 0 ? http : null,
    },
  });
}

const everyPort: PoolScope = { path: [], pool: undefined, without: new Set(), replacedLimit: undefined };
