import balanceHeadless from './balance-headless.ts';
import disableRetries from './disable-retries.ts';
import exposeGateway from './expose-gateway.ts';
import grantClusterAccess from './grant-cluster-access.ts';
import headlessPassthrough from './headless-passthrough.ts';
import holdApplication from './hold-application.ts';
import injectSidecars from './inject-sidecars.ts';
import keepTraceHeaders from './keep-trace-headers.ts';
import localityFailover from './locality-failover.ts';
import matchGatewayHosts from './match-gateway-hosts.ts';
import modernizeEnvoyFilters from './modernize-envoy-filters.ts';
import nativeDns from './native-dns.ts';
import plaintextHeadless from './plaintext-headless.ts';
import preserveHeaderCase from './preserve-header-case.ts';
import protectInitContainers from './protect-init-containers.ts';
import raiseHeaderLimit from './raise-header-limit.ts';
import reachMesh from './reach-mesh.ts';
import type { Remedy } from './remedy.ts';
import reorderPrefixes from './reorder-prefixes.ts';
import strictCircuitBreaking from './strict-circuit-breaking.ts';
import supportHttp10 from './support-http10.ts';
import upgradeIstio from './upgrade-istio.ts';

/**
 * All remedies, in the order in which they run and are told of. What adds Services or takes ports out of HTTP comes
 * before what writes filters for them, and Gateways get the hosts of VirtualServices before these get those of Services.
 * The one that moves list items comes last, so that what the others say of a rule's place holds in the file as the user
 * has it.
 */
export const remedies: readonly Remedy[] = [
  grantClusterAccess,
  modernizeEnvoyFilters,
  holdApplication,
  raiseHeaderLimit,
  supportHttp10,
  balanceHeadless,
  plaintextHeadless,
  headlessPassthrough,
  preserveHeaderCase,
  protectInitContainers,
  matchGatewayHosts,
  reachMesh,
  exposeGateway,
  nativeDns,
  localityFailover,
  injectSidecars,
  strictCircuitBreaking,
  disableRetries,
  keepTraceHeaders,
  upgradeIstio,
  reorderPrefixes,
];
