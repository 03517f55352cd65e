import { createInterface } from 'node:readline';
import { finish, type Running, start } from './processes.ts';
import { type Istio, istioBinary } from './versions.ts';

/** What an install resource gives to istiod. */
export interface Installation {
  readonly source: string;
  readonly revision: string;
  readonly env: Readonly<Record<string, string>>;
  /** Text of the mesh config. */
  readonly mesh: string;
}

/** What the API server and the webhook say of one resource. */
export interface Verdict {
  readonly file: string;
  readonly document: number;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
}

/** What an analyzer says. */
export interface Message {
  readonly file: string;
  readonly code: string;
  readonly level: 'Error' | 'Warning' | 'Info';
  readonly resource: string;
  readonly text: string;
}

/** A pod as it runs after the injector's webhooks. */
export interface InjectedPod {
  readonly workload: string;
  /** Empty when no webhook selects the pod. */
  readonly webhook: string;
  readonly revision: string;
  readonly pod: PodObject;
}

export interface PodObject {
  readonly metadata: { readonly annotations?: Record<string, string>; readonly labels?: Record<string, string> };
  readonly spec: { readonly containers: readonly Container[]; readonly initContainers?: readonly Container[] };
}

export interface Container {
  readonly name: string;
  readonly restartPolicy?: string;
  readonly lifecycle?: unknown;
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
}

/** Reads the install resource, else gives the chart's default installation. */
export async function readInstallation(istio: Istio, manifests: string): Promise<Installation> {
  const { installations } = await answer<{ installations: Installation[] }>(istio, 'install', { input: manifests });
  return installations[0]!;
}

export async function validate(istio: Istio, files: readonly string[]): Promise<readonly Verdict[]> {
  return (await answer<{ resources: Verdict[] }>(istio, 'validate', { files })).resources;
}

export async function analyze(istio: Istio, files: readonly string[]): Promise<readonly Message[]> {
  return (await answer<{ messages: Message[] }>(istio, 'analyze', { files })).messages;
}

/** The pods of every workload, as the injector that the manifests install would make them. */
export async function inject(istio: Istio, manifests: string): Promise<readonly InjectedPod[]> {
  const { env } = await readInstallation(istio, manifests);
  return (await answer<{ pods: InjectedPod[] }>(istio, 'inject', { input: manifests, env })).pods;
}

async function answer<T>(
  istio: Istio,
  command: string,
  options: { files?: readonly string[]; input?: string; env?: Readonly<Record<string, string>> },
): Promise<T> {
  const { code, stdout, stderr } = await finish(istioBinary(istio), [command, ...(options.files ?? [])], options);
  if (code !== 0) throw new Error(`istiod ${command} (Istio ${istio.minor}) failed:\n${stderr}`);
  return JSON.parse(stdout) as T;
}

export interface Discovery {
  readonly port: number;
  /** By namespace/name: what the injector would pass to each Pod as PROXY_CONFIG. */
  readonly proxyConfigs: Readonly<Record<string, ProxyConfig>>;
  readonly process: Running;
}

export interface ProxyConfig {
  readonly proxyMetadata?: Readonly<Record<string, string>>;
}

/** Starts the discovery server. It ends with an error where a cluster would refuse one of the manifests. */
export async function serve(
  istio: Istio,
  request: { address: string; manifests: string; mesh: string },
  env: Readonly<Record<string, string>>,
): Promise<Discovery> {
  const process = start(istioBinary(istio), ['serve'], { env });
  process.child.stdin.write(`${JSON.stringify(request)}\n`);
  const line = await new Promise<string | undefined>((resolve) => {
    createInterface({ input: process.child.stdout }).once('line', resolve);
    process.child.once('close', () => resolve(undefined));
    process.child.once('error', () => resolve(undefined));
    setTimeout(() => resolve(undefined), 30_000).unref();
  });
  if (line === undefined) {
    await process.stop();
    throw new Error(`istiod (Istio ${istio.minor}) does not serve:\n${process.log()}`);
  }
  return { ...(JSON.parse(line) as { port: number; proxyConfigs: Record<string, ProxyConfig> }), process };
}
