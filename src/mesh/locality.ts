import { isObject, type Json } from '../manifest/node.ts';
import { serviceEntryOf } from './connection-pool.ts';
import type { Mesh } from './mesh.ts';
import { at, listAt, stringAt } from './read.ts';
import { namespaceOf, type Resource } from './resource.ts';
import { isHeadless, serviceOf } from './service.ts';
import { has } from './since.ts';
import { isGoTrue, istiodEnv } from './surface/env.ts';
import type { Version } from './version.ts';

/**
 * What a `localityLbSetting` asks for:
 * - `unset`: nothing is said here, so what is above it counts
 * - `off`: `enabled: false`
 * - `distribute`: weights, which work without outlier detection
 * - `near`: the default order, the client's own zone and region first
 * - `ordered`: `failover` or `failoverPriority` say the order
 * - `rejected`: `distribute` and `failover` at once
 *
 * @see https://istio.io/latest/docs/reference/config/networking/destination-rule/#LocalityLoadBalancerSetting
 */
export type LocalityWish = 'unset' | 'off' | 'distribute' | 'near' | 'ordered' | 'rejected';

export function localityWish(setting: Json | undefined): LocalityWish {
  if (!isObject(setting)) return 'unset';
  const has = (field: string): boolean => listAt(setting, field).length > 0;
  if (has('distribute')) return has('failover') ? 'rejected' : 'distribute';
  if (setting['enabled'] === false) return 'off';
  return has('failover') || has('failoverPriority') ? 'ordered' : 'near';
}

/** Where endpoints nearby come first only if it is known which of them are unhealthy. */
export function wantsFailover(wish: LocalityWish): boolean {
  return wish === 'near' || wish === 'ordered';
}

const distributionAnnotation = 'networking.istio.io/traffic-distribution';

/**
 * How a Service asks for traffic nearby without any DestinationRule, where this version's sidecars hear it: they keep
 * traffic in the zone then, outlier detection or not.
 *
 * @returns the text as written; undefined when there is none, or this version ignores it
 * @see https://github.com/istio/istio/blob/1.30.0/pilot/pkg/model/service.go `GetTrafficDistribution`
 */
export function trafficDistributionOf(mesh: Mesh, service: Resource, version: Version): string | undefined {
  if (!has(version, 'trafficDistribution')) return undefined;
  const known = [
    'preferclose',
    ...(has(version, 'trafficDistributionByZone') ? ['prefersamezone', 'prefersamenode'] : []),
  ];
  const field = stringAt(service.value, 'spec', 'trafficDistribution');
  if (field !== undefined && known.includes(field.toLowerCase())) return `trafficDistribution: ${field}`;
  const own = stringAt(service.value, 'metadata', 'annotations', distributionAnnotation);
  const shared = has(version, 'trafficDistributionOfNamespace')
    ? namespaceAnnotation(mesh, namespaceOf(service))
    : undefined;
  const annotation = own || shared;
  const isKnown = annotation !== undefined && known.includes(annotation.toLowerCase());
  return isKnown ? `${distributionAnnotation}: ${annotation}` : undefined;
}

function namespaceAnnotation(mesh: Mesh, name: string): string | undefined {
  const namespace = mesh.ofKind('Namespace', '').find((found) => found.name === name);
  return stringAt(namespace?.value, 'metadata', 'annotations', distributionAnnotation);
}

/**
 * True for a host whose connections go where the client's own DNS answer points, so that no proxy chooses an endpoint:
 * a headless Service, or a ServiceEntry with resolution NONE.
 *
 * @see https://github.com/istio/istio/blob/1.31.0/pilot/pkg/networking/core/cluster.go `convertResolution`
 */
export function isPassedThrough(mesh: Mesh, fqdn: string, version: Version): 'headless' | 'none' | undefined {
  const service = serviceOf(mesh, fqdn);
  if (service) {
    const isBalanced = isGoTrue(istiodEnv(mesh, 'PILOT_ENABLE_EDS_FOR_HEADLESS_SERVICES', version) ?? '');
    return isHeadless(service) && !isBalanced ? 'headless' : undefined;
  }
  const entry = serviceEntryOf(mesh, fqdn);
  return entry && (at(entry.value, 'spec', 'resolution') ?? 'NONE') === 'NONE' ? 'none' : undefined;
}
