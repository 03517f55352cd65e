import { isObject, type Json } from '../../manifest/node.ts';
import type { Operation } from '../../manifest/operation.ts';
import { pointer } from '../../manifest/pointer.ts';
import { parseText } from '../../manifest/read.ts';
import { at, objectAt, stringAt } from '../../mesh/read.ts';
import { holdField, holdFieldNames, holdIn } from '../../mesh/start-order.ts';
import { type PodTemplate, proxyConfigKey, proxyConfigOf } from '../../mesh/workload.ts';
import { nearest } from '../../nearest.ts';
import { operationsToSet } from '../../operations.ts';
import type { Patch } from '../../step.ts';
import { editProxyConfig, proxyConfigPatch } from '../mechanisms/proxy-config.ts';

/** What a workload's own proxy config sets about waiting. */
export interface OwnSetting {
  /** False for an annotation that does not hold a YAML mapping: the injector rejects the pods then. */
  readonly isReadable: boolean;
  /** Undefined when it is not set. The injector rejects pods with anything but a boolean. */
  readonly value: Json | undefined;
  /** A key that is most likely the field's name misspelt, with the value true: it is ignored, as every unknown field. */
  readonly slip: string | undefined;
}

export function ownSettingOf(workload: PodTemplate): OwnSetting {
  const config = proxyConfigOf(workload);
  if (config !== null && !isObject(config)) return { isReadable: false, value: undefined, slip: undefined };
  return { isReadable: true, value: holdIn(config), slip: slipIn(config) };
}

/** The misspelt field in a proxy config that is set to true. */
export function slipIn(proxyConfig: Json | undefined): string | undefined {
  const known: readonly string[] = holdFieldNames;
  return Object.keys(objectAt(proxyConfig)).find((key) => {
    return !known.includes(key) && at(proxyConfig, key) === true && nearest(key, known) !== undefined;
  });
}

/** True for a value that its author meant as true, though the injector requires a boolean. */
export function meansTrue(value: Json | undefined): boolean {
  return value === 1 || (typeof value === 'string' && /^(true|yes|on|1)$/i.test(value));
}

/** Sets the field to true in a workload's own proxy config, in place of a misspelt one; everything else stays. */
export function holdPatch(workload: PodTemplate): Patch {
  const config = proxyConfigOf(workload);
  const name = holdFieldNames.find((each) => at(config, each) !== undefined) ?? holdField;
  const slip = slipIn(config);
  const edit = editProxyConfig(workload, [name], true);
  const operations: Operation[] = edit.outcome === 'change' ? [...edit.patch.operations] : [];
  if (slip !== undefined) operations.push({ op: 'remove', path: pointer(slip) });
  return proxyConfigPatch(workload, operations);
}

/** A proxy config that asks for waiting, in an annotation that is not the pod template's and so is ignored. */
export interface Misplaced {
  readonly path: string;
  /** Moves it to the pod template; undefined when that has a proxy config already. */
  readonly move: Patch | undefined;
}

/**
 * Only annotations of pods count: those of a Deployment, or of a CronJob's Job, are not passed on.
 *
 * @see https://istio.io/latest/docs/reference/config/analysis/ist0107/
 */
export function misplacedIn(workload: PodTemplate): Misplaced | undefined {
  const { resource, path: template } = workload;
  if (template.length === 0) return undefined;
  const outer = [['metadata', 'annotations']];
  if (resource.kind === 'CronJob') outer.push(['spec', 'jobTemplate', 'metadata', 'annotations']);
  for (const annotations of outer) {
    const text = stringAt(resource.value, ...annotations, proxyConfigKey);
    const config = parseText(text ?? '');
    const slip = slipIn(config);
    if (text === undefined || (holdIn(config) !== true && slip === undefined)) continue;
    const fixed = slip === undefined ? text : text.replace(slip, holdField);
    const isSure = proxyConfigOf(workload) === null && holdIn(parseText(fixed)) === true;
    return {
      path: pointer(...annotations, proxyConfigKey),
      move: isSure ? movePatch(workload, annotations, fixed) : undefined,
    };
  }
  return undefined;
}

function movePatch({ resource, path }: PodTemplate, annotations: readonly string[], text: string): Patch | undefined {
  const setting = operationsToSet(resource.value, [...path, 'metadata', 'annotations', proxyConfigKey], text);
  if (setting.outcome !== 'change') return undefined;
  const isOnly = Object.keys(objectAt(resource.value, ...annotations)).length === 1;
  const emptied = isOnly ? annotations : [...annotations, proxyConfigKey];
  return { resource, operations: [...setting.operations, { op: 'remove', path: pointer(...emptied) }] };
}
