import { isSelected, type Selection } from '../mesh/mesh.ts';
import type { Resource } from '../mesh/resource.ts';
import { skipReason } from '../mesh/skip.ts';
import type { Fault, FaultKind, Reported } from '../remedies/fault.ts';
import type { Remedy, Target } from '../remedies/remedy.ts';
import type { Step } from '../step.ts';
import { intentFaults, selectableNames } from './codes.ts';
import { respectOwners } from './owners.ts';
import { faultsOfSkips, skipFaults } from './skip.ts';

/** A fault, and what becomes of it. */
export interface Planned extends Found {
  readonly step: Step;
  /** How many further faults of this code are folded into this one. */
  readonly others?: number;
  /** The reason for which the resource asks to be left alone; empty when it gives none. */
  readonly suppressed?: string;
}

export type Mode = 'rewrite' | 'diagnose';

/**
 * What becomes of the faults that a remedy finds: narrowed to the resources that the user selected, those that a
 * resource's annotation skips left alone, and, when diagnosing, choices folded into one line for each code.
 */
export function* planFor(remedy: Remedy, target: Target, mode: Mode): Iterable<Planned> {
  const choices = new Map<string, Folded>();
  for (const found of foundBy(remedy, target, mode)) {
    const { fault, kind } = found;
    const skipped = suppressed(remedy, fault, kind);
    const folded = choices.get(fault.code);
    if (skipped) yield skipped;
    else if (mode === 'rewrite') yield* fixesFor(remedy, fault, kind, target);
    else if (!isFolded(found)) yield* foresee(fixesFor(remedy, fault, kind, target));
    else if (folded) folded.others++;
    else choices.set(fault.code, { first: found, others: 0 });
  }
  for (const folded of choices.values()) yield* planForChoices(remedy, folded, target);
}

/** The first choice of a code, and how many follow it. */
interface Folded {
  readonly first: Found;
  others: number;
}

/** The one line of all choices of a code. */
function* planForChoices(remedy: Remedy, { first, others }: Folded, target: Target): Iterable<Planned> {
  const { fault, kind } = first;
  const unwanted = fault.resource ? [] : suppressedFixes(remedy, fault, kind, target);
  if (unwanted.length > 0) yield* unwanted;
  else yield* foresee([{ ...first, step: choiceStep(remedy, fault, kind, target), others }]);
}

interface Found {
  readonly fault: Fault;
  readonly kind: FaultKind<never>;
}

/** What a remedy finds that is to be reported. */
function* foundBy(remedy: Remedy, target: Target, mode: Mode): Iterable<Found> {
  for (const fault of remedy.find(target)) {
    const kind = remedy.faults.kinds[fault.code];
    if (!kind) throw new Error(`${remedy.id} has no code ${fault.code}`);
    const { reported = kind.reported } = fault;
    if (isReported(reported, mode) && isNarrowedTo(fault, target.parameters as Selection)) yield { fault, kind };
  }
}

/** Choices are, unless the fault says that it is no choice here. */
function isFolded({ fault: { reported = 'folded' }, kind }: Found): boolean {
  return kind.reported === 'folded' && (reported === 'folded' || reported === 'when diagnosing');
}

function isReported(reported: Reported, mode: Mode): boolean {
  return reported !== (mode === 'rewrite' ? 'when diagnosing' : 'when asked');
}

function isNarrowedTo({ resource, narrowedBy = resource }: Fault, selection: Selection): boolean {
  return !narrowedBy || isSelected(narrowedBy, selection);
}

/** A fault that is left alone because its resource, or one that the fix needs, asks for that. */
function suppressed(
  { id }: Remedy,
  fault: Fault,
  kind: FaultKind<never>,
  others = fault.involves,
): Planned | undefined {
  const { resource, code } = fault;
  for (const each of [resource, ...(others ?? [])]) {
    const reason = each && skipReason(each, id, `${id}/${code}`);
    if (reason === undefined) continue;
    return { fault, kind, step: { outcome: 'keep', ...(each !== resource && { resource: each }) }, suppressed: reason };
  }
  return undefined;
}

/** What is done about a fault; a resource that is edited for it may ask to be left alone, too. */
function* fixesFor(remedy: Remedy, fault: Fault, kind: FaultKind<never>, target: Target): Iterable<Planned> {
  for (const step of stepsFor(remedy, fault, kind, target)) {
    const skipped = step.resource && suppressed(remedy, fault, kind, [step.resource]);
    yield skipped ?? { fault, kind, step };
  }
}

/** What would be done about a fault of the whole mesh, where all resources that it edits ask to be left alone. */
function suppressedFixes(remedy: Remedy, fault: Fault, kind: FaultKind<never>, target: Target): Planned[] {
  const fixes = [...fixesFor(remedy, fault, kind, target)];
  return fixes.every(({ suppressed }) => suppressed !== undefined) ? fixes : [];
}

/** A diagnosis reports a fault once, and nothing is refused that nobody asked for. */
function* foresee(fixes: Iterable<Planned>): Iterable<Planned> {
  for (const planned of fixes) {
    const { step } = planned;
    if (step.isFurther) continue;
    if (step.outcome !== 'refuse') yield planned;
    else
      yield {
        ...planned,
        step: { ...step, outcome: 'advise', ...(step.why !== undefined && { todo: step.why }) } as Step,
      };
  }
}

function stepsFor(remedy: Remedy, fault: Fault, kind: FaultKind<never>, target: Target): Iterable<Step> {
  const fixed = remedy.fix?.[fault.code]?.(fault, target);
  if (fixed === undefined) return [stepOf(kind)];
  return respectOwners('outcome' in fixed ? [fixed] : fixed);
}

/** What is done about a choice when the remedy is asked for: its command is that of the whole mesh. */
function choiceStep(remedy: Remedy, fault: Fault, kind: FaultKind<never>, target: Target): Step {
  const [step = stepOf(kind)] = stepsFor(remedy, fault, kind, target);
  return step.outcome === 'change' ? { outcome: 'change', fix: step.fix, parameters: step.parameters ?? {} } : step;
}

/** What to report of an intent that has nothing to report itself: a selection that matches nothing may be a slip. */
export function nothingToDo({ mesh, parameters }: Target): Planned {
  const selection = parameters as Selection;
  const given = (['namespaces', 'names'] as const).flatMap((name) => {
    const globs = selection[name];
    return globs === undefined ? [] : [`${name} ${globs.join(', ')}`];
  });
  const isSlip = given.length > 0 && !mesh.resources.some((resource) => isSelected(resource, selection));
  const fault = isSlip ? intentFaults('selects-nothing', {}, given.join(' and ')) : intentFaults('nothing-to-do', {});
  return unfixed(fault, intentFaults.kinds[fault.code]);
}

/** Faults of what resources say to meshmend itself. */
export function planForSkips(resources: readonly Resource[]): Planned[] {
  const known = selectableNames();
  return [...faultsOfSkips(resources, known)].map((fault) => unfixed(fault, skipFaults.kinds[fault.code]));
}

/** A fault that is reported as its kind says. */
function unfixed(fault: Fault, kind: FaultKind<never>): Planned {
  return { fault, kind, step: stepOf(kind) };
}

function stepOf({ outcome }: FaultKind<never>): Step {
  return { outcome } as Step;
}
