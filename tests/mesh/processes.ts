import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';

/**
 * Runs the command given to it, and kills it as soon as standard input closes: a proxy that has no such manners of its own
 * dies with the test, even when the test is killed without a chance to clean up.
 */
const leash = 'exec 3<&0; (cat <&3; kill -9 $$) >/dev/null 2>&1 & exec "$@" </dev/null 3<&-';

const running = new Set<ChildProcessWithoutNullStreams>();

process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));

export interface Running {
  readonly child: ChildProcessWithoutNullStreams;
  /** Everything on standard error, and on standard output when the process is on the leash. */
  log(): string;
  stop(): Promise<void>;
}

/** Starts a process that ends with this one. On the leash its standard input is not available to the caller. */
export function start(
  command: string,
  args: readonly string[],
  options: { leash?: boolean; env?: Readonly<Record<string, string>>; cwd?: string } = {},
): Running {
  const line = options.leash ? ['sh', '-c', leash, 'sh', command, ...args] : [command, ...args];
  const child = spawn(line[0]!, line.slice(1), {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: process.env['HOME'] ?? '',
      TMPDIR: process.env['TMPDIR'] ?? '/tmp',
      ...options.env,
    },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  running.add(child);
  const chunks: string[] = [];
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => {
      running.delete(child);
      resolve();
    });
    child.once('error', (error) => {
      chunks.push(String(error));
      running.delete(child);
      resolve();
    });
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => chunks.push(text));
  if (options.leash) child.stdout.setEncoding('utf8').on('data', (text: string) => chunks.push(text));
  child.stdin.on('error', () => {}); // the process may end before it has read everything
  return {
    child,
    log: () => chunks.join(''),
    stop: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** Runs a process to its end: what it wrote, and its exit code. */
export async function finish(
  command: string,
  args: readonly string[],
  options: { input?: string; env?: Readonly<Record<string, string>>; timeoutMs?: number; cwd?: string } = {},
): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }> {
  const { child, log } = start(command, args, options);
  const stdout: string[] = [];
  child.stdout.setEncoding('utf8').on('data', (text: string) => stdout.push(text));
  const timer = setTimeout(() => child.kill('SIGKILL'), options.timeoutMs ?? 60_000);
  child.stdin.end(options.input ?? '');
  const code = await new Promise<number | null>((resolve) => {
    child.once('close', resolve);
    child.once('error', () => resolve(null));
  });
  clearTimeout(timer);
  return { code, stdout: stdout.join(''), stderr: log() };
}

/** Asks again and again until there is an answer; the last error is the reason when there is none in time. */
export async function eventually<T>(what: string, ask: () => Promise<T>, timeoutMs = 20_000): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (Date.now() > deadline) throw new Error(`${what}: not within ${timeoutMs} ms: ${(error as Error).message}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
