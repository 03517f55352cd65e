import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';

/** What one run of a program took. */
export interface Cost {
  readonly wallMs: number;
  /** User and system time of the process and its children; NaN where GNU time is missing. */
  readonly cpuMs: number;
  /** Peak resident memory of the largest process; NaN where GNU time is missing. */
  readonly peakMib: number;
}

export interface Run {
  readonly command: readonly string[];
  readonly cwd: string;
  /** Where standard output goes. */
  readonly output: string;
  /** A run that takes longer is ended and counts as `undefined`. */
  readonly limitMs: number;
}

const time = '/usr/bin/time';
const hasTime = existsSync(time);

/** Runs a program once; undefined when it failed or took too long. */
export async function measure({ command, cwd, output, limitMs }: Run): Promise<Cost | undefined> {
  const usage = `${output}.usage`;
  const [program, ...args] = hasTime ? [time, '-f', '%U %S %M', '-o', usage, ...command] : command;
  // The program writes to the file itself, so that no pipe through this process slows it down.
  const stdout = openSync(output, 'w');
  const stderr = openSync(`${output}.err`, 'w');
  const begin = performance.now();
  const status = await new Promise<number | null>((resolve) => {
    // A group of its own, so that a program that takes too long ends together with the `time` around it.
    const child = spawn(program as string, args, { cwd, stdio: ['ignore', stdout, stderr], detached: true });
    const timer = setTimeout(() => process.kill(-child.pid!, 'SIGKILL'), limitMs);
    child.on('error', () => resolve(null));
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve(code);
    });
  });
  const wallMs = performance.now() - begin;
  closeSync(stdout);
  closeSync(stderr);
  if (status !== 0) {
    console.error(`${command.join(' ')}\n${readFileSync(`${output}.err`, 'utf8').slice(-500)}`);
    return undefined;
  }
  if (!hasTime) return { wallMs, cpuMs: Number.NaN, peakMib: Number.NaN };
  const [user = 0, system = 0, kib = 0] = readFileSync(usage, 'utf8').trim().split(/\s+/).map(Number);
  return { wallMs, cpuMs: (user + system) * 1000, peakMib: kib / 1024 };
}

/** The run in the middle by each measure; undefined when none came to an end. */
export function median(costs: readonly Cost[]): Cost | undefined {
  if (costs.length === 0) return undefined;
  const middle = (pick: (cost: Cost) => number): number =>
    costs.map(pick).sort((a, b) => a - b)[Math.floor(costs.length / 2)] as number;
  return {
    wallMs: middle(({ wallMs }) => wallMs),
    cpuMs: middle(({ cpuMs }) => cpuMs),
    peakMib: middle(({ peakMib }) => peakMib),
  };
}
