import type { Severity } from '../../finding.ts';
import type { Json } from '../../manifest/node.ts';
import type { Operation } from '../../manifest/operation.ts';
import { pointer } from '../../manifest/pointer.ts';
import { answersRevision, type Injectors, injectionLabel, podLabel, revisionLabel } from '../../mesh/injection.ts';
import { at, objectAt } from '../../mesh/read.ts';
import type { Resource } from '../../mesh/resource.ts';
import { operationsToSet } from '../../mesh/surface/setting.ts';
import { atLeast, type Version } from '../../mesh/version.ts';
import type { PodTemplate } from '../../mesh/workload.ts';
import type { Step } from '../remedy.ts';
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

function wordsOf({ value }: PodTemplate): Words {
  return {
    label: at(value, 'metadata', 'labels', podLabel),
    annotation: at(value, 'metadata', 'annotations', podLabel),
    revision: at(value, 'metadata', 'labels', revisionLabel),
  };
}

/** True for a workload that brings or refuses its sidecars by a word of its own. */
export function hasOwnWord(workload: PodTemplate): boolean {
  const { label, annotation, revision } = wordsOf(workload);
  return [label, annotation, revision].some((word) => word !== undefined && word !== null);
}

/** What is wrong with the words of a workload's pods, and what mends it. */
export function* podFaults(workload: PodTemplate, surroundings: Surroundings): Iterable<Step> {
  yield* unquoted(workload);
  const step = falseNo(workload, surroundings) ?? vainYes(workload, surroundings);
  if (step) yield step;
}

/** Labels and annotations are strings; the API server refuses anything else, and the whole resource with it. */
function* unquoted(workload: PodTemplate): Iterable<Step> {
  const { label, annotation } = wordsOf(workload);
  for (const [kind, value] of [
    ['labels', label],
    ['annotations', annotation],
  ] as const) {
    if (value === undefined || value === null || typeof value === 'string' || typeof value === 'object') continue;
    const text = isYes(value) ? 'true' : 'false';
    const one = kind === 'labels' ? 'label' : 'annotation';
    const message = `The ${one} ${podLabel}: ${value} of ${named(workload)} is no string, so Kubernetes refuses the resource: puts "${text}" into quotes`;
    yield change(
      workload,
      'error',
      message,
      [kind, podLabel],
      [{ op: 'replace', path: metadata(workload, kind, podLabel), value: text }],
    );
  }
}

/**
 * A no in words that count no more: since 1.27 anything but "true" and "false" is as if nothing were said.
 *
 * @see https://github.com/istio/istio/blob/1.27.0/pkg/kube/inject/inject.go `injectRequired`
 */
function falseNo(workload: PodTemplate, { version }: Surroundings): Step | undefined {
  const { label, annotation } = wordsOf(workload);
  const [kind, word] = label === undefined ? (['annotations', annotation] as const) : (['labels', label] as const);
  if (!atLeast(version, '1.27') || typeof word !== 'string' || !isNo(word) || word === 'false') return undefined;
  const one = kind === 'labels' ? 'label' : 'annotation';
  const message = `The ${one} ${podLabel}: ${JSON.stringify(word)} of ${named(workload)} is ignored since Istio 1.27, so its pods get sidecars where their namespace has them: only "false" means no`;
  return change(
    workload,
    'warning',
    message,
    [kind, podLabel],
    [{ op: 'replace', path: metadata(workload, kind, podLabel), value: 'false' }],
  );
}

/** A wish for a sidecar that no webhook answers. */
function vainYes(workload: PodTemplate, surroundings: Surroundings): Step | undefined {
  const { label, annotation, revision } = wordsOf(workload);
  const { namespace, isInjected, injectors } = surroundings;
  const isWished = isYes(label) || (label === undefined && isYes(annotation));
  const isRevised = typeof revision === 'string' && label !== 'false' && !isNo(annotation);
  if (!namespace || (!isWished && !isRevised)) return undefined;
  const labels = objectAt(namespace.value, 'metadata', 'labels');
  const isBarred = labels[injectionLabel] !== undefined && labels[injectionLabel] !== 'enabled';
  if (isWished && at(workload.value, 'spec', 'hostNetwork') === true) {
    const message = `${named(workload)} asks for sidecars, and gets none: pods in the host's network never do`;
    return advice(workload, message);
  }
  if (isWished && isBarred && !isInjected) {
    const message = `${named(workload)} asks for sidecars, and gets none: Namespace ${namespace.name} says ${injectionLabel}=${labels[injectionLabel]}, which no pod can overrule`;
    return advice(workload, message);
  }
  if (isInjected || isBarred || labels[injectionLabel] !== undefined || labels[revisionLabel] !== undefined)
    return undefined;
  if (injectors.isLegacy) {
    if (!isWished) return undefined;
    const message = `${named(workload)} asks for sidecars, and gets none: up to Istio 1.9 pods are looked at only in namespaces that are labelled themselves. Label Namespace ${namespace.name}`;
    return advice(workload, message);
  }
  return unanswered(workload, surroundings, isYes(label));
}

/** A wish in a namespace without labels, where only the labels of pods count (from 1.10 on). */
function unanswered(workload: PodTemplate, { injectors, chosen }: Surroundings, isLabelled: boolean): Step | undefined {
  const { revision } = wordsOf(workload);
  const name = named(workload);
  if (typeof revision === 'string') {
    if (answersRevision(injectors, revision) !== 'no') return undefined;
    const why = `${name} gets no sidecars: no control plane of the input answers its label ${revisionLabel}=${revision}`;
    if (chosen.revision === undefined) return advice(workload, why);
    return change(
      workload,
      'warning',
      `${why}. Sets ${chosen.revision}`,
      ['labels', revisionLabel],
      [{ op: 'replace', path: metadata(workload, 'labels', revisionLabel), value: chosen.revision }],
    );
  }
  const isDefault = injectors.byEnabled !== 'no';
  if (isLabelled && isDefault) return wishOf(workload);
  const why = isLabelled
    ? `${name} asks for sidecars, and gets none: ${podLabel} is answered by control planes without a revision, and those of the input have one (${chosen.found.join(', ')})`
    : `${name} asks for sidecars by an annotation, which no webhook looks at since Istio 1.10`;
  if (!isDefault && chosen.revision === undefined) return advice(workload, why);
  const [key, value] = isDefault ? [podLabel, 'true'] : [revisionLabel, chosen.revision ?? ''];
  const setting = operationsToSet(workload.value, ['metadata', 'labels', key], value);
  if (setting.outcome !== 'change') return undefined;
  const operations = [...setting.operations.map((each) => ({ ...each, path: pointer(...workload.path) + each.path }))];
  const leftover = isLabelled ? [] : annotationRemoval(workload);
  const message = `${why}. ${isLabelled ? 'Adds' : 'Makes it'} the label ${key}: "${value}"`;
  return change(
    workload,
    'warning',
    message,
    [isLabelled ? 'labels' : 'annotations', podLabel],
    [...operations, ...leftover],
  );
}

/** A yes in other words than "true" is none to the webhooks. */
function wishOf(workload: PodTemplate): Step | undefined {
  const { label } = wordsOf(workload);
  if (typeof label !== 'string' || label === 'true') return undefined;
  const message = `The label ${podLabel}: ${JSON.stringify(label)} of ${named(workload)} is ignored, so its pods get no sidecar: only "true" means yes`;
  return change(
    workload,
    'warning',
    message,
    ['labels', podLabel],
    [{ op: 'replace', path: metadata(workload, 'labels', podLabel), value: 'true' }],
  );
}

function annotationRemoval(workload: PodTemplate): Operation[] {
  const annotations = objectAt(workload.value, 'metadata', 'annotations');
  const isOnly = Object.keys(annotations).length === 1;
  return [
    { op: 'remove', path: isOnly ? metadata(workload, 'annotations') : metadata(workload, 'annotations', podLabel) },
  ];
}

function isYes(word: Json | undefined): boolean {
  return typeof word !== 'object' && /^(true|yes|y|on|1|enabled?)$/i.test(String(word));
}

function isNo(word: Json | undefined): boolean {
  return typeof word !== 'object' && /^(false|no|n|off|0|disabled?)$/i.test(String(word));
}

function metadata({ path }: PodTemplate, ...rest: readonly string[]): string {
  return pointer(...path, 'metadata', ...rest);
}

function change(
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

function advice(workload: PodTemplate, message: string): Step {
  return { severity: 'warning', outcome: 'advise', message, resource: workload.resource };
}

export function named({ resource }: PodTemplate): string {
  return `${resource.kind} ${resource.name}`;
}
