import type { Operation } from '../../manifest/operation.ts';
import { pointer } from '../../manifest/pointer.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { objectAt } from '../../mesh/read.ts';
import { namespaceOf } from '../../mesh/resource.ts';
import { has } from '../../mesh/since.ts';
import { hasProxy, workloadsOf } from '../../mesh/workload.ts';
import { limitFault, type RaisedLimit } from './faults.ts';
import {
  edges,
  type HeaderLimit,
  isOutOfRange,
  type LimitName,
  type Limits,
  limitNames,
  limitPointer,
  managerForms,
  operationsToRaise,
  operationsToRevive,
  type RaisePlan,
  raisedValue,
} from './limits.ts';
import type { Reach } from './reach.ts';

/** What of the limits that are wanted the filters for some proxies lack, and these filters. */
interface Lack {
  readonly names: readonly LimitName[];
  readonly same: readonly HeaderLimit[];
  readonly wider: readonly HeaderLimit[];
}

/**
 * Finds what limits the proxies of a reach. A filter for these proxies is edited, and so is one for some of them that
 * would lower a limit again; one for more proxies is left, and outranked where it sets less.
 */
export function* findInReach(plan: RaisePlan, reach: Reach) {
  const standing = (kind: ReturnType<Reach['standingOf']>): readonly HeaderLimit[] =>
    plan.limits.filter((limit) => limit.works && reach.standingOf(limit) === kind);
  const [same, wider] = [standing('same'), standing('wider')];
  const names = limitNames.filter((name) => isLacking(plan, [...same, ...wider], name));
  const top = last(plan, [...same, ...wider], 'kib');
  if (names.length > 0) yield* findLack(plan, reach, { names, same, wider });
  else if (top) yield limitFault('raised-already', placeOf(top), top);
  for (const limit of standing('part')) yield* findInPart(plan, reach, limit, top?.priority ?? 0);
}

function isLacking(plan: RaisePlan, limits: readonly HeaderLimit[], name: LimitName): boolean {
  const having = limits.filter(({ values }) => values[name] !== undefined);
  const top = last(plan, having, name);
  return plan.wanted[name] !== undefined && (!top || raisedValue(plan, top, name) !== undefined);
}

function* findLack(plan: RaisePlan, reach: Reach, lack: Lack) {
  const { names, same, wider } = lack;
  const priority = outranking(plan, reach, lack);
  if (same.length > 0) {
    for (const limit of same) yield* findInSame(plan, lack, limit, priority);
    return;
  }
  const forms = managerForms(plan.versions);
  const dead = plan.limits.find((limit) => !limit.works && reach.standingOf(limit) === 'same' && isRevivable(limit));
  const [form] = forms;
  if (dead && form && forms.length === 1 && wider.length === 0) {
    const values = raisedTo(plan, dead, names);
    const operations = [...operationsToRevive(dead, form), ...operationsToRaise(dead, values)];
    const data = { limit: dead, values, operations, form, version: edges(plan.versions).newest };
    yield limitFault('dead-filter', placeOf(dead, values), data);
    return;
  }
  const values = Object.fromEntries(names.map((name) => [name, plan.wanted[name]])) as Limits;
  const where = {
    ...(reach.resource && { resource: reach.resource }),
    ...(isUntouched(plan) ? {} : ({ reported: 'when asked' } as const)),
  };
  yield limitFault('default-limit', where, { reach, values, versions: plan.versions, forms, priority });
}

/** True where requests meet the default limit for sure: proxies are in the input, and no filter raises it for any. */
function isUntouched({ mesh, limits }: RaisePlan): boolean {
  return !limits.some(({ works }) => works) && workloadsOf(mesh).some((workload) => hasProxy(mesh, workload));
}

/** Filters of one rank apply in the order of their creation, which no manifest shows: all of them are raised. */
function* findInSame(plan: RaisePlan, { names, same }: Lack, limit: HeaderLimit, priority: number | null) {
  const home = last(plan, same, 'kib');
  const own = names.filter(
    (name) =>
      limit.values[name] !== undefined &&
      !same.some((other) => isBefore(plan, limit, other) && other.values[name] !== undefined),
  );
  const placed = names.filter((name) => limit === home && same.every((other) => other.values[name] === undefined));
  const values = raisedTo(plan, limit, [...own, ...placed]);
  const ranking = operationsToRank(limit, priority);
  const operations = [...operationsToRaise(limit, values), ...ranking];
  if (operations.length === 0) return;
  const raised = { limit, values, operations, ...(priority !== null && ranking.length > 0 && { priority }) };
  yield lowLimit(plan, raised);
}

/** A filter for other versions of proxies is dead on purpose. */
function isRevivable({ manager }: HeaderLimit): boolean {
  return manager.filter !== undefined && !Object.hasOwn(manager.patch.match, 'proxy');
}

/** A filter for some of the proxies is applied after those for all of them, unless its priority is lower. */
function* findInPart(plan: RaisePlan, reach: Reach, limit: HeaderLimit, rank: number) {
  const raised = raisedByItself(plan, limit);
  if (!raised) return;
  if (limit.priority < rank) yield limitFault('outranked-limit', placeOf(limit), { limit, reach });
  else if (isFaulty(plan, limit)) yield lowLimit(plan, raised);
  else yield limitFault('lowered-limit', placeOf(limit, raised.values), { ...raised, reach });
}

/** Finds what is too low in these very filters, whatever their reach. */
export function* findInFilters(plan: RaisePlan, limits: readonly HeaderLimit[]) {
  for (const limit of limits) {
    const raised = raisedByItself(plan, limit);
    yield raised ? lowLimit(plan, raised) : limitFault('raised-already', placeOf(limit), limit);
  }
}

/** Finds limits that proxies reject, wherever; filters that no version takes are another remedy's business. */
export function* findOutOfRange(plan: RaisePlan) {
  for (const limit of plan.limits) {
    const raised = limit.works && isFaulty(plan, limit) && raisedByItself(plan, limit);
    if (raised) yield outOfRange(plan, raised, 'when diagnosing');
  }
}

function isFaulty({ versions }: RaisePlan, { values }: HeaderLimit): boolean {
  return limitNames.some((name) => isOutOfRange(name, values[name], versions));
}

function lowLimit(plan: RaisePlan, raised: RaisedLimit) {
  const { limit, values } = raised;
  if (isFaulty(plan, limit)) return outOfRange(plan, raised, 'when asked');
  return limitFault('low-limit', placeOf(limit, values), raised);
}

/** When asked, only those are fixed that count for the chosen proxies. */
function outOfRange({ versions }: RaisePlan, raised: RaisedLimit, reported: 'when asked' | 'when diagnosing') {
  const where = { ...placeOf(raised.limit, raised.values), reported };
  return limitFault('out-of-range', where, { ...raised, versions });
}

/** Where a limit is, or the first of those that change; `namespaces` and `names` choose proxies, not filters. */
function placeOf(limit: HeaderLimit, values?: Limits) {
  const [first = 'kib'] = Object.keys(values ?? {}) as LimitName[];
  return { resource: limit.filter, ...(values && { path: limitPointer(limit, first) }), narrowedBy: null };
}

/** What becomes of the limits that a patch sets; undefined when they may stay. */
function raisedByItself(plan: RaisePlan, limit: HeaderLimit): RaisedLimit | undefined {
  const values = raisedTo(
    plan,
    limit,
    limitNames.filter((name) => limit.values[name] !== undefined),
  );
  if (Object.keys(values).length === 0) return undefined;
  return { limit, values, operations: operationsToRaise(limit, values) };
}

/** What those limits of a patch become that are wanted. */
function raisedTo(plan: RaisePlan, limit: HeaderLimit, names: readonly LimitName[]): Limits {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = raisedValue(plan, limit, name);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

function operationsToRank({ filter, priority: current }: HeaderLimit, priority: number | null): readonly Operation[] {
  if (priority === null || current >= priority) return [];
  const op = Object.hasOwn(objectAt(filter.value, 'spec'), 'priority') ? 'replace' : 'add';
  return [{ op, path: pointer('spec', 'priority'), value: priority }];
}

/**
 * The priority that a filter needs to be applied after wider ones that set less; null when it needs none: those of
 * the root namespace come before others anyway.
 */
function outranking({ mesh, wanted, versions }: RaisePlan, { namespace }: Reach, { names, wider }: Lack) {
  if (!versions.every((version) => has(version, 'filterPriority'))) return null;
  const needed = wider
    .filter(({ values }) => names.some((limit) => isLess(values[limit], wanted[limit])))
    .map(({ priority, filter }) => {
      const isFirst = namespaceOf(filter) === mesh.rootNamespace && namespace !== mesh.rootNamespace;
      return isFirst ? priority : priority + 1;
    });
  const highest = Math.max(0, ...needed);
  return highest === 0 ? null : highest;
}

function isLess(value: number | undefined, wanted: number | undefined): boolean {
  return value !== undefined && wanted !== undefined && !(value >= wanted);
}

/** The filter that is applied last of some; of equal rank the one that sets less, since either may come last. */
function last(plan: RaisePlan, limits: readonly HeaderLimit[], name: LimitName): HeaderLimit | undefined {
  return limits.reduce<HeaderLimit | undefined>((best, limit) => {
    if (!best || isBefore(plan, best, limit)) return limit;
    if (isBefore(plan, limit, best)) return best;
    return isLess(limit.values[name], best.values[name]) ? limit : best;
  }, undefined);
}

/** True when `a` is applied before `b` for sure: by its priority, or because the root namespace comes first. */
function isBefore({ mesh }: { readonly mesh: Mesh }, a: HeaderLimit, b: HeaderLimit): boolean {
  if (a.priority !== b.priority) return a.priority < b.priority;
  return namespaceOf(a.filter) === mesh.rootNamespace && namespaceOf(b.filter) !== mesh.rootNamespace;
}
