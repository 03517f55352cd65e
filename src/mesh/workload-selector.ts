import type { JsonObject } from '../manifest/node.ts';
import { objectAt } from './read.ts';
import type { Resource } from './resource.ts';
import { type PodTemplate, podLabels } from './workload.ts';

/** Labels that tell pods of one workload apart and never change, for an EnvoyFilter's `workloadSelector`. */
export function selectorOf(workload: PodTemplate): JsonObject | null {
  const { value, kind } = workload.resource;
  const plain = kind === 'ReplicationController' || kind === 'DeploymentConfig';
  const own = plain ? objectAt(value, 'spec', 'selector') : objectAt(value, 'spec', 'selector', 'matchLabels');
  const labels = Object.keys(own).length > 0 ? own : { ...podLabels(workload) };
  return Object.keys(labels).length > 0 ? labels : null;
}

/** What a filter for one workload is named by: workloads of two kinds may share a name. */
export function workloadName({ kind, name }: Resource): string {
  return kind === 'Deployment' ? name : `${kind.toLowerCase()}-${name}`;
}
