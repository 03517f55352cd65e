import type { JsonObject } from '../../manifest/node.ts';
import { localityWish } from '../../mesh/locality.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { at, stringAt } from '../../mesh/read.ts';
import { namespaceOf, type Resource } from '../../mesh/resource.ts';
import { facts, has } from '../../mesh/since.ts';
import { meshConfigOf } from '../../mesh/surface/mesh-config.ts';
import type { Version } from '../../mesh/version.ts';
import { workloadsBehind } from '../../mesh/workload.ts';

/** How outlier detection is to be set. */
export interface Detection {
  readonly consecutive5xxErrors: number;
  readonly interval: string;
  readonly baseEjectionTime: string;
  readonly maxEjectionPercent: number | undefined;
}

export function outlierDetection({ maxEjectionPercent, ...detection }: Detection): JsonObject {
  const { consecutive5xxErrors, interval, baseEjectionTime } = detection;
  const limit = maxEjectionPercent === undefined ? {} : { maxEjectionPercent };
  return { consecutive5xxErrors, interval, baseEjectionTime, ...limit };
}

const nanoseconds: Readonly<Record<string, number>> = { h: 3.6e12, m: 6e10, s: 1e9, ms: 1e6 };

/**
 * True for a duration that Istio accepts: 1ms or longer, and no finer than that.
 *
 * @see https://github.com/istio/istio/blob/1.31.0/pkg/config/validation/agent/validation.go `ValidateDuration`
 */
export function isWholeMilliseconds(duration: string): boolean {
  const parts = [...duration.matchAll(/([\d.]+)(ms|[hms])/g)];
  const total = Math.round(parts.reduce((sum, [, count, unit]) => sum + Number(count) * nanoseconds[unit!]!, 0));
  return total > 0 && total % 1e6 === 0;
}

/** True when the mesh switches locality load balancing off; a DestinationRule may switch it on again for its host. */
export function isOffInMesh(mesh: Mesh): boolean {
  return localityWish(meshConfigOf(mesh)['localityLbSetting']) === 'off';
}

/** What is added, in the fix's words. */
export function detectionText(detection: Detection): string {
  const fields = Object.entries(outlierDetection(detection)).map(([name, value]) => `${name}: ${value}`);
  return `\`outlierDetection\` (${fields.join(', ')})`;
}

/**
 * What outlier detection does beside making failover work, as clauses after the fix.
 *
 * Istio leaves `maxEjectionPercent` to Envoy's default of 10, of which Envoy made an exception for the first pod until
 * 1.27. The panic threshold is off, so that a host whose only pod is ejected answers nothing.
 *
 * @see https://www.envoyproxy.io/docs/envoy/latest/version_history/v1.28/v1.28.0 `check_mep_on_first_eject`
 * @see https://github.com/istio/istio/blob/1.31.0/pilot/pkg/networking/core/cluster_traffic_policy.go `applyOutlierDetection`
 */
export function sideEffects(mesh: Mesh, service: Resource | undefined, detection: Detection, version: Version): string {
  const { baseEjectionTime: time, maxEjectionPercent: limit } = detection;
  const isStrict = has(version, 'firstEjectionCounted');
  const few = isStrict
    ? `; with fewer than 10 pods none is ejected unless \`maxEjectionPercent\` is set (Istio ${facts.firstEjectionCounted.since} and later)`
    : ', at most one or 10% of them at a time';
  const isInMesh = at(meshConfigOf(mesh), 'defaultTrafficPolicy', 'outlierDetection') !== undefined;
  const replaces = isInMesh ? "; it replaces the mesh's default `outlierDetection` for this host" : '';
  const isEmptied = (limit === 100 || !isStrict) && service !== undefined && hasOneReplica(mesh, service);
  const empties = isEmptied
    ? `; ${service.name} has one replica, so requests get 503 with flag UH while it is ejected`
    : '';
  return `; failing pods get no requests for ${time}${limit === undefined ? few : ''}${replaces}${empties}`;
}

const scaled: ReadonlySet<string> = new Set(['Deployment', 'StatefulSet', 'Rollout']);

function hasOneReplica(mesh: Mesh, service: Resource): boolean {
  const [behind, another] = workloadsBehind(mesh, service).map(({ resource }) => resource);
  if (!behind || another || !scaled.has(behind.kind)) return false;
  return (at(behind.value, 'spec', 'replicas') ?? 1) === 1 && !isAutoscaled(mesh, behind);
}

function isAutoscaled(mesh: Mesh, { kind, name, ...rest }: Resource): boolean {
  return [...mesh.ofKind('HorizontalPodAutoscaler'), ...mesh.ofKind('ScaledObject')].some((scaler) => {
    const target = at(scaler.value, 'spec', 'scaleTargetRef');
    const isKind = (stringAt(target, 'kind') ?? 'Deployment') === kind;
    return isKind && stringAt(target, 'name') === name && namespaceOf(scaler) === namespaceOf({ kind, name, ...rest });
  });
}
