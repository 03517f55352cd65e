/** The real argocd-cmp-server with the plugin.yaml that we ship, in a place of its own, as the sidecar's container sets it up. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { program, root, serverBinary } from './binaries.ts';
import { connect, type PluginClient } from './client.ts';

export interface Sidecar extends PluginClient {
  /** What the server and, through it, the plugin's standard error wrote. */
  log(): string;
}

export interface SidecarOptions {
  /** Programs on the sidecar's PATH beside meshmend: a path, or the text of a shell script. */
  readonly tools?: Readonly<Record<string, string>>;
  /** Changes the plugin.yaml that is shipped. */
  readonly pluginYaml?: (text: string) => string;
}

const children = new Set<ChildProcess>();
const folders: string[] = [];
// The server only removes its socket on SIGTERM and goes on running.
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));

/** Starts a sidecar; it ends with this process. */
export async function startSidecar({ tools = {}, pluginYaml = (text) => text }: SidecarOptions = {}): Promise<Sidecar> {
  if (!existsSync(serverBinary)) throw new Error(`${serverBinary} is missing: run \`npm run tools\``);
  const home = mkdtempSync(join(tmpdir(), 'meshmend-cmp-'));
  folders.push(home);
  const place = (name: string): string => {
    const path = join(home, name);
    mkdirSync(path);
    return path;
  };
  const [bin, config, plugins, work] = [place('bin'), place('config'), place('plugins'), place('work')];
  writeTools(bin, tools);
  writeFileSync(
    join(config, 'plugin.yaml'),
    pluginYaml(readFileSync(join(root, 'examples/argocd/plugin.yaml'), 'utf8')),
  );
  const env = {
    PATH: bin,
    HOME: home,
    TMPDIR: work,
    ARGOCD_PLUGINSOCKFILEPATH: plugins,
    ARGOCD_CMP_WORKDIR: join(work, 'repositories'),
  };
  const args = ['--config-dir-path', config, '--loglevel', 'info'];
  const child = spawn(serverBinary, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  children.add(child);
  let log = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      log += text;
    });
  const socket = join(plugins, 'meshmend.sock');
  const deadline = Date.now() + 20_000;
  while (!existsSync(socket)) {
    if (child.exitCode !== null || Date.now() > deadline) throw new Error(`argocd-cmp-server did not start:\n${log}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const client = connect(socket);
  return {
    ...client,
    log: () => log,
    close: () => {
      client.close();
      child.kill('SIGKILL');
      child.stdout.destroy();
      child.stderr.destroy();
    },
  };
}

function writeTools(bin: string, tools: Readonly<Record<string, string>>): void {
  symlinkSync(process.execPath, join(bin, 'node'));
  script(join(bin, 'meshmend'), `exec node ${program} "$@"`);
  for (const [name, tool] of Object.entries(tools)) {
    if (existsSync(tool)) symlinkSync(tool, join(bin, name));
    else script(join(bin, name), tool);
  }
}

function script(path: string, text: string): void {
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, 0o755);
}

/** The program as users get it, built once. */
export function buildProgram(): void {
  execFileSync(process.execPath, ['build.mjs'], { cwd: root });
  if (!existsSync(program)) throw new Error(`${program} is missing`);
}
