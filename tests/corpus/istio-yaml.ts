// Istio's own YAML, out of the Go module cache, and go-yaml's verdict on each file.
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const istio = 'istio.io/istio@v0.0.0-20260827124520-eed52ebb66ad';

/** A temporary folder with all `.yaml` files of Istio, by their paths; and those paths, sorted. */
export function copyIstioYaml(): { readonly folder: string; readonly files: readonly string[] } {
  const answer = execFileSync('go', ['mod', 'download', '-json', istio], { cwd: tmpdir(), encoding: 'utf8' });
  const { Dir: source } = JSON.parse(answer) as { readonly Dir: string };
  const folder = join(mkdtempSync(join(tmpdir(), 'meshmend-corpus-')), 'in');
  const files = filesBelow(source).filter((path) => path.endsWith('.yaml'));
  for (const file of files) {
    const target = join(folder, file);
    mkdirSync(dirname(target), { recursive: true });
    cpSync(join(source, file), target);
    chmodSync(target, 0o644); // the module cache is read-only
  }
  return { folder, files };
}

/** All regular files below a folder, relative to it, sorted. */
export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

/** What go-yaml, the reader of Kubernetes, reads: the documents of each file that it takes. */
export function readByGo(folder: string, files: readonly string[]): ReadonlyMap<string, readonly unknown[]> {
  const program = fileURLToPath(new URL('go-yaml/', import.meta.url));
  const binary = join(dirname(folder), 'go-yaml');
  execFileSync('go', ['build', '-o', binary, '.'], { cwd: program, stdio: ['ignore', 'inherit', 'inherit'] });
  const options = { cwd: folder, input: files.join('\n'), encoding: 'utf8', maxBuffer: 1 << 30 } as const;
  const lines = execFileSync(binary, options).split('\n');
  const read = files.map((file, index) => [file, lines[index] ?? ''] as const).filter(([, line]) => line !== '');
  return new Map(read.map(([file, line]) => [file, JSON.parse(line)]));
}
