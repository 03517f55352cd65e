import { type ChildProcess, spawn } from 'node:child_process';
import { InputError } from '../errors.ts';
import { decoded } from '../files/decode.ts';

/** A tool that renders a folder. */
export interface Tool {
  readonly command: 'kustomize' | 'helm';
  readonly args: readonly string[];
  /** The file that asks for it, as errors name it. */
  readonly because: string;
}

const signals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/**
 * Runs a tool in the current folder.
 *
 * It leads a process group of its own, so that all that it started can be ended with it: after the timeout, and when
 * Argo CD ends us.
 *
 * @param timeoutMs - after this time the group is killed, so that there is still time to say so
 * @returns what the tool printed; `warnings` is its standard error
 * @throws InputError when it is missing, fails, takes too long or prints what is not UTF-8
 */
export function runTool(
  tool: Tool,
  timeoutMs: number,
): Promise<{ readonly output: string; readonly warnings: string }> {
  const { command, args } = tool;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    const output: Buffer[] = [];
    let warnings = '';
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      warnings += chunk;
    });
    const finish = (): void => {
      clearTimeout(timer);
      for (const signal of signals) process.off(signal, endWith);
    };
    const endWith = (signal: NodeJS.Signals): void => {
      finish();
      killGroup(child);
      process.kill(process.pid, signal);
    };
    for (const signal of signals) process.on(signal, endWith);
    const timer = setTimeout(() => {
      finish();
      killGroup(child);
      // Who has left the group may keep the pipes open.
      child.stdout.destroy();
      child.stderr.destroy();
      child.unref();
      const hint = 'raise the plugin parameter timeout and the time-outs of Argo CD above it';
      reject(new InputError(`${shown(tool)} took longer than ${timeoutMs / 1000} s`, { hint }));
    }, timeoutMs);
    child.once('error', (error: NodeJS.ErrnoException) => {
      finish();
      reject(error.code === 'ENOENT' ? missing(tool) : new InputError(`${command} cannot run: ${error.message}`));
    });
    child.once('close', (code, signal) => {
      finish();
      if (code !== 0) reject(failed(tool, signal === null ? `exit status ${code}` : `signal ${signal}`, warnings));
      else
        try {
          resolve({ output: decoded(shown(tool), Buffer.concat(output)), warnings });
        } catch (error) {
          reject(error);
        }
    });
  });
}

function killGroup(child: ChildProcess): void {
  try {
    process.kill(-child.pid!, 'SIGKILL');
  } catch {
    child.kill('SIGKILL'); // no process groups on Windows
  }
}

function missing({ command, because }: Tool): InputError {
  const hint = 'add it to the image of the plugin sidecar, as examples/argocd/Dockerfile does';
  return new InputError(`${because} needs ${command}, which is not on PATH`, { hint });
}

/** The first line says why, as far as the tool says it on one; the rest follows. */
function failed(tool: Tool, how: string, stderr: string): InputError {
  // The folder's name is a random one that Argo CD made up.
  const lines = stderr.replaceAll(`${process.cwd()}/`, '').replaceAll(process.cwd(), '.').trim().split('\n');
  const reason = lines.find((line) => /^error/i.test(line)) ?? lines.find((line) => line.trim() !== '') ?? how;
  const message = `${shown(tool)} failed: ${reason.replace(/^error:\s*/i, '')}`;
  return new InputError(
    message,
    lines.length > 1 ? { hint: `all that ${tool.command} said is below`, details: lines.join('\n') } : {},
  );
}

function shown({ command, args }: Tool): string {
  return `${command} ${args[0]}`;
}
