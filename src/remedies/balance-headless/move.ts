import { isObject, type JsonObject } from '../../manifest/node.ts';
import type { Operation } from '../../manifest/operation.ts';
import { pointer } from '../../manifest/pointer.ts';
import { destinationRuleNamed } from '../../mesh/destination-rule.ts';
import { fqdnOf } from '../../mesh/host.ts';
import { isOnlyBalancing, loadBalancingOf, operationsWithoutBalancing } from '../../mesh/load-balancing.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { objectAt, stringAt } from '../../mesh/read.ts';
import { namespaceOf, type Resource } from '../../mesh/resource.ts';
import { networkingApiVersion } from '../../mesh/virtual-service.ts';
import type { LegacyStep as Step, LegacyTarget as Target } from '../remedy.ts';

/** A DestinationRule of a headless Service, and where its load balancing is to go. */
export interface Move {
  readonly rule: Resource;
  /** What is wrong, as a clause. */
  readonly fault: string;
  /** What clients must do, as a clause. */
  readonly call: string;
  /** What leads a gateway's traffic to the headless Service, which gateways do balance. */
  readonly gateway: Resource | undefined;
  readonly twin: { readonly name: string; readonly host: string; readonly isThere: boolean };
  /** The name that a DestinationRule of the twin gets. */
  readonly name: string;
}

/** Plans for a rule whose twin has a DestinationRule already: what is left here does nothing, unless a gateway uses it. */
export function* movedSteps(move: Move, moved: Resource, requested: boolean): Iterable<Step> {
  const { rule, fault, call, gateway } = move;
  const [first] = loadBalancingOf(rule).balancers;
  const place = { resource: rule, path: pointer(...(first ?? ['spec'])) };
  if (first && !gateway && loadBalancingOf(moved).balancers.length > 0) {
    const message = `${fault}. Removes it here, because DestinationRule ${moved.name} says how a Service with an address for the same pods is balanced; ${call}`;
    const operations = operationsWithoutBalancing(rule);
    yield { severity: 'warning', outcome: 'change', message, ...place, patch: { resource: rule, operations } };
  } else if (first && !gateway) {
    const message = `${fault}. DestinationRule ${moved.name} is for a Service with an address for the same pods: write the load balancing there; ${call}`;
    yield { severity: 'warning', outcome: 'advise', message, ...place };
  } else if (requested) {
    const why = gateway ? `gateways use what stands here (${gateway.kind} ${gateway.name})` : 'what stands here stays';
    const message = `Nothing to move: DestinationRule ${moved.name} is for a Service with an address already, and ${why}`;
    yield { severity: 'info', outcome: 'keep', message, ...place };
  }
}

/** Points the rule at the twin when it says nothing else; else leaves it the rest, and gives the twin a rule of its own. */
export function* moveSteps(mesh: Mesh, move: Move, target: Target): Iterable<Step> {
  const { rule, fault, call, gateway, twin, name } = move;
  const beside = twin.isThere
    ? `Service ${twin.name}, which has an address for the same pods`
    : `a new Service ${twin.name}`;
  if (!gateway && isOnlyBalancing(rule)) {
    const message = `${fault}. Points the DestinationRule at ${beside}; ${call}`;
    yield edit(move, pointer('spec', 'host'), message, [
      { op: 'replace', path: pointer('spec', 'host'), value: hostFor(move) },
    ]);
    return;
  }
  if (destinationRuleNamed(mesh, namespaceOf(rule), name)) {
    const message = `${fault}. It cannot move to ${twin.name}, because a DestinationRule ${name} is there already, for another host: choose another balance-headless.suffix`;
    const [severity, outcome] = target.requested ? (['error', 'refuse'] as const) : (['warning', 'advise'] as const);
    yield { severity, outcome, message, resource: rule, path: pointer('spec') };
    return;
  }
  const message = `${fault}. Moves it to ${beside}, with DestinationRule ${name}; ${call}`;
  const [first] = loadBalancingOf(rule).balancers;
  if (!gateway && first) {
    yield edit(move, pointer(...first), message, operationsWithoutBalancing(rule));
    const rest = `Adds DestinationRule ${name} for ${twin.name}, with the whole traffic policy of ${rule.name}`;
    if (target.requested) yield { ...emission(move, target), severity: 'info', message: rest };
    return;
  }
  const kept = gateway ? `; what stands here stays, because gateways use it (${gateway.kind} ${gateway.name})` : '';
  yield { ...emission(move, target), severity: 'warning', message: message + kept };
}

function edit({ rule, twin }: Move, path: string, message: string, operations: readonly Operation[]): Step {
  return {
    severity: 'warning',
    outcome: 'change',
    message,
    resource: rule,
    path,
    patch: { resource: rule, operations },
    isPart: !twin.isThere || !isOnlyBalancing(rule),
  };
}

function emission(move: Move, { version }: Target): Omit<Step, 'severity' | 'message'> {
  const { rule, name } = move;
  return {
    outcome: 'change',
    resource: rule,
    path: pointer('spec'),
    emit: {
      template: 'balance-headless/destination-rule',
      values: {
        apiVersion: networkingApiVersion(version),
        name,
        namespace: rule.namespace ?? null,
        spec: { ...withoutNulls(objectAt(rule.value, 'spec')), host: hostFor(move) },
      },
    },
  };
}

/** Kubernetes rejects null where a new resource has it. */
function withoutNulls(object: JsonObject): JsonObject {
  const kept = Object.entries(object).filter(([, value]) => value !== null);
  return Object.fromEntries(kept.map(([key, value]) => [key, isObject(value) ? withoutNulls(value) : value]));
}

/** The twin's host in the form in which the rule writes the headless one: a short name stays short. */
function hostFor({ rule, twin }: Move): string {
  const written = stringAt(rule.value, 'spec', 'host') ?? '';
  return !written.includes('.') && fqdnOf(twin.name, namespaceOf(rule)) === twin.host ? twin.name : twin.host;
}
