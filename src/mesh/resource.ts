import type { ResourceRef } from '../finding.ts';
import { type Document, isObject, type Json, type JsonObject } from '../manifest/node.ts';
import { pointer } from '../manifest/pointer.ts';

/**
 * One Kubernetes object. `value` is its current meaning: what the text said, with the patches of the remedies
 * that ran before. It must not be mutated.
 */
export interface Resource extends ResourceRef {
  /** API group without version; empty for the core group. */
  readonly group: string;
  readonly value: JsonObject;
  /** As written; `namespaceOf` says where it lives. */
  readonly namespace?: string;
  /** The namespace that its build sets for it and for what it names; undefined where none does. */
  readonly builtNamespace?: string;
  /** Where it is; undefined for a resource that this run emits. */
  readonly document: Document | undefined;
  /** Pointer to the resource inside its document: empty, or `/items/3` in a List. */
  readonly base: string;
}

/** The namespace that a resource lives in; one without a namespace is taken to be applied to `default`. */
export function namespaceOf(resource: ResourceRef): string {
  return resource.namespace ?? 'default';
}

/**
 * True for two resources of one kind, namespace and name, which a cluster can hold only one of: a base and its
 * overlay, or alternatives of which one is applied. A base often leaves the namespace to its overlays.
 */
export function isVariantOf(a: Resource, b: Resource): boolean {
  const isOneNamespace = a.namespace === undefined || b.namespace === undefined || a.namespace === b.namespace;
  return a.name === b.name && a.kind === b.kind && a.group === b.group && isOneNamespace;
}

/** True for a value that Kubernetes would take for an object: it has kind and apiVersion. */
export function isKubernetesObject(value: Json): value is JsonObject {
  return isObject(value) && typeof value['kind'] === 'string' && typeof value['apiVersion'] === 'string';
}

/** The resources of a document: itself, or the items of a List. Items of nested Lists count too. */
export function resourcesOf(document: Document): Resource[] {
  return collect(document.value, '', document);
}

function collect(value: Json, base: string, document: Document | undefined): Resource[] {
  if (!isKubernetesObject(value)) return [];
  if (isListKind(value)) {
    const items = value['items'];
    if (!Array.isArray(items)) return [];
    return items.flatMap((item, index) => collect(item, `${base}${pointer('items', index)}`, document));
  }
  const resource = resourceFrom(value, base, document);
  return resource ? [resource] : [];
}

/** `List`, `VirtualServiceList`, and the ResourceList that KRM functions exchange. */
function isListKind(value: JsonObject): boolean {
  return String(value['kind']).endsWith('List') && Array.isArray(value['items']);
}

/**
 * The name that istioctl gives to an IstioOperator without one, as most of them are.
 *
 * @see https://github.com/istio/istio/blob/1.22.0/operator/cmd/mesh/install.go `installed-state`
 */
const unnamedOperator = 'installed-state';

/** Reads one object as a resource; undefined when it has no usable name. */
export function resourceFrom(value: JsonObject, base = '', document?: Document): Resource | undefined {
  const apiVersion = String(value['apiVersion']);
  const kind = String(value['kind']);
  const isOperator = kind === 'IstioOperator' && apiVersion.startsWith('install.istio.io/');
  const metadata = value['metadata'] ?? (isOperator ? {} : null);
  if (!isObject(metadata)) return undefined;
  const name = metadata['name'] ?? metadata['generateName'] ?? (isOperator ? unnamedOperator : undefined);
  if (typeof name !== 'string') return undefined;
  const namespace = metadata['namespace'];
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
  return {
    apiVersion,
    kind,
    group,
    name,
    ...(typeof namespace === 'string' && namespace !== '' ? { namespace } : {}),
    value,
    document,
    base,
  };
}

/** Kinds without a namespace, among those that manifests of applications and meshes have. */
const clusterKinds =
  /^(Namespace|Node|PersistentVolume|(Cluster|Priority|Storage|Ingress|Gateway|Runtime)(Role|RoleBinding|Class)|CustomResourceDefinition|APIService|(Mutating|Validating)\w+)$/;

/** A resource as a build puts it into a namespace; `undefined` leaves it where it says that it is. */
export function inNamespace(resource: Resource, namespace: string | undefined): Resource {
  if (namespace === undefined) return resource;
  const built = { ...resource, builtNamespace: namespace };
  return clusterKinds.test(resource.kind) ? built : { ...built, namespace };
}
