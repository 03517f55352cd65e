import type { Severity } from '../../finding.ts';
import type { Json } from '../../manifest/node.ts';
import type { Operation } from '../../manifest/operation.ts';
import { pointer } from '../../manifest/pointer.ts';
import { type Injectors, injectionLabel, podLabel, revisionLabel } from '../../mesh/injection.ts';
import { at, objectAt } from '../../mesh/read.ts';
import type { Resource } from '../../mesh/resource.ts';
import { facts, has, lastWithout } from '../../mesh/since.ts';
import { isUnquoted, quotedText } from '../../mesh/unquoted.ts';
import { formatVersion, type Version } from '../../mesh/version.ts';
import type { PodTemplate } from '../../mesh/workload.ts';
import { operationsToSet } from '../../operations.ts';
import type { LegacyStep as Step } from '../remedy.ts';
import type { Chosen } from './revision.ts';

/** What is known when the words of a workload's pods are judged. */
export interface Surroundings {
  readonly version: Version;
  readonly injectors: Injectors;
  readonly chosen: Chosen;
  /** The Namespace, when it is in the input. */
  readonly namespace: Resource | undefined;
  /** True when the namespace's own labels bring sidecars, or this run sees to it. */
  readonly isInjected: boolean;
}

/** What a workload's pods say themselves of sidecars, as written. */
interface Words {
  readonly label: Json | undefined;
  readonly annotation: Json | undefined;
  readonly revision: Json | undefined;
}

export function wordsOf({ value }: PodTemplate): Words {
  return {
    label: at(value, 'metadata', 'labels', podLabel),
    annotation: at(value, 'metadata', 'annotations', podLabel),
    revision: at(value, 'metadata', 'labels', revisionLabel),
  };
}

/** Labels and annotations are strings; the API server refuses anything else, and the whole resource with it. */
export function* unquoted(workload: PodTemplate): Iterable<Step> {
  const { label, annotation, revision } = wordsOf(workload);
  for (const [kind, key, value] of [
    ['labels', podLabel, label],
    ['annotations', podLabel, annotation],
    ['labels', revisionLabel, revision],
  ] as const) {
    if (!isUnquoted(value)) continue;
    const one = kind === 'labels' ? 'label' : 'annotation';
    const why = `The ${one} ${key}: ${value} of ${named(workload)} is no string, so Kubernetes refuses the resource`;
    const path = metadata(workload, kind, key);
    const text = key === podLabel ? String(isYes(value)) : typeof value === 'number' ? quotedText(value) : undefined;
    if (text === undefined)
      yield {
        severity: 'error',
        outcome: 'advise',
        message: `${why}. Put it into quotes`,
        resource: workload.resource,
        path,
      };
    else
      yield change(
        workload,
        'error',
        `${why}: puts "${text}" into quotes`,
        [kind, key],
        [{ op: 'replace', path, value: text }],
      );
  }
}

/** A no that is not heard. */
export function vainNo(workload: PodTemplate, { version, injectors }: Surroundings): Step | undefined {
  return injectors.isLegacy ? noByLabel(workload, version) : noInOtherWords(workload, version);
}

/**
 * Labels of pods are new: up to 1.9 istiod reads the annotation only, and 1.9 alone has a webhook that sorts out
 * the label "false".
 *
 * @see https://github.com/istio/istio/blob/1.8.0/manifests/charts/istio-control/istio-discovery/values.yaml `objectSelector`
 */
function noByLabel(workload: PodTemplate, version: Version): Step | undefined {
  const { label, annotation } = wordsOf(workload);
  if (annotation !== undefined || typeof label !== 'string' || !isNo(label)) return undefined;
  if (label === 'false' && has(version, 'falseLabelOfPods')) return undefined;
  const setting = operationsToSet(workload.value, ['metadata', 'annotations', podLabel], 'false');
  if (setting.outcome !== 'change') return undefined;
  const message = `The label ${podLabel}: ${JSON.stringify(label)} of ${named(workload)} is ignored by Istio ${formatVersion(version)}, so its pods get sidecars where their namespace has them: there it is an annotation of pods. Adds it`;
  return change(workload, 'warning', message, ['labels', podLabel], within(workload, setting.operations));
}

/**
 * A no in words that count no more: since 1.27 anything but "true" and "false" is as if nothing were said.
 *
 * @see https://github.com/istio/istio/blob/1.27.0/pkg/kube/inject/inject.go `injectRequired`
 */
function noInOtherWords(workload: PodTemplate, version: Version): Step | undefined {
  const { label, annotation } = wordsOf(workload);
  const [kind, word] = label === undefined ? (['annotations', annotation] as const) : (['labels', label] as const);
  if (!has(version, 'onlyTrueAndFalse') || typeof word !== 'string' || !isNo(word) || word === 'false')
    return undefined;
  const one = kind === 'labels' ? 'label' : 'annotation';
  const message = `The ${one} ${podLabel}: ${JSON.stringify(word)} of ${named(workload)} is ignored since Istio ${facts.onlyTrueAndFalse.since}, so its pods get sidecars where their namespace has them: only "false" means no`;
  return change(
    workload,
    'warning',
    message,
    [kind, podLabel],
    [{ op: 'replace', path: metadata(workload, kind, podLabel), value: 'false' }],
  );
}

/**
 * A yes that istiod takes for a no: up to 1.26 it knew four words for yes, and each other word was a no.
 *
 * @see https://github.com/istio/istio/blob/1.26.0/pkg/kube/inject/inject.go `injectRequired`
 */
export function misreadYes(workload: PodTemplate, surroundings: Surroundings): Step | undefined {
  const { version, injectors, namespace, isInjected } = surroundings;
  const { label, annotation, revision } = wordsOf(workload);
  const isByLabel = label !== undefined && !injectors.isLegacy;
  const [kind, word] = isByLabel ? (['labels', label] as const) : (['annotations', annotation] as const);
  if (has(version, 'onlyTrueAndFalse') || typeof word !== 'string' || !isYes(word) || /^(y|yes|true|on)$/i.test(word))
    return undefined;
  // Where nothing but this word asks for a sidecar, the whole wish is seen to.
  const isHeard = !namespace || isInjected || typeof revision === 'string' || !isUnlabelled(namespace);
  if (!isHeard || (isBarred(namespace) && !isInjected) || at(workload.value, 'spec', 'hostNetwork') === true)
    return undefined;
  const one = kind === 'labels' ? 'label' : 'annotation';
  const message = `The ${one} ${podLabel}: ${JSON.stringify(word)} of ${named(workload)} means no up to Istio ${lastWithout('onlyTrueAndFalse')}, so its pods get no sidecar: "true" means yes`;
  const path = metadata(workload, kind, podLabel);
  return change(workload, 'warning', message, [kind, podLabel], [{ op: 'replace', path, value: 'true' }]);
}

export function isBarred(namespace: Resource | undefined): boolean {
  const injection = at(namespace?.value, 'metadata', 'labels', injectionLabel) ?? undefined;
  return injection !== undefined && injection !== 'enabled';
}

export function isUnlabelled(namespace: Resource): boolean {
  const labels = objectAt(namespace.value, 'metadata', 'labels');
  return labels[injectionLabel] === undefined && labels[revisionLabel] === undefined;
}

export function isYes(word: Json | undefined): boolean {
  return typeof word !== 'object' && /^(true|yes|y|on|1|enabled?)$/i.test(String(word));
}

export function isNo(word: Json | undefined): boolean {
  return typeof word !== 'object' && /^(false|no|n|off|0|disabled?)$/i.test(String(word));
}

export function metadata({ path }: PodTemplate, ...rest: readonly string[]): string {
  return pointer(...path, 'metadata', ...rest);
}

/** Operations on the pod template, as ones on its resource. */
export function within({ path }: PodTemplate, operations: readonly Operation[]): Operation[] {
  return operations.map((each) => ({ ...each, path: pointer(...path) + each.path }));
}

export function change(
  workload: PodTemplate,
  severity: Severity,
  message: string,
  place: readonly string[],
  operations: readonly Operation[],
): Step {
  const { resource } = workload;
  return {
    severity,
    outcome: 'change',
    message,
    resource,
    path: metadata(workload, ...place),
    patch: { resource, operations },
  };
}

export function named({ resource }: PodTemplate): string {
  return `${resource.kind} ${resource.name}`;
}
