import type { JsonObject } from '../manifest/node.ts';
import type { Mesh } from './mesh.ts';
import { at, objectAt } from './read.ts';
import { namespaceOf, type Resource } from './resource.ts';
import { has } from './since.ts';
import { meshConfigOf } from './surface/mesh-config.ts';
import type { Version } from './version.ts';
import { type PodTemplate, podLabels, proxyConfigOf } from './workload.ts';

/**
 * The environment that a workload's proxy gets beside its own: mesh config, ProxyConfig resources from 1.13, and the
 * workload's annotation, key by key, the strongest on top. Before 1.11 an annotation's `proxyMetadata` replaces the rest.
 *
 * @see https://github.com/istio/istio/blob/1.24.0/pilot/pkg/model/proxy_config.go `EffectiveProxyConfig`
 * @see https://github.com/istio/istio/blob/1.10.0/pkg/config/mesh/mesh.go `ApplyProxyConfig`
 */
export function proxyMetadataOf(mesh: Mesh, workload: PodTemplate, version: Version): JsonObject {
  const shared = objectAt(meshConfigOf(mesh), 'defaultConfig', 'proxyMetadata');
  const own = objectAt(proxyConfigOf(workload), 'proxyMetadata');
  if (!has(version, 'mergedProxyMetadata')) return Object.keys(own).length > 0 ? own : shared;
  if (!has(version, 'proxyConfigResource')) return { ...shared, ...own };
  const configs = proxyConfigsOf(mesh);
  const wide = (namespace: string): JsonObject =>
    environmentOf(configs.find((config) => namespaceOf(config) === namespace && !isSelective(config)));
  const namespace = namespaceOf(workload.resource);
  const selected = configs.find((config) => namespaceOf(config) === namespace && selects(config, workload));
  return { ...shared, ...wide(mesh.rootNamespace), ...wide(namespace), ...own, ...environmentOf(selected) };
}

/** The ProxyConfig resources of a mesh, in input order. */
export function proxyConfigsOf(mesh: Mesh): readonly Resource[] {
  return mesh.ofKind('ProxyConfig', 'networking.istio.io');
}

function environmentOf(config: Resource | undefined): JsonObject {
  return objectAt(config?.value, 'spec', 'environmentVariables');
}

function isSelective({ value }: Resource): boolean {
  return at(value, 'spec', 'selector') !== undefined;
}

function selects({ value }: Resource, workload: PodTemplate): boolean {
  const labels = podLabels(workload);
  const wanted = Object.entries(objectAt(value, 'spec', 'selector', 'matchLabels'));
  return wanted.length > 0 && wanted.every(([key, label]) => labels[key] === label);
}
