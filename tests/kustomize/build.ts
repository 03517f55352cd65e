import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Json } from '../../src/manifest/node.ts';
import { readDocuments } from '../../src/manifest/read.ts';
import { buildKustomize, kustomizeBinary, root } from './tools.ts';

buildKustomize();
// The functions run the bundle, as users' do: let it be today's.
const bundling = spawnSync(process.execPath, ['build.mjs'], { cwd: root, encoding: 'utf8' });
if (bundling.status !== 0) throw new Error(`the bundle cannot be built:\n${bundling.stderr}`);

export const bundle = join(root, 'dist/meshmend.cjs');
export const bothFlags = ['--enable-alpha-plugins', '--enable-exec'];

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly input?: string;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a program to its end. */
export function run(command: string, args: readonly string[], { input = '', cwd, env }: RunOptions = {}): Outcome {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    input,
    ...(cwd !== undefined && { cwd }),
    env: { ...process.env, ...env },
    encoding: 'utf8',
    timeout: 120_000,
    maxBuffer: 1 << 28,
  });
  if (error) throw error;
  return { code: status, stdout, stderr };
}

export function meshmend(args: readonly string[], options?: RunOptions): Outcome {
  return run(process.execPath, [bundle, ...args], options);
}

export function kustomize(folder: string, flags: readonly string[] = bothFlags, options?: RunOptions): Outcome {
  return run(kustomizeBinary, ['build', ...flags, folder], options);
}

/** Calls `test` with a new folder of the files given, and removes it. */
export function withFiles<T>(files: Readonly<Record<string, string>>, test: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'meshmend-kustomize-'));
  try {
    for (const [name, text] of Object.entries(files)) {
      const path = join(folder, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
      if (text.startsWith('#!')) chmodSync(path, 0o755);
    }
    return test(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The values of a stream's documents. */
export function valuesOf(text: string): Json[] {
  return readDocuments({ path: 'output', text }).map(({ value }) => value);
}

export interface ConfigOptions {
  readonly name?: string;
  readonly function?: string;
  readonly mode?: string;
}

/** A MeshRemedies that runs the bundle as an exec function. */
export function config(intents: string, options: ConfigOptions = {}): string {
  const { name = 'shop', mode = 'rewrite' } = options;
  const run = options.function ?? `exec: {path: ${JSON.stringify(process.execPath)}, args: [${bundle}, krm]}`;
  return `apiVersion: meshmend.dev/v1alpha1
kind: MeshRemedies
metadata:
  name: ${name}
  annotations:
    config.kubernetes.io/function: |
      ${run}
spec:
  istioVersion: "1.27"
  mode: ${mode}
  intents: ${intents}
`;
}

export const routes = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: reviews
spec:
  hosts: [reviews]
  http:
  - route:
    - destination: {host: reviews}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
data:
  DEBUG: "on"
  ZIP: "0123"
  RATIO: "1.0"
  ANSWER: "n"
`;
