import { isObject, type JsonObject } from '../../manifest/node.ts';
import { destinationRuleNamed } from '../../mesh/destination-rule.ts';
import { fqdnOf } from '../../mesh/host.ts';
import { isOnlyBalancing, loadBalancingOf, operationsWithoutBalancing } from '../../mesh/load-balancing.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { objectAt, stringAt } from '../../mesh/read.ts';
import { namespaceOf, type Resource } from '../../mesh/resource.ts';
import type { Version } from '../../mesh/version.ts';
import { networkingApiVersion } from '../../mesh/virtual-service.ts';
import { advise, type Change, edit, emit, placeIn, refuse, type Step } from '../../step.ts';
import { type Twin, twinService } from './twin.ts';

/** A DestinationRule of a headless Service, and where its load balancing is to go. */
export interface Move {
  readonly rule: Resource;
  readonly headless: Resource;
  /** The fields of the rule that have no effect, as a text. */
  readonly ignored: string;
  /** What leads a gateway's traffic to the headless Service, which gateways do balance. */
  readonly gateway: Resource | undefined;
  readonly twin: Twin;
  /** True for the rule with which the twin is added. */
  readonly addsTwin: boolean;
  /** The DestinationRule that the twin has already, or that this run gives it. */
  readonly moved: Resource | undefined;
}

/** What is done with load balancing that has no effect. */
export function moveBalancing(mesh: Mesh, move: Move, version: Version): Iterable<Step> {
  const { rule, twin, moved } = move;
  if ('problem' in twin) {
    const why = `It gets no Service with an address beside it: ${twin.problem}`;
    return [twin.isName ? refuse(why) : advise(why)];
  }
  if (moved) return [removeMoved(move, moved, twin.name)];
  if (!move.gateway && isOnlyBalancing(rule)) return [pointAtTwin(move, twin), ...addTwin(move, twin)];
  const name = ruleName(move, twin.name);
  if (destinationRuleNamed(mesh, namespaceOf(rule), name)) {
    const why = `It cannot move to ${twin.name}, because a DestinationRule ${name} exists already, for another host. Choose another \`balance-headless.suffix\``;
    return [refuse(why, placeIn(rule, 'spec'))];
  }
  return [...moveToNewRule(move, twin, name, version), ...addTwin(move, twin)];
}

type FoundTwin = Extract<Twin, { host: string }>;

function callInstead({ headless }: Move, twin: string): string {
  return `clients must call ${twin} instead of ${headless.name} to be balanced`;
}

/** The twin has a rule already, so what is left here does nothing. */
function removeMoved(move: Move, moved: Resource, twin: string): Step {
  const { rule } = move;
  if (loadBalancingOf(moved).balancers.length === 0)
    return advise(
      `DestinationRule ${moved.name} is for a Service with an address for the same pods: write the load balancing there; ${callInstead(move, twin)}`,
    );
  const fix = `remove it here, because DestinationRule ${moved.name} balances a Service with an address for the same pods; ${callInstead(move, twin)}`;
  return edit(fix, { resource: rule, operations: operationsWithoutBalancing(rule) });
}

function beside(twin: FoundTwin): string {
  return twin.service ? `Service ${twin.name}, which has an address for the same pods` : `a new Service ${twin.name}`;
}

/** A rule that sets nothing else goes to the twin as a whole. */
function pointAtTwin(move: Move, twin: FoundTwin): Change {
  const place = placeIn(move.rule, 'spec', 'host');
  const operations = [{ op: 'replace', path: place.path, value: hostFor(move, twin) }] as const;
  const fix = `point the DestinationRule at ${beside(twin)}; ${callInstead(move, twin.name)}`;
  return edit(fix, { resource: move.rule, operations }, { ...place, isPart: !twin.service });
}

/** The rule keeps the rest, or all of it where gateways use it, and the twin gets a rule of its own. */
function moveToNewRule(move: Move, twin: FoundTwin, name: string, version: Version): Change[] {
  const { rule, gateway } = move;
  const emission = {
    template: 'balance-headless/destination-rule',
    values: {
      apiVersion: networkingApiVersion(version),
      name,
      namespace: rule.namespace ?? null,
      spec: { ...withoutNulls(objectAt(rule.value, 'spec')), host: hostFor(move, twin) },
    },
  };
  const place = placeIn(rule, 'spec');
  const fix = `move it to ${beside(twin)}, with DestinationRule ${name}; ${callInstead(move, twin.name)}`;
  if (gateway || loadBalancingOf(rule).balancers.length === 0) {
    const kept = gateway ? `; what is set here stays, because gateways use it (${gateway.kind} ${gateway.name})` : '';
    return [emit(fix + kept, emission, place)];
  }
  const whole = `add DestinationRule ${name} for ${twin.name}, with the whole traffic policy of ${rule.name}`;
  return [
    edit(fix, { resource: rule, operations: operationsWithoutBalancing(rule) }, { isPart: true }),
    emit(whole, emission, { ...place, severity: 'info', isFurther: true }),
  ];
}

function addTwin(move: Move, { name }: FoundTwin): Change[] {
  const { headless, addsTwin } = move;
  if (!addsTwin) return [];
  const fix = `add Service ${name}: the pods and ports of headless Service ${headless.name} behind one address; ${callInstead(move, name)}`;
  return [emit(fix, twinService(headless, name), { resource: headless, severity: 'info', isFurther: true })];
}

/** `web-rule` of `web` becomes `web-rule-balanced`; where the twin is called otherwise, its name is added whole. */
function ruleName({ rule, headless }: Move, twin: string): string {
  return twin.startsWith(headless.name) ? rule.name + twin.slice(headless.name.length) : `${rule.name}-${twin}`;
}

/** Kubernetes rejects null where a new resource has it. */
function withoutNulls(object: JsonObject): JsonObject {
  const kept = Object.entries(object).filter(([, value]) => value !== null);
  return Object.fromEntries(kept.map(([key, value]) => [key, isObject(value) ? withoutNulls(value) : value]));
}

/** The twin's host in the form in which the rule writes the headless one: a short name stays short. */
function hostFor({ rule }: Move, twin: FoundTwin): string {
  const written = stringAt(rule.value, 'spec', 'host') ?? '';
  return !written.includes('.') && fqdnOf(twin.name, namespaceOf(rule)) === twin.host ? twin.name : twin.host;
}
