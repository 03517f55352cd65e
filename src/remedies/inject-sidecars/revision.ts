import { answersRevision, defaultRevision, type Injectors, revisionLabel } from '../../mesh/injection.ts';
import { isSelected, type Mesh } from '../../mesh/mesh.ts';
import { stringAt } from '../../mesh/read.ts';
import type { Resource } from '../../mesh/resource.ts';
import type { Settings } from './parameters.ts';

/** The revision that namespaces are to be labelled with. */
export interface Chosen {
  /** Undefined when the manifests show none, or several. */
  readonly revision: string | undefined;
  /** All that were found. */
  readonly found: readonly string[];
  /** True when the user named it: namespaces of other revisions move then too. */
  readonly isGiven: boolean;
}

/**
 * The revision given, else that of the one control plane of the input, by the tag that namespaces use for it; where
 * no control plane is in the input, as with managed ones, what all labelled namespaces agree on.
 */
export function chooseRevision(mesh: Mesh, injectors: Injectors, given: string | undefined): Chosen {
  if (given !== undefined) return { revision: given, found: [given], isGiven: true };
  const found = injectors.isKnown ? known(mesh, injectors) : usedRevisions(mesh);
  return { revision: found.length === 1 ? found[0] : undefined, found, isGiven: false };
}

function known(mesh: Mesh, injectors: Injectors): readonly string[] {
  const { revisions, tags } = injectors;
  if (revisions.size !== 1) return [...(revisions.size === 0 ? tags : revisions)].sort();
  const used = usedRevisions(mesh).filter((name) => tags.has(name) && answersRevision(injectors, name) === 'yes');
  return used.length === 1 ? used : [...revisions];
}

function usedRevisions(mesh: Mesh): readonly string[] {
  const used = namespacesOf(mesh).flatMap(({ value }) => stringAt(value, 'metadata', 'labels', revisionLabel) ?? []);
  return [...new Set(used)].sort();
}

/** The Namespaces of the input that may be part of the mesh. */
export function namespacesOf(mesh: Mesh): readonly Resource[] {
  return mesh.ofKind('Namespace', '').filter(({ name }) => !isSystem(mesh, name));
}

/**
 * True for the namespaces of Kubernetes and of the control plane, whose pods are not part of the mesh.
 *
 * @see https://github.com/istio/istio/blob/1.31.0-rc.0/pkg/kube/inject/initializer.go `IgnoredNamespaces`
 */
export function isSystem(mesh: Mesh, namespace: string): boolean {
  const ignored = ['kube-system', 'kube-public', 'kube-node-lease', 'local-path-storage', 'istio-system'];
  return ignored.includes(namespace) || namespace === mesh.rootNamespace;
}

/** The label that makes the webhooks of a revision take a namespace. */
export function labelFor(revision: string): { readonly key: string; readonly value: string } {
  // Up to 1.9 the default control plane answers this label only, and it does so in every version.
  return revision === defaultRevision
    ? { key: 'istio-injection', value: 'enabled' }
    : { key: revisionLabel, value: revision };
}

/** A Namespace is selected with what is in it. */
export function asOwnNamespace(namespace: Resource): Resource {
  return { ...namespace, namespace: namespace.name };
}

export function isChosen(namespace: Resource, settings: Settings): boolean {
  return isSelected(asOwnNamespace(namespace), settings);
}
