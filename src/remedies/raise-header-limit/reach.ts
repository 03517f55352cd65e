import { isSame, type JsonObject } from '../../manifest/node.ts';
import { isMeshWide, reaches, selectorLabels } from '../../mesh/envoy-filter.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { distinctNames, dnsName } from '../../mesh/new-name.ts';
import { listAt } from '../../mesh/read.ts';
import { namespaceOf, type Resource } from '../../mesh/resource.ts';
import { isGateway, type PodTemplate, workloadsOf } from '../../mesh/workload.ts';
import { defaultLimits, type HeaderLimit, type LimitName } from './limits.ts';

/** The proxies that a limit is raised for, and which of them other filters are for. */
export interface Reach {
  /** For messages: `all proxies`. */
  readonly who: string;
  /** The name of the filter that is added when there is none. */
  readonly name: string;
  readonly namespace: string;
  readonly selector: JsonObject | null;
  readonly context: 'ANY' | 'GATEWAY' | 'SIDECAR_INBOUND' | 'SIDECAR_OUTBOUND';
  /** The only workload of the reach, where it is one. */
  readonly resource?: Resource;
  /** `same`: for these proxies alone; `wider`: for these and others; `part`: for some of them; else undefined. */
  standingOf(limit: HeaderLimit): 'same' | 'wider' | 'part' | undefined;
}

const name = 'meshmend-header-limit';

/** Every proxy, so that all hops of a request are raised alike. */
function meshReach(mesh: Mesh): Reach {
  return {
    who: 'all proxies',
    name,
    namespace: mesh.rootNamespace,
    selector: null,
    context: 'ANY',
    standingOf: (limit) => (isForAll(mesh, limit) ? 'same' : 'part'),
  };
}

export const sidecarContexts = ['SIDECAR_INBOUND', 'SIDECAR_OUTBOUND'] as const;

/** The listeners that `ANY` means, except those of waypoints. */
const contexts = [...sidecarContexts, 'GATEWAY'] as const;

/** Every proxy: at once, or context by context where filters for all of them are written so. */
export function meshReaches(mesh: Mesh, limits: readonly HeaderLimit[]): readonly Reach[] {
  const everywhere = meshReach(mesh);
  const whole = limits.filter(({ works, values }) => works && values.kib !== undefined);
  const isSet = (context: string): boolean => whole.some((limit) => isForContext(mesh, limit, context));
  const isSplit = contexts.every(isSet) && !whole.some((limit) => everywhere.standingOf(limit) === 'same');
  return isSplit ? contexts.map((context) => contextReach(mesh, context)) : [everywhere];
}

function contextReach(mesh: Mesh, context: (typeof contexts)[number]): Reach {
  const whose = context === 'SIDECAR_INBOUND' ? 'towards' : 'from';
  return {
    ...meshReach(mesh),
    who: context === 'GATEWAY' ? 'all gateways' : `all sidecars, for requests ${whose} their applications`,
    context,
    standingOf: (limit) => {
      if (isForAll(mesh, limit)) return 'wider';
      // One for several contexts is looked at with the first of them.
      if (limit.context === 'ANY') return context === contexts[0] ? 'part' : undefined;
      if (limit.context !== context) return undefined;
      return isForContext(mesh, limit, context) ? 'same' : 'part';
    },
  };
}

function isForContext(mesh: Mesh, { filter, context: own, isNarrow }: HeaderLimit, context: string): boolean {
  return isMeshWide(mesh, filter) && own === context && !isNarrow;
}

/** The limit that every proxy has in these contexts, whatever is set for some of them. */
export function generalLimit(
  mesh: Mesh,
  limits: readonly HeaderLimit[],
  name: LimitName,
  among: readonly string[] = contexts,
): number {
  const ofContext = (context: string): number => {
    const own = limits.filter((limit) => limit.works && (isForAll(mesh, limit) || isForContext(mesh, limit, context)));
    return Math.max(defaultLimits[name], ...own.map(({ values }) => values[name] || 0));
  };
  return Math.min(...among.map(ofContext));
}

/** Every gateway, wherever it runs. */
export function gatewaysReach(mesh: Mesh): Reach {
  const gateways = workloadsOf(mesh).filter(isGateway);
  return {
    who: 'all gateways',
    name: `${name}-gateways`,
    namespace: mesh.rootNamespace,
    selector: null,
    context: 'GATEWAY',
    standingOf: (limit) => {
      if (isForAll(mesh, limit)) return 'wider';
      if (limit.context === 'GATEWAY') return isMeshWide(mesh, limit.filter) && !limit.isNarrow ? 'same' : 'part';
      const isPart = limit.context === 'ANY' && gateways.some((gateway) => reaches(mesh, limit.filter, gateway));
      return isPart ? 'part' : undefined;
    },
  };
}

/** The pods that a selector chooses in one namespace; in every namespace when that is the root namespace. */
export function selectedReach(
  mesh: Mesh,
  namespace: string,
  selector: JsonObject,
  context: Reach['context'],
  workloads: readonly PodTemplate[],
  name = nameFor(selector, context),
): Reach {
  const labels = Object.entries(selector).map(([key, value]) => `${key}=${value}`);
  const what = context === 'GATEWAY' ? 'gateways' : 'workloads';
  const everywhere = namespace === mesh.rootNamespace && workloads.length === 0;
  return {
    who: `${what} with ${labels.join(', ')}${everywhere ? '' : ` in namespace ${namespace}`}`,
    name,
    namespace,
    selector,
    context,
    ...(workloads.length === 1 ? { resource: workloads[0]!.resource } : {}),
    standingOf: (limit) => {
      if (limit.context !== 'ANY' && limit.context !== context) return reachesSome(mesh, limit, workloads);
      const owner = namespaceOf(limit.filter);
      if (owner !== namespace && owner !== mesh.rootNamespace) return undefined;
      return standingByLabels(limit, namespace, selector) ?? reachesSome(mesh, limit, workloads);
    },
  };
}

/** Compares selectors, so that it holds for pods outside the input too; undefined where they do not decide. */
function standingByLabels(
  { filter, isNarrow }: HeaderLimit,
  namespace: string,
  selector: JsonObject,
): 'same' | 'wider' | undefined {
  if (isNarrow || hasTargets(filter)) return undefined;
  const own = selectorLabels(filter);
  if (namespaceOf(filter) === namespace && isSame(own, selector)) return 'same';
  return Object.entries(own).every(([key, value]) => selector[key] === value) ? 'wider' : undefined;
}

/** For gateways the contexts of sidecars do not count, and for sidecars that of gateways. */
function reachesSome(mesh: Mesh, limit: HeaderLimit, workloads: readonly PodTemplate[]): 'part' | undefined {
  const isReached = workloads.some((workload) => {
    const isContext = limit.context === 'ANY' || (limit.context === 'GATEWAY') === isGateway(workload);
    return isContext && reaches(mesh, limit.filter, workload);
  });
  return isReached ? 'part' : undefined;
}

function isForAll(mesh: Mesh, { filter, context, isNarrow }: HeaderLimit): boolean {
  return isMeshWide(mesh, filter) && context === 'ANY' && !isNarrow;
}

function hasTargets({ value }: Resource): boolean {
  return listAt(value, 'spec', 'targetRefs').length > 0;
}

/** The name of a filter for the pods that a selector chooses: `meshmend-header-limit-web`. */
function nameFor(selector: JsonObject, context: Reach['context']): string {
  const values = Object.keys(selector)
    .sort()
    .map((key) => String(selector[key]));
  return dnsName([name, ...(context === 'GATEWAY' ? ['gateways'] : []), ...values].join('-'));
}

/** The names of the filters for several selectors: they say the values of labels only, which two may share. */
export function namesFor(
  chosen: readonly { readonly namespace: string; readonly selector: JsonObject }[],
): (namespace: string, selector: JsonObject) => string {
  const subjectOf = (namespace: string, selector: JsonObject): string => JSON.stringify([namespace, selector]);
  const names = distinctNames(
    chosen.map(({ namespace, selector }) => ({
      subject: subjectOf(namespace, selector),
      namespace,
      name: nameFor(selector, 'ANY'),
    })),
  );
  return (namespace, selector) => names.get(subjectOf(namespace, selector)) ?? nameFor(selector, 'ANY');
}
