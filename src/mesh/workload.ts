import { groupByEach } from '../group-by.ts';
import { isObject, type Json, type JsonObject } from '../manifest/node.ts';
import { pointer } from '../manifest/pointer.ts';
import { parseText } from '../manifest/read.ts';
import { derived } from './derived.ts';
import { namespaceOfHost } from './host.ts';
import type { Mesh } from './mesh.ts';
import { at, listAt, objectAt, stringAt } from './read.ts';
import { namespaceOf, type Resource } from './resource.ts';
import { isAmbientNamespace, serviceOf } from './service.ts';

/** What pods are made from: the pod template of a workload, or a Pod itself. */
export interface PodTemplate {
  readonly resource: Resource;
  /** Keys from the resource to the template; none for a Pod. */
  readonly path: readonly string[];
  readonly value: JsonObject;
}

const template = ['spec', 'template'];

/** Kinds with a pod template: API groups that define them, and where the template is. */
const kinds: ReadonlyMap<string, { readonly groups: readonly string[]; readonly path: readonly string[] }> = new Map([
  ['Deployment', { groups: ['apps', 'extensions'], path: template }],
  ['StatefulSet', { groups: ['apps'], path: template }],
  ['DaemonSet', { groups: ['apps', 'extensions'], path: template }],
  ['ReplicaSet', { groups: ['apps', 'extensions'], path: template }],
  ['ReplicationController', { groups: [''], path: template }],
  ['Job', { groups: ['batch'], path: template }],
  ['CronJob', { groups: ['batch'], path: ['spec', 'jobTemplate', 'spec', 'template'] }],
  ['Pod', { groups: [''], path: [] }],
  ['Rollout', { groups: ['argoproj.io'], path: template }],
  ['DeploymentConfig', { groups: ['apps.openshift.io', ''], path: template }],
  ['Service', { groups: ['serving.knative.dev'], path: template }],
  ['Configuration', { groups: ['serving.knative.dev'], path: template }],
]);

/** The pod template of a resource; undefined for a kind without, or a Rollout that refers to a Deployment. */
export function podTemplateOf(resource: Resource): PodTemplate | undefined {
  const kind = kinds.get(resource.kind);
  if (!kind?.groups.includes(resource.group)) return undefined;
  const value = at(resource.value, ...kind.path);
  return isObject(value) ? { resource, path: kind.path, value } : undefined;
}

interface WorkloadIndex {
  readonly workloads: readonly PodTemplate[];
  /** By namespace and each label of their pods. */
  readonly byLabel: ReadonlyMap<string, readonly PodTemplate[]>;
  /** By namespace and the first label that they select by. */
  readonly bySelector: ReadonlyMap<string, readonly Resource[]>;
  readonly namespaceLabels: ReadonlyMap<string, JsonObject>;
}

const indexOf = derived((mesh): WorkloadIndex => {
  const workloads = mesh.resources.flatMap((resource) => {
    const workload = podTemplateOf(resource);
    return workload && !isControlPlane(workload) ? [workload] : [];
  });
  return {
    workloads,
    byLabel: groupByEach(workloads, (workload) => labelKeys(namespaceOf(workload.resource), podLabels(workload))),
    bySelector: groupByEach(mesh.ofKind('Service', ''), (service) => {
      return labelKeys(namespaceOf(service), objectAt(service.value, 'spec', 'selector')).slice(0, 1);
    }),
    namespaceLabels: new Map(
      mesh.ofKind('Namespace', '').map(({ name, value }) => [name, objectAt(value, 'metadata', 'labels')]),
    ),
  };
});

function labelKeys(namespace: string, labels: { readonly [key: string]: Json }): string[] {
  return Object.keys(labels).map((key) => `${namespace} ${key} ${labels[key]}`);
}

/** The workloads of a mesh, in input order; the control plane's own are left out. */
export function workloadsOf(mesh: Mesh): readonly PodTemplate[] {
  return indexOf(mesh).workloads;
}

/** istiod, the CNI node agent and ztunnel: no proxy of the mesh serves them. */
function isControlPlane({ value, resource }: PodTemplate): boolean {
  const isIstiod = listAt(value, 'spec', 'containers').some((container) => at(container, 'name') === 'discovery');
  return isIstiod || /^(istiod(-.*)?|istio-cni-node|ztunnel)$/.test(resource.name);
}

/** Labels of the pods; values that are not strings are left out. */
export function podLabels(workload: PodTemplate): Readonly<Record<string, string>> {
  return strings(objectAt(workload.value, 'metadata', 'labels'));
}

function podAnnotations(workload: PodTemplate): Readonly<Record<string, string>> {
  return strings(objectAt(workload.value, 'metadata', 'annotations'));
}

function strings(object: JsonObject): Readonly<Record<string, string>> {
  if (areStrings(object)) return object;
  return Object.fromEntries(
    Object.entries(object).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

function areStrings(object: JsonObject): object is Record<string, string> {
  return Object.values(object).every((value) => typeof value === 'string');
}

/** The annotation of pods that holds a proxy config of their own, YAML in text. */
export const proxyConfigKey = 'proxy.istio.io/config';

/** Pointer to the annotation that holds a workload's own proxy config, YAML in text. */
export function proxyConfigPointer(workload: PodTemplate): string {
  return pointer(...workload.path, 'metadata', 'annotations', proxyConfigKey);
}

/**
 * A workload's own proxy config; null when there is none. Anything but an object or null means that the annotation
 * holds something else, which the injector would reject.
 *
 * @see https://istio.io/latest/docs/reference/config/annotations/#ProxyConfig
 */
export function proxyConfigOf(workload: PodTemplate): Json {
  const text = at(workload.value, 'metadata', 'annotations', proxyConfigKey);
  if (text === undefined || text === null) return null;
  // Kubernetes takes text only, so a mapping in its place has no effect.
  if (typeof text !== 'string') return JSON.stringify(text);
  const parsed = parseText(text);
  // An unreadable text reads as null too, and must not pass for an empty one.
  return parsed === null && /^\s*[^\s#]/m.test(text) ? text : parsed;
}

const dataplaneMode = 'istio.io/dataplane-mode';

/**
 * True when a workload's traffic goes through ztunnel and waypoints instead of a sidecar.
 *
 * @see https://istio.io/latest/docs/ambient/usage/add-workloads/
 */
export function isAmbient(mesh: Mesh, workload: PodTemplate): boolean {
  const labels = podLabels(workload);
  if (labels['sidecar.istio.io/inject'] === 'true') return false;
  const namespace = namespaceLabels(mesh, namespaceOf(workload.resource));
  return (labels[dataplaneMode] ?? stringAt(namespace, dataplaneMode)) === 'ambient';
}

/** True when no sidecar can be in a workload's pods: it opts out, its namespace does, or it uses the host's network. */
export function isWithoutSidecar(mesh: Mesh, workload: PodTemplate): boolean {
  if (isGateway(workload)) return false;
  const inject = podLabels(workload)['sidecar.istio.io/inject'] ?? podAnnotations(workload)['sidecar.istio.io/inject'];
  return (
    inject === 'false' ||
    at(workload.value, 'spec', 'hostNetwork') === true ||
    isWithoutInjection(mesh, namespaceOf(workload.resource))
  );
}

/** True for a namespace whose pods get no sidecar whatever they say themselves. */
export function isWithoutInjection(mesh: Mesh, namespace: string): boolean {
  const isOff = stringAt(namespaceLabels(mesh, namespace), 'istio-injection') === 'disabled';
  return isOff || /^kube-(system|public|node-lease)$/.test(namespace);
}

/** True when, as far as the input says, a workload's pods have a proxy of their own: a sidecar, or the gateway itself. */
export function hasProxy(mesh: Mesh, workload: PodTemplate): boolean {
  return isGateway(workload) || !(isAmbient(mesh, workload) || isWithoutSidecar(mesh, workload));
}

function namespaceLabels(mesh: Mesh, name: string): JsonObject {
  return indexOf(mesh).namespaceLabels.get(name) ?? {};
}

/** True for a workload whose proxy is a gateway: injected by the gateway template, or started as a router. */
export function isGateway(workload: PodTemplate): boolean {
  if (podAnnotations(workload)['inject.istio.io/templates']?.split(',').includes('gateway')) return true;
  return listAt(workload.value, 'spec', 'containers').some(
    (container) => at(container, 'name') === 'istio-proxy' && listAt(container, 'args').includes('router'),
  );
}

/** The Services in the input that select a workload's pods, in no order that means anything. */
export function servicesOf(mesh: Mesh, workload: PodTemplate): Resource[] {
  return servicesFor(mesh, namespaceOf(workload.resource), podLabels(workload));
}

/** The Services in the input that select pods with these labels, and perhaps more, in no order that means anything. */
export function servicesFor(mesh: Mesh, namespace: string, labels: { readonly [key: string]: Json }): Resource[] {
  const { bySelector } = indexOf(mesh);
  const found = labelKeys(namespace, labels).flatMap((key) => bySelector.get(key) ?? []);
  return found.filter((service) => selects(service, labels));
}

/** The workloads in the input whose pods a Service selects. */
export function workloadsBehind(mesh: Mesh, service: Resource): PodTemplate[] {
  const [key = ''] = labelKeys(namespaceOf(service), objectAt(service.value, 'spec', 'selector'));
  return (indexOf(mesh).byLabel.get(key) ?? []).filter((workload) => selects(service, podLabels(workload)));
}

/** True for a Service some of whose pods, as far as the input says, have a proxy of their own. */
export function hasSidecars(mesh: Mesh, fqdn: string): boolean {
  const namespace = namespaceOfHost(fqdn);
  if (namespace === undefined || isAmbientNamespace(mesh, namespace) || isWithoutInjection(mesh, namespace))
    return false;
  const service = serviceOf(mesh, fqdn);
  const workloads = service ? workloadsBehind(mesh, service) : [];
  return workloads.length === 0 || workloads.some((workload) => hasProxy(mesh, workload));
}

/** The workloads by each label of their pods, whatever the namespace. */
const byLabelAnywhere = derived((mesh) =>
  groupByEach(workloadsOf(mesh), (workload) => labelKeys('', podLabels(workload))),
);

/** The workloads of all namespaces whose pods have all of some labels; none when no label is given. */
export function workloadsLabelled(mesh: Mesh, labels: JsonObject): readonly PodTemplate[] {
  const wanted = Object.entries(labels);
  const groups = labelKeys('', labels).map((key) => byLabelAnywhere(mesh).get(key) ?? []);
  if (groups.length === 0) return [];
  const rarest = groups.reduce((least, group) => (group.length < least.length ? group : least));
  return rarest.filter((workload) => {
    const own = podLabels(workload);
    return wanted.every(([key, value]) => own[key] === value);
  });
}

function selects(service: Resource, labels: { readonly [key: string]: Json }): boolean {
  const selector = Object.entries(objectAt(service.value, 'spec', 'selector'));
  return selector.length > 0 && selector.every(([key, value]) => labels[key] === value);
}

/** The number of a container's named port. */
export function containerPort(workload: PodTemplate, name: string): number | undefined {
  for (const container of listAt(workload.value, 'spec', 'containers')) {
    for (const port of listAt(container, 'ports')) {
      const number = at(port, 'containerPort');
      if (at(port, 'name') === name && typeof number === 'number') return number;
    }
  }
  return undefined;
}
