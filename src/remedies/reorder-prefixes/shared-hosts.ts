import { gatewaysNamed, serversOf } from '../../mesh/gateway.ts';
import { takes } from '../../mesh/gateway-hosts.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { listAt } from '../../mesh/read.ts';
import { isVariantOf, namespaceOf, type Resource } from '../../mesh/resource.ts';
import { covers, gatewaysOf, isCatchAll, overlaps, type RouteMatch } from '../../mesh/route-match.ts';
import { type RouteRule, rulesOf } from '../../mesh/route-rules.ts';
import { exportOf, hostsOf, virtualServicesOf } from '../../mesh/virtual-service.ts';

/** Two VirtualServices that serve one host at one place, where no edit of either sets the order between their rules. */
export interface SharedHost {
  readonly first: Resource;
  readonly second: Resource;
  readonly host: string;
  /** `mesh`, or `namespace/name` of the Gateway. */
  readonly gateway: string;
  /** A rule of one that matches all requests of a rule of the other; undefined when they only overlap. Unknown for mesh. */
  readonly hiding: Meeting | undefined;
  /** Rules that some requests match both of. */
  readonly meeting: Meeting | undefined;
  /** How many more VirtualServices share the host there, which were not compared. */
  readonly further: number;
}

/** With how many others a VirtualService is compared: each with each would take the square of their number. */
const comparisonLimit = 20;

interface Meeting {
  readonly outer: RouteRule;
  readonly outerIn: Resource;
  readonly inner: RouteRule;
}

/** Finds the VirtualServices that share a host and a gateway: each pair once, at the first place where they meet. */
export function sharedHosts(mesh: Mesh): SharedHost[] {
  const rules = remembering((virtualService: Resource) => rulesOf(mesh, virtualService));
  const byPlace = new Map<string, Place>();
  const found: SharedHost[] = [];
  for (const [rank, second] of virtualServicesOf(mesh).entries()) {
    const pairs = new Set<string>();
    for (const { host, gateway } of placesOf(second)) {
      const name = `${gateway} ${host}`;
      const place: Place = byPlace.get(name) ?? new Map();
      byPlace.set(name, place);
      const joining = { virtualService: second, rank };
      const { others, further } = othersMet(gateway, place, joining, exportOf(mesh, second));
      for (const first of others) {
        const pair = `${gateway === 'mesh'} ${namespaceOf(first)}/${first.name}`;
        if (pairs.has(pair) || ![first, second].every((each) => isTaken(mesh, gateway, host, each))) continue;
        pairs.add(pair);
        found.push({ first, second, host, gateway, further, ...meetingsOf(first, second, gateway, rules) });
      }
    }
  }
  return found;
}

/** Adds a VirtualService to a place: gives the others it is compared with there, and how many more it is not. */
function othersMet(
  gateway: string,
  place: Place,
  joining: Ranked,
  reach: Reach,
): { readonly others: Resource[]; readonly further: number } {
  // In the mesh one of them wins over all the others; at a gateway each pair meets.
  if (gateway === 'mesh') return { others: joinPlace(place, joining, reach, 1).others, further: 0 };
  const { others, count } = joinPlace(place, joining, reach, comparisonLimit);
  return { others, further: count - others.length };
}

/** Where a VirtualService has rules: each of its hosts at each of its gateways. */
function placesOf(virtualService: Resource): { readonly host: string; readonly gateway: string }[] {
  if (listAt(virtualService.value, 'spec', 'http').length === 0) return [];
  const hosts = [...new Set(hostsOf(virtualService))];
  return (gatewaysOf(virtualService) ?? []).flatMap((gateway) => hosts.map((host) => ({ host, gateway })));
}

/** False when a Gateway is in the input and gives a VirtualService no such host: nothing is shared there. */
function isTaken(mesh: Mesh, gateway: string, host: string, virtualService: Resource): boolean {
  const servers = gatewaysNamed(mesh, gateway).flatMap(serversOf);
  return servers.length === 0 || servers.some((server) => takes(server, host, virtualService));
}

function remembering<T extends object, V>(compute: (key: T) => V): (key: T) => V {
  const known = new Map<T, V>();
  return (key) => {
    const value = known.get(key) ?? compute(key);
    known.set(key, value);
    return value;
  };
}

type Reach = ReturnType<typeof exportOf>;

/** What serves one host at one gateway, by how far it is visible: few ways, however many VirtualServices there are. */
type Place = Map<string, Group>;

interface Group {
  readonly reach: Reach;
  readonly members: Ranked[];
  /** How many members are variants of one. */
  readonly names: Map<string, number>;
}

interface Ranked {
  readonly virtualService: Resource;
  /** Position in the input. */
  readonly rank: number;
}

/** Adds a VirtualService to a place: gives the first of the others there that some namespace sees beside it, and the number of all. */
function joinPlace(
  place: Place,
  joining: Ranked,
  reach: Reach,
  limit: number,
): { readonly others: Resource[]; readonly count: number } {
  const { virtualService } = joining;
  const name = `${namespaceOf(virtualService)}/${virtualService.name}`;
  const first: Ranked[] = [];
  let count = 0;
  for (const group of place.values()) {
    if (!areVisibleTogether(group.reach, reach)) continue;
    count += group.members.length - (group.names.get(name) ?? 0);
    let left = limit;
    for (const member of group.members) {
      if (left === 0) break;
      if (isVariantOf(member.virtualService, virtualService)) continue;
      first.push(member);
      left--;
    }
  }
  first.sort((a, b) => a.rank - b.rank);

  const key = JSON.stringify(reach);
  const own = place.get(key) ?? { reach, members: [], names: new Map<string, number>() };
  place.set(key, own);
  own.members.push(joining);
  own.names.set(name, (own.names.get(name) ?? 0) + 1);
  return { others: first.slice(0, limit).map((each) => each.virtualService), count };
}

/** False when `exportTo` lets no namespace see both. */
function areVisibleTogether(one: Reach, other: Reach): boolean {
  if (one === 'all') return other.length > 0;
  return other === 'all' ? one.length > 0 : one.some((namespace) => other.includes(namespace));
}

function meetingsOf(
  first: Resource,
  second: Resource,
  gateway: string,
  rules: (virtualService: Resource) => readonly RouteRule[],
): Pick<SharedHost, 'hiding' | 'meeting'> {
  if (gateway === 'mesh') return { hiding: undefined, meeting: undefined }; // only one of the two is used at all
  const [ours, theirs] = [first, second].map((each) => matchesAt(gateway, rules(each)));
  let meeting: Meeting | undefined;
  for (const one of ours!) {
    for (const other of theirs!.filter(({ match }) => doMeet(one.match, match))) {
      const forth = { outer: one.rule, outerIn: first, inner: other.rule };
      const back = { outer: other.rule, outerIn: second, inner: one.rule };
      if (covers(one.match, other.match)) return { hiding: forth, meeting: forth };
      if (covers(other.match, one.match)) return { hiding: back, meeting: back };
      // A regex may meet anything: saying so each time would not help.
      if (isLiteral(one.match) && isLiteral(other.match)) meeting ??= forth;
    }
  }
  return { hiding: undefined, meeting };
}

/** The matches as they are at a gateway, where a condition on gateways holds or keeps the match out. */
function matchesAt(gateway: string, rules: readonly RouteRule[]): { rule: RouteRule; match: RouteMatch }[] {
  return rules.flatMap((rule) =>
    rule.matches
      .filter((match) => match.gateways?.includes(gateway) ?? true)
      .map((match) => ({ rule, match: { ...match, gateways: undefined } })),
  );
}

/** A gateway puts the catch-alls of all VirtualServices last: `SortVHostRoutes` in istiod's route.go. */
function doMeet(one: RouteMatch, other: RouteMatch): boolean {
  return overlaps(one, other) && isCatchAll(one) === isCatchAll(other);
}

function isLiteral({ uri }: RouteMatch): boolean {
  return uri.kind === 'exact' || uri.kind === 'prefix';
}
