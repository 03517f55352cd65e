import type { Severity } from '../../finding.ts';
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
import type { LegacyStep as Step } from '../remedy.ts';
import { type Chosen, labelFor } from './revision.ts';

/** What is known when the labels of a namespace are judged. */
export interface Circumstances {
  readonly injectors: Injectors;
  readonly chosen: Chosen;
  /** True when the user gave the very name of the namespace: then even `disabled` is overruled. */
  readonly isNamed: boolean;
}

/** What is to become of a namespace's labels. */
export interface Judgement {
  /**
   * - `fine`: nothing to do or to say
   * - `keep`, `advise`: as the outcomes of steps
   * - `label`: gets the label of the chosen revision and no other
   * - `drop`: loses one label of the two
   * - `set`: the one label gets a value that counts
   */
  readonly kind: 'fine' | 'keep' | 'advise' | 'label' | 'drop' | 'set';
  readonly why: string;
  /** Undefined for what is no fault, but a choice or a doubt. */
  readonly fault?: Severity;
  /** True where only the cluster can tell whether all is well. */
  readonly isDoubt?: boolean;
  readonly key?: string;
  readonly value?: string;
}

const fine: Judgement = { kind: 'fine', why: '' };

/**
 * Judges a namespace by the webhooks' selectors: `istio-injection` beats `istio.io/rev`, and only the default control
 * plane answers it.
 *
 * @see https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/#controlling-the-injection-policy
 */
export function judge(namespace: Resource, circumstances: Circumstances): Judgement {
  const labels = at(namespace.value, 'metadata', 'labels') ?? {};
  const name = `Namespace ${namespace.name}`;
  if (!isObject(labels)) {
    const why = `The labels of ${name} are no mapping, so Kubernetes refuses the namespace`;
    return { kind: 'advise', why, fault: 'error' };
  }
  const injection = labels[injectionLabel] ?? undefined;
  const revision = labels[revisionLabel] ?? undefined;
  if (injection !== undefined && typeof injection !== 'string')
    return noString(name, injectionLabel, labels, circumstances);
  if (revision !== undefined && typeof revision !== 'string')
    return noString(name, revisionLabel, labels, circumstances);
  if (labels['istio.io/dataplane-mode'] === 'ambient') return ambient(name, injection, revision);
  if (injection === undefined)
    return revision === undefined ? bare(name, circumstances) : byRevision(name, revision, circumstances);
  if (injection === 'enabled')
    return revision === undefined ? byEnabled(name, circumstances) : byBoth(name, revision, circumstances);
  if (isYes(injection)) {
    const why = `${name} gets no sidecars: ${injectionLabel}=${injection} means no, only "enabled" means yes`;
    return circumstances.chosen.revision === undefined
      ? { kind: 'set', why, fault: 'warning', key: injectionLabel, value: 'enabled' }
      : { kind: 'label', why, fault: 'warning' };
  }
  const why = `${name} says ${injectionLabel}=${injection}`;
  if (circumstances.isNamed) return { kind: 'label', why };
  return { kind: 'keep', why: `${why}, which stays: namespaces with its very name overrules it` };
}

function isYes(text: string): boolean {
  return /^(true|yes|on|1|enable|enabled|inject)$/i.test(text);
}

/** Labels are strings, and `true`, `1` and `yes` without quotes are none. */
function noString(name: string, key: string, labels: JsonObject, { chosen }: Circumstances): Judgement {
  const value = labels[key] ?? null;
  const why = `The label ${key}: ${JSON.stringify(value)} of ${name} is no string, so Kubernetes refuses the namespace`;
  const fault = 'error';
  if (key === injectionLabel && isUnquoted(value)) {
    const isWanted = isYes(String(value));
    if (isWanted && chosen.revision !== undefined) return { kind: 'label', why, fault };
    return { kind: 'set', why, fault, key, value: isWanted ? 'enabled' : 'disabled' };
  }
  if (chosen.isGiven) return { kind: 'label', why, fault };
  const text = typeof value === 'number' ? quotedText(value) : undefined;
  if (text !== undefined) return { kind: 'set', why, fault, key, value: text };
  return { kind: 'advise', why: `${why}. Put it into quotes`, fault };
}

/** Pods that have a sidecar are left out by ztunnel, so the labels contradict each other. */
function ambient(name: string, injection: string | undefined, revision: string | undefined): Judgement {
  if (injection === 'enabled' || (injection === undefined && revision !== undefined)) {
    const label = injection === undefined ? `${revisionLabel}=${revision}` : `${injectionLabel}=enabled`;
    const why = `${name} asks for ambient mode (istio.io/dataplane-mode=ambient) and for sidecars (${label}): pods get sidecars, and ztunnel leaves them out. Remove the label of the mode that is not meant`;
    return { kind: 'advise', why, fault: 'warning' };
  }
  return { kind: 'keep', why: `${name} is in ambient mode, where ztunnel does the work of sidecars` };
}

function bare(name: string, { injectors, chosen }: Circumstances): Judgement {
  const isElsewhere = chosen.isGiven && chosen.revision !== defaultRevision;
  if (injectors.byDefault && !isElsewhere) return fine;
  return { kind: 'label', why: `${name} has no label that asks for sidecars` };
}

function byRevision(name: string, revision: string, { injectors, chosen }: Circumstances): Judgement {
  if (chosen.isGiven) {
    const isSo = revision === chosen.revision && !(injectors.isLegacy && revision === defaultRevision);
    return isSo ? fine : { kind: 'label', why: `${name} is labelled ${revisionLabel}=${revision}` };
  }
  switch (answersRevision(injectors, revision)) {
    case 'yes':
      return fine;
    case 'no': {
      const why = `${name} gets no sidecars: no control plane of the input answers ${revisionLabel}=${revision}`;
      return { kind: 'label', why, fault: 'warning' };
    }
    case 'unsure': {
      if (!injectors.isKnown) return fine;
      const why = `${name} is labelled ${revisionLabel}=${revision}, which no manifest of the input explains: it must be a tag in the cluster (istioctl tag list)`;
      return { kind: 'keep', why, isDoubt: true };
    }
  }
}

function byEnabled(name: string, { injectors, chosen }: Circumstances): Judgement {
  const why = `${name} is labelled ${injectionLabel}=enabled`;
  if (chosen.isGiven) return chosen.revision === defaultRevision ? fine : { kind: 'label', why };
  if (injectors.byEnabled === 'yes') return fine;
  if (injectors.byEnabled === 'no') {
    const all = [...injectors.revisions].join(', ');
    const only = `${name} gets no sidecars: ${injectionLabel}=enabled is for control planes without a revision, and those of the input have one (${all})`;
    return { kind: 'label', why: only, fault: 'warning' };
  }
  if (chosen.revision === defaultRevision) return fine;
  const doubt = `${why}, which only the default control plane answers (istioctl tag list shows whether there is one)`;
  const isDoubt = injectors.isKnown || chosen.found.length > 0;
  return { kind: chosen.revision === undefined ? 'keep' : 'label', why: doubt, isDoubt };
}

/** Both labels: every webhook for revisions wants `istio-injection` to be absent (IST0123). */
function byBoth(name: string, revision: string, { injectors, chosen }: Circumstances): Judgement {
  const labels = `${injectionLabel}=enabled and ${revisionLabel}=${revision}`;
  if (chosen.isGiven) return { kind: 'label', why: `${name} is labelled ${labels}` };
  const answer = answersRevision(injectors, revision);
  if (injectors.byEnabled === 'yes') {
    if (revision === defaultRevision) return fine;
    const why = `${name} is labelled ${labels} (IST0123): the first one wins, so its sidecars are those of the default control plane`;
    return { kind: 'drop', why, fault: 'warning', key: answer === 'yes' ? injectionLabel : revisionLabel };
  }
  const isNone = injectors.byEnabled === 'no';
  const why = isNone
    ? `${name} gets no sidecars: beside ${injectionLabel} nobody answers ${revisionLabel}=${revision} (IST0123)`
    : `${name} is labelled ${labels} (IST0123): the first one wins, and where no control plane is the default one its pods get no sidecar`;
  if (answer === 'no') return { kind: 'label', why, fault: 'warning' };
  return { kind: 'drop', why, fault: 'warning', key: injectionLabel };
}

/** What it takes to give a namespace the one label of a revision. */
export interface Labelling {
  readonly operations: readonly Operation[];
  /** What is done, as a clause: `Labels it istio.io/rev=1-20 and removes istio-injection`. */
  readonly action: string;
}

/** The operations for a judgement that changes labels; undefined when nothing can or need be edited. */
export function labelling(
  namespace: Resource,
  judgement: Judgement,
  revision: string | undefined,
): Labelling | undefined {
  const { kind, key = '', value = '' } = judgement;
  if (kind !== 'label' && kind !== 'set' && kind !== 'drop') return undefined;
  const labels = objectAt(namespace.value, 'metadata', 'labels');
  const remove = (label: string): Operation => ({ op: 'remove', path: pointer('metadata', 'labels', label) });
  if (kind === 'drop') return { operations: [remove(key)], action: `Removes ${key}` };
  const wanted = kind === 'set' ? { key, value } : revision === undefined ? undefined : labelFor(revision);
  if (!wanted) return undefined;
  const setting = operationsToSet(namespace.value, ['metadata', 'labels', wanted.key], wanted.value);
  if (setting.outcome === 'cannot') return undefined;
  const operations: Operation[] = setting.outcome === 'change' ? [...setting.operations] : [];
  const other = wanted.key === injectionLabel ? revisionLabel : injectionLabel;
  const isContradicted = kind === 'label' && Object.hasOwn(labels, other);
  if (isContradicted) operations.push(remove(other));
  if (operations.length === 0) return undefined;
  const removal = isContradicted ? ` and removes ${other}` : '';
  return { operations, action: `Labels it ${wanted.key}=${wanted.value}${removal}` };
}

/** Where a message about a namespace's labels points to. */
export function labelsPath(namespace: Resource): Pick<Step, 'path'> {
  const labels = objectAt(namespace.value, 'metadata', 'labels');
  const key = [injectionLabel, revisionLabel].find((label) => Object.hasOwn(labels, label));
  if (key !== undefined) return { path: pointer('metadata', 'labels', key) };
  return Object.keys(labels).length > 0 ? { path: pointer('metadata', 'labels') } : {};
}
