import { isObject } from '../../manifest/node.ts';
import { destinationRulesOf } from '../../mesh/destination-rule.ts';
import { balancesHeadless, headlessServiceOf } from '../../mesh/headless.ts';
import { hostCovers } from '../../mesh/host.ts';
import { type LoadBalancing, loadBalancingOf } from '../../mesh/load-balancing.ts';
import { isSelected, type Mesh } from '../../mesh/mesh.ts';
import { at } from '../../mesh/read.ts';
import { namespaceOf, type Resource } from '../../mesh/resource.ts';
import { routesTo } from '../../mesh/route-destination.ts';
import { destinationHost, destinationRulesFor, isAmbientNamespace, serviceHost } from '../../mesh/service.ts';
import { isDelegate } from '../../mesh/virtual-service.ts';
import { placeIn } from '../../step.ts';
import { selection } from '../parameter.ts';
import { defineRemedy } from '../remedy.ts';
import { findCallers } from './callers.ts';
import { balanceFault } from './faults.ts';
import { type Move, moveBalancing } from './move.ts';
import { type Twin, twinOf } from './twin.ts';

const parameters = {
  ...selection,
  suffix: {
    type: 'string',
    default: '-balanced',
    pattern: '^[-a-z0-9]*[a-z0-9]$',
    help: "what follows the headless Service's name in the name of the Service that is balanced",
  },
} as const;

export default defineRemedy({
  id: 'balance-headless',
  source: 'https://istio.io/latest/docs/ops/configuration/traffic-management/traffic-routing/#headless-services',
  parameters,
  faults: balanceFault,

  *find({ mesh, version, parameters: settings }) {
    if (balancesHeadless(mesh, version)) {
      yield balanceFault('balanced-by-istiod', {});
      return;
    }
    const planned: Planned = { services: new Set(), rules: new Map() };
    for (const rule of destinationRulesOf(mesh).filter(isBalancing)) {
      const host = destinationHost(rule) ?? '';
      if (host.startsWith('*')) yield* findWildcard(mesh, rule, host);
      const headless = headlessServiceOf(mesh, host);
      const isMeant = headless && (isSelected(rule, settings) || isSelected(headless, settings));
      if (isMeant) yield* findInRule(mesh, rule, headless, settings.suffix, planned);
    }
  },

  fix: {
    'ignored-balancing': ({ data }, { mesh, version }) => moveBalancing(mesh, data, version),
    'unbalanced-in-mesh': ({ data }, { mesh, version }) => moveBalancing(mesh, data, version),
  },
});

function isBalancing(rule: Resource): boolean {
  const { balancers, ejects } = loadBalancingOf(rule);
  return balancers.length > 0 || ejects;
}

/** A rule for many hosts stays as it is: the others are balanced by it. */
function* findWildcard(mesh: Mesh, rule: Resource, host: string) {
  const covered = mesh.ofKind('Service', '').filter((service) => {
    const fqdn = serviceHost(service);
    return hostCovers(host, fqdn) && headlessServiceOf(mesh, fqdn) === service;
  });
  if (covered.length > 0) yield balanceFault('wildcard-host', placeIn(rule, 'spec', 'host'), { host, covered });
}

/** What rules before this one bring about. */
interface Planned {
  /** Hosts of the Services that are added. */
  readonly services: Set<string>;
  /** By what Istio merges rules by: those whose top level is moved. */
  readonly rules: Map<string, Resource>;
}

function* findInRule(mesh: Mesh, rule: Resource, headless: Resource, suffix: string, planned: Planned) {
  const host = serviceHost(headless);
  const balancing = loadBalancingOf(rule);
  const [first] = balancing.balancers;
  const where = { ...placeIn(rule, ...(first ?? ['spec', 'trafficPolicy'])), narrowedBy: null, involves: [headless] };
  const routes = routesTo(mesh, host);
  const gateway = routes.find(({ gateways }) => gateways)?.resource;
  if (isAmbientNamespace(mesh, namespaceOf(headless))) {
    yield balanceFault('ambient', where, host);
    return;
  }
  const twin = twinOf(mesh, headless, suffix);
  const moved = movedRule(mesh, rule, twin, balancing, planned);
  if (moved && (gateway || !first)) {
    yield balanceFault(
      'already-moved',
      { ...where, ...placeIn(rule, ...(first ?? ['spec'])) },
      { rule: moved, gateway },
    );
    return;
  }
  const ignored = ignoredFields(balancing);
  const addsTwin = !moved && 'host' in twin && !twin.service && !planned.services.has(twin.host);
  if (addsTwin && 'host' in twin) planned.services.add(twin.host);
  const move: Move = { rule, headless, ignored, gateway, twin, addsTwin, moved };
  // Gateways balance headless Services, so what only a gateway uses is a fault only for who asks.
  const isForSidecars = !gateway || routes.some(({ resource, sidecars }) => sidecars && !isDelegate(resource));
  yield balanceFault(isForSidecars ? 'ignored-balancing' : 'unbalanced-in-mesh', where, move);
  if (!moved && 'host' in twin) yield* findCallers(mesh, headless, twin.name);
}

/** The rule that balances the twin for the same clients: one of the input, or what an earlier rule becomes. */
function movedRule(mesh: Mesh, rule: Resource, twin: Twin, balancing: LoadBalancing, planned: Planned) {
  if ('problem' in twin) return undefined;
  const clients = clientsOf(rule);
  const rules = destinationRulesFor(mesh, twin.host).filter((each) => destinationHost(each) === twin.host);
  const own = rules.find((each) => clientsOf(each) === clients);
  if (own) return own;
  const key = `${twin.host} ${clients}`;
  const rival = planned.rules.get(key);
  if (rival && balancing.balancers.some(([, part]) => part === 'trafficPolicy')) return rival;
  if (isObject(at(rule.value, 'spec', 'trafficPolicy'))) planned.rules.set(key, rival ?? rule);
  return undefined;
}

/** The clients that a rule is for, as text to compare: those of its namespace, or some of them. */
function clientsOf(rule: Resource): string {
  return JSON.stringify([namespaceOf(rule), at(rule.value, 'spec', 'workloadSelector') ?? null]);
}

function ignoredFields({ fields, ejects, balancers }: LoadBalancing): string {
  const ignored = [...fields, ...(ejects && balancers.length === 0 ? ['outlierDetection'] : [])];
  return ignored.map((field) => `\`${field}\``).join(', ');
}
