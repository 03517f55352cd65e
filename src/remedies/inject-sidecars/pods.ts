import type { Operation } from '../../manifest/operation.ts';
import { answersRevision, injectionLabel, podLabel, revisionLabel } from '../../mesh/injection.ts';
import { at, objectAt } from '../../mesh/read.ts';
import { facts, lastWithout } from '../../mesh/since.ts';
import type { PodTemplate } from '../../mesh/workload.ts';
import { operationsToSet } from '../../operations.ts';
import type { LegacyStep as Step } from '../remedy.ts';
import {
  change,
  isBarred,
  isNo,
  isUnlabelled,
  isYes,
  metadata,
  misreadYes,
  named,
  type Surroundings,
  unquoted,
  vainNo,
  within,
  wordsOf,
} from './pod-words.ts';

/** True for a workload that brings or refuses its sidecars by a word of its own. */
export function hasOwnWord(workload: PodTemplate): boolean {
  const { label, annotation, revision } = wordsOf(workload);
  return [label, annotation, revision].some((word) => word !== undefined && word !== null);
}

/** What is wrong with the words of a workload's pods, and what mends it. */
export function* podFaults(workload: PodTemplate, surroundings: Surroundings): Iterable<Step> {
  yield* unquoted(workload);
  const step = vainNo(workload, surroundings) ?? vainYes(workload, surroundings);
  if (step) yield step;
  const misread = misreadYes(workload, surroundings);
  if (misread) yield misread;
}

/** A wish for a sidecar that no webhook answers. */
function vainYes(workload: PodTemplate, surroundings: Surroundings): Step | undefined {
  const { label, annotation, revision } = wordsOf(workload);
  const { namespace, isInjected, injectors } = surroundings;
  const isWished = isYes(label) || (label === undefined && isYes(annotation));
  const isRevised = typeof revision === 'string' && label !== 'false' && !isNo(annotation);
  if (!namespace || (!isWished && !isRevised)) return undefined;
  if (isWished && at(workload.value, 'spec', 'hostNetwork') === true) {
    const message = `${named(workload)} asks for sidecars, and gets none: pods in the host's network never do`;
    return advice(workload, message);
  }
  if (isWished && isBarred(namespace) && !isInjected) {
    const said = at(namespace.value, 'metadata', 'labels', injectionLabel);
    const message = `${named(workload)} asks for sidecars, and gets none: Namespace ${namespace.name} says ${injectionLabel}=${said}, which no pod can overrule`;
    return advice(workload, message);
  }
  if (isInjected || !isUnlabelled(namespace)) return undefined;
  if (injectors.isLegacy) {
    if (!isWished) return undefined;
    const message = `${named(workload)} asks for sidecars, and gets none: up to Istio ${lastWithout('podLabelSelectors')} pods are looked at only in namespaces that are labelled themselves. Label Namespace ${namespace.name}`;
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
    : `${name} asks for sidecars by an annotation, which no webhook looks at since Istio ${facts.podLabelSelectors.since}`;
  if (!isDefault && chosen.revision === undefined) return advice(workload, why);
  const [key, value] = isDefault ? [podLabel, 'true'] : [revisionLabel, chosen.revision ?? ''];
  const setting = operationsToSet(workload.value, ['metadata', 'labels', key], value);
  if (setting.outcome !== 'change') return undefined;
  const operations = within(workload, setting.operations);
  const leftover = isLabelled ? plainYes(workload) : annotationRemoval(workload);
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

/** Beside a revision the label does no harm, as long as it is not taken for a no. */
function plainYes(workload: PodTemplate): Operation[] {
  const { label } = wordsOf(workload);
  return typeof label !== 'string' || label === 'true'
    ? []
    : [{ op: 'replace', path: metadata(workload, 'labels', podLabel), value: 'true' }];
}

function annotationRemoval(workload: PodTemplate): Operation[] {
  const annotations = objectAt(workload.value, 'metadata', 'annotations');
  const isOnly = Object.keys(annotations).length === 1;
  return [
    { op: 'remove', path: isOnly ? metadata(workload, 'annotations') : metadata(workload, 'annotations', podLabel) },
  ];
}

function advice(workload: PodTemplate, message: string): Step {
  return { severity: 'warning', outcome: 'advise', message, resource: workload.resource };
}
