import type { Mesh } from './mesh.ts';
import { at } from './read.ts';
import { has } from './since.ts';
import { isGoTrue, istiodEnv } from './surface/env.ts';
import { meshConfigOf } from './surface/mesh-config.ts';
import type { Version } from './version.ts';
import { type PodTemplate, proxyConfigOf } from './workload.ts';

/** True for versions that switch HTTP/1.0 off again wherever the native field preserves the case of headers. */
export function headerCaseUndoesHttp10(version: Version): boolean {
  return has(version, 'nativeHeaderCase') && !has(version, 'nativeHeaderCaseKeepsHttp10');
}

/** True when the mesh config preserves the case of headers. */
export function preservesCaseMeshWide(mesh: Mesh): boolean {
  return at(meshConfigOf(mesh), 'defaultConfig', 'proxyHeaders', 'preserveHttp1HeaderCase') === true;
}

/** True when a workload's own annotation preserves the case of headers. */
export function preservesCase(workload: PodTemplate): boolean {
  return at(proxyConfigOf(workload), 'proxyHeaders', 'preserveHttp1HeaderCase') === true;
}

/** True when istiod's environment, or the metadata that the mesh config gives all proxies, switches HTTP/1.0 on. */
export function acceptsHttp10MeshWide(mesh: Mesh, version: Version): boolean {
  const metadata = at(meshConfigOf(mesh), 'defaultConfig', 'proxyMetadata', 'ISTIO_META_HTTP10');
  return isGoTrue(istiodEnv(mesh, 'PILOT_HTTP10', version) ?? '') || metadata === '1';
}

/** True when a workload's own metadata switches HTTP/1.0 on: only "1" does. */
export function acceptsHttp10(workload: PodTemplate): boolean {
  return at(proxyConfigOf(workload), 'proxyMetadata', 'ISTIO_META_HTTP10') === '1';
}
