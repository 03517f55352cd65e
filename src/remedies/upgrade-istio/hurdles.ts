import { isObject, type Json } from '../../manifest/node.ts';
import { type ConfigPatch, configPatchesOf, envoyFilters } from '../../mesh/envoy-filter.ts';
import { isOldType } from '../../mesh/envoy-types.ts';
import { type FilterClass, insertedNames, isIstiodFilter, newFilterName } from '../../mesh/filter-names.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { at, listAt, objectAt, stringAt } from '../../mesh/read.ts';
import { namespaceOf, type Resource } from '../../mesh/resource.ts';
import { destinationRulesFor, serviceHost } from '../../mesh/service.ts';
import { istiodEnvironment } from '../../mesh/since/istiod-environment.ts';
import { facts } from '../../mesh/since.ts';
import { istiodEnv } from '../../mesh/surface/env.ts';
import { meshConfigOf } from '../../mesh/surface/mesh-config.ts';
import { surfacesOf } from '../../mesh/surface/surface.ts';
import { policyLevelsOf } from '../../mesh/traffic-policy.ts';
import type { Version } from '../../mesh/version.ts';
import { virtualServicesFor } from '../../mesh/virtual-service.ts';
import { meshConfigWhere, proxyConfigWhere, type TurningPoint } from './turning-point.ts';

const variables = Object.keys(istiodEnvironment) as readonly (keyof typeof istiodEnvironment)[];

/** What stops working with a version unless it is changed before; the oldest version first. */
export const hurdles: readonly TurningPoint[] = [
  {
    fact: 'rbacV1',
    topic: 'RBAC of rbac.istio.io',
    what: 'ServiceRole, ServiceRoleBinding and ClusterRbacConfig no longer exist. Write AuthorizationPolicies',
    concerned: (mesh) => mesh.resources.filter(({ group }) => group === 'rbac.istio.io'),
  },
  {
    fact: 'consecutiveErrors',
    topic: 'consecutiveErrors',
    what: '`outlierDetection.consecutiveErrors` is ignored. Use `consecutiveGatewayErrors`, which has the same meaning, or `consecutive5xxErrors`, which counts every 5xx',
    concerned: (mesh) =>
      mesh
        .ofKind('DestinationRule', 'networking.istio.io')
        .filter(({ value }) => /"consecutiveErrors":/.test(JSON.stringify(value))),
  },
  {
    fact: 'mixer',
    topic: 'Mixer',
    what: 'Mixer and all kinds of `config.istio.io` no longer exist. Move policies and telemetry to AuthorizationPolicies and the Telemetry API',
    concerned: (mesh) => mesh.resources.filter(({ group }) => group === 'config.istio.io'),
  },
  {
    fact: 'v2InEnvoy',
    topic: 'EnvoyFilters that add configuration of API v2',
    what: 'Envoy no longer supports API v2, and rejects what an EnvoyFilter adds in it. Write v3 types',
    concerned: (mesh) => filtersWith(mesh, (patch) => patch.operation !== 'MERGE' && hasV2Type(patch.value)),
  },
  {
    fact: 'v2Types',
    topic: 'EnvoyFilters of API v2',
    what: `istiod rejects EnvoyFilters with types of API v2. Write v3 types, which work since ${facts.v3Types.since}`,
    concerned: (mesh) => filtersWith(mesh, (patch) => patch.operation === 'MERGE' && hasV2Type(patch.value)),
  },
  {
    fact: 'oldFilterNames',
    topic: 'old filter names in EnvoyFilters',
    what: `EnvoyFilters that match a filter by its old name (\`envoy.http_connection_manager\`) are accepted and have no effect. Write the new one (\`envoy.filters.network.http_connection_manager\`), which matches since ${facts.newFilterNames.since}`,
    concerned: filtersByOldNames,
  },
  {
    fact: 'externalNameAlias',
    topic: 'rules for ExternalName Services',
    what: 'An ExternalName Service is an alias of the host that it names. DestinationRules and VirtualServices for the alias have no effect: write them for that host',
    concerned: (mesh) =>
      mesh.ofKind('Service', '').filter((service) => isExternalName(service) && hasRules(mesh, serviceHost(service))),
  },
  {
    fact: 'serversVerified',
    topic: 'TLS without CA certificates',
    what: 'Where a DestinationRule starts TLS without `caCertificates`, server certificates are verified against the CAs of the system, and the SNI is set from the host. Name the CA, or set `insecureSkipVerify`',
    concerned: (mesh) =>
      mesh
        .ofKind('DestinationRule', 'networking.istio.io')
        .filter((rule) => policyLevelsOf(rule).some(({ value }) => isUnverified(value['tls']))),
  },
  {
    fact: 'defaultZipkin',
    topic: 'traces to zipkin by default',
    what: 'Traces are no longer sent to the Service zipkin by default. Name it in `extensionProviders`, and the provider in a Telemetry resource',
    concerned: defaultZipkin,
  },
  {
    fact: 'opencensusTracing',
    topic: 'tracing by OpenCensus',
    what: 'The tracing provider `opencensus` no longer exists. Send to OpenTelemetry',
    concerned: (mesh) => meshConfigWhere(mesh, ['extensionProviders'], (list) => hasProvider(list, 'opencensus')),
  },
  {
    fact: 'operatorInCluster',
    topic: 'the operator in the cluster',
    what: 'The operator that runs in the cluster no longer exists, so nothing applies an IstioOperator resource in the cluster. Use `istioctl install -f`, Helm or Sail',
    concerned: (mesh) => {
      const operators = mesh.ofKind('Deployment', 'apps').filter(({ name }) => /^istio-operator(-|$)/.test(name));
      return operators.length > 0 ? [...operators, ...mesh.ofKind('IstioOperator')] : [];
    },
  },
  {
    fact: 'ipAutoAllocation',
    topic: 'ISTIO_META_DNS_AUTO_ALLOCATE',
    what: '`ISTIO_META_DNS_AUTO_ALLOCATE` is deprecated and no longer needed: istiod allocates the addresses of ServiceEntries and writes them into their status',
    concerned: (mesh) =>
      proxyConfigWhere(mesh, ['proxyMetadata', 'ISTIO_META_DNS_AUTO_ALLOCATE'], (value) => value !== undefined),
  },
  {
    fact: 'lightstepTracing',
    topic: 'tracing by Lightstep',
    what: 'The tracing provider `lightstep` no longer exists. Send to OpenTelemetry',
    concerned: (mesh) => meshConfigWhere(mesh, ['extensionProviders'], (list) => hasProvider(list, 'lightstep')),
  },
  ...variables.map(
    (name): TurningPoint => ({
      fact: name,
      topic: name,
      what: `istiod no longer reads its environment variable ${name}, and behaves as it does by default`,
      concerned: (mesh, version) => environmentWith(mesh, name, version),
    }),
  ),
];

function filtersWith(mesh: Mesh, holds: (patch: ConfigPatch) => boolean): readonly Resource[] {
  return envoyFilters(mesh).filter((filter) => configPatchesOf(filter).some(holds));
}

function hasV2Type(value: Json): boolean {
  return isOldType(JSON.stringify(value));
}

/** Filters that are matched by an old name, and exist under the new one only. */
function filtersByOldNames(mesh: Mesh): readonly Resource[] {
  const inserted = insertedNames(envoyFilters(mesh).flatMap(configPatchesOf));
  const isLost = (kind: FilterClass, name: string | undefined): boolean => {
    const current = name === undefined || inserted.has(name) ? undefined : newFilterName(kind, name);
    return current !== undefined && (isIstiodFilter(current) || inserted.has(current));
  };
  return filtersWith(mesh, ({ match }) => {
    const filter = objectAt(match, 'listener', 'filterChain', 'filter');
    return (
      isLost('network', stringAt(filter, 'name')) ||
      isLost('http', stringAt(filter, 'subFilter', 'name')) ||
      isLost('listener', stringAt(match, 'listener', 'listenerFilter'))
    );
  });
}

function isExternalName({ value }: Resource): boolean {
  return stringAt(value, 'spec', 'type') === 'ExternalName';
}

function hasRules(mesh: Mesh, host: string): boolean {
  const isItsOwn = (rule: Resource): boolean => !String(at(rule.value, 'spec', 'host')).startsWith('*');
  return destinationRulesFor(mesh, host).some(isItsOwn) || virtualServicesFor(mesh, host).length > 0;
}

/** @see https://github.com/istio/istio/blob/1.21.0/pilot/pkg/networking/core/v1alpha3/cluster_traffic_policy.go */
function isUnverified(tls: Json | undefined): boolean {
  if (!isObject(tls) || !['SIMPLE', 'MUTUAL'].includes(String(tls['mode']))) return false;
  const isNamed = ['caCertificates', 'credentialName', 'caCertCredentialName'].some((key) => (tls[key] ?? '') !== '');
  return !isNamed && tls['insecureSkipVerify'] !== true;
}

/**
 * The Service that Istio sent traces to unless told otherwise, where nothing else is told.
 *
 * @see https://github.com/istio/istio/blob/1.31.0/istioctl/pkg/precheck/precheck.go `checkTracing`
 */
function defaultZipkin(mesh: Mesh): readonly Resource[] {
  const config = meshConfigOf(mesh);
  const isTold =
    config['enableTracing'] === false ||
    isObject(at(config, 'defaultConfig', 'tracing')) ||
    listAt(config, 'defaultProviders', 'tracing').length > 0 ||
    mesh.ofKind('Telemetry').some(({ value }) => listAt(value, 'spec', 'tracing').length > 0);
  if (isTold) return [];
  return mesh
    .ofKind('Service', '')
    .filter((service) => service.name === 'zipkin' && namespaceOf(service) === mesh.rootNamespace);
}

function hasProvider(list: Json | undefined, kind: string): boolean {
  return Array.isArray(list) && list.some((provider) => isObject(at(provider, kind)));
}

function environmentWith(mesh: Mesh, name: string, version: Version): readonly Resource[] {
  if (istiodEnv(mesh, name, version) === undefined) return [];
  return surfacesOf(mesh).flatMap(({ env, resource }) => (env.length > 0 ? [resource] : []));
}
