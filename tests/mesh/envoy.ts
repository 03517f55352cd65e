import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ProxyConfig } from './istiod.ts';
import { eventually, finish, start } from './processes.ts';
import { envoyBinary, type Istio } from './versions.ts';

export interface RunningEnvoy {
  readonly address: string;
  /** One page of the admin interface. */
  admin(path: string): Promise<string>;
  /** Ends the process; throws when it has ever rejected what istiod sent. */
  stop(): Promise<void>;
}

export interface ProxyIdentity {
  readonly type: 'sidecar' | 'router';
  readonly address: string;
  readonly captured: boolean;
  readonly namespace: string;
  readonly pod: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly proxyConfig: ProxyConfig;
  readonly locality?: { readonly region: string; readonly zone: string };
}

const adminPort = 15_000;
const metaPrefix = 'ISTIO_META_';

/** Starts a proxy as pilot-agent would, and waits until it has taken its whole configuration. */
export async function startEnvoy(
  istio: Istio,
  identity: ProxyIdentity,
  istiod: { readonly address: string; readonly port: number },
): Promise<RunningEnvoy> {
  const folder = mkdtempSync(join(tmpdir(), 'meshmend-envoy-'));
  const file = join(folder, 'bootstrap.json');
  writeFileSync(file, JSON.stringify(bootstrap(istio, identity, istiod)));
  const args = ['-c', file, '--disable-hot-restart', '--concurrency', '1', '--log-level', 'warning'];
  const process = start(envoyBinary, args, { leash: true });
  const admin = (path: string): Promise<string> => fetchPage(identity.address, adminPort, path);
  const stop = async (): Promise<void> => {
    await process.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  const nacks = (): readonly string[] =>
    process
      .log()
      .split('\n')
      .filter((line) => line.includes('rejected'));
  const refuseNack = (): void => {
    if (nacks().length > 0) throw new Error(`${identity.pod}: Envoy rejects what istiod sends:\n${nacks().join('\n')}`);
  };
  try {
    await eventually(`Envoy of ${identity.pod} is live`, async () => {
      if (process.child.exitCode !== null || nacks().length > 0) return;
      const state = await admin('/ready');
      if (!state.startsWith('LIVE')) throw new Error(`${state}${process.log()}`);
    });
    refuseNack();
    if (process.child.exitCode !== null) throw new Error(`Envoy of ${identity.pod} ends:\n${process.log()}`);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    address: identity.address,
    admin,
    stop: async () => {
      await stop();
      refuseNack();
    },
  };
}

/** The release of the Envoy that is used, such as `1.40.0`. */
export async function envoyVersion(): Promise<string> {
  const { stdout } = await finish(envoyBinary, ['--version']);
  return /\/(\d+\.\d+\.\d+)/.exec(stdout)?.[1] ?? 'unknown';
}

function bootstrap(istio: Istio, identity: ProxyIdentity, istiod: { address: string; port: number }): object {
  const metadata: Record<string, unknown> = {
    CLUSTER_ID: 'Kubernetes',
    INSTANCE_IPS: identity.address,
    ISTIO_VERSION: istio.version,
    LABELS: identity.labels,
    ANNOTATIONS: identity.annotations,
    NAME: identity.pod,
    NAMESPACE: identity.namespace,
    PROXY_CONFIG: identity.proxyConfig,
  };
  // A sidecar whose traffic no iptables redirect binds the real ports itself.
  if (identity.type === 'sidecar') metadata['INTERCEPTION_MODE'] = identity.captured ? 'REDIRECT' : 'NONE';
  for (const [name, value] of Object.entries(identity.proxyConfig.proxyMetadata ?? {})) {
    if (name.startsWith(metaPrefix)) metadata[name.slice(metaPrefix.length)] = value;
  }
  const http2 = {
    'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': {
      '@type': 'type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions',
      explicit_http_config: { http2_protocol_options: {} },
    },
  };
  // Istio's own bootstrap has these two beside its discovery server, and its configuration refers to them.
  const elsewhere = ['prometheus_stats', 'agent'].map((name) => staticCluster(name, { address: '127.0.0.1', port: 9 }));
  return {
    node: {
      id: `${identity.type}~${identity.address}~${identity.pod}.${identity.namespace}~${identity.namespace}.svc.cluster.local`,
      cluster: `${identity.pod}.${identity.namespace}`,
      metadata,
      ...(identity.locality ? { locality: identity.locality } : {}),
    },
    admin: { address: socketAddress({ address: identity.address, port: adminPort }) },
    dynamic_resources: {
      lds_config: { ads: {}, resource_api_version: 'V3' },
      cds_config: { ads: {}, resource_api_version: 'V3' },
      ads_config: {
        api_type: 'GRPC',
        transport_api_version: 'V3',
        grpc_services: [{ envoy_grpc: { cluster_name: 'xds-grpc' } }],
      },
    },
    static_resources: {
      clusters: [{ ...staticCluster('xds-grpc', istiod), typed_extension_protocol_options: http2 }, ...elsewhere],
    },
  };
}

function staticCluster(name: string, at: { address: string; port: number }): object {
  return {
    name,
    type: 'STATIC',
    connect_timeout: '5s',
    load_assignment: {
      cluster_name: name,
      endpoints: [{ lb_endpoints: [{ endpoint: { address: socketAddress(at) } }] }],
    },
  };
}

function socketAddress({ address, port }: { address: string; port: number }): object {
  return { socket_address: { address, port_value: port } };
}

function fetchPage(address: string, port: number, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = get({ host: address, port, path, timeout: 5_000, agent: false }, (response) => {
      const chunks: string[] = [];
      response.setEncoding('utf8').on('data', (text: string) => chunks.push(text));
      response.on('end', () => resolve(chunks.join('')));
      response.on('error', reject);
    });
    request.on('timeout', () => request.destroy(new Error(`${path}: no answer`))).on('error', reject);
  });
}
