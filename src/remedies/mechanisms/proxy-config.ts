import type { Json } from '../../manifest/node.ts';
import type { Operation } from '../../manifest/operation.ts';
import { pointer } from '../../manifest/pointer.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { objectAt } from '../../mesh/read.ts';
import { meshConfigOf } from '../../mesh/surface/mesh-config.ts';
import { type PodTemplate, proxyConfigOf, proxyConfigPointer } from '../../mesh/workload.ts';
import { operationsToSet } from '../../operations.ts';
import type { Patch } from '../../step.ts';
import { refusal } from '../fault.ts';
import { titleOf } from './wording.ts';

/** What it takes to set a field in the annotation `proxy.istio.io/config` of a workload's pods. */
export type ProxyConfigEdit =
  | { readonly outcome: 'same' }
  | { readonly outcome: 'cannot' }
  | { readonly outcome: 'change'; readonly patch: Required<Patch> };

/**
 * What makes a workload's own proxy config hold `value` at `path`; what else it says stays.
 *
 * @param path - keys from the proxy config: `['proxyMetadata', 'ISTIO_META_HTTP10']`
 * @returns `cannot` for an annotation that does not hold a YAML mapping
 */
export function editProxyConfig(workload: PodTemplate, path: readonly string[], value: Json): ProxyConfigEdit {
  const setting = operationsToSet(proxyConfigOf(workload), path, value);
  if (setting.outcome !== 'change') return { outcome: setting.outcome };
  return { outcome: 'change', patch: proxyConfigPatch(workload, setting.operations) };
}

/** Edits a workload's own proxy config; the operations' pointers start at the config. */
export function proxyConfigPatch(workload: PodTemplate, operations: readonly Operation[]): Required<Patch> {
  return { resource: workload.resource, within: proxyConfigPointer(workload), operations };
}

/** The kind of fault for a workload whose annotation does not hold a YAML mapping, so that a field cannot be added. */
export const unreadableProxyConfig = refusal<{ readonly workload: PodTemplate; readonly field: string }>(
  ({ workload, field }) =>
    `Annotation \`proxy.istio.io/config\` of ${titleOf(workload.resource)} does not hold a YAML mapping, so \`${field}\` cannot be added`,
);

/**
 * The operations that repeat the mesh-wide fields of a block of the proxy config, for an annotation whose own block
 * replaces all of them.
 *
 * @param isLeft - fields that need not be repeated
 */
export function repeatedFields(
  mesh: Mesh,
  block: 'proxyHeaders' | 'proxyMetadata',
  isLeft: (field: string) => boolean,
): Operation[] {
  return Object.entries(objectAt(meshConfigOf(mesh), 'defaultConfig', block))
    .filter(([field]) => !isLeft(field))
    .map(([field, value]) => ({ op: 'add', path: pointer(block, field), value }));
}
