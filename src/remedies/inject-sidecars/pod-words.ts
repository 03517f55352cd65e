import type { Json } from '../../manifest/node.ts';
import type { Operation } from '../../manifest/operation.ts';
import { pointer } from '../../manifest/pointer.ts';
import { type Injectors, injectionLabel, podLabel, revisionLabel } from '../../mesh/injection.ts';
import { at, objectAt } from '../../mesh/read.ts';
import type { Resource } from '../../mesh/resource.ts';
import { has } from '../../mesh/since.ts';
import { isUnquoted, quotedText } from '../../mesh/unquoted.ts';
import { formatVersion, type Version } from '../../mesh/version.ts';
import type { PodTemplate } from '../../mesh/workload.ts';
import { operationsToSet } from '../../operations.ts';
import { titleOf } from '../mechanisms/wording.ts';
import { type Correction, injectionFault, type Labelled } from './faults.ts';
import type { Chosen } from './revision.ts';

/** What is known when the labels and annotations of a workload's pods are judged. */
export interface Surroundings {
  readonly version: Version;
  readonly injectors: Injectors;
  readonly chosen: Chosen;
  /** The Namespace, when it is in the input. */
  readonly namespace: Resource | undefined;
  /** True when the namespace's own labels bring sidecars. */
  readonly isInjected: boolean;
}

/** What a workload's pods ask for themselves, as written. */
interface Words {
  readonly label: Json | undefined;
  readonly annotation: Json | undefined;
  readonly revision: Json | undefined;
}

/** Which of the two maps of metadata a word is in. */
type Part = 'labels' | 'annotations';

export function wordsOf({ value }: PodTemplate): Words {
  return {
    label: at(value, 'metadata', 'labels', podLabel),
    annotation: at(value, 'metadata', 'annotations', podLabel),
    revision: at(value, 'metadata', 'labels', revisionLabel),
  };
}

/** Labels and annotations are strings; the API server rejects anything else, and the whole resource with it. */
export function* findUnquoted(workload: PodTemplate) {
  const { label, annotation, revision } = wordsOf(workload);
  for (const [part, key, value] of [
    ['labels', podLabel, label],
    ['annotations', podLabel, annotation],
    ['labels', revisionLabel, revision],
  ] as const) {
    if (!isUnquoted(value)) continue;
    const text = key === podLabel ? String(isYes(value)) : quotedText(value);
    const labelled = { title: titleOf(workload.resource), labels: key, todo: 'Put it into quotes' };
    yield injectionFault('unquoted-label', placeIn(workload, part, key), {
      ...labelled,
      what: `${part === 'labels' ? 'Label' : 'Annotation'} \`${key}\` of ${labelled.title}`,
      value,
      ...(text !== undefined && { correction: replacement(workload, part, key, text) }),
    });
  }
}

/** A "no" that is ignored. */
export function vainNo(workload: PodTemplate, { version, injectors }: Surroundings) {
  return injectors.isLegacy ? noByLabel(workload, version) : noInOtherWords(workload, version);
}

/**
 * Labels of pods are new: up to 1.9 istiod reads the annotation only, and 1.9 alone has a webhook that sorts out
 * the label "false".
 *
 * @see https://github.com/istio/istio/blob/1.8.0/manifests/charts/istio-control/istio-discovery/values.yaml `objectSelector`
 */
function noByLabel(workload: PodTemplate, version: Version) {
  const { label: word, annotation } = wordsOf(workload);
  // One without quotes is put into quotes in the same run, and is ignored then as well.
  const label = isUnquoted(word) ? String(isYes(word)) : word;
  if (annotation !== undefined || typeof label !== 'string' || !isNo(label)) return undefined;
  if (label === 'false' && has(version, 'falseLabelOfPods')) return undefined;
  const setting = operationsToSet(workload.value, ['metadata', 'annotations', podLabel], 'false');
  if (setting.outcome !== 'change') return undefined;
  return injectionFault('pod-label-too-new', placeIn(workload, 'labels', podLabel), {
    ...labelled(workload, label),
    detail: formatVersion(version),
    correction: correction(workload, 'add that annotation', within(workload, setting.operations)),
  });
}

/**
 * A "no" in words that do not count: since 1.27 anything but "true" and "false" is as if nothing were said.
 *
 * @see https://github.com/istio/istio/blob/1.27.0/pkg/kube/inject/inject.go `injectRequired`
 */
function noInOtherWords(workload: PodTemplate, version: Version) {
  const { label, annotation } = wordsOf(workload);
  const [part, word] = label === undefined ? (['annotations', annotation] as const) : (['labels', label] as const);
  if (!has(version, 'onlyTrueAndFalse') || typeof word !== 'string' || !isNo(word) || word === 'false')
    return undefined;
  return injectionFault('misspelt-opt-out', placeIn(workload, part, podLabel), {
    ...labelled(workload, word),
    correction: replacement(workload, part, podLabel, 'false'),
  });
}

/**
 * A "yes" that istiod reads as a "no": up to 1.26 it knew four words for "yes", and any other word was a "no".
 *
 * @see https://github.com/istio/istio/blob/1.26.0/pkg/kube/inject/inject.go `injectRequired`
 */
export function misreadYes(workload: PodTemplate, surroundings: Surroundings) {
  const { version, injectors } = surroundings;
  const { label, annotation } = wordsOf(workload);
  const isByLabel = label !== undefined && !injectors.isLegacy;
  const [part, word] = isByLabel ? (['labels', label] as const) : (['annotations', annotation] as const);
  if (has(version, 'onlyTrueAndFalse') || typeof word !== 'string' || !isYes(word) || /^(y|yes|true|on)$/i.test(word))
    return undefined;
  return decides(workload, surroundings) ? misspeltYes(workload, part, word) : undefined;
}

/** True where the word decides alone. Where nothing else asks for a sidecar either, `vainYes` sees to all of it. */
function decides(workload: PodTemplate, { namespace, isInjected }: Surroundings): boolean {
  const isHeard =
    !namespace || isInjected || typeof wordsOf(workload).revision === 'string' || !isUnlabelled(namespace);
  const isBlocked = (isBarred(namespace) && !isInjected) || at(workload.value, 'spec', 'hostNetwork') === true;
  return isHeard && !isBlocked;
}

/** A "yes" in other words than "true". */
export function misspeltYes(workload: PodTemplate, part: Part, word: string) {
  return injectionFault('misspelt-opt-in', placeIn(workload, part, podLabel), {
    ...labelled(workload, word),
    correction: replacement(workload, part, podLabel, 'true'),
  });
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

function labelled({ resource }: PodTemplate, word: string): Labelled {
  return { title: titleOf(resource), labels: `${podLabel}: ${JSON.stringify(word)}` };
}

/** The place of something in the metadata of a workload's pods. */
export function placeIn({ resource, path }: PodTemplate, ...rest: readonly string[]) {
  return { resource, path: pointer(...path, 'metadata', ...rest) };
}

/** Operations on the pod template, as ones on its resource. */
export function within({ path }: PodTemplate, operations: readonly Operation[]): Operation[] {
  return operations.map((each) => ({ ...each, path: pointer(...path) + each.path }));
}

export function correction({ resource }: PodTemplate, fix: string, operations: readonly Operation[]): Correction {
  return { fix, patch: { resource, operations } };
}

export function replacement(workload: PodTemplate, part: Part, key: string, value: string): Correction {
  const { path } = placeIn(workload, part, key);
  return correction(workload, `set it to \`"${value}"\``, [{ op: 'replace', path, value }]);
}
