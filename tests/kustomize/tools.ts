/** Builds the kustomize that the tests run on, into the git-ignored folder .tools, once. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url));
const release = 'v5.8.2';
const folder = join(root, '.tools', 'kustomize');
export const kustomizeBinary = join(folder, 'kustomize');

/** @throws Error that says what is missing */
export function buildKustomize(): void {
  if (existsSync(kustomizeBinary)) return;
  if (spawnSync('go', ['version']).status !== 0)
    throw new Error(`Go is missing, and kustomize ${release} is built with it: install it from https://go.dev/dl/`);
  process.stderr.write(`kustomize ${release}: building\n`);
  const target = `sigs.k8s.io/kustomize/kustomize/v5@${release}`;
  const { status, stderr } = spawnSync('go', ['install', target], {
    env: { ...process.env, GOBIN: folder, GOFLAGS: '' },
    encoding: 'utf8',
    timeout: 15 * 60_000,
  });
  if (status !== 0) throw new Error(`go install ${target} failed:\n${stderr}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) buildKustomize();
