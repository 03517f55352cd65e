/**
 * Builds what the Argo CD tests run into the git-ignored folder .tools: Argo CD's plugin server, and kustomize and helm where the
 * machine has none. What is newer than its sources is left alone.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { serverBinary, toolPath } from './binaries.ts';

const sources = fileURLToPath(new URL('server/', import.meta.url));
const goEnvironment = { ...process.env, GOFLAGS: '-buildvcs=false' };

const tools = [
  { command: 'kustomize', module: 'sigs.k8s.io/kustomize/kustomize/v5@v5.8.0' },
  { command: 'helm', module: 'helm.sh/helm/v3/cmd/helm@v3.19.0' },
];

function isUpToDate(): boolean {
  if (!existsSync(serverBinary)) return false;
  const built = statSync(serverBinary).mtimeMs;
  return readdirSync(sources).every((file) => statSync(join(sources, file)).mtimeMs <= built);
}

function go(args: readonly string[], options: { cwd?: string; env?: NodeJS.ProcessEnv } = {}): void {
  const { status } = spawnSync('go', args, { env: goEnvironment, ...options, stdio: 'inherit' });
  if (status !== 0) throw new Error(`go ${args.join(' ')} failed`);
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

function needGo(): void {
  const { stdout } = spawnSync('go', ['version'], { encoding: 'utf8' });
  if (/go1\.(2[5-9]|[3-9]\d)/.test(stdout ?? '')) return;
  say('Go 1.25 or later is missing (`go version`): install it from https://go.dev/dl/');
  process.exit(1);
}

mkdirSync(dirname(serverBinary), { recursive: true });
if (isUpToDate()) say('argocd-cmp-server: up to date');
else {
  needGo();
  say('argocd-cmp-server: building; the first time it takes about 10 minutes');
  go(['build', '-trimpath', '-ldflags=-s -w', '-o', `${serverBinary}.new`, '.'], { cwd: sources });
  renameSync(`${serverBinary}.new`, serverBinary);
}
for (const { command, module } of tools) {
  const there = toolPath(command);
  if (there !== undefined) say(`${command}: ${there}`);
  else {
    needGo();
    say(`${command}: building`);
    const env = { ...goEnvironment, GOBIN: dirname(serverBinary) };
    go(['install', '-trimpath', '-ldflags=-s -w', module], { env });
  }
}
