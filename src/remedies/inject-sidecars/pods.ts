import type { Operation } from '../../manifest/operation.ts';
import { answersRevision, injectionLabel, podLabel, revisionLabel } from '../../mesh/injection.ts';
import { at, objectAt } from '../../mesh/read.ts';
import type { Resource } from '../../mesh/resource.ts';
import type { PodTemplate } from '../../mesh/workload.ts';
import { operationsToSet } from '../../operations.ts';
import { titleOf } from '../mechanisms/wording.ts';
import { injectionFault } from './faults.ts';
import {
  correction,
  findUnquoted,
  isBarred,
  isNo,
  isUnlabelled,
  isYes,
  misreadYes,
  misspeltYes,
  placeIn,
  replacement,
  type Surroundings,
  vainNo,
  within,
  wordsOf,
} from './pod-words.ts';

/** True for a workload whose pods ask for sidecars, or against them, themselves. */
export function hasOwnWord(workload: PodTemplate): boolean {
  const { label, annotation, revision } = wordsOf(workload);
  return [label, annotation, revision].some((word) => word !== undefined && word !== null);
}

/** What is wrong with the labels and annotations of a workload's pods. */
export function* findInPods(workload: PodTemplate, surroundings: Surroundings) {
  yield* findUnquoted(workload);
  const found = vainNo(workload, surroundings) ?? vainYes(workload, surroundings);
  if (found) yield found;
  const misread = misreadYes(workload, surroundings);
  if (misread) yield misread;
}

/** A wish for a sidecar that no webhook answers. */
function vainYes(workload: PodTemplate, surroundings: Surroundings) {
  const { label, annotation, revision } = wordsOf(workload);
  const { namespace, isInjected } = surroundings;
  const isWished = isYes(label) || (label === undefined && isYes(annotation));
  const isRevised = typeof revision === 'string' && label !== 'false' && !isNo(annotation);
  if (!namespace || (!isWished && !isRevised)) return undefined;
  const overruled = isWished ? overruledWish(workload, namespace, isInjected) : undefined;
  if (overruled || isInjected || !isUnlabelled(namespace)) return overruled;
  if (!surroundings.injectors.isLegacy) return unansweredWish(workload, surroundings);
  if (!isWished) return undefined;
  const { resource } = workload;
  return injectionFault('unlabelled-for-pods', { resource }, { title: titleOf(resource), labels: titleOf(namespace) });
}

/** A wish that the network of the node or the namespace overrules, whatever control planes there are. */
function overruledWish(workload: PodTemplate, namespace: Resource, isInjected: boolean) {
  const { resource } = workload;
  const title = titleOf(resource);
  if (at(workload.value, 'spec', 'hostNetwork') === true)
    return injectionFault('host-network', { resource }, { title, labels: '' });
  if (isInjected || !isBarred(namespace)) return undefined;
  const said = at(namespace.value, 'metadata', 'labels', injectionLabel);
  return injectionFault('barred-by-namespace', { resource }, { title, labels: `${injectionLabel}=${said}` });
}

// From 1.10 on the labels of pods count in a namespace without labels.

function unansweredWish(workload: PodTemplate, surroundings: Surroundings) {
  const { label, revision } = wordsOf(workload);
  if (typeof revision === 'string') return unansweredRevision(workload, revision, surroundings);
  return isYes(label) ? unansweredLabel(workload, surroundings) : unreadAnnotation(workload, surroundings);
}

function unansweredRevision(workload: PodTemplate, revision: string, { injectors, chosen }: Surroundings) {
  if (answersRevision(injectors, revision) !== 'no') return undefined;
  const { resource } = workload;
  const data = { title: titleOf(resource), labels: `${revisionLabel}=${revision}` };
  if (chosen.revision === undefined) return injectionFault('unanswered-revision', { resource }, data);
  return injectionFault('unanswered-revision', placeIn(workload, 'labels', revisionLabel), {
    ...data,
    correction: replacement(workload, 'labels', revisionLabel, chosen.revision),
  });
}

/** The label is answered by control planes without a revision only. */
function unansweredLabel(workload: PodTemplate, { injectors, chosen }: Surroundings) {
  const { label } = wordsOf(workload);
  const isOtherWord = typeof label === 'string' && label !== 'true';
  if (injectors.byEnabled !== 'no') return isOtherWord ? misspeltYes(workload, 'labels', label) : undefined;
  const { resource } = workload;
  const detail = ` (${chosen.found.join(', ')})`;
  const data = { title: titleOf(resource), labels: `${podLabel}: "true"`, detail };
  if (chosen.revision === undefined) return injectionFault('no-default-control-plane', { resource }, data);
  const addition = toLabel(workload, revisionLabel, chosen.revision);
  if (!addition) return undefined;
  // Beside a revision the label does no harm, unless it is read as a "no".
  const plain = isOtherWord ? replacement(workload, 'labels', podLabel, 'true').patch.operations : [];
  return injectionFault('no-default-control-plane', placeIn(workload, 'labels', podLabel), {
    ...data,
    correction: correction(workload, `add label \`${revisionLabel}: "${chosen.revision}"\``, [...addition, ...plain]),
  });
}

function unreadAnnotation(workload: PodTemplate, { injectors, chosen }: Surroundings) {
  const { resource } = workload;
  const data = { title: titleOf(resource), labels: '' };
  const isDefault = injectors.byEnabled !== 'no';
  if (!isDefault && chosen.revision === undefined) return injectionFault('annotation-opt-in', { resource }, data);
  const [key, value] = isDefault ? [podLabel, 'true'] : [revisionLabel, chosen.revision ?? ''];
  const addition = toLabel(workload, key, value);
  if (!addition) return undefined;
  return injectionFault('annotation-opt-in', placeIn(workload, 'annotations', podLabel), {
    ...data,
    correction: correction(workload, `make it the label \`${key}: "${value}"\``, [
      ...addition,
      ...annotationRemoval(workload),
    ]),
  });
}

function toLabel(workload: PodTemplate, key: string, value: string): Operation[] | undefined {
  const setting = operationsToSet(workload.value, ['metadata', 'labels', key], value);
  return setting.outcome === 'change' ? within(workload, setting.operations) : undefined;
}

function annotationRemoval(workload: PodTemplate): Operation[] {
  const isOnly = Object.keys(objectAt(workload.value, 'metadata', 'annotations')).length === 1;
  return [{ op: 'remove', path: placeIn(workload, 'annotations', ...(isOnly ? [] : [podLabel])).path }];
}
