import type { Json, JsonObject } from '../../manifest/node.ts';
import type { Operation } from '../../manifest/operation.ts';
import { pointer } from '../../manifest/pointer.ts';
import { isOldType } from '../../mesh/envoy-types.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { objectAt } from '../../mesh/read.ts';
import { namespaceOf, type Resource } from '../../mesh/resource.ts';
import { firstWithout, has, lastWithout } from '../../mesh/since.ts';
import { formatVersion, type Version } from '../../mesh/version.ts';
import type { LegacyStep as Step } from '../remedy.ts';
import {
  edges,
  type HeaderLimit,
  isOutOfRange,
  type LimitName,
  largestKib,
  limitNames,
  limitPointer,
  managerForms,
  mended,
  operationsToRaise,
  operationsToRevive,
  type WantedLimits,
  written,
} from './limits.ts';

/** The proxies that a limit is raised for, and how other filters stand to them. */
export interface Reach {
  /** As people are told: `all proxies`. */
  readonly who: string;
  /** The resource that is emitted when there is none. */
  readonly name: string;
  readonly namespace: string;
  readonly selector: JsonObject | null;
  readonly context: 'ANY' | 'GATEWAY' | 'SIDECAR_INBOUND' | 'SIDECAR_OUTBOUND';
  /** What the step is about, where it is one resource. */
  readonly resource?: Resource;
  /** `same`: for these proxies alone; `wider`: for these and others; `part`: for some of them; else undefined. */
  standingOf(limit: HeaderLimit): 'same' | 'wider' | 'part' | undefined;
}

export interface RaisePlan {
  readonly mesh: Mesh;
  readonly wanted: WantedLimits;
  readonly versions: readonly Version[];
  readonly limits: readonly HeaderLimit[];
}

const why = 'Proxies answer 431 to requests with more than 60 KiB of headers';

/**
 * Raises the limits for the proxies of a reach. A filter for these proxies is edited, and so is one for some of them
 * that would lower a limit again; one for more proxies is left, and outranked where it sets less.
 */
export function* raise(plan: RaisePlan, reach: Reach): Iterable<Step> {
  const standing = (kind: ReturnType<Reach['standingOf']>): readonly HeaderLimit[] =>
    plan.limits.filter((limit) => limit.works && reach.standingOf(limit) === kind);
  const [same, wider, part] = [standing('same'), standing('wider'), standing('part')];
  const lacking = limitNames.filter((name) => {
    const top = last(
      plan,
      [...same, ...wider].filter((limit) => limit.values[name] !== undefined),
      name,
    );
    return plan.wanted[name] !== undefined && (!top || mendedOf(plan, top, name) !== undefined);
  });
  const top = last(plan, [...same, ...wider], 'kib');
  if (lacking.length > 0) yield* raiseOrEmit(plan, reach, lacking, same, wider);
  else if (top)
    yield kept(top.filter, `EnvoyFilter ${top.filter.name} sets ${said(plan.wanted)} or more for ${reach.who} already`);
  for (const limit of part) yield* raisePart(plan, reach, limit, top?.priority ?? 0);
}

function* raiseOrEmit(
  plan: RaisePlan,
  reach: Reach,
  lacking: readonly LimitName[],
  same: readonly HeaderLimit[],
  wider: readonly HeaderLimit[],
): Iterable<Step> {
  const priority = outranking(plan, reach, lacking, wider);
  const home = last(plan, same, 'kib');
  if (home) {
    for (const limit of same) {
      // Filters of one rank apply in the order of their creation, which no manifest tells: all of them are raised.
      const own = lacking.filter(
        (name) =>
          limit.values[name] !== undefined &&
          !same.some((other) => isBefore(plan, limit, other) && other.values[name] !== undefined),
      );
      const placed = lacking.filter(
        (name) => limit === home && same.every((other) => other.values[name] === undefined),
      );
      const values = raisedTo(plan, limit, [...own, ...placed]);
      const operations = [...operationsToRaise(limit, values), ...ranked(limit, priority)];
      if (operations.length > 0)
        yield change(limit, operations, `${why}. Sets ${said(values)} in EnvoyFilter ${limit.filter.name}`, values);
    }
    return;
  }
  const forms = managerForms(plan.versions);
  const dead = plan.limits.find((limit) => !limit.works && reach.standingOf(limit) === 'same' && isRevivable(limit));
  const [form] = forms;
  if (dead && form && forms.length === 1 && wider.length === 0) {
    const values = raisedTo(plan, dead, lacking);
    const operations = [...operationsToRevive(dead, form), ...operationsToRaise(dead, values)];
    const now = Object.keys(values).length > 0 ? `, and sets ${said(values)}` : '';
    const { type } = dead.manager;
    const isRefused = type === undefined || (!has(edges(plan.versions).newest, 'v2Types') && isOldType(type));
    const state = `${isRefused ? 'is refused by' : 'has no effect on'} Istio ${formatVersion(edges(plan.versions).newest)}`;
    const message = `EnvoyFilter ${dead.filter.name} ${state} as it is. It takes the filter name ${form.filter} and the type that goes with it${now}`;
    yield change(dead, operations, message, values);
    return;
  }
  yield emission(plan, reach, lacking, priority, forms);
}

/** A filter for other versions of proxies is dead on purpose. */
function isRevivable({ manager }: HeaderLimit): boolean {
  return manager.filter !== undefined && !Object.hasOwn(manager.patch.match, 'proxy');
}

function emission(
  { wanted, versions }: RaisePlan,
  { who, name, namespace, selector, context, resource }: Reach,
  lacking: readonly LimitName[],
  priority: number | null,
  forms: ReturnType<typeof managerForms>,
): Step {
  const set = Object.fromEntries(lacking.map((limit) => [limit, wanted[limit] ?? null]));
  const note =
    forms.length > 1
      ? `. It holds both names of the filter, since Istio ${lastWithout('newFilterNames')} and ${firstWithout('oldFilterNames')} know one each`
      : '';
  const above =
    priority === null ? '' : `. Its priority ${priority} puts it after the filter that sets less for more proxies`;
  const values = { name, namespace, selector, context, priority, kib: null, headers: null, ...set, forms: [...forms] };
  return {
    severity: 'warning',
    outcome: 'change',
    message: `${why}. Emits an EnvoyFilter that sets ${said(set)} for ${who}, in the form of Istio ${spanned(versions)}${note}${above}`,
    ...(resource ? { resource } : {}),
    emit: { template: 'raise-header-limit/envoy-filter', values },
  };
}

/** A filter for some of the proxies, which is applied after those for all of them unless its priority is lower. */
function* raisePart(plan: RaisePlan, reach: Reach, limit: HeaderLimit, rank: number): Iterable<Step> {
  const { filter, priority } = limit;
  const values = raisedTo(
    plan,
    limit,
    limitNames.filter((name) => limit.values[name] !== undefined),
  );
  if (Object.keys(values).length === 0) return;
  if (priority < rank) {
    yield kept(
      filter,
      `EnvoyFilter ${filter.name} sets less for some of ${reach.who}, but its priority ${priority} lets the higher limit win`,
    );
    return;
  }
  const message = `EnvoyFilter ${filter.name} sets less for some of ${reach.who}, where it may win. It gets ${said(values)}`;
  yield change(limit, operationsToRaise(limit, values), message, values);
}

function change(limit: HeaderLimit, operations: readonly Operation[], message: string, values: Limits): Step {
  const { filter: resource } = limit;
  const [first = 'kib'] = Object.keys(values) as LimitName[];
  const path = limitPointer(limit, first);
  return { severity: 'warning', outcome: 'change', message, resource, path, patch: { resource, operations } };
}

type Limits = { readonly [name in LimitName]?: number };

/** Mends those limits of a patch that are wanted. */
function raisedTo(plan: RaisePlan, limit: HeaderLimit, names: readonly LimitName[]): Limits {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = mendedOf(plan, limit, name);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

function mendedOf({ wanted, versions }: RaisePlan, { values }: HeaderLimit, name: LimitName): number | undefined {
  return mended(name, values[name], wanted[name], versions);
}

function ranked({ filter, priority: current }: HeaderLimit, priority: number | null): readonly Operation[] {
  if (priority === null || current >= priority) return [];
  const op = Object.hasOwn(objectAt(filter.value, 'spec'), 'priority') ? 'replace' : 'add';
  return [{ op, path: pointer('spec', 'priority'), value: priority }];
}

/**
 * The priority that a filter needs to be applied after wider ones that set less; null when it needs none: those of
 * the root namespace come before others anyway.
 */
function outranking(
  { mesh, wanted, versions }: RaisePlan,
  { namespace }: Reach,
  lacking: readonly LimitName[],
  wider: readonly HeaderLimit[],
): number | null {
  if (!versions.every((version) => has(version, 'filterPriority'))) return null;
  const needed = wider
    .filter(({ values }) => lacking.some((limit) => isLess(values[limit], wanted[limit])))
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
function isBefore({ mesh }: RaisePlan, a: HeaderLimit, b: HeaderLimit): boolean {
  if (a.priority !== b.priority) return a.priority < b.priority;
  return namespaceOf(a.filter) === mesh.rootNamespace && namespaceOf(b.filter) !== mesh.rootNamespace;
}

function kept(resource: Resource, message: string): Step {
  return { severity: 'info', outcome: 'keep', message, resource };
}

/** `max_request_headers_kb: 96 and max_headers_count: 200`. */
export function said(limits: { readonly [name in LimitName]?: Json | undefined }): string {
  const { kib, headers } = limits;
  const parts = [
    ...(kib === undefined || kib === null ? [] : [`max_request_headers_kb: ${kib}`]),
    ...(headers === undefined || headers === null ? [] : [`max_headers_count: ${headers}`]),
  ];
  return parts.join(' and ');
}

function spanned(versions: readonly Version[]): string {
  const { oldest, newest } = edges(versions);
  const [from, to] = [formatVersion(oldest), formatVersion(newest)];
  return from === to ? from : `${from} to ${to}`;
}

/** Raises these very filters, whatever their reach. */
export function* raiseHere(plan: RaisePlan, limits: readonly HeaderLimit[]): Iterable<Step> {
  for (const limit of limits) {
    const { filter, values: found } = limit;
    const values = raisedTo(
      plan,
      limit,
      limitNames.filter((name) => found[name] !== undefined),
    );
    if (Object.keys(values).length === 0)
      yield kept(filter, `EnvoyFilter ${filter.name} sets ${said(found)}, which is enough`);
    else
      yield change(
        limit,
        operationsToRaise(limit, values),
        `${reasonToMend(plan, limit)} It gets ${said(values)}`,
        values,
      );
  }
}

function reasonToMend({ versions }: RaisePlan, limit: HeaderLimit): string {
  const { filter, values } = limit;
  const set = said({ kib: written(limit, 'kib'), headers: written(limit, 'headers') });
  if (!limitNames.some((name) => isOutOfRange(name, values[name], versions)))
    return `EnvoyFilter ${filter.name} sets ${set}, which is less than wanted.`;
  const range = `1 to ${largestKib(versions)} KiB at Istio ${formatVersion(versions[0]!)}`;
  return `EnvoyFilter ${filter.name} sets ${set}, but Envoy takes ${range}: proxies reject their listeners from then on, though istiod may accept it.`;
}
