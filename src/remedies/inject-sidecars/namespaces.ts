import { isObject, type JsonObject } from '../../manifest/node.ts';
import type { Operation } from '../../manifest/operation.ts';
import { pointer } from '../../manifest/pointer.ts';
import {
  answersRevision,
  defaultRevision,
  type Injectors,
  injectionLabel,
  revisionLabel,
} from '../../mesh/injection.ts';
import { at, objectAt } from '../../mesh/read.ts';
import type { Resource } from '../../mesh/resource.ts';
import { isUnquoted, quotedText } from '../../mesh/unquoted.ts';
import { operationsToSet } from '../../operations.ts';
import type { Unquoted } from '../mechanisms/unquoted.ts';
import { titleOf } from '../mechanisms/wording.ts';
import type { Correction } from './faults.ts';
import { type Chosen, labelFor } from './revision.ts';

/** What is known when the labels of a namespace are judged. */
export interface Circumstances {
  readonly injectors: Injectors;
  readonly chosen: Chosen;
  /** True when the user gave the very name of the namespace: then even `disabled` is overruled. */
  readonly isNamed: boolean;
}

/**
 * What corrects the labels of a namespace:
 * - `none`: no edit does
 * - `label`: it gets the label of the chosen revision and no other
 * - `drop`: it loses one label of the two
 * - `set`: the one label gets a value that counts
 */
export type Cure =
  | { readonly kind: 'none' | 'label' }
  | { readonly kind: 'drop'; readonly key: string }
  | { readonly kind: 'set'; readonly key: string; readonly value: string };

type Code =
  | 'unreadable-labels'
  | 'ambient-and-sidecars'
  | 'ambient-namespace'
  | 'unlabelled-namespace'
  | 'other-revision'
  | 'unanswered-revision'
  | 'unexplained-revision'
  | 'no-default-control-plane'
  | 'perhaps-no-default-control-plane'
  | 'both-labels'
  | 'misspelt-injection'
  | 'disabled-namespace';

/** What is to say of a namespace's labels; its parts are those of `Labelled`. */
export type Judgement = {
  readonly labels: string;
  readonly cure: Cure;
  readonly detail?: string;
  readonly todo?: string;
  /** True where only the cluster can tell whether all is well, and the input gives reason to look. */
  readonly isDoubt?: boolean;
} & ({ readonly code: Code } | { readonly code: 'unquoted-label'; readonly unquoted: Unquoted });

const label: Cure = { kind: 'label' };
const none: Cure = { kind: 'none' };
const enabled = `${injectionLabel}=enabled`;

/**
 * Judges a namespace by the webhooks' selectors: `istio-injection` beats `istio.io/rev`, and only the default control
 * plane answers it. Undefined when all is well.
 *
 * @see https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/#controlling-the-injection-policy
 */
export function judge(namespace: Resource, circumstances: Circumstances): Judgement | undefined {
  const labels = at(namespace.value, 'metadata', 'labels') ?? {};
  if (!isObject(labels)) return { code: 'unreadable-labels', labels: '`metadata.labels`', cure: none };
  const injection = labels[injectionLabel] ?? undefined;
  const revision = labels[revisionLabel] ?? undefined;
  if (injection !== undefined && typeof injection !== 'string')
    return notText(namespace, injectionLabel, labels, circumstances);
  if (revision !== undefined && typeof revision !== 'string')
    return notText(namespace, revisionLabel, labels, circumstances);
  if (labels['istio.io/dataplane-mode'] === 'ambient') return ambient(injection, revision);
  if (injection === undefined)
    return revision === undefined ? bare(circumstances) : byRevision(revision, circumstances);
  if (injection === 'enabled')
    return revision === undefined ? byEnabled(circumstances) : byBoth(revision, circumstances);
  return byAnotherWord(injection, circumstances);
}

function byAnotherWord(injection: string, { chosen, isNamed }: Circumstances): Judgement {
  const labels = `${injectionLabel}=${injection}`;
  if (!isYes(injection)) return { code: 'disabled-namespace', labels, cure: isNamed ? label : none };
  const cure: Cure = chosen.revision === undefined ? { kind: 'set', key: injectionLabel, value: 'enabled' } : label;
  return { code: 'misspelt-injection', labels, cure };
}

function isYes(text: string): boolean {
  return /^(true|yes|on|1|enable|enabled|inject)$/i.test(text);
}

/** Labels are strings; `true`, `1` and `yes` without quotes are not. */
function notText(namespace: Resource, key: string, all: JsonObject, { chosen }: Circumstances): Judgement {
  const value = all[key];
  const labels = `Label \`${key}\``;
  const byGiven = chosen.isGiven ? label : none;
  if (!isUnquoted(value)) return { code: 'unreadable-labels', labels, cure: byGiven };
  const unquoted = { what: `${labels} of ${titleOf(namespace)}`, value };
  const fault = { code: 'unquoted-label', labels, unquoted } as const;
  if (key === injectionLabel) {
    const isWanted = isYes(String(value));
    if (isWanted && chosen.revision !== undefined) return { ...fault, cure: label };
    return { ...fault, cure: { kind: 'set', key, value: isWanted ? 'enabled' : 'disabled' } };
  }
  const text = typeof value === 'number' ? quotedText(value) : undefined;
  if (chosen.isGiven || text === undefined) return { ...fault, cure: byGiven, todo: 'Put it into quotes' };
  return { ...fault, cure: { kind: 'set', key, value: text } };
}

/** Pods that have a sidecar are left out by ztunnel, so the labels contradict each other. */
function ambient(injection: string | undefined, revision: string | undefined): Judgement {
  const isBoth = injection === 'enabled' || (injection === undefined && revision !== undefined);
  const labels = injection === undefined ? `${revisionLabel}=${revision}` : enabled;
  return { code: isBoth ? 'ambient-and-sidecars' : 'ambient-namespace', labels, cure: none };
}

function bare({ injectors, chosen }: Circumstances): Judgement | undefined {
  const isElsewhere = chosen.isGiven && chosen.revision !== defaultRevision;
  if (injectors.byDefault && !isElsewhere) return undefined;
  return { code: 'unlabelled-namespace', labels: '', cure: label };
}

function byRevision(revision: string, { injectors, chosen }: Circumstances): Judgement | undefined {
  const labels = `${revisionLabel}=${revision}`;
  if (chosen.isGiven) {
    const isSo = revision === chosen.revision && !(injectors.isLegacy && revision === defaultRevision);
    return isSo ? undefined : { code: 'other-revision', labels, cure: label };
  }
  const answer = answersRevision(injectors, revision);
  if (answer === 'no') return { code: 'unanswered-revision', labels, cure: label };
  if (answer === 'yes' || !injectors.isKnown) return undefined;
  return { code: 'unexplained-revision', labels, cure: none, isDoubt: true };
}

function byEnabled({ injectors, chosen }: Circumstances): Judgement | undefined {
  const labels = enabled;
  if (chosen.isGiven)
    return chosen.revision === defaultRevision ? undefined : { code: 'other-revision', labels, cure: label };
  if (injectors.byEnabled === 'yes') return undefined;
  if (injectors.byEnabled === 'no') {
    const detail = ` (${[...injectors.revisions].join(', ')})`;
    return { code: 'no-default-control-plane', labels, detail, cure: label };
  }
  if (chosen.revision === defaultRevision) return undefined;
  const isDoubt = injectors.isKnown || chosen.found.length > 0;
  return {
    code: 'perhaps-no-default-control-plane',
    labels,
    isDoubt,
    cure: chosen.revision === undefined ? none : label,
  };
}

/** Both labels: every webhook for revisions requires `istio-injection` to be absent (IST0123). */
function byBoth(revision: string, { injectors, chosen }: Circumstances): Judgement | undefined {
  if (chosen.isGiven)
    return { code: 'other-revision', labels: `${enabled} and ${revisionLabel}=${revision}`, cure: label };
  const labels = `\`${enabled}\` and \`${revisionLabel}=${revision}\``;
  const answer = answersRevision(injectors, revision);
  if (injectors.byEnabled === 'yes') {
    if (revision === defaultRevision) return undefined;
    const key = answer === 'yes' ? injectionLabel : revisionLabel;
    const detail = 'The first one wins, so its sidecars are those of the default control plane';
    return { code: 'both-labels', labels, detail, cure: { kind: 'drop', key } };
  }
  const detail =
    injectors.byEnabled === 'no'
      ? 'No control plane answers them together, so its pods get no sidecar'
      : 'The first one wins, so its pods get no sidecar unless there is a default control plane';
  return {
    code: 'both-labels',
    labels,
    detail,
    cure: answer === 'no' ? label : { kind: 'drop', key: injectionLabel },
  };
}

/** The edit of a namespace that a cure takes; undefined when nothing can or need be edited. */
export function correctionOf(namespace: Resource, cure: Cure, revision: string | undefined): Correction | undefined {
  if (cure.kind === 'none') return undefined;
  const labels = objectAt(namespace.value, 'metadata', 'labels');
  const remove = (key: string): Operation => ({ op: 'remove', path: pointer('metadata', 'labels', key) });
  const correction = (fix: string, operations: readonly Operation[]): Correction => ({
    fix: `${fix}; pods follow when they are recreated`,
    patch: { resource: namespace, operations },
  });
  if (cure.kind === 'drop') return correction(`remove \`${cure.key}\``, [remove(cure.key)]);
  const wanted = cure.kind === 'set' ? cure : revision === undefined ? undefined : labelFor(revision);
  if (!wanted) return undefined;
  const setting = operationsToSet(namespace.value, ['metadata', 'labels', wanted.key], wanted.value);
  if (setting.outcome === 'cannot') return undefined;
  const other = wanted.key === injectionLabel ? revisionLabel : injectionLabel;
  const isContradicted = cure.kind === 'label' && Object.hasOwn(labels, other);
  const operations = [
    ...(setting.outcome === 'change' ? setting.operations : []),
    ...(isContradicted ? [remove(other)] : []),
  ];
  if (operations.length === 0) return undefined;
  const removal = isContradicted ? ` and remove \`${other}\`` : '';
  return correction(`label it \`${wanted.key}=${wanted.value}\`${removal}`, operations);
}

/** Where a namespace's labels are. */
export function labelsPath(namespace: Resource): { readonly path?: string } {
  const labels = objectAt(namespace.value, 'metadata', 'labels');
  const key = [injectionLabel, revisionLabel].find((each) => Object.hasOwn(labels, each));
  if (key !== undefined) return { path: pointer('metadata', 'labels', key) };
  return Object.keys(labels).length > 0 ? { path: pointer('metadata', 'labels') } : {};
}
