import type { JsonObject } from '../manifest/node.ts';
import { derived } from './derived.ts';
import type { Mesh } from './mesh.ts';
import { distinctNames } from './new-name.ts';
import { objectAt } from './read.ts';
import { namespaceOf, type Resource } from './resource.ts';
import { type PodTemplate, podLabels, workloadsOf } from './workload.ts';

/** Labels that tell pods of one workload apart and never change, for an EnvoyFilter's `workloadSelector`. */
export function selectorOf(workload: PodTemplate): JsonObject | null {
  const { value, kind } = workload.resource;
  const plain = kind === 'ReplicationController' || kind === 'DeploymentConfig';
  const own = plain ? objectAt(value, 'spec', 'selector') : objectAt(value, 'spec', 'selector', 'matchLabels');
  const labels = Object.keys(own).length > 0 ? own : { ...podLabels(workload) };
  return Object.keys(labels).length > 0 ? labels : null;
}

/** What a filter for one workload is named by, which no other workload of its namespace has: `web`, `job-web`. */
export function workloadName(mesh: Mesh, resource: Resource): string {
  return workloadNames(mesh).get(subjectOf(resource)) ?? plainName(resource);
}

const workloadNames = derived((mesh) =>
  distinctNames(
    workloadsOf(mesh).map(({ resource }) => ({
      subject: subjectOf(resource),
      namespace: namespaceOf(resource),
      name: plainName(resource),
    })),
  ),
);

function subjectOf(resource: Resource): string {
  return `${resource.kind} ${namespaceOf(resource)}/${resource.name}`;
}

function plainName({ kind, name }: Resource): string {
  return kind === 'Deployment' ? name : `${kind.toLowerCase()}-${name}`;
}
