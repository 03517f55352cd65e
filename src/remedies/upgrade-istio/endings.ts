import { isObject } from '../../manifest/node.ts';
import { cniInstallOf } from '../../mesh/cni.ts';
import { defaultRouteOf } from '../../mesh/default-route.ts';
import { configPatchesOf, connectionManagerSettings, envoyFilters } from '../../mesh/envoy-filter.ts';
import { acceptsHttp10, acceptsHttp10MeshWide, preservesCase, preservesCaseMeshWide } from '../../mesh/http1.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { prunePlacesOf } from '../../mesh/pruning/places.ts';
import { at, stringAt } from '../../mesh/read.ts';
import { namespaceOf, type Resource } from '../../mesh/resource.ts';
import { isOffInMesh, retryPolicyOf } from '../../mesh/retry-policy.ts';
import {
  destinationHost,
  destinationRulesFor,
  isAmbientNamespace,
  isHeadless,
  portsOf,
  serviceHost,
} from '../../mesh/service.ts';
import { facts, has, releasesWith } from '../../mesh/since.ts';
import { meshConfigOf } from '../../mesh/surface/mesh-config.ts';
import { oldestKnown, type Version } from '../../mesh/version.ts';
import { actionOf, httpRulesOf, isDelegate, virtualServicesOf } from '../../mesh/virtual-service.ts';
import { isWithoutSidecar, podLabels, servicesOf, workloadsBehind } from '../../mesh/workload.ts';
import { isOn, proxyConfigWhere, sidecarWorkloads, type TurningPoint } from './turning-point.ts';

/** Problems that a version resolves, and workarounds that it makes unnecessary; the oldest version first. */
export const endings: readonly TurningPoint[] = [
  {
    fact: 'connectionsToGonePodsClosed',
    // Older versions count as 1.6, the oldest known, without a patch.
    ahead: ({ minor, patch }) => minor <= oldestKnown.minor && patch === undefined,
    topic: 'rebuilt pods behind headless Services',
    what: 'Proxies of Istio 1.5 keep the connection of a client when its server pod is replaced, and send to the old address (503 with `UF,URX`). Those of 1.6 close it',
    concerned: headlessServices,
  },
  {
    fact: 'headlessWithoutMtls',
    ahead: lacksPlaintextHeadless,
    topic: 'UF,URX behind headless Services without sidecars',
    what: 'Sidecars use mTLS to a headless Service whether or not its pods have sidecars, so pods without one are unreachable: 503 with `UF,URX` (also fixed in 1.6.6)',
    concerned: (mesh) => headlessWithoutSidecars(mesh).filter((service) => plaintextRules(mesh, service).length === 0),
  },
  {
    fact: 'headlessWithoutMtls',
    ahead: lacksPlaintextHeadless,
    topic: 'plaintext rules for headless Services',
    what: '`tls.mode: DISABLE` is a workaround for headless Services whose pods have no sidecar, and can be removed after the upgrade',
    concerned: (mesh) => [...new Set(headlessServices(mesh).flatMap((service) => ownPlaintextRules(mesh, service)))],
  },
  {
    fact: 'holdInProxyConfig',
    topic: 'holdApplicationUntilProxyStarts is ignored',
    what: `\`holdApplicationUntilProxyStarts\` in the mesh config or in an annotation is ignored, so applications start before their proxy (${facts.holdValue.since} knows only the Helm value \`global.proxy.holdApplicationUntilProxyStarts\`)`,
    concerned: (mesh) => proxyConfigWhere(mesh, ['holdApplicationUntilProxyStarts'], isOn),
  },
  {
    fact: 'wellFormedDns',
    from: 'dnsCapture',
    topic: 'smart DNS fails for musl and c-ares',
    what: 'musl (alpine images) and c-ares (gRPC) cannot read the answers of the DNS proxy',
    concerned: (mesh) => proxyConfigWhere(mesh, ['proxyMetadata', 'ISTIO_META_DNS_CAPTURE'], isOn),
  },
  {
    fact: 'headersUpTo8192Kib',
    topic: 'header limits above 96 KiB',
    what: '`max_request_headers_kb` can be at most 96; newer proxies accept up to 8192',
    concerned: (mesh) => envoyFilters(mesh).filter((filter) => headerLimitOf(filter) >= 96),
  },
  {
    fact: 'defaultHttpRetryPolicy',
    topic: 'retries switched off route by route',
    what: 'Default retries can be switched off only route by route; in newer versions `defaultHttpRetryPolicy` of the mesh config does it for all',
    concerned: (mesh) =>
      virtualServicesOf(mesh).filter((service) =>
        httpRulesOf(service).some((rule) => retryPolicyOf(rule).kind === 'off'),
      ),
  },
  {
    fact: 'headlessAutoAnyHost',
    topic: '404 for pod addresses on undeclared headless ports',
    what: 'Requests to a pod address of a headless Service get 404 on ports that declare no protocol, unless their Host header names the Service',
    concerned: (mesh) =>
      headlessServices(mesh).filter((service) => portsOf(service).some(({ protocol }) => protocol === 'auto')),
  },
  {
    fact: 'localityWithoutService',
    topic: 'clients without a Service have no locality',
    what: 'A client that no Service selects has no locality, so locality load balancing does not work for it',
    concerned: clientsWithoutService,
  },
  {
    fact: 'reentrantIstioInit',
    topic: 'istio-init does not survive pruned containers',
    what: 'When finished containers are pruned, istio-init runs again and crashes on its own iptables rules (`Init:CrashLoopBackOff`); newer ones detect the rules',
    concerned: pruning,
  },
  {
    fact: 'no503Retries',
    topic: 'default retries of 503',
    what: 'Every 503 is retried by default, also for requests that had an effect; newer versions retry only failed connections and some gRPC statuses',
    concerned: retriedByDefault,
  },
  {
    fact: 'nativeHeaderCase',
    topic: 'header case by EnvoyFilter',
    what: 'EnvoyFilters preserve the case of headers; in newer versions `proxyHeaders.preserveHttp1HeaderCase` does it in both directions, and the filters can be removed',
    concerned: (mesh) =>
      envoyFilters(mesh).filter((filter) => JSON.stringify(filter.value).includes('"header_key_format"')),
  },
  {
    fact: 'trafficDistribution',
    topic: 'trafficDistribution is ignored',
    what: 'Sidecars ignore `trafficDistribution: PreferClose` of a Service',
    concerned: (mesh) => servicesDistributing(mesh, /^PreferClose$/i),
  },
  {
    fact: 'trafficDistributionByZone',
    topic: 'trafficDistribution by zone or node is ignored',
    what: 'Sidecars ignore `trafficDistribution: PreferSameZone` and `PreferSameNode` of a Service',
    concerned: (mesh) => servicesDistributing(mesh, /^PreferSame(Zone|Node)$/i),
  },
  {
    fact: 'nativeSidecarsByDefault',
    from: 'holdInProxyConfig',
    topic: 'applications held until the proxy starts',
    what: 'Applications wait until their proxy has started; in newer versions proxies are native sidecar containers where nodes run Kubernetes 1.33 or later, which start first, also before init containers',
    concerned: (mesh) => proxyConfigWhere(mesh, ['holdApplicationUntilProxyStarts'], isOn),
  },
  {
    fact: 'nativeHeaderCaseKeepsHttp10',
    from: 'nativeHeaderCase',
    topic: 'HTTP/1.0 is off where header case is preserved',
    what: `HTTP/1.0 is switched off wherever \`preserveHttp1HeaderCase\` is on (fixed in ${releasesWith('nativeHeaderCaseKeepsHttp10')})`,
    concerned: clashing,
  },
  {
    fact: 'nativeHeaderCaseInPassthrough',
    from: 'nativeHeaderCase',
    topic: 'header case of passthrough traffic',
    what: '`preserveHttp1HeaderCase` has no effect on requests that pass through to hosts that the mesh does not know',
    concerned: (mesh) => proxyConfigWhere(mesh, ['proxyHeaders', 'preserveHttp1HeaderCase'], isOn),
  },
];

/** Some patches of an older version have the cure too; without a patch number it may be any. */
function lacksPlaintextHeadless(version: Version): boolean {
  return !has({ patch: 0, ...version }, 'headlessWithoutMtls');
}

/** Headless Services that sidecars serve. */
function headlessServices(mesh: Mesh): readonly Resource[] {
  return mesh.ofKind('Service', '').filter((service) => {
    const namespace = namespaceOf(service);
    return isHeadless(service) && !isAmbientNamespace(mesh, namespace) && !/^kube-/.test(namespace);
  });
}

/** Those of which a pod may be without a sidecar: it is known to be, or no workload of theirs is in the input. */
function headlessWithoutSidecars(mesh: Mesh): readonly Resource[] {
  return headlessServices(mesh).filter((service) => {
    const workloads = workloadsBehind(mesh, service);
    return workloads.length === 0 || workloads.some((workload) => isWithoutSidecar(mesh, workload));
  });
}

function plaintextRules(mesh: Mesh, service: Resource): Resource[] {
  return destinationRulesFor(mesh, serviceHost(service)).filter(
    (rule) => stringAt(rule.value, 'spec', 'trafficPolicy', 'tls', 'mode') === 'DISABLE',
  );
}

/** Those for this host alone: a rule for more hosts is for more than this fault, and must stay. */
function ownPlaintextRules(mesh: Mesh, service: Resource): Resource[] {
  return plaintextRules(mesh, service).filter((rule) => destinationHost(rule) === serviceHost(service));
}

function headerLimitOf(filter: Resource): number {
  const limits = configPatchesOf(filter).map((patch) =>
    Number(at(connectionManagerSettings(patch, { minor: 10 }), 'max_request_headers_kb') ?? 0),
  );
  return Math.max(0, ...limits.filter((limit) => !Number.isNaN(limit)));
}

/** Workloads that no Service selects, where anything in the mesh balances by locality. */
function clientsWithoutService(mesh: Mesh): readonly Resource[] {
  const rules = mesh.ofKind('DestinationRule', 'networking.istio.io');
  const isLocal =
    isObject(at(meshConfigOf(mesh), 'localityLbSetting')) ||
    rules.some(({ value }) => /"(outlierDetection|localityLbSetting)":\{/.test(JSON.stringify(value)));
  if (!isLocal) return [];
  return sidecarWorkloads(mesh)
    .filter((workload) => servicesOf(mesh, workload).length === 0 && !podLabels(workload)['istio-locality'])
    .map(({ resource }) => resource);
}

/** What removes containers that have finished, where istio-init is among them. */
function pruning(mesh: Mesh): readonly Resource[] {
  if (cniInstallOf(mesh)) return [];
  const active = prunePlacesOf(mesh).filter(({ resource }) => at(resource.value, 'spec', 'suspend') !== true);
  const found = new Set(active.map(({ resource }) => resource));
  return mesh.resources.filter((resource) => found.has(resource));
}

/** What has Istio's own retries: rules without a policy, and Services whose requests take the route that Istio makes up. */
function retriedByDefault(mesh: Mesh, version: Version): readonly Resource[] {
  if (isOffInMesh(mesh, version)) return [];
  const routed = virtualServicesOf(mesh).filter(
    (virtualService) =>
      !isDelegate(virtualService) &&
      httpRulesOf(virtualService).some((rule) => actionOf(rule) === 'route' && retryPolicyOf(rule).kind === 'default'),
  );
  return [
    ...routed,
    ...mesh.ofKind('Service', '').filter((service) => defaultRouteOf(mesh, service).kind === 'default'),
  ];
}

function servicesDistributing(mesh: Mesh, wanted: RegExp): readonly Resource[] {
  return mesh.ofKind('Service', '').filter((service) => {
    const { value } = service;
    const how =
      stringAt(value, 'spec', 'trafficDistribution') ??
      stringAt(value, 'metadata', 'annotations', 'networking.istio.io/traffic-distribution');
    return how !== undefined && wanted.test(how) && !isAmbientNamespace(mesh, namespaceOf(service));
  });
}

/** Workloads whose proxies are told to keep header case and to take HTTP/1.0; the mesh config when all are. */
function clashing(mesh: Mesh, version: Version): readonly Resource[] {
  const [keepAll, takeAll] = [preservesCaseMeshWide(mesh), acceptsHttp10MeshWide(mesh, version)];
  if (keepAll && takeAll) return proxyConfigWhere(mesh, ['proxyHeaders', 'preserveHttp1HeaderCase'], isOn);
  return sidecarWorkloads(mesh)
    .filter((workload) => (keepAll || preservesCase(workload)) && (takeAll || acceptsHttp10(workload)))
    .map(({ resource }) => resource);
}
