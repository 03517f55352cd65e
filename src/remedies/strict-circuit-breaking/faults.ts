import type { JsonObject } from '../../manifest/node.ts';
import type { PoolScope } from '../../mesh/connection-pool.ts';
import { at } from '../../mesh/read.ts';
import type { Resource } from '../../mesh/resource.ts';
import type { TargetHost } from '../../mesh/target-host.ts';
import { defineFaults, info, note, refusal, warning } from '../fault.ts';
import { literalHost } from '../mechanisms/literal-host.ts';
import type { PoolUse } from './pool-use.ts';

/** A pool that is not strict. */
export interface LoosePool {
  readonly resource: Resource;
  readonly scope: PoolScope;
  readonly use: PoolUse;
  /** Of connections: the pool's own, or the one that it is to get. */
  readonly limit: number;
  /** The HTTP fields that it lacks. */
  readonly http: JsonObject;
}

export interface LostLimit {
  readonly scope: PoolScope;
  readonly limit: number;
}

export const poolFault = defineFaults({
  'unlimited-queue': warning(
    ({ limit, scope }: LoosePool) =>
      `\`maxConnections: ${limit}\` rejects nothing: further requests wait in an unlimited queue${at(scope.pool, 'http', 'http1MaxPendingRequests') === 0 ? ' (0 counts as not set)' : ''}`,
  ),
  'unlimited-http2': warning(
    ({ limit }: LoosePool) =>
      `HTTP/2 requests share connections, so \`maxConnections: ${limit}\` does not limit how many there are`,
  ),
  'unlimited-connections': warning<LoosePool>('Nothing limits the connections here'),
  'unlimited-host': info(({ host }: TargetHost) => `Nothing limits the connections to ${host}`),
  'unlimited-mesh-queue': warning(
    (limit: number) =>
      `The mesh's default of \`maxConnections: ${limit}\` rejects nothing: further requests wait in an unlimited queue`,
  ),
  'lost-limit': warning(
    ({ scope, limit }: LostLimit) =>
      `${scopeName(scope)} has settings of its own, which replace \`maxConnections: ${limit}\`, so nothing is limited there. Repeat \`tcp.maxConnections\` in it`,
  ),
  'unreadable-limit': warning((field: string) => `\`${field}\` of this pool is not a number`),
  'tcp-only': note(
    (limit: number) =>
      `Only TCP ports use this pool, and Envoy closes TCP connections past the limit of ${limit} at once`,
  ),
  'literal-host': literalHost,
  'no-proxy': warning(
    (host: string) =>
      `No proxy applies connection pools to ${host}: its namespace is in ambient mode and it has no waypoint. Label it \`istio.io/use-waypoint\``,
  ),
  'older-rule': warning(
    (older: string) =>
      `DestinationRule ${older} is for the same host in the same namespace, and only the top level of the older of the two counts. Put the limits into one`,
  ),
  'hides-limits': warning(
    ({ clients, hidden }: Hiding) =>
      `Clients in namespace ${clients} use this DestinationRule instead of ${hidden}, so the limits there do not hold for them. Repeat them here`,
  ),
  'hides-other-limits': info(
    ({ clients, hidden }: Hiding) =>
      `Clients in namespace ${clients} use this DestinationRule instead of ${hidden}, so only the limits here hold for them`,
  ),
  'incomplete-parameters': refusal(
    ({ given, missing }: { given: string; missing: string }) =>
      `\`${given}\` does nothing without \`${missing}\`: \`hosts\` names what to limit, \`connections\` says to how many`,
  ),
  'unknown-host': refusal((problem: string) => problem),
  'governed-host': refusal(
    ({ host, rule, ruleHost }: { host: string; rule: string; ruleHost: string | undefined }) =>
      `DestinationRule ${rule} (host ${ruleHost}) governs ${host}, and a new one would replace all of its traffic policy. Name that host instead, or write one for ${host} by hand`,
  ),
  'unselected-rule': note('`namespaces` or `names` leave this DestinationRule out'),
  'other-limit': note((limit: number) => `This DestinationRule limits connections to ${limit} already, which stays`),
});

interface Hiding {
  /** A namespace. */
  readonly clients: string;
  /** The DestinationRule that these clients do not see, with its namespace. */
  readonly hidden: string;
}

function scopeName({ subset, port }: PoolScope): string {
  if (subset === undefined) return `Port ${port}`;
  return port === undefined ? `Subset ${subset}` : `Port ${port} of subset ${subset}`;
}
