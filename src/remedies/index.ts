// Generated from the folders here by `npm run generate`; do not edit. A remedy's place is `order` in its page.md.
import balanceHeadless from './balance-headless/index.ts';
import disableRetries from './disable-retries/index.ts';
import exposeGateway from './expose-gateway/index.ts';
import grantClusterAccess from './grant-cluster-access/index.ts';
import headlessPassthrough from './headless-passthrough/index.ts';
import holdApplication from './hold-application/index.ts';
import injectSidecars from './inject-sidecars/index.ts';
import keepTraceHeaders from './keep-trace-headers/index.ts';
import localityFailover from './locality-failover/index.ts';
import matchGatewayHosts from './match-gateway-hosts/index.ts';
import modernizeEnvoyFilters from './modernize-envoy-filters/index.ts';
import nativeDns from './native-dns/index.ts';
import plaintextHeadless from './plaintext-headless/index.ts';
import preserveHeaderCase from './preserve-header-case/index.ts';
import protectInitContainers from './protect-init-containers/index.ts';
import raiseHeaderLimit from './raise-header-limit/index.ts';
import reachMesh from './reach-mesh/index.ts';
import type { Remedy } from './remedy.ts';
import reorderPrefixes from './reorder-prefixes/index.ts';
import strictCircuitBreaking from './strict-circuit-breaking/index.ts';
import supportHttp10 from './support-http10/index.ts';
import upgradeIstio from './upgrade-istio/index.ts';

/** All remedies, in the order in which they run and in which they are listed. */
export const remedies: readonly Remedy[] = [
  grantClusterAccess,
  injectSidecars,
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
  strictCircuitBreaking,
  disableRetries,
  keepTraceHeaders,
  upgradeIstio,
  reorderPrefixes,
];
