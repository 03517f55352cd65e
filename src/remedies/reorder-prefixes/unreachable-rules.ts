import { listAt } from '../../mesh/read.ts';
import { covers, describeMatch, hides, type RouteMatch } from '../../mesh/route-match.ts';
import type { RouteRule } from '../../mesh/route-rules.ts';
import type { Plan, Relations } from './route-order.ts';

interface DeadMatch {
  readonly match: RouteMatch;
  readonly number: number;
  /** The first rule that matches all of it. */
  readonly by: number;
  readonly covering: RouteMatch;
}

/** A rule, or one of its matches, that no request reaches in any order. */
export interface Unreachable {
  readonly rule: RouteRule;
  /** Keys inside the rule. */
  readonly path: readonly (string | number)[];
  /** What is out of reach, as text: the rule, or one match of it. */
  readonly subject: string;
  readonly hider: RouteRule;
  readonly advice: string;
}

/** Finds the rules that are out of reach, wholly or by one match, even in the best order. */
export function unreachableIn(rules: readonly RouteRule[], { order }: Plan, relations: Relations): Unreachable[] {
  return order.flatMap((index, position) => {
    const rule = rules[index]!;
    const before = order.slice(0, position);
    const candidates = before.filter((other) => relations(other, index) !== 'free');
    const dead = rule.matches.flatMap((match, number) => deadMatch(match, number, candidates, rules));
    const [first] = dead;
    if (!first) return [];
    const isWhole = dead.length === rule.matches.length;
    const subject = isWhole ? rule.label : `match ${describeMatch(first.match)} of ${rule.label}`;
    // Matches that come from a delegate, or are yet to be written by segments, have no place of their own.
    const hasPlace = !isWhole && rule.matches.length === listAt(rule.value, 'match').length;
    const path = hasPlace ? ['match', first.number] : [];
    const advice = adviseOn(first, index, before, rules, relations);
    return [{ rule, path, subject, hider: rules[first.by]!, advice }];
  });
}

function deadMatch(
  match: RouteMatch,
  number: number,
  candidates: readonly number[],
  rules: readonly RouteRule[],
): DeadMatch[] {
  for (const by of candidates) {
    const covering = rules[by]!.matches.find((earlier) => covers(earlier, match));
    if (covering) return [{ match, number, by, covering }];
  }
  return [];
}

function adviseOn(
  { match, by, covering }: DeadMatch,
  index: number,
  before: readonly number[],
  rules: readonly RouteRule[],
  relations: Relations,
): string {
  if (!hides(covering, match))
    return covers(match, covering)
      ? 'Remove one of the two'
      : 'Put it before that rule if it is meant to win, else remove it';
  if (relations(by, index) !== 'hidden')
    return 'Moving the rule would also change where other requests go. Split the two into rules of one match each';
  const between = before
    .slice(before.indexOf(by) + 1)
    .find((other) => !['free', 'hidden'].includes(relations(other, index)));
  const blocker = between === undefined ? '' : `${rules[between]!.label} between them may match the same requests. `;
  return `${blocker}Moving it may change where other requests go. Decide by hand which comes first`;
}
