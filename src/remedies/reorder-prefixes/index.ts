import { pointer } from '../../manifest/pointer.ts';
import { isSelected, type Mesh } from '../../mesh/mesh.ts';
import type { Resource } from '../../mesh/resource.ts';
import { type RouteRule, rulesOf } from '../../mesh/route-rules.ts';
import { virtualServicesOf } from '../../mesh/virtual-service.ts';
import { type Change, edit, placeIn } from '../../step.ts';
import { type ParameterValues, selection } from '../parameter.ts';
import { defineRemedy } from '../remedy.ts';
import { routeFault } from './faults.ts';
import { type Move, movesOf, type Plan, planOrder, type Relations, relationsOf } from './route-order.ts';
import { bySegments, type Overreach, overreachesIn, segmentOperations } from './route-segments.ts';
import { type SharedHost, sharedHosts } from './shared-hosts.ts';
import { unreachableIn } from './unreachable-rules.ts';

const parameters = {
  ...selection,
  style: {
    type: 'enum',
    values: ['order', 'segments'],
    default: 'order',
    help: 'order moves rules; segments writes exact /a and prefix /a/ for a prefix /a that hides /a-b, and moves only children such as /a/b',
  },
} as const;

/**
 * Istio uses the first rule that matches, in the order of the list, and never looks for the longest prefix. So a rule moves
 * only where an earlier one provably matches all of its requests, and is less specific.
 */
export default defineRemedy({
  id: 'reorder-prefixes',
  source: 'https://istio.io/latest/docs/concepts/traffic-management/#routing-rule-precedence',
  parameters,
  faults: routeFault,

  *find({ mesh, parameters: settings }) {
    for (const virtualService of virtualServicesOf(mesh)) {
      if (!isSelected(virtualService, settings)) continue; // what is left out need not be compared
      const rules = rulesOf(mesh, virtualService);
      if (rules.length >= 2) yield* findInRules(virtualService, rules, settings.style === 'segments');
    }
    yield* findSharedHosts(mesh, settings);
  },

  fix: {
    'hidden-rule': ({ data: { resource, move, rule, hider } }) =>
      moveRule(resource, move, `move ${nameOf(rule)} before ${nameOf(hider)}`),
    'hiding-rule': ({ data: { resource, move, rule, hidden, isLast } }) => {
      const place = isLast ? 'to the end' : `behind ${hidden.map(nameOf).join(', ')}`;
      return moveRule(resource, move, `move ${nameOf(rule)} ${place}`);
    },
    'overreaching-prefix': ({ data: { resource, overreach, position } }) => {
      const { prefix } = overreach;
      const fix = `write it as exact ${prefix} and prefix ${prefix}/; requests such as ${prefix}x no longer reach this rule`;
      return edit(fix, { resource, operations: segmentOperations(overreach, position) });
    },
  },
});

function* findInRules(resource: Resource, rules: readonly RouteRule[], useSegments: boolean) {
  const overreaches = useSegments ? overreachesIn(rules) : [];
  for (const overreach of overreaches)
    if (overreach.obstacle) yield routeFault('undivided-prefix', whereOf(resource, overreach.rule), overreach);
  const written = overreaches.filter(({ obstacle }) => obstacle === undefined);
  yield* findOverreaches(resource, written);
  yield* findOrder(resource, written.length === 0 ? rules : rules.map((rule) => withSegments(rule, written)));
}

function* findOverreaches(resource: Resource, overreaches: readonly Overreach[]) {
  const shifts = new Map<RouteRule, number>();
  for (const overreach of overreaches) {
    const { rule, match } = overreach;
    const shift = shifts.get(rule) ?? 0;
    const position = match + shift;
    shifts.set(rule, shift + segmentOperations(overreach, position).length - 1);
    yield routeFault('overreaching-prefix', whereOf(resource, rule, 'match', match), { resource, overreach, position });
  }
}

function withSegments(rule: RouteRule, overreaches: readonly Overreach[]): RouteRule {
  const cut = new Set(overreaches.filter((overreach) => overreach.rule === rule).map(({ match }) => match));
  if (cut.size === 0) return rule;
  return { ...rule, matches: rule.matches.flatMap((match, index) => (cut.has(index) ? bySegments(match) : [match])) };
}

function* findOrder(resource: Resource, rules: readonly RouteRule[]) {
  const relations = relationsOf(rules.map(({ matches }) => matches));
  const plan = planOrder(rules.length, relations);
  for (const move of movesOf(plan)) yield findMove(resource, move, plan, rules, relations);
  for (const { rule, path, ...data } of unreachableIn(rules, plan, relations))
    yield routeFault('unreachable-rule', whereOf(resource, rule, ...path), data);
}

function findMove(resource: Resource, move: Move, { order }: Plan, rules: readonly RouteRule[], relations: Relations) {
  const moved = move.rule;
  const rule = rules[moved]!;
  const where = whereOf(resource, rule);
  const position = order.indexOf(moved);
  const hiders = order.slice(position + 1).filter((other) => other < moved && relations(other, moved) === 'hidden');
  if (hiders.length > 0)
    return routeFault('hidden-rule', where, { resource, move, rule, hider: rules[Math.min(...hiders)]! });
  const hidden = order.slice(0, position).filter((other) => other > moved && relations(moved, other) === 'hidden');
  const isLast = position === order.length - 1;
  const sorted = hidden.sort((a, b) => a - b).map((other) => rules[other]!);
  return routeFault('hiding-rule', where, { resource, move, rule, hidden: sorted, isLast });
}

function moveRule(resource: Resource, { from, to }: Move, fix: string): Change {
  const operation = { op: 'move', from: pointer('spec', 'http', from), path: pointer('spec', 'http', to) } as const;
  return edit(fix, { resource, operations: [operation] });
}

function* findSharedHosts(mesh: Mesh, settings: ParameterValues<typeof parameters>) {
  for (const shared of sharedHosts(mesh)) {
    const code = codeOf(shared);
    const isMeant = isSelected(shared.first, settings) || isSelected(shared.second, settings);
    if (!code || !isMeant) continue;
    const source = code === 'split-host-in-mesh' ? oneInMesh : splitVirtualServices;
    yield routeFault(code, { ...placeIn(shared.second, 'spec', 'hosts'), narrowedBy: null, source }, shared);
  }
}

const oneInMesh = 'https://istio.io/latest/docs/reference/config/analysis/ist0109/';
const splitVirtualServices =
  'https://istio.io/latest/docs/ops/best-practices/traffic-management/#split-virtual-services';

/** What is wrong with a shared host; undefined when no request can show the order. */
function codeOf({ gateway, hiding, meeting }: SharedHost) {
  if (gateway === 'mesh') return 'split-host-in-mesh';
  if (hiding) return 'split-host-hides';
  return meeting ? 'split-host' : undefined;
}

/** `http[2]` of `http[2] (prefix /usrv)`. */
function nameOf({ index }: RouteRule): string {
  return `\`http[${index}]\``;
}

function whereOf(resource: Resource, { index }: RouteRule, ...path: readonly (string | number)[]) {
  return placeIn(resource, 'spec', 'http', index, ...path);
}
