import { at, listAt, stringAt } from './read.ts';
import type { Resource } from './resource.ts';

/** The controller that owns a resource, and undoes every edit of it. */
export interface Owner {
  readonly kind: string;
  readonly name: string;
  /** What of the owner decides about the resource: "`spec.service`"; undefined where that is not known. */
  readonly field: string | undefined;
}

/** What of a controller decides about what it owns, by API group and kind. */
const fields: ReadonlyMap<string, string> = new Map([
  // https://docs.flagger.app/usage/how-it-works#canary-service
  ['flagger.app/Canary', '`spec.service` (hosts, gateways, retries, timeout, trafficPolicy)'],
  ['argoproj.io/Rollout', '`spec.template` and `spec.strategy`'],
  ['serving.knative.dev/Service', '`spec.template`'],
  ['serving.knative.dev/Configuration', '`spec.template`'],
  ['serving.knative.dev/Revision', '`spec.template` of its Service'],
  ['apps/Deployment', '`spec.template`'],
  ['apps/ReplicaSet', '`spec.template` of its Deployment'],
  ['apps/StatefulSet', '`spec.template`'],
  ['apps/DaemonSet', '`spec.template`'],
  ['batch/CronJob', '`spec.jobTemplate`'],
  ['batch/Job', '`spec.template`'],
]);

/**
 * The controller of a resource; undefined for one that people own.
 *
 * @see https://kubernetes.io/docs/concepts/overview/working-with-objects/owners-dependents/
 */
export function ownerOf({ value }: Resource): Owner | undefined {
  const reference = listAt(value, 'metadata', 'ownerReferences').find((each) => at(each, 'controller') === true);
  const kind = stringAt(reference, 'kind');
  const name = stringAt(reference, 'name');
  if (kind === undefined || name === undefined) return undefined;
  const group = (stringAt(reference, 'apiVersion') ?? '').split('/')[0];
  return { kind, name, field: fields.get(`${group}/${kind}`) };
}

/**
 * The Helm release that a resource was read from a cluster of; undefined for manifests that are applied, and for what Helm does
 * not manage.
 *
 * @see https://helm.sh/docs/topics/chart_best_practices/labels/
 */
export function helmReleaseInCluster({ value }: Resource): string | undefined {
  const isOfCluster =
    at(value, 'metadata', 'uid') !== undefined || at(value, 'metadata', 'resourceVersion') !== undefined;
  const isHelms = stringAt(value, 'metadata', 'labels', 'app.kubernetes.io/managed-by') === 'Helm';
  if (!isOfCluster || !isHelms) return undefined;
  return stringAt(value, 'metadata', 'annotations', 'meta.helm.sh/release-name') ?? '';
}
