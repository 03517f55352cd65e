import { matchesGlob } from '../glob.ts';
import { groupBy } from '../group-by.ts';
import { isObject } from '../manifest/node.ts';
import { parseText } from '../manifest/read.ts';
import { stringAt } from './read.ts';
import { namespaceOf, type Resource } from './resource.ts';

/** All resources of a run, with the questions that remedies ask of them. Read-only. */
export interface Mesh {
  readonly resources: readonly Resource[];
  /** Documents without apiVersion and kind: what Helm values of istiod look like, for `surface: helm-values`. */
  readonly values: readonly Resource[];
  /** Resources of a kind, in input order; `group` tells kinds of one name apart: `networking.istio.io` for Gateway. */
  ofKind(kind: string, group?: string): readonly Resource[];
  /** The namespace whose Istio resources count for the whole mesh: `istio-system` unless the manifests say otherwise. */
  readonly rootNamespace: string;
}

/** Which resources are meant: exact names, or globs with `*`; none given means all. */
export interface Selection {
  readonly namespaces?: readonly string[] | undefined;
  readonly names?: readonly string[] | undefined;
}

/** Makes a mesh of the resources of a run. */
export function meshOf(resources: readonly Resource[], values: readonly Resource[] = []): Mesh {
  const byKind = groupBy(resources, ({ kind }) => kind);
  const ofKind: Mesh['ofKind'] = (kind, group) => {
    const found = byKind.get(kind) ?? [];
    return group === undefined ? found : found.filter((resource) => resource.group === group);
  };
  return { resources, values, ofKind, rootNamespace: rootNamespaceOf(ofKind) };
}

/**
 * @see https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/ `rootNamespace`: defaults to the control
 *   plane's own namespace
 */
function rootNamespaceOf(ofKind: Mesh['ofKind']): string {
  const config = ofKind('ConfigMap').find(isMeshConfigMap);
  if (config) {
    const mesh = parseText(stringAt(config.value, 'data', 'mesh') ?? '');
    return (isObject(mesh) ? stringAt(mesh, 'rootNamespace') : undefined) ?? namespaceOf(config);
  }
  const named = [
    ...ofKind('IstioOperator').map(
      ({ value }) =>
        stringAt(value, 'spec', 'meshConfig', 'rootNamespace') ??
        stringAt(value, 'spec', 'values', 'global', 'istioNamespace'),
    ),
    ...ofKind('Istio', 'sailoperator.io').map(
      ({ value }) =>
        stringAt(value, 'spec', 'values', 'meshConfig', 'rootNamespace') ?? stringAt(value, 'spec', 'namespace'),
    ),
  ].find(Boolean);
  const istiod = ofKind('Deployment').find(({ name, namespace }) => namespace && /^istiod(-|$)/.test(name));
  return named ?? istiod?.namespace ?? 'istio-system';
}

/** True for istiod's own mesh config: ConfigMap `istio`, or `istio-<revision>`, with a `data.mesh`. */
export function isMeshConfigMap(resource: Resource): boolean {
  return (
    resource.kind === 'ConfigMap' &&
    /^istio(-|$)/.test(resource.name) &&
    stringAt(resource.value, 'data', 'mesh') !== undefined
  );
}

/** True when a resource is among those that the parameters `namespaces` and `names` leave in. */
export function isSelected(resource: Resource, { namespaces, names }: Selection): boolean {
  return matchesAny(namespaces, namespaceOf(resource)) && matchesAny(names, resource.name);
}

function matchesAny(globs: readonly string[] | undefined, text: string): boolean {
  return globs === undefined || globs.some((glob) => matchesGlob(glob, text));
}
