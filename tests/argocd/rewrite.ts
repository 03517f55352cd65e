import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { loadAll } from 'js-yaml';
import { program } from './binaries.ts';
import type { Application } from './client.ts';

/** A manifest as an object. */
export type Manifest = Readonly<Record<string, unknown>>;

/** What `meshmend rewrite` makes of an application's folder or of a stream, Lists expanded. */
export function rewritten(application: Application, flags: readonly string[], render?: readonly string[]): Manifest[] {
  const home = mkdtempSync(join(tmpdir(), 'meshmend-rewrite-'));
  try {
    for (const [name, text] of Object.entries(application.repository)) {
      mkdirSync(dirname(join(home, name)), { recursive: true });
      writeFileSync(join(home, name), text);
    }
    const cwd = join(home, application.path ?? '.');
    const [command, ...args] = render ?? [];
    const input = command === undefined ? undefined : run(command, args, cwd);
    const path = input === undefined ? '.' : '-';
    return manifestsOf(run(process.execPath, [program, 'rewrite', path, ...flags], cwd, input));
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

function run(command: string, args: readonly string[], cwd: string, input?: string): string {
  const options = { cwd, encoding: 'utf8', ...(input !== undefined && { input }) } as const;
  const { status, stdout, stderr } = spawnSync(command, args, options);
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`);
  return stdout;
}

/** The objects of a stream; Lists are expanded, as Argo CD needs them. */
export function manifestsOf(stream: string): Manifest[] {
  const expand = (manifest: Manifest): Manifest[] =>
    manifest['kind'] === 'List' ? (manifest['items'] as Manifest[]).flatMap(expand) : [manifest];
  return loadAll(stream)
    .filter((manifest) => manifest !== null && manifest !== undefined)
    .flatMap((manifest) => expand(manifest as Manifest));
}
