import { parseAllDocuments } from 'yaml';
import type { Loopback } from './loopback.ts';

/** As much of a Kubernetes object as the parts below read; the rest is carried along. */
export interface Resource {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; labels?: Record<string, string>; annotations?: Record<string, string> };
  // biome-ignore lint/suspicious/noExplicitAny: manifests are data of many kinds
  spec?: any;
  items?: Resource[];
}

/** One pod, with the addresses and ports that the harness gives it. */
export interface Pod {
  readonly name: string;
  /** namespace/name of the workload that made it. */
  readonly workload: string;
  readonly namespace: string;
  readonly labels: Record<string, string>;
  readonly annotations: Record<string, string>;
  readonly gateway: boolean;
  readonly sidecar: boolean;
  /** True when its outbound connections come to the sidecar by redirection, as in a cluster; see `capturing`. */
  readonly captured: boolean;
  readonly address: string;
  /** Where its application, or the world in front of a gateway, sends requests. */
  readonly outbound: string;
  readonly locality: { readonly region: string; readonly zone: string } | undefined;
  readonly ports: readonly PodPort[];
}

export interface PodPort {
  readonly number: number;
  readonly name: string;
  /** Istio's name of the protocol, chosen as Istio chooses it. */
  readonly protocol: string;
}

interface ServicePort {
  name?: string;
  port: number;
  targetPort?: number | string;
  appProtocol?: string;
  protocol?: string;
}

const podLabel = 'meshmend.dev/pod';
/** On a workload: its applications dial addresses, and the sidecar gets to know which. */
export const captureLabel = 'meshmend.dev/capture';

export function parseManifests(text: string): Resource[] {
  return parseAllDocuments(text)
    .map((document) => document.toJS() as Resource | null)
    .flatMap((resource) => resource?.items ?? resource ?? [])
    .filter((resource) => typeof resource.kind === 'string');
}

/** The pods of all workloads of the manifests, istiod's apart. */
export function schedule(resources: readonly Resource[], loopback: Loopback): readonly Pod[] {
  const pods: Pod[] = [];
  for (const workload of resources) {
    const template = workload.spec?.template;
    if (!['Deployment', 'StatefulSet', 'DaemonSet'].includes(workload.kind)) continue;
    const containers: { name: string; ports?: { name?: string; containerPort: number }[] }[] =
      template?.spec?.containers ?? [];
    if (containers.some(({ name }) => name === 'discovery')) continue;
    const namespace = workload.metadata.namespace ?? 'default';
    const labels: Record<string, string> = template.metadata?.labels ?? {};
    const annotations: Record<string, string> = template.metadata?.annotations ?? {};
    for (let replica = 0; replica < (workload.spec.replicas ?? 1); replica++) {
      const name = `${workload.metadata.name}-${replica}`;
      pods.push({
        name,
        workload: `${namespace}/${workload.metadata.name}`,
        namespace,
        labels: { ...labels, [podLabel]: name },
        annotations,
        gateway: annotations['inject.istio.io/templates'] === 'gateway',
        sidecar: labels['sidecar.istio.io/inject'] !== 'false',
        captured: labels[captureLabel] === 'true',
        address: loopback.pod(pods.length),
        outbound: loopback.outbound(pods.length),
        locality: readLocality(labels['istio-locality']),
        ports: portsOf(resources, namespace, labels, containers),
      });
    }
  }
  return pods;
}

/** `region.zone`, dots because a label's value cannot hold a slash. */
function readLocality(label: string | undefined): Pod['locality'] {
  const [region, zone] = label?.split('.') ?? [];
  return region === undefined ? undefined : { region, zone: zone ?? '' };
}

function portsOf(
  resources: readonly Resource[],
  namespace: string,
  labels: Record<string, string>,
  containers: readonly { ports?: { name?: string; containerPort: number }[] }[],
): readonly PodPort[] {
  const named = new Map(
    containers.flatMap(({ ports = [] }) =>
      ports.flatMap((port) => (port.name ? [[port.name, port.containerPort]] : [])),
    ) as [string, number][],
  );
  const ports = new Map<number, PodPort>();
  for (const service of servicesOf(resources, namespace, labels)) {
    for (const port of (service.spec.ports ?? []) as ServicePort[]) {
      const target = port.targetPort ?? port.port;
      const number = typeof target === 'number' ? target : named.get(target);
      if (number === undefined) throw new Error(`${service.metadata.name}: no container has a port named ${target}`);
      if (!ports.has(number))
        ports.set(number, { number, name: port.name ?? `port-${port.port}`, protocol: protocolOf(port) });
    }
  }
  return [...ports.values()];
}

function servicesOf(resources: readonly Resource[], namespace: string, labels: Record<string, string>): Resource[] {
  return resources.filter(
    ({ kind, metadata, spec }) =>
      kind === 'Service' &&
      (metadata.namespace ?? 'default') === namespace &&
      spec?.selector !== undefined &&
      Object.entries(spec.selector).every(([key, value]) => labels[key] === value),
  );
}

/** `appProtocol` wins over the name's prefix, https://istio.io/latest/docs/ops/configuration/traffic-management/protocol-selection/ */
function protocolOf({ name = '', appProtocol }: ServicePort): string {
  const word = (appProtocol ?? name.split('-')[0] ?? '').toUpperCase();
  if (word === 'KUBERNETES.IO/H2C') return 'HTTP2';
  return ['HTTP', 'HTTP2', 'GRPC', 'TCP', 'TLS', 'HTTPS', 'MONGO', 'MYSQL', 'REDIS'].includes(word) ? word : '';
}

/**
 * What the API server would hold once the controllers have done their work, with the few resources that let plain Envoys on
 * loopback addresses stand for pods: a Sidecar for each pod (its inbound port leads to `realPort`), gateways bound to their own
 * address, and neither mTLS nor the filters that only Istio's own build of Envoy has.
 */
export function apiServerContents(
  resources: readonly Resource[],
  pods: readonly Pod[],
  realPort: (pod: Pod, port: PodPort) => number,
): Resource[] {
  const gateways = pods.filter(({ gateway }) => gateway);
  const contents = resources.map((resource) => {
    if (resource.kind !== 'Gateway' || !resource.apiVersion.startsWith('networking.istio.io/')) return resource;
    const selects = (pod: Pod): boolean =>
      Object.entries(resource.spec.selector ?? {}).every(([key, value]) => pod.labels[key] === value);
    const pod = gateways.find(selects);
    if (!pod) return resource;
    const servers = resource.spec.servers.map((server: object) => ({ bind: pod.outbound, ...server }));
    return { ...resource, spec: { ...resource.spec, servers } };
  });
  contents.push(...pods.map(podResource), ...contents.flatMap((resource) => endpointSlice(resource, pods)));
  for (const pod of pods) {
    if (pod.sidecar && !pod.gateway) contents.push(sidecarResource(pod, (port) => realPort(pod, port)));
    if (pod.captured) contents.push(capturing(pod));
  }
  contents.push(plaintext, withoutIstioFilters);
  return contents.map(withClusterIp);
}

function podResource(pod: Pod): Resource {
  const { name, namespace, labels, annotations, address } = pod;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels, annotations },
    spec: { containers: [{ name: 'app', image: 'app' }] },
    status: {
      phase: 'Running',
      podIP: address,
      podIPs: [{ ip: address }],
      conditions: [{ type: 'Ready', status: 'True' }],
    },
  } as Resource;
}

function endpointSlice(service: Resource, pods: readonly Pod[]): Resource[] {
  if (service.kind !== 'Service' || service.spec?.selector === undefined) return [];
  const namespace = service.metadata.namespace ?? 'default';
  const { name } = service.metadata;
  const selected = pods.filter(
    (pod) => pod.namespace === namespace && servicesOf([service], namespace, pod.labels).length > 0,
  );
  const first = selected[0];
  if (!first) return [];
  return [
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name: `${name}-1`, namespace, labels: { 'kubernetes.io/service-name': name } },
      addressType: 'IPv4',
      endpoints: selected.map((pod) => ({
        addresses: [pod.address],
        conditions: { ready: true },
        targetRef: { kind: 'Pod', name: pod.name, namespace },
      })),
      ports: (service.spec.ports as ServicePort[]).map((port) => ({
        name: port.name ?? '',
        protocol: 'TCP',
        port: first.ports.find(({ name, number }) => name === port.name || number === (port.targetPort ?? port.port))
          ?.number,
      })),
    } as unknown as Resource,
  ];
}

function sidecarResource(pod: Pod, realPort: (port: PodPort) => number): Resource {
  const ingress = pod.ports.map((port) => ({
    port: { number: port.number, name: port.name, protocol: port.protocol },
    bind: pod.address,
    captureMode: 'NONE',
    defaultEndpoint: `127.0.0.1:${realPort(port)}`,
  }));
  return {
    apiVersion: 'networking.istio.io/v1beta1',
    kind: 'Sidecar',
    metadata: { name: pod.name, namespace: pod.namespace },
    spec: {
      workloadSelector: { labels: { [podLabel]: pod.name } },
      ...(ingress.length > 0 ? { ingress } : {}),
      egress: [pod.captured ? { hosts: ['*/*'] } : { bind: pod.outbound, captureMode: 'NONE', hosts: ['*/*'] }],
    },
  };
}

/** Where the sidecar of a captured pod takes outbound connections. */
export const capturePort = 15_001;

/**
 * Stands in for iptables: the sidecar has the very listeners that it has in a cluster, and learns which address the
 * application dialled from a PROXY protocol header instead of the kernel. Each mesh has addresses of its own to listen on.
 */
function capturing(pod: Pod): Resource {
  const listener = (name: string, context: string, patch: object): object => ({
    applyTo: 'LISTENER',
    match: { context, listener: { name } },
    patch,
  });
  return {
    apiVersion: 'networking.istio.io/v1alpha3',
    kind: 'EnvoyFilter',
    metadata: { name: `${pod.name}-capture`, namespace: pod.namespace },
    spec: {
      workloadSelector: { labels: { [podLabel]: pod.name } },
      configPatches: [
        listener('virtualOutbound', 'SIDECAR_OUTBOUND', {
          operation: 'MERGE',
          value: {
            address: { socket_address: { address: pod.outbound, port_value: capturePort } },
            listener_filters: [
              {
                name: 'envoy.filters.listener.proxy_protocol',
                typed_config: {
                  '@type': 'type.googleapis.com/envoy.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol',
                },
              },
            ],
          },
        }),
        listener('virtualInbound', 'SIDECAR_INBOUND', { operation: 'REMOVE' }),
      ],
    },
  };
}

const plaintext: Resource = {
  apiVersion: 'security.istio.io/v1beta1',
  kind: 'PeerAuthentication',
  metadata: { name: 'harness-plaintext', namespace: 'istio-system' },
  spec: { mtls: { mode: 'DISABLE' } },
};

function remove(applyTo: 'HTTP_FILTER' | 'NETWORK_FILTER', filter: object): object {
  return { applyTo, match: { listener: { filterChain: { filter } } }, patch: { operation: 'REMOVE' } };
}

const withoutIstioFilters: Resource = {
  apiVersion: 'networking.istio.io/v1alpha3',
  kind: 'EnvoyFilter',
  metadata: { name: 'harness-without-istio-filters', namespace: 'istio-system' },
  spec: {
    configPatches: [
      remove('HTTP_FILTER', {
        name: 'envoy.filters.network.http_connection_manager',
        subFilter: { name: 'istio.alpn' },
      }),
      // Until 1.19.
      remove('NETWORK_FILTER', { name: 'istio_authn' }),
    ],
  },
};

function withClusterIp(resource: Resource, index: number): Resource {
  if (resource.kind !== 'Service' || resource.spec?.clusterIP !== undefined) return resource;
  return {
    ...resource,
    spec: { ...resource.spec, clusterIP: `10.96.${Math.floor(index / 250)}.${(index % 250) + 1}` },
  };
}
