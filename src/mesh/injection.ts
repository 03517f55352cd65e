import type { Json, JsonObject } from '../manifest/node.ts';
import { isMeshConfigMap, type Mesh } from './mesh.ts';
import { at, listAt, objectAt, stringAt } from './read.ts';
import type { Resource } from './resource.ts';
import { has } from './since.ts';
import { helmValuesOf } from './surface/mesh-config.ts';
import { helmValuesSurfaces, type Surface, surfacesOf } from './surface/surface.ts';
import type { Version } from './version.ts';
import { podLabels, workloadsOf } from './workload.ts';

export const injectionLabel = 'istio-injection';
export const revisionLabel = 'istio.io/rev';
export const podLabel = 'sidecar.istio.io/inject';

/** What a control plane without a revision is called, and the tag that means one. */
export const defaultRevision = 'default';

/** Whether the webhooks of a mesh answer something; `unsure` where the manifests do not say. */
export type Answer = 'yes' | 'no' | 'unsure';

/** What the webhooks answer that the control planes of the input set up. */
export interface Injectors {
  /** False when no control plane is in the input, or one whose revision the manifests do not tell. */
  readonly isKnown: boolean;
  /** The revisions of the control planes, `default` for one without. */
  readonly revisions: ReadonlySet<string>;
  /** Tags, by which revisions are called too. */
  readonly tags: ReadonlySet<string>;
  /** Whether `istio-injection=enabled`, and pods that ask for a sidecar and name no revision, are answered. */
  readonly byEnabled: Answer;
  /** True when namespaces without a label are injected. */
  readonly byDefault: boolean;
  /** True where only the labels of namespaces select, and pods have an annotation instead of labels. */
  readonly isLegacy: boolean;
}

interface ControlPlane {
  readonly revision: string | undefined;
  readonly tags: readonly string[];
  /** True where the installer may make it the default one as well. */
  readonly mayBeDefault?: boolean;
}

/**
 * @see https://github.com/istio/istio/blob/1.31.0-rc.0/manifests/charts/istio-control/istio-discovery/templates/mutatingwebhook.yaml
 * @see https://github.com/istio/istio/blob/1.9.0/manifests/charts/istio-control/istio-discovery/templates/mutatingwebhook.yaml
 *   `useLegacySelectors`, the default up to 1.9
 */
export function injectorsOf(mesh: Mesh, version: Version): Injectors {
  const values = objectAt(helmValuesOf(mesh), 'sidecarInjectorWebhook');
  const isCurrent =
    has(version, 'podLabelSelectors') ||
    (has(version, 'legacySelectorsSwitch') && values['useLegacySelectors'] === false);
  const webhooks = mesh.ofKind('MutatingWebhookConfiguration', 'admissionregistration.k8s.io');
  const planes = [...controlPlanes(mesh, version), ...webhooks.flatMap(planesBehind)];
  const revisions = new Set(planes.flatMap(({ revision }) => revision ?? []));
  const tags = new Set([...planes.flatMap((plane) => plane.tags), ...sailTags(mesh)]);
  const isDefault = revisions.has(defaultRevision) || tags.has(defaultRevision);
  const mayBeDefault = planes.some((plane) => plane.mayBeDefault);
  return {
    isKnown: planes.length + tags.size > 0 && planes.every(({ revision }) => revision !== undefined),
    revisions,
    tags,
    byEnabled: isDefault ? 'yes' : mayBeDefault || planes.length === 0 ? 'unsure' : 'no',
    byDefault:
      webhooks.some(takesUnlabelled) || (values['enableNamespacesByDefault'] === true && (isDefault || !isCurrent)),
    isLegacy: !isCurrent,
  };
}

/** Whether namespaces with this `istio.io/rev`, and without `istio-injection`, are injected. */
export function answersRevision(injectors: Injectors, revision: string): Answer {
  const { isKnown, revisions, tags, byEnabled, isLegacy } = injectors;
  if (revision === defaultRevision && !tags.has(defaultRevision)) {
    if (isLegacy && isKnown) return 'no';
    if (revisions.has(defaultRevision)) return 'yes';
    return byEnabled === 'yes' ? 'unsure' : byEnabled;
  }
  if (revisions.has(revision) || tags.has(revision)) return 'yes';
  return isKnown && isRevisionName(revision) ? 'no' : 'unsure';
}

/** True for a name made of numbers, such as `1-24-2`. Others may be tags, which istioctl makes and no manifest shows. */
function isRevisionName(label: string): boolean {
  return /^v?\d+(-\d+)+$/.test(label);
}

/**
 * The revisions of the control planes that namespaces and pods of the input ask for by their labels; the default one,
 * too, where one asks for that or by a tag, or none asks for anything.
 */
export function revisionsAskedFor(mesh: Mesh): readonly string[] {
  const asked = new Set<string>();
  for (const labels of [
    ...mesh.ofKind('Namespace').map(({ value }) => objectAt(value, 'metadata', 'labels')),
    ...workloadsOf(mesh).map(podLabels),
  ]) {
    const revision = labels[revisionLabel];
    // `istio-injection` counts before the revision does.
    if (labels[injectionLabel] === 'enabled') asked.add(defaultRevision);
    else if (typeof revision === 'string') asked.add(isRevisionName(revision) ? revision : defaultRevision);
  }
  return asked.size === 0 ? [defaultRevision] : [...asked].sort();
}

function controlPlanes(mesh: Mesh, version: Version): ControlPlane[] {
  const surfaces = [...surfacesOf(mesh), ...helmValuesSurfaces(mesh)].filter(
    ({ form, resource }) => (form !== 'config-map' || isMeshConfigMap(resource)) && !isPatch(form, resource),
  );
  const revisions = mesh.ofKind('IstioRevision', 'sailoperator.io').map(({ name }) => ({ revision: name, tags: [] }));
  return [...surfaces.map((surface) => controlPlane(surface, version)), ...revisions];
}

/** True for a patch of istiod's Deployment, such as `support-http10` emits: it does not say which control plane there is. */
function isPatch(form: Surface['form'], { value }: Resource): boolean {
  if (form !== 'deployment') return false;
  return listAt(value, 'spec', 'template', 'spec', 'containers').every(
    (container) => at(container, 'image') === undefined,
  );
}

function controlPlane(surface: Surface, version: Version): ControlPlane {
  const revision = surface.form === 'sail' ? sailRevision(surface.resource) : surface.revision || defaultRevision;
  const lists = surface.values.map(({ root, path }) => listAt(root, ...path, 'revisionTags'));
  const tags = (lists.find((list) => list.length > 0) ?? []).filter((tag) => typeof tag === 'string');
  // istioctl makes the first control plane of a cluster the default one, whatever its revision.
  const mayBeDefault = surface.form === 'istio-operator' && has(version, 'firstRevisionIsDefault');
  return { revision, tags, mayBeDefault };
}

/**
 * The revision that Sail makes of an Istio: its name, and its version too where it keeps old revisions.
 *
 * @see https://github.com/istio-ecosystem/sail-operator/blob/main/docs/README.adoc
 */
function sailRevision({ name, value }: Resource): string | undefined {
  if (stringAt(value, 'spec', 'updateStrategy', 'type') !== 'RevisionBased') return name;
  const version = stringAt(value, 'spec', 'version');
  return version === undefined || /latest/.test(version) ? undefined : `${name}-${version.replaceAll('.', '-')}`;
}

function sailTags(mesh: Mesh): string[] {
  return mesh.ofKind('IstioRevisionTag', 'sailoperator.io').map(({ name }) => name);
}

/**
 * What a webhook configuration of the injector says about control planes, whoever made it.
 *
 * @see https://github.com/istio/istio/blob/1.31.0-rc.0/manifests/charts/istio-control/istio-discovery/templates/revision-tags-mwc.yaml
 */
function planesBehind({ value }: Resource): ControlPlane[] {
  const webhooks = injectorWebhooks(value);
  if (webhooks.length === 0) return [];
  const labels = objectAt(value, 'metadata', 'labels');
  const tag = stringAt(labels, 'istio.io/tag');
  const [selected] = webhooks.flatMap((webhook) => valuesIn(at(webhook, 'namespaceSelector'), revisionLabel));
  const revision = stringAt(labels, revisionLabel) ?? (tag === undefined ? selected : undefined) ?? defaultRevision;
  return [{ revision, tags: tag === undefined ? [] : [tag] }];
}

function injectorWebhooks(value: JsonObject): Json[] {
  const isInjector = (webhook: Json): boolean => {
    return /(^|\.)sidecar-injector\.istio\.io$/.test(stringAt(webhook, 'name') ?? '');
  };
  return listAt(value, 'webhooks').filter(isInjector);
}

/** The values of a label that a selector takes. */
function valuesIn(selector: Json | undefined, key: string): string[] {
  const listed = listAt(selector, 'matchExpressions').flatMap((expression) =>
    at(expression, 'key') === key && at(expression, 'operator') === 'In' ? listAt(expression, 'values') : [],
  );
  return [at(selector, 'matchLabels', key), ...listed].filter((found) => typeof found === 'string');
}

/** True for a configuration that takes namespaces without labels: a webhook of its own, or up to 1.9 all but those that say no. */
function takesUnlabelled({ value }: Resource): boolean {
  return injectorWebhooks(value).some((webhook) => {
    const isOptOut = listAt(webhook, 'namespaceSelector', 'matchExpressions').some(
      (expression) => at(expression, 'key') === injectionLabel && at(expression, 'operator') === 'NotIn',
    );
    return isOptOut || stringAt(webhook, 'name')?.startsWith('auto.') === true;
  });
}
