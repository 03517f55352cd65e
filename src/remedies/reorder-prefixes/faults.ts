import { namespaceOf, type Resource } from '../../mesh/resource.ts';
import { covers } from '../../mesh/route-match.ts';
import type { RouteRule } from '../../mesh/route-rules.ts';
import { defineFaults, info, note, warning } from '../fault.ts';
import { someOf } from '../mechanisms/wording.ts';
import type { Move } from './route-order.ts';
import type { Overreach } from './route-segments.ts';
import type { SharedHost } from './shared-hosts.ts';

/** A rule that an earlier, less specific one hides. */
export interface HiddenRule {
  readonly resource: Resource;
  readonly move: Move;
  readonly rule: RouteRule;
  readonly hider: RouteRule;
}

/** A rule that hides later, more specific ones, and moves behind them. */
export interface HidingRule {
  readonly resource: Resource;
  readonly move: Move;
  readonly rule: RouteRule;
  readonly hidden: readonly RouteRule[];
  /** True when it becomes the last rule. */
  readonly isLast: boolean;
}

/** A match whose prefix is to be written by segments. */
export interface LongReach {
  readonly resource: Resource;
  readonly overreach: Overreach;
  /** Position of the match once the ones before it are written by segments. */
  readonly position: number;
}

export const routeFault = defineFaults({
  'hidden-rule': warning(({ rule, hider }: HiddenRule) =>
    isWhole(rule, hider)
      ? `${rule.label} is never reached: ${hider.label} matches first${unlessDelegate(hider)}`
      : `${rule.label} does not get all of its requests: ${hider.label} matches some of them first${unlessDelegate(hider)}`,
  ),
  'hiding-rule': warning(
    ({ rule, hidden }: HidingRule) =>
      `${rule.label} matches requests of the more specific ${someOf(hidden.map(({ label }) => label))} first${unlessDelegate(rule)}`,
  ),
  'overreaching-prefix': warning(
    ({ overreach: { rule, prefix, hidden } }: LongReach) =>
      `prefix ${prefix} of ${rule.label} also matches the requests of ${hidden.label}, because a prefix does not end at a path segment`,
  ),
  'undivided-prefix': note(
    ({ rule, prefix, hidden, obstacle }: Overreach) =>
      `${rule.label} is not written as exact ${prefix} and prefix ${prefix}/, because ${obstacle}. Only their order separates it from ${hidden.label}`,
  ),
  'unreachable-rule': warning(
    ({ subject, hider, advice }: { subject: string; hider: RouteRule; advice: string }) =>
      `${subject} is never reached: ${hider.label} matches its requests first. ${advice}`,
  ),
  'split-host-in-mesh': warning(
    ({ first, host }: SharedHost) =>
      `${titleOf(first)} is for host ${host}, too. Sidecars use only the older of the two and ignore the rules of the other. Merge them into one VirtualService`,
  ),
  'split-host-hides': warning((shared: SharedHost) => {
    const { first, host, gateway, hiding } = shared;
    const [here, there] = ['this one', titleOf(first)];
    const [outer, inner] = hiding?.outerIn === first ? [there, here] : [here, there];
    return `${titleOf(first)} serves host ${host} at gateway ${gateway}, too, and ${hiding?.outer.label} of ${outer} matches every request of ${hiding?.inner.label} of ${inner} if it comes first. The older VirtualService comes first, so put the two rules into one${uncompared(shared)}`;
  }),
  'split-host': info(
    (shared: SharedHost) =>
      `${titleOf(shared.first)} serves host ${shared.host} at gateway ${shared.gateway}, too, and some requests match ${shared.meeting?.outer.label} there and ${shared.meeting?.inner.label} here. The older VirtualService comes first${uncompared(shared)}`,
  ),
});

function titleOf(virtualService: Resource): string {
  return `VirtualService ${namespaceOf(virtualService)}/${virtualService.name}`;
}

function uncompared({ further }: SharedHost): string {
  return further === 0 ? '' : ` (${further} more VirtualServices share the host and were not compared)`;
}

/** True when a hidden rule gets nothing at all. */
function isWhole(rule: RouteRule, hider: RouteRule): boolean {
  return rule.matches.every((match) => hider.matches.some((other) => covers(other, match)));
}

function unlessDelegate({ unknownDelegate }: RouteRule): string {
  if (unknownDelegate === undefined) return '';
  return `, unless its delegate ${unknownDelegate}, which is not in the input, has more specific rules`;
}
