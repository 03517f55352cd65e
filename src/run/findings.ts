import type { InputError } from '../errors.ts';
import type { Finding, ResourceRef } from '../finding.ts';
import type { JsonObject, SourceFile } from '../manifest/node.ts';
import { jsonPath } from '../manifest/pointer.ts';
import type { Resource } from '../mesh/resource.ts';
import { skipAnnotation } from '../mesh/skip.ts';
import { remedies } from '../remedies/index.ts';
import type { Remedy } from '../remedies/remedy.ts';
import type { Change, Patch } from '../step.ts';
import type { Placeable } from './place.ts';
import type { Planned } from './plan.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** A finding whose place in the text is still to be found. */
export interface OpenFinding extends Placeable {
  readonly finding: Mutable<Finding>;
  /** What would fix it, when diagnosing. */
  readonly patch?: Patch | undefined;
}

/** What the pipeline made of a change. */
interface Entry {
  readonly resource?: Resource;
  readonly change?: Finding['change'];
}

/** The finding that reports what becomes of a fault. */
export function openFinding(planned: Planned, remedy: Pick<Remedy, 'id' | 'source'>, entry: Entry = {}): OpenFinding {
  const { fault, step, suppressed } = planned;
  const { resource = fault.resource ?? entry.resource, path = step.resource ? '' : (fault.path ?? '') } = step;
  const finding: Mutable<Finding> = {
    code: `${remedy.id}/${fault.code}`,
    remedy: remedy.id,
    severity: severityOf(planned),
    outcome: step.outcome,
    message: messageOf(planned),
    source: fault.source ?? remedy.source,
  };
  if (step.outcome === 'change' && step.fix) finding.fix = step.fix;
  if (suppressed !== undefined) finding.suppressed = suppressed;
  if (resource) finding.resource = refOf(resource);
  if (path !== '') finding.path = jsonPath(path);
  if (entry.change) finding.change = entry.change;
  return { finding, document: resource?.document, pointer: (resource?.base ?? '') + path };
}

function severityOf({ fault, kind, step }: Planned): Finding['severity'] {
  if (step.severity) return step.severity;
  if (step.outcome === 'keep') return 'info';
  return step.outcome === 'refuse' ? 'error' : (fault.severity ?? kind.severity);
}

/** The problem; then how many more have it, why it stays, or what people can do about it. */
function messageOf({ fault, kind, step, others = 0, suppressed }: Planned): string {
  const problem = kind.message(fault.data as never);
  if (suppressed !== undefined)
    return `${problem}. Left alone because of ${skipAnnotation}${suppressed && `: ${suppressed}`}`;
  const more = others === 0 ? '' : ` (and ${others} more)`;
  const second = step.outcome === 'change' ? undefined : step.outcome === 'advise' ? step.todo : step.why;
  return `${problem}${more}${second === undefined ? '' : `. ${second}`}`;
}

export function refOf({ apiVersion, kind, namespace, name }: Resource): ResourceRef {
  return { apiVersion, kind, ...(namespace === undefined ? {} : { namespace }), name };
}

/** Findings in the order of files, lines and remedies; those without a place come last. */
export function sortFindings(findings: readonly Finding[], files: readonly SourceFile[]): Finding[] {
  const fileRank = new Map(files.map(({ path }, index) => [path, index]));
  const remedyRank = new Map(remedies.map(({ id }, index) => [id, index]));
  const rank = (finding: Finding): number[] => [
    fileRank.get(finding.file ?? '') ?? files.length,
    finding.line ?? 0,
    finding.column ?? 0,
    remedyRank.get(finding.remedy) ?? 0,
  ];
  const ranked = findings.map((finding, index) => ({ finding, keys: [...rank(finding), index] }));
  ranked.sort((a, b) => a.keys.map((key, at) => key - b.keys[at]!).find((difference) => difference !== 0) ?? 0);
  return ranked.map(({ finding }) => finding);
}

/** Reports a change that a diagnosis does not make, and how to have it made. */
export function foreseen(planned: Planned, step: Change, remedy: Remedy, change: Finding['change']): OpenFinding {
  const found = openFinding(planned, remedy, change?.length ? { change } : undefined);
  found.finding.parameters = step.parameters ?? narrowedTo(step.resource ?? planned.fault.resource, remedy);
  return { ...found, patch: step.isPart ? undefined : step.patch };
}

function narrowedTo(resource: Resource | undefined, { parameters }: Remedy): JsonObject {
  if (!resource || !Object.hasOwn(parameters, 'names')) return {};
  const { namespace, name } = resource;
  return { ...(namespace === undefined ? {} : { namespaces: [namespace] }), names: [name] };
}

/** A change that its document does not allow: nothing of the document is edited then. */
export function refusedBy(
  { message, hint, place }: InputError,
  { change: _, fix: __, ...finding }: Finding,
): Mutable<Finding> {
  const why = `${finding.message}. It cannot be fixed here: ${message}${hint ? `: ${hint}` : ''}`;
  return {
    ...finding,
    severity: 'error',
    outcome: 'refuse',
    message: why,
    ...(finding.line === undefined ? place : {}),
  };
}
