import { spawn } from 'node:child_process';
import { InputError } from '../errors.ts';

/** A tool that renders a folder. */
export interface Tool {
  readonly command: 'kustomize' | 'helm';
  readonly args: readonly string[];
  /** The file that asks for it, as errors name it. */
  readonly because: string;
}

/**
 * Runs a tool in the current folder.
 *
 * Its own children stay in our process group, which Argo CD kills as a whole.
 *
 * @param timeoutMs - after this time the tool is killed, so that there is still time to say so
 * @returns what the tool printed; `warnings` is its standard error
 * @throws InputError when it is missing, fails or takes too long
 */
export function runTool(
  tool: Tool,
  timeoutMs: number,
): Promise<{ readonly output: string; readonly warnings: string }> {
  const { command, args, because } = tool;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const output: Buffer[] = [];
    let warnings = '';
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      warnings += chunk;
    });
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      // A grandchild may keep the pipes open.
      child.stdout.destroy();
      child.stderr.destroy();
      child.unref();
      const hint = 'raise the plugin parameter timeout and the time-outs of Argo CD above it';
      reject(new InputError(`${shown(tool)} took longer than ${timeoutMs / 1000} s`, { hint }));
    }, timeoutMs);
    child.once('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      reject(error.code === 'ENOENT' ? missing(tool) : new InputError(`${command} cannot run: ${error.message}`));
    });
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      if (code === 0) resolve({ output: Buffer.concat(output).toString(), warnings });
      else reject(failed(tool, signal === null ? `exit status ${code}` : `signal ${signal}`, warnings));
    });
  });

  function missing({ command }: Tool): InputError {
    const hint = 'add it to the image of the plugin sidecar, as examples/argocd/Dockerfile does';
    return new InputError(`${because} needs ${command}, which is not on PATH`, { hint });
  }
}

/** The first line says why, as far as the tool says it on one; the rest follows. */
function failed(tool: Tool, how: string, stderr: string): InputError {
  // The folder's name is a random one that Argo CD made up.
  const lines = stderr.replaceAll(`${process.cwd()}/`, '').replaceAll(process.cwd(), '.').trim().split('\n');
  const reason = lines.find((line) => /^error/i.test(line)) ?? lines.find((line) => line.trim() !== '') ?? how;
  const message = `${shown(tool)} failed: ${reason.replace(/^error:\s*/i, '')}`;
  return new InputError(
    message,
    lines.length > 1 ? { hint: `all that ${tool.command} said:\n${lines.join('\n')}` } : {},
  );
}

function shown({ command, args }: Tool): string {
  return `${command} ${args[0]}`;
}
