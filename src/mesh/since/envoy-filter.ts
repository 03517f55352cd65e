import { announcement, code, type Fact, note } from './fact.ts';

const validation = code('1.31.0', 'pkg/config/validation/envoyfilter/envoyfilter.go');
const reference = 'https://istio.io/latest/docs/reference/config/networking/envoy-filter/';

/** What EnvoyFilters may say, and what istiod and Envoy make of it. */
export const envoyFilterFacts = {
  v3Types: {
    what: 'istiod knows the types of Envoy API v3',
    since: '1.7',
    source: code('1.7.0', 'pilot/pkg/networking/core/v1alpha3/envoyfilter/listener_patch.go'),
  },
  v2Types: {
    what: 'istiod knows the types of Envoy API v2; later versions reject an EnvoyFilter with one',
    until: '1.18',
    source: announcement('1.19', 'upgrade'),
  },
  v2InEnvoy: {
    what: 'Envoy itself reads API v2, in what an EnvoyFilter adds',
    until: '1.9',
    source: 'https://www.envoyproxy.io/docs/envoy/latest/faq/api/envoy_v3',
  },
  newFilterNames: {
    what: 'filters have their new names: `envoy.filters.network.http_connection_manager`',
    since: '1.8',
    source: code('1.8.0', 'pilot/pkg/networking/core/v1alpha3/envoyfilter/listener_patch.go'),
  },
  oldFilterNames: {
    what: 'the old names of filters match, such as `envoy.http_connection_manager`',
    until: '1.18',
    source: note('deprecated-envoy-filter'),
  },
  filtersByNameAlone: {
    what: 'Envoy finds a filter without `typed_config` by its name',
    until: '1.18',
    source: announcement('1.19', 'upgrade'),
  },
  gzipFilter: {
    what: 'Envoy has the HTTP filter `envoy.filters.http.gzip`, which the compressor replaces',
    until: '1.10',
    source: 'https://github.com/envoyproxy/envoy/pull/15867',
  },
  transportVersionAsked: {
    what: 'Envoy rejects a call to a gRPC server without `transport_api_version: V3`',
    since: '1.9',
    until: '1.22',
    source: 'https://github.com/envoyproxy/envoy/pull/34401',
  },
  removalWithoutName: {
    what: 'REMOVE without the name of a filter removes all filters there',
    until: '1.18',
    source: code('1.18.0', 'pilot/pkg/networking/core/v1alpha3/envoyfilter/listener_patch.go'),
  },
  removalInOrder: {
    what: 'REMOVE is applied in its order among the other patches; before, after all of them',
    since: '1.19',
    source: code('1.19.0', 'pilot/pkg/networking/core/v1alpha3/envoyfilter/listener_patch.go'),
  },
  mixerFilter: {
    what: 'istiod writes the HTTP filter `mixer`',
    until: '1.7',
    source: announcement('1.8', 'upgrade'),
  },
  istioAuthnFilter: {
    what: 'istiod writes the HTTP filter `istio_authn`',
    until: '1.19',
    source: code('1.20.0', 'pilot/pkg/xds/filters/filters.go'),
  },
  filterPriority: {
    what: 'EnvoyFilters have `priority`',
    since: '1.11',
    source: reference,
  },
  filterTargetRefs: {
    what: 'EnvoyFilters have `targetRefs`, and not beside `workloadSelector`',
    since: '1.22',
    source: reference,
  },
  transportSocketMatch: {
    what: 'EnvoyFilters may match by `filterChain.transportSocket`',
    since: '1.32',
    source: reference,
  },
  extensionConfigPatches: { what: 'EnvoyFilters may patch EXTENSION_CONFIG', since: '1.8', source: validation },
  bootstrapPatches: { what: 'EnvoyFilters may patch BOOTSTRAP', since: '1.11', source: validation },
  listenerFilterPatches: { what: 'EnvoyFilters may patch LISTENER_FILTER', since: '1.17', source: validation },
  replaceOperation: { what: 'EnvoyFilters have the operation REPLACE', since: '1.8', source: validation },
  mergeAndReplaceList: {
    what: 'EnvoyFilters have the operation MERGE_AND_REPLACE_LIST',
    since: '1.31',
    source: validation,
  },
  waypointContext: { what: 'EnvoyFilters have the context WAYPOINT', since: '1.29', source: validation },
} as const satisfies Readonly<Record<string, Fact>>;
