import { parse, stringify } from 'yaml';
import { type Application, type Behaviour, type Received, startApplication } from './application.ts';
import { call, type Place, type Request, type Response, send } from './client.ts';
import { apiServerContents, capturePort, type Pod, parseManifests, schedule } from './cluster.ts';
import { type RunningEnvoy, startEnvoy } from './envoy.ts';
import { readInstallation, serve } from './istiod.ts';
import { claimLoopback } from './loopback.ts';
import type { Istio } from './versions.ts';

/** A running mesh: istiod, one Envoy and one application for each pod. Workloads are named namespace/name. */
export interface Mesh {
  /** One request through the proxy of a workload: a client's sidecar, or a gateway. */
  send(from: string, port: number, request: Request): Promise<Response>;
  /** One request that a captured workload's application sends to an address: see `captureLabel`. */
  dial(from: string, to: Place, request: Request): Promise<Response>;
  /** The addresses of a workload's pods, as DNS gives them for a headless Service. */
  addresses(workload: string): readonly string[];
  /** One request from a client without a sidecar, straight to the first pod of a workload. */
  sendToPod(workload: string, port: number, request: Request): Promise<Response>;
  /** One gRPC call through the proxy of a workload. */
  call(from: string, port: number, request: { host: string; path?: string }): ReturnType<typeof call>;
  /** What the applications of a workload's pods have seen so far. */
  received(workload: string): readonly Received[];
  /** One page of the admin interface of a workload's proxy. */
  admin(workload: string, path: string): Promise<string>;
  /** What the proxy of a workload runs with: the resources of one type in its config_dump. */
  configured(
    workload: string,
    resource: 'dynamic_active_clusters' | 'dynamic_listeners' | 'dynamic_route_configs',
  ): Promise<string>;
}

/** istiod's own filters are not in a plain Envoy. */
const plainEnvoyEnv = { PILOT_ENABLE_METADATA_EXCHANGE: 'false', PILOT_ENABLE_TELEMETRY_LABEL: 'false' };
const plainEnvoyMesh = { enableAutoMtls: false, defaultProviders: {}, enablePrometheusMerge: false };

/**
 * Runs a mesh with what the manifests say, does the work in it, and ends every process of it whatever happens.
 * It fails where a cluster would refuse a manifest, and when a proxy rejects what istiod sends.
 */
export async function withMesh<T>(
  istio: Istio,
  manifests: string,
  applications: Readonly<Record<string, Behaviour>>,
  work: (mesh: Mesh) => Promise<T>,
): Promise<T> {
  const ends: (() => unknown)[] = [];
  const outcome = await startMesh(istio, manifests, applications, ends)
    .then(work)
    .then(
      (result) => ({ result }),
      (error: unknown) => ({ error }),
    );
  // Everything ends before anything is told: a proxy that tells of a rejection on its way out must not save the others.
  const ended = await Promise.allSettled(ends.reverse().map(async (end) => end()));
  if ('error' in outcome) throw outcome.error;
  for (const each of ended) if (each.status === 'rejected') throw each.reason;
  return outcome.result;
}

async function startMesh(
  istio: Istio,
  manifests: string,
  behaviours: Readonly<Record<string, Behaviour>>,
  ends: (() => unknown)[],
): Promise<Mesh> {
  const loopback = await claimLoopback();
  ends.push(loopback.release);

  const resources = parseManifests(manifests);
  const pods = schedule(resources, loopback);
  const applications = new Map<string, Application>();
  const realPorts = new Map<string, number>();
  for (const pod of pods) {
    const application = startApplication(pod.name, behaviours[pod.workload]);
    ends.push(application.stop);
    applications.set(pod.name, application);
    for (const port of pod.gateway ? [] : pod.ports) {
      const at = pod.sidecar ? { address: '127.0.0.1', port: 0 } : { address: pod.address, port: port.number };
      realPorts.set(`${pod.name}:${port.number}`, await application.listen(port, at));
    }
  }

  const installation = await readInstallation(istio, manifests);
  const contents = apiServerContents(resources, pods, (pod, port) => realPorts.get(`${pod.name}:${port.number}`)!);
  const discovery = await serve(
    istio,
    {
      address: loopback.istiod,
      manifests: contents.map((resource) => stringify(resource)).join('---\n'),
      mesh: stringify({ ...(parse(installation.mesh) ?? {}), ...plainEnvoyMesh }),
    },
    { ...installation.env, ...plainEnvoyEnv },
  );
  ends.push(() => discovery.process.stop());

  const proxies = new Map<string, RunningEnvoy>();
  const started = await Promise.allSettled(
    pods
      .filter(({ sidecar, gateway }) => sidecar || gateway)
      .map(async (pod) => {
        const proxy = await startEnvoy(
          istio,
          {
            type: pod.gateway ? 'router' : 'sidecar',
            address: pod.address,
            captured: pod.captured,
            namespace: pod.namespace,
            pod: pod.name,
            labels: pod.labels,
            annotations: pod.annotations,
            proxyConfig: discovery.proxyConfigs[`${pod.namespace}/${pod.name}`]!,
            ...(pod.locality ? { locality: pod.locality } : {}),
          },
          { address: loopback.istiod, port: discovery.port },
        );
        ends.push(proxy.stop);
        proxies.set(pod.name, proxy);
      }),
  );
  for (const each of started) if (each.status === 'rejected') throw each.reason;

  const podsOf = (workload: string): readonly Pod[] => {
    const found = pods.filter((pod) => pod.workload === workload);
    if (found.length === 0) throw new Error(`no workload ${workload} in the manifests`);
    return found;
  };
  const admin = (workload: string, path: string): Promise<string> =>
    proxies.get(podsOf(workload)[0]!.name)!.admin(path);
  const door = (workload: string, port: number) => ({ address: podsOf(workload)[0]!.outbound, port });
  return {
    send: (from, port, request) => send(door(from, port), request),
    dial: (from, to, request) => send(door(from, capturePort), request, to),
    addresses: (workload) => podsOf(workload).map(({ address }) => address),
    sendToPod: (workload, port, request) => send({ address: podsOf(workload)[0]!.address, port }, request),
    call: (from, port, request) => call(door(from, port), request),
    received: (workload) => podsOf(workload).flatMap(({ name }) => applications.get(name)?.received ?? []),
    admin,
    configured: (workload, resource) => admin(workload, `/config_dump?resource=${resource}`),
  };
}
