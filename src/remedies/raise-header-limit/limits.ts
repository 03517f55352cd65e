import type { Json, JsonObject } from '../../manifest/node.ts';
import type { Operation } from '../../manifest/operation.ts';
import { pointer } from '../../manifest/pointer.ts';
import {
  type ConnectionManagerPatch,
  configPatchesOf,
  connectionManager,
  connectionManagerPatch,
  envoyFilters,
  priorityOf,
  protoKey,
  takesConnectionManager,
} from '../../mesh/envoy-filter.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { matchesProxyVersion, proxyVersionOf } from '../../mesh/proxy-version.ts';
import { at, objectAt } from '../../mesh/read.ts';
import type { Resource } from '../../mesh/resource.ts';
import { has } from '../../mesh/since.ts';
import type { Version } from '../../mesh/version.ts';
import { operationsToSet } from '../../operations.ts';

/** What proxies take without any filter. */
export const defaultLimits = { kib: 60, headers: 100 } as const;

/** The limits that a user asks for. */
export interface WantedLimits {
  readonly kib: number;
  readonly headers?: number | undefined;
}

/** What is to be raised, where. */
export interface RaisePlan {
  readonly mesh: Mesh;
  readonly wanted: WantedLimits;
  /** That are to be served, the oldest first. */
  readonly versions: readonly Version[];
  /** All limits of the input. */
  readonly limits: readonly HeaderLimit[];
}

export type LimitName = keyof typeof defaultLimits;
export type Limits = { readonly [name in LimitName]?: number };
export const limitNames: readonly LimitName[] = ['kib', 'headers'];

const fields: Record<LimitName, readonly string[]> = {
  kib: ['max_request_headers_kb'],
  headers: ['common_http_protocol_options', 'max_headers_count'],
};

/** A patch of the input that sets a limit of request headers. */
export interface HeaderLimit {
  readonly manager: ConnectionManagerPatch;
  readonly filter: Resource;
  readonly context: string;
  /** True when it takes effect on every version that is to be served. */
  readonly works: boolean;
  /** True when more than the context chooses among the listeners of a proxy. */
  readonly isNarrow: boolean;
  readonly priority: number;
  /** NaN for what is not a number. */
  readonly values: Readonly<Record<LimitName, number | undefined>>;
}

/** The patches of the input that set a limit, in input order. */
export function headerLimits(mesh: Mesh, versions: readonly Version[]): HeaderLimit[] {
  return envoyFilters(mesh)
    .flatMap(configPatchesOf)
    .flatMap((patch) => {
      const manager = connectionManagerPatch(patch);
      if (!manager) return [];
      const values = { kib: limitIn(manager.config, 'kib'), headers: limitIn(manager.config, 'headers') };
      if (values.kib === undefined && values.headers === undefined) return [];
      const works = versions.every((version) => takesConnectionManager(manager, version) && isMeant(manager, version));
      const { filter, context } = patch;
      return { manager, filter, context, works, isNarrow: isNarrow(manager), priority: priorityOf(filter), values };
    });
}

function isMeant({ patch }: ConnectionManagerPatch, version: Version): boolean {
  const expression = proxyVersionOf(patch);
  return expression === undefined || matchesProxyVersion(expression, version) !== false;
}

/** A listener's name or port, a filter chain's, or a proxy's metadata. */
function isNarrow({ patch: { match } }: ConnectionManagerPatch): boolean {
  const listener = objectAt(match, 'listener');
  const chain = objectAt(listener, 'filterChain');
  const isOnly = (object: JsonObject, key: string): boolean => Object.keys(object).every((found) => found === key);
  return (
    !isOnly(listener, 'filterChain') || !isOnly(chain, 'filter') || !isOnly(objectAt(match, 'proxy'), 'proxyVersion')
  );
}

/** Keys from the config to a limit, spelled as they are written there. */
function pathTo(config: JsonObject, limit: LimitName): string[] {
  let parent: Json | undefined = config;
  return fields[limit].map((field) => {
    const key = protoKey(objectAt(parent), field);
    parent = at(parent, key);
    return key;
  });
}

/** Protobuf's JSON takes numbers as text too. */
function limitIn(config: JsonObject, limit: LimitName): number | undefined {
  const value = at(config, ...pathTo(config, limit));
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'number') return Number.isInteger(value) ? value : Number.NaN;
  return typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : Number.NaN;
}

/** A limit as it is written, for people. */
export function written({ manager }: HeaderLimit, limit: LimitName): Json | undefined {
  return at(manager.config, ...pathTo(manager.config, limit));
}

/** Limits as people read them: ``max_request_headers_kb: 96` and `max_headers_count: 200``. */
export function said(limits: { readonly [name in LimitName]?: Json | undefined }): string {
  return limitNames
    .filter((name) => limits[name] !== undefined && limits[name] !== null)
    .map((name) => `\`${fields[name].at(-1)}: ${limits[name]}\``)
    .join(' and ');
}

/** Pointer to a limit in its resource. */
export function limitPointer({ manager }: HeaderLimit, limit: LimitName): string {
  return pointer(...manager.path, ...pathTo(manager.config, limit));
}

/**
 * The largest value of a limit that proxies of all these versions take. istiod lets more pass, and Envoy rejects the
 * whole listener then.
 *
 * @see https://github.com/envoyproxy/envoy/pull/15921 for Envoy 1.19, which is Istio 1.11
 */
export function largestOf(limit: LimitName, versions: readonly Version[]): number {
  if (limit === 'headers') return 2 ** 32 - 1;
  return versions.every((version) => has(version, 'headersUpTo8192Kib')) ? 8192 : 96;
}

/** True for a limit that proxies reject, and their whole listener with it. */
export function isOutOfRange(limit: LimitName, value: number | undefined, versions: readonly Version[]): boolean {
  return value !== undefined && !(value >= 1 && value <= largestOf(limit, versions));
}

/**
 * What a limit becomes that is lower than wanted, or that proxies reject; undefined when it may stay. A higher one is
 * lowered to nothing less than the most that proxies take.
 */
export function raisedValue({ wanted, versions }: RaisePlan, { values }: HeaderLimit, limit: LimitName) {
  const [value, least] = [values[limit], wanted[limit]];
  const largest = largestOf(limit, versions);
  if (value !== undefined && value > largest) return largest;
  if (least === undefined) return isOutOfRange(limit, value, versions) ? defaultLimits[limit] : undefined;
  return value !== undefined && value >= least ? undefined : least;
}

/** Sets limits in the patch where one is, each as its field is spelled there. */
export function operationsToRaise({ manager }: HeaderLimit, values: Limits): readonly Operation[] {
  const prefix = pointer(...manager.path);
  return limitNames.flatMap((limit) => {
    const value = values[limit];
    if (value === undefined) return [];
    const setting = operationsToSet(manager.config, pathTo(manager.config, limit), value);
    return setting.outcome === 'change'
      ? setting.operations.map((operation) => ({ ...operation, path: prefix + operation.path }))
      : [];
  });
}

/** How connection managers are named and typed where a filter must work on each of some versions. */
export interface ManagerForm extends JsonObject {
  filter: string;
  type: string;
}

/**
 * The forms of a patch that serves all of these versions; each filter name is ignored where it is not known. Empty
 * when there are none: the only type that 1.6 knows is refused since 1.19.
 */
export function managerForms(versions: readonly Version[]): readonly ManagerForm[] {
  const { oldest, newest } = edges(versions);
  const old = connectionManager(oldest);
  const now = connectionManager(newest);
  if ((has(newest, 'oldFilterNames') && has(newest, 'v2Types')) || old.filter === now.filter) return [old];
  return old.type === now.type ? [old, now] : [];
}

export function edges(versions: readonly Version[]): { readonly oldest: Version; readonly newest: Version } {
  return { oldest: versions[0]!, newest: versions.at(-1)! };
}

/** Brings the name and the type of a patch that versions ignore or reject to this form. */
export function operationsToRevive({ manager }: HeaderLimit, form: ManagerForm): readonly Operation[] {
  const operations: Operation[] = [];
  const { patch, filter, type, path } = manager;
  if (filter !== undefined && filter !== form.filter) {
    const name = pointer('spec', 'configPatches', patch.index, 'match', 'listener', 'filterChain', 'filter', 'name');
    operations.push({ op: 'replace', path: name, value: form.filter });
  }
  // A merged name becomes the filter's own, and patches to its HTTP filters look for the one that this version knows.
  if (patch.value['name'] === filter && filter !== undefined && filter !== form.filter)
    operations.push({ op: 'replace', path: pointer(...path.slice(0, -1), 'name'), value: form.filter });
  if (type !== form.type)
    operations.push({ op: type === undefined ? 'add' : 'replace', path: pointer(...path, '@type'), value: form.type });
  return operations;
}
