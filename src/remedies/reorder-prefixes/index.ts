import { pointer } from '../../manifest/pointer.ts';
import { isSelected } from '../../mesh/mesh.ts';
import type { Resource } from '../../mesh/resource.ts';
import { covers } from '../../mesh/route-match.ts';
import { type RouteRule, rulesOf } from '../../mesh/route-rules.ts';
import { virtualServicesOf } from '../../mesh/virtual-service.ts';
import { someOf } from '../mechanisms/wording.ts';
import { selection } from '../parameter.ts';
import { defineRemedy, type LegacyStep as Step } from '../remedy.ts';
import { movesOf, type Plan, planOrder, type Relations, relationsOf } from './route-order.ts';
import { bySegments, type Overreach, overreachesIn, segmentOperations } from './route-segments.ts';
import { adviseSharedHost, sharedHosts } from './shared-hosts.ts';
import { unreachableIn } from './unreachable-rules.ts';

/**
 * Istio takes the first rule that matches, in the order of the list, and never looks for the longest prefix. So a
 * rule moves only where an earlier one provably takes every request that it would, and names it less precisely.
 */
export default defineRemedy({
  id: 'reorder-prefixes',
  source: 'https://istio.io/latest/docs/concepts/traffic-management/#routing-rule-precedence',
  parameters: {
    ...selection,
    style: {
      type: 'enum',
      values: ['order', 'segments'],
      default: 'order',
      help: 'order moves rules; segments writes exact /a and prefix /a/ for a prefix /a that hides /a-b, and moves only children such as /a/b',
    },
  },

  *plan(mesh, parameters) {
    for (const virtualService of virtualServicesOf(mesh)) {
      if (!isSelected(virtualService, parameters)) continue;
      const rules = rulesOf(mesh, virtualService);
      if (rules.length < 2) continue;
      yield* planVirtualService(virtualService, rules, parameters.style === 'segments');
    }
    for (const shared of sharedHosts(mesh)) {
      const isOurs = isSelected(shared.first, parameters) || isSelected(shared.second, parameters);
      const advice = isOurs ? adviseSharedHost(shared) : undefined;
      if (advice) yield advice;
    }
  },
});

function* planVirtualService(resource: Resource, rules: readonly RouteRule[], useSegments: boolean): Generator<Step> {
  const overreaches = useSegments ? overreachesIn(rules) : [];
  for (const overreach of overreaches) if (overreach.obstacle) yield keepPrefix(resource, overreach);
  const written = overreaches.filter(({ obstacle }) => obstacle === undefined);
  yield* writeSegments(resource, written);
  yield* orderRules(resource, written.length === 0 ? rules : rules.map((rule) => withSegments(rule, written)));
}

function keepPrefix(resource: Resource, { rule, prefix, hidden, obstacle }: Overreach): Step {
  return {
    severity: 'info',
    outcome: 'keep',
    message: `${rule.label} is not written as exact ${prefix} and prefix ${prefix}/, because ${obstacle}; only order parts it from ${hidden.label}`,
    resource,
    path: rulePath(rule),
  };
}

function* writeSegments(resource: Resource, overreaches: readonly Overreach[]): Generator<Step> {
  const shifts = new Map<RouteRule, number>();
  for (const overreach of overreaches) {
    const { rule, match, prefix, hidden } = overreach;
    const shift = shifts.get(rule) ?? 0;
    const operations = segmentOperations(overreach, match + shift);
    shifts.set(rule, shift + operations.length - 1);
    yield {
      severity: 'warning',
      outcome: 'change',
      message: `prefix ${prefix} of ${rule.label} also takes the requests of ${hidden.label}; written as exact ${prefix} and prefix ${prefix}/ it ends with its path segment, and requests such as ${prefix}x no longer reach this rule`,
      resource,
      path: matchPath(rule, match),
      patch: { resource, operations },
    };
  }
}

function withSegments(rule: RouteRule, overreaches: readonly Overreach[]): RouteRule {
  const cut = new Set(overreaches.filter((overreach) => overreach.rule === rule).map(({ match }) => match));
  if (cut.size === 0) return rule;
  return { ...rule, matches: rule.matches.flatMap((match, index) => (cut.has(index) ? bySegments(match) : [match])) };
}

function* orderRules(resource: Resource, rules: readonly RouteRule[]): Generator<Step> {
  const relations = relationsOf(rules.map(({ matches }) => matches));
  const plan = planOrder(rules.length, relations);
  for (const { rule, from, to } of movesOf(plan)) {
    yield {
      severity: 'warning',
      outcome: 'change',
      message: explainMove(rule, plan, rules, relations),
      resource,
      path: rulePath(rules[rule]!),
      patch: {
        resource,
        operations: [{ op: 'move', from: pointer('spec', 'http', from), path: pointer('spec', 'http', to) }],
      },
    };
  }
  for (const unreachable of unreachableIn(rules, plan, relations)) {
    yield { severity: 'warning', outcome: 'advise', resource, ...unreachable };
  }
}

function explainMove(
  moved: number,
  { order, moved: movers }: Plan,
  rules: readonly RouteRule[],
  relations: Relations,
): string {
  const position = order.indexOf(moved);
  const hiders = order.slice(position + 1).filter((other) => other < moved && relations(other, moved) === 'hidden');
  const [hider] = hiders.sort((a, b) => a - b);
  const rule = rules[moved]!;
  if (hider !== undefined) {
    const name = nameOf(rule);
    const outcome = movers.has(hider) ? `${name} goes before it` : `${name} moves before it`;
    return `${takes(rules[hider]!)} ${extentOf(rule, rules[hider]!)} of ${rule.label}, so ${outcome}`;
  }
  const hidden = order.slice(0, position).filter((other) => other > moved && relations(moved, other) === 'hidden');
  const labels = hidden.sort((a, b) => a - b).map((other) => rules[other]!.label);
  const place = position === order.length - 1 ? 'to the end' : labels.length === 1 ? 'behind it' : 'behind them';
  return `${takes(rule)} requests of ${someOf(labels)}, so ${nameOf(rule)} moves ${place}`;
}

function takes({ label, unknownDelegate }: RouteRule): string {
  if (unknownDelegate === undefined) return `${label} comes first and takes`;
  return `${label} comes first, and as far as its delegate ${unknownDelegate}, which is not among the manifests, has no narrower rules it takes`;
}

/** `http[2]` of `http[2] (prefix /usrv)`. */
function nameOf({ index }: RouteRule): string {
  return `http[${index}]`;
}

/** How much of a hidden rule another takes. */
function extentOf(rule: RouteRule, hider: RouteRule): string {
  const isWhole = rule.matches.every((match) => hider.matches.some((other) => covers(other, match)));
  return isWhole ? 'every request' : 'a part of the requests';
}

function rulePath({ index }: RouteRule): string {
  return pointer('spec', 'http', index);
}

function matchPath({ index }: RouteRule, match: number): string {
  return pointer('spec', 'http', index, 'match', match);
}
