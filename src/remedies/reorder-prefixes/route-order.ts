import { hides, overlaps, type RouteMatch } from '../../mesh/route-match.ts';

/**
 * How a rule stands to a later one:
 * - `free`: no request is matched by both
 * - `keep`: their order decides about some requests, and must stay
 * - `split`: the earlier hides a part of the later, but other parts of them must keep their order
 * - `hidden`: wherever they meet, the earlier takes what the later names more precisely
 */
export type Relation = 'free' | 'keep' | 'split' | 'hidden';

type Matches = readonly RouteMatch[];

/** How `earlier` stands to `later`. */
function relationOf(earlier: Matches, later: Matches): Relation {
  let isMet = false;
  let hidesSome = false;
  let hidesAll = true;
  for (const first of earlier) {
    for (const second of later) {
      if (!overlaps(first, second)) continue;
      isMet = true;
      if (hides(first, second)) hidesSome = true;
      else hidesAll = false;
      if (hidesSome && !hidesAll) return 'split';
    }
  }
  if (!isMet) return 'free';
  return hidesAll ? 'hidden' : 'keep';
}

/** The relations of rules, each pair judged once, in whichever order the rules stand now. */
export type Relations = (earlier: number, later: number) => Relation;

const codes = ['free', 'keep', 'split', 'hidden'] as const;

/** Judges every pair: quadratic in the rules, one byte a pair. */
export function relationsOf(rules: readonly Matches[]): Relations {
  const size = rules.length;
  const table = new Uint8Array((size * (size - 1)) / 2);
  const cell = (earlier: number, later: number): number => (later * (later - 1)) / 2 + earlier;
  for (let later = 1; later < size; later++)
    for (let earlier = 0; earlier < later; earlier++)
      table[cell(earlier, later)] = codes.indexOf(relationOf(rules[earlier]!, rules[later]!));
  return (earlier, later) => {
    if (earlier < later) return codes[table[cell(earlier, later)]!]!;
    return table[cell(later, earlier)] === 0 ? 'free' : 'keep';
  };
}

type Order = readonly number[];

/** An order of rules, by their first positions, and which of them have to move for it. */
export interface Plan {
  readonly order: Order;
  readonly moved: ReadonlySet<number>;
}

/**
 * Finds the order in which as few rules as possible stay hidden, with as few moves as possible: hidden rules go up to
 * just before the first that hides them, or hiding rules go down to just behind the last that they hide, but no rule
 * ever passes one that it must keep its order with. A second call on the outcome finds nothing better.
 */
export function planOrder(size: number, relations: Relations): Plan {
  const first = Array.from({ length: size }, (_, index) => index);
  let best = first;
  let hidden = countHidden(first, relations);
  while (hidden > 0) {
    const candidates = [hoist(best, relations), sink(best, relations)].map((order) => ({
      order,
      hidden: countHidden(order, relations),
      moves: movedBy(order, relations).size,
    }));
    candidates.sort((a, b) => a.hidden - b.hidden || a.moves - b.moves);
    const [better] = candidates;
    if (!better || better.hidden >= hidden) break;
    best = better.order;
    hidden = better.hidden;
  }
  return { order: best, moved: movedBy(best, relations) };
}

function countHidden(order: Order, relations: Relations): number {
  let count = 0;
  for (let later = 1; later < order.length; later++)
    for (let earlier = 0; earlier < later; earlier++)
      if (relations(order[earlier]!, order[later]!) === 'hidden') count++;
  return count;
}

function hoist(order: Order, relations: Relations): number[] {
  const list: number[] = [];
  for (const rule of order) {
    let target = list.length;
    for (let position = list.length - 1; position >= 0; position--) {
      const relation = relations(list[position]!, rule);
      if (relation === 'hidden') target = position;
      else if (relation !== 'free') break;
    }
    list.splice(target, 0, rule);
  }
  return list;
}

function sink(order: Order, relations: Relations): number[] {
  const list: number[] = []; // the last rule first
  for (const rule of order.toReversed()) {
    let target = list.length;
    for (let position = list.length - 1; position >= 0; position--) {
      const relation = relations(rule, list[position]!);
      if (relation === 'hidden') target = position;
      else if (relation !== 'free') break;
    }
    list.splice(target, 0, rule);
  }
  return list.reverse();
}

/**
 * The fewest rules to move for an order: all but the heaviest rising sequence. Rules that neither hide nor are hidden
 * weigh so much that they always stay; when either of two could move, it is the hidden one.
 */
function movedBy(order: Order, relations: Relations): Set<number> {
  const isUnmoved = order.every((rule, position) => rule === position);
  if (isUnmoved) return new Set();
  const weights = weigh(order, relations);
  const sums: number[] = [];
  const before: number[] = [];
  let last = 0;
  for (let here = 0; here < order.length; here++) {
    let from = -1;
    for (let there = 0; there < here; there++)
      if (order[there]! < order[here]! && (from === -1 || sums[there]! > sums[from]!)) from = there;
    before.push(from);
    sums.push(weights[order[here]!]! + (from === -1 ? 0 : sums[from]!));
    if (sums[here]! > sums[last]!) last = here;
  }
  const moved = new Set(order);
  for (let kept = last; kept !== -1; kept = before[kept]!) moved.delete(order[kept]!);
  return moved;
}

function weigh(order: Order, relations: Relations): number[] {
  const unit = order.length + 2;
  const weights = order.map(() => unit * unit);
  for (let earlier = 0; earlier < order.length; earlier++) {
    for (let later = earlier + 1; later < order.length; later++) {
      const [up, down] = [order[earlier]!, order[later]!];
      if (up < down || relations(down, up) !== 'hidden') continue;
      weights[up] = unit;
      weights[down] = Math.min(weights[down]!, unit + 1);
    }
  }
  return weights;
}

/** One RFC 6902 `move` within a list: the rule of first position `rule` goes from an index to another. */
export interface Move {
  readonly rule: number;
  readonly from: number;
  readonly to: number;
}

/** The moves that make an order, each index as the list stands when the moves before it are done. */
export function movesOf({ order, moved }: Plan): Move[] {
  const list = order.map((_, index) => index);
  const moves: Move[] = [];
  for (const [position, rule] of order.entries()) {
    if (!moved.has(rule)) continue;
    const from = list.indexOf(rule);
    list.splice(from, 1);
    const to = position === 0 ? 0 : list.indexOf(order[position - 1]!) + 1;
    list.splice(to, 0, rule);
    moves.push({ rule, from, to });
  }
  return moves;
}
