import type { Json } from '../../manifest/node.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { at } from '../../mesh/read.ts';
import type { Resource } from '../../mesh/resource.ts';
import type { VersionText } from '../../mesh/since/fact.ts';
import { type FactName, facts, firstWithout, has, hasEnded, isEnding } from '../../mesh/since.ts';
import { meshConfigOf } from '../../mesh/surface/mesh-config.ts';
import { surfacesOf } from '../../mesh/surface/surface.ts';
import type { Version } from '../../mesh/version.ts';
import { type PodTemplate, proxyConfigOf, workloadsOf } from '../../mesh/workload.ts';
import { unreachedBy } from '../mechanisms/audience.ts';

/** A version that changes something for a mesh whose manifests stay as they are. */
export interface TurningPoint {
  /** What begins to hold, or ends, with the version. */
  readonly fact: FactName;
  /** What a version must have for the change to concern it: a gap that it brought, and that the fact closes. */
  readonly from?: FactName;
  /** Which versions have it ahead of them, where that is another question. */
  readonly ahead?: (version: Version) => boolean;
  /** What it is about, in a few words: "limits of 96 KiB". */
  readonly topic: string;
  /** What is so before, or from then on; a sentence without its full stop. */
  readonly what: string;
  /** The resources of a mesh that it concerns; none when it does not concern the mesh. */
  concerned(mesh: Mesh, version: Version): readonly Resource[];
}

/** True when a turning point is still ahead of a version. */
export function isAhead({ fact, from, ahead }: TurningPoint, version: Version): boolean {
  if (ahead) return ahead(version);
  const isOver = isEnding(fact) ? hasEnded(version, fact) : has(version, fact);
  return !isOver && (from === undefined || has(version, from));
}

/** The first version with the change. */
export function turnOf({ fact }: TurningPoint): VersionText {
  return isEnding(fact) ? firstWithout(fact) : facts[fact].since;
}

/** The install resources with a mesh config, when what it says of `path` is as asked. */
export function meshConfigWhere(
  mesh: Mesh,
  path: readonly string[],
  holds: (value: Json | undefined) => boolean,
): readonly Resource[] {
  if (!holds(at(meshConfigOf(mesh), ...path))) return [];
  return surfacesOf(mesh).flatMap(({ meshConfig, resource }) => (meshConfig.length > 0 ? [resource] : []));
}

/** Where a setting of the proxy config is as asked: workloads by their annotation, and the mesh config. */
export function proxyConfigWhere(
  mesh: Mesh,
  path: readonly string[],
  holds: (value: Json | undefined) => boolean,
): readonly Resource[] {
  const workloads = sidecarWorkloads(mesh).filter((workload) => holds(at(proxyConfigOf(workload), ...path)));
  return [...meshConfigWhere(mesh, ['defaultConfig', ...path], holds), ...workloads.map(({ resource }) => resource)];
}

/** The workloads that may have a sidecar. */
export function sidecarWorkloads(mesh: Mesh): readonly PodTemplate[] {
  return workloadsOf(mesh).filter((workload) => !unreachedBy(mesh, workload));
}

/** True for a value that switches something on, written as YAML or as text. */
export function isOn(value: Json | undefined): boolean {
  return value === true || value === 'true' || value === '1';
}
