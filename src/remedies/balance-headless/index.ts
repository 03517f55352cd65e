import { isObject } from '../../manifest/node.ts';
import { pointer } from '../../manifest/pointer.ts';
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
import { skipOf } from '../../run/skip.ts';
import { type ParameterValues, selection } from '../parameter.ts';
import { defineRemedy, type LegacyStep as Step, type LegacyTarget as Target } from '../remedy.ts';
import { callerSteps } from './callers.ts';
import { type Move, movedSteps, moveSteps } from './move.ts';
import { twinOf, twinService } from './twin.ts';

const parameters = {
  ...selection,
  suffix: {
    type: 'string',
    default: '-balanced',
    pattern: '^[-a-z0-9]*[a-z0-9]$',
    help: "what follows the headless Service's name in the name of the Service that is balanced",
  },
} as const;

type Settings = ParameterValues<typeof parameters>;

export default defineRemedy({
  id: 'balance-headless',
  source: 'https://istio.io/latest/docs/ops/configuration/traffic-management/traffic-routing/#headless-services',
  parameters,

  *plan(mesh, settings, target) {
    if (balancesHeadless(mesh, target.version)) {
      if (!target.requested) return;
      const message =
        'istiod gives sidecars the pods of headless Services to balance (PILOT_ENABLE_EDS_FOR_HEADLESS_SERVICES), so their DestinationRules take effect as they are';
      yield { severity: 'info', outcome: 'keep', message };
      return;
    }
    const planned: Planned = { services: new Set(), rules: new Map() };
    for (const rule of destinationRulesOf(mesh)) {
      const host = destinationHost(rule) ?? '';
      const headless = headlessServiceOf(mesh, host);
      if (!(headless || host.startsWith('*')) || !isBalancing(rule)) continue;
      if (host.startsWith('*') && target.requested && isSelected(rule, settings))
        yield* wildcardSteps(mesh, rule, host);
      if (!headless || !(isSelected(rule, settings) || isSelected(headless, settings))) continue;
      yield* planRule(mesh, { rule, headless, planned }, settings, target);
    }
  },
});

function isBalancing(rule: Resource): boolean {
  const { balancers, ejects } = loadBalancingOf(rule);
  return balancers.length > 0 || ejects;
}

/** What this run does already. */
interface Planned {
  /** Hosts of the Services that it adds. */
  readonly services: Set<string>;
  /** By what Istio merges rules by: those whose top level it moves. */
  readonly rules: Map<string, Resource>;
}

interface Pair {
  readonly rule: Resource;
  readonly headless: Resource;
  readonly planned: Planned;
}

function* planRule(mesh: Mesh, pair: Pair, settings: Settings, { version, requested }: Target): Iterable<Step> {
  const { rule, headless, planned } = pair;
  const host = serviceHost(headless);
  const balancing = loadBalancingOf(rule);
  const path = pointer(...(balancing.balancers[0] ?? ['spec', 'trafficPolicy']));
  const place = { resource: rule, path };
  const routes = routesTo(mesh, host);
  const gateway = routes.find(({ gateways }) => gateways)?.resource;
  const fault = faultOf(headless, balancing);
  if (isAmbientNamespace(mesh, namespaceOf(headless))) {
    const message = `${host} is in ambient mode, where no sidecar of its own applies this DestinationRule: nothing is changed; call a Service with an address that uses a waypoint`;
    if (requested) yield { severity: 'info', outcome: 'keep', message, ...place };
    return;
  }
  // Gateways balance headless Services, so what only a gateway uses is no fault.
  if (gateway && !requested && !routes.some(({ resource, sidecars }) => sidecars && !isDelegate(resource))) return;
  const left = [rule, headless].find((resource) => skipOf(resource, 'balance-headless'));
  if (left) {
    // The rule must not be pointed at a Service that is not added, nor the other way round.
    yield { severity: 'warning', outcome: 'advise', message: fault, ...(left === rule ? place : { resource: left }) };
    return;
  }
  const twin = twinOf(mesh, headless, settings.suffix);
  if ('problem' in twin) {
    const outcome = requested && twin.isName ? 'refuse' : 'advise';
    const message = `${fault}. It gets no Service beside it: ${twin.problem}`;
    yield { severity: outcome === 'refuse' ? 'error' : 'warning', outcome, message, ...place };
    return;
  }
  const moved = destinationRulesFor(mesh, twin.host).find((found) => {
    return destinationHost(found) === twin.host && clientsOf(found) === clientsOf(rule);
  });
  const call = `clients must call ${twin.name} instead of ${headless.name} to be balanced`;
  const move: Move = {
    rule,
    fault,
    call,
    gateway,
    twin: { name: twin.name, host: twin.host, isThere: twin.service !== undefined },
    name: ruleName(rule, headless, twin.name),
  };
  if (moved) {
    yield* movedSteps(move, moved, requested);
    return;
  }
  const key = `${twin.host} ${clientsOf(rule)}`;
  const rival = planned.rules.get(key);
  if (rival && balancing.balancers.some(([, part]) => part === 'trafficPolicy')) {
    yield* movedSteps(move, rival, requested);
    return;
  }
  if (isObject(at(rule.value, 'spec', 'trafficPolicy'))) planned.rules.set(key, rival ?? rule);
  yield* moveSteps(mesh, move, { version, requested });
  if (!requested) return;
  if (!twin.service && !planned.services.has(twin.host)) {
    planned.services.add(twin.host);
    const message = `Adds Service ${twin.name}: the pods and ports of headless Service ${headless.name} behind one address; ${call}`;
    yield { severity: 'info', outcome: 'change', message, resource: headless, emit: twinService(headless, twin.name) };
  }
  yield* callerSteps(mesh, headless, twin.name);
}

/** The clients that a rule is for, as text to compare: those of its namespace, or some of them. */
function clientsOf(rule: Resource): string {
  return JSON.stringify([namespaceOf(rule), at(rule.value, 'spec', 'workloadSelector') ?? null]);
}

/** `web-rule` of `web` becomes `web-rule-balanced`; where the twin is called otherwise, its name is added whole. */
function ruleName(rule: Resource, headless: Resource, twin: string): string {
  return twin.startsWith(headless.name) ? rule.name + twin.slice(headless.name.length) : `${rule.name}-${twin}`;
}

function faultOf(headless: Resource, { fields, ejects, balancers }: LoadBalancing): string {
  const ignored = [...fields, ...(ejects && balancers.length === 0 ? ['outlierDetection'] : [])].join(', ');
  return `Sidecars ignore ${ignored} for headless Service ${headless.name}: they forward to the pod that the client dialled`;
}

/** A rule for many hosts stays as it is: the others are balanced by it. */
function* wildcardSteps(mesh: Mesh, rule: Resource, host: string): Iterable<Step> {
  const covered = mesh.ofKind('Service', '').filter((service) => {
    const fqdn = serviceHost(service);
    return hostCovers(host, fqdn) && headlessServiceOf(mesh, fqdn) === service;
  });
  const [first] = covered;
  if (!first) return;
  const message = `Left as it is, because its host ${host} stands for other Services too: it does nothing for headless ${covered.length === 1 ? 'Service' : 'Services'} ${covered.map(({ name }) => name).join(', ')}; give ${first.name} a DestinationRule of its own`;
  yield { severity: 'info', outcome: 'keep', message, resource: rule, path: pointer('spec', 'host') };
}
