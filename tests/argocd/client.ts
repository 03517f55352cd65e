import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { type Client, credentials, loadPackageDefinition, type ServiceError } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { type Files, tarOf } from './tar.ts';

/** An application as the repo server hands it to a plugin. */
export interface Application {
  readonly name?: string;
  /** The whole repository, by path. */
  readonly repository: Files;
  /** The application's folder in it. */
  readonly path?: string;
  /** Variables as the repo server names them: `ARGOCD_APP_PARAMETERS`, `ARGOCD_ENV_…`. */
  readonly env?: Readonly<Record<string, string>>;
  readonly deadlineMs?: number;
}

export interface Announced {
  readonly name: string;
  readonly title: string;
  readonly tooltip: string;
  readonly itemType: string;
  readonly collectionType: string;
  readonly string: string;
  readonly array: readonly string[];
  readonly map: Readonly<Record<string, string>>;
}

/** What a repo server asks of a plugin server. Failures reject with the text that Argo CD's user interface shows. */
export interface PluginClient {
  check(): Promise<{ readonly isDiscoveryConfigured: boolean }>;
  match(application: Application): Promise<{ readonly isSupported: boolean; readonly isDiscoveryEnabled: boolean }>;
  parameters(application: Application): Promise<readonly Announced[]>;
  /** Each manifest as JSON. */
  generate(application: Application): Promise<readonly string[]>;
  close(): void;
}

const definition = loadSync(fileURLToPath(new URL('plugin.proto', import.meta.url)), {
  keepCase: true,
  defaults: true,
  longs: Number,
});

/** gRPC has no types here: this is the part of a generated stub that is used. */
interface Stub extends Client {
  CheckPluginConfiguration(request: object, options: object, done: Done): unknown;
  MatchRepository: StreamingCall;
  GenerateManifest: StreamingCall;
  GetParametersAnnouncement: StreamingCall;
}
type Done = (error: ServiceError | null, response: unknown) => void;
type StreamingCall = (options: object, done: Done) => { write(message: object): void; end(): void };

const chunkBytes = 64 * 1024;

/** Talks to the plugin server behind a socket, as the repo server does. */
export function connect(socket: string): PluginClient {
  const { plugin } = loadPackageDefinition(definition) as unknown as {
    plugin: { ConfigManagementPluginService: new (...args: unknown[]) => Stub };
  };
  const stub = new plugin.ConfigManagementPluginService(`unix:${socket}`, credentials.createInsecure());

  async function stream(
    method: 'MatchRepository' | 'GenerateManifest' | 'GetParametersAnnouncement',
    application: Application,
  ): Promise<unknown> {
    const { name = 'shop', repository, path = '.', env = {}, deadlineMs = 60_000 } = application;
    const archive = tarOf(repository);
    return new Promise((resolve, reject) => {
      const call = stub[method]({ deadline: Date.now() + deadlineMs }, (error, response) =>
        error ? reject(new Error(error.details)) : resolve(response),
      );
      call.write({
        metadata: {
          appName: name,
          appRelPath: path,
          checksum: createHash('sha256').update(archive).digest('hex'),
          size: archive.length,
          env: Object.entries({ ARGOCD_APP_NAME: name, ARGOCD_APP_SOURCE_PATH: path, ...env }).map(([key, value]) => ({
            name: key,
            value,
          })),
        },
      });
      for (let at = 0; at < archive.length; at += chunkBytes)
        call.write({ file: { chunk: archive.subarray(at, at + chunkBytes) } });
      call.end();
    });
  }

  return {
    check: () =>
      new Promise((resolve, reject) =>
        stub.CheckPluginConfiguration({}, { deadline: Date.now() + 5000 }, (error, response) =>
          error ? reject(new Error(error.details)) : resolve(response as { isDiscoveryConfigured: boolean }),
        ),
      ),
    match: async (application) =>
      (await stream('MatchRepository', application)) as { isSupported: boolean; isDiscoveryEnabled: boolean },
    parameters: async (application) =>
      ((await stream('GetParametersAnnouncement', application)) as { parameterAnnouncements: Announced[] })
        .parameterAnnouncements,
    generate: async (application) =>
      ((await stream('GenerateManifest', application)) as { manifests: string[] }).manifests,
    close: () => stub.close(),
  };
}
