import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A program that does the benchmark's work, or part of it. */
export interface Peer {
  readonly name: string;
  /** What it does, when that is not the edit of all the others. */
  readonly note?: string;
  /** The command that reads the file and prints the result. */
  command(file: string): readonly string[];
  /** The most documents that it is tried on, since it takes minutes for more. */
  readonly most: number;
}

export const meshmend = fileURLToPath(new URL('../../dist/meshmend.cjs', import.meta.url));

const edit =
  '(select(.kind == "VirtualService") | .spec.http[].retries.attempts) = 0 | ' +
  '(select(.kind == "DestinationRule") | .spec.trafficPolicy.connectionPool.http.http1MaxPendingRequests) = 1';

const patches = `patches:
  - target: {kind: VirtualService}
    patch: |
      - {op: add, path: /spec/http/0/retries, value: {attempts: 0}}
      - {op: add, path: /spec/http/1/retries, value: {attempts: 0}}
      - {op: add, path: /spec/http/2/retries, value: {attempts: 0}}
  - target: {kind: DestinationRule}
    patch: |
      - {op: add, path: /spec/trafficPolicy/connectionPool/http, value: {http1MaxPendingRequests: 1}}
`;

/** meshmend, and the peers that are on the PATH or in .tools/bin. */
export function findPeers(folder: string): Peer[] {
  const peers: Peer[] = [
    {
      name: 'meshmend',
      most: Number.POSITIVE_INFINITY,
      command: (file) => [
        process.execPath,
        meshmend,
        'rewrite',
        file,
        '--disable-retries',
        '--strict-circuit-breaking',
        '--set',
        'strict-circuit-breaking.pending=1',
        '--set',
        'disable-retries.emit=false',
      ],
    },
    {
      name: 'diagnose',
      note: 'meshmend, by all remedies: edits nothing',
      most: Number.POSITIVE_INFINITY,
      command: (file) => [process.execPath, meshmend, 'diagnose', '--fail-on', 'never', file],
    },
  ];
  const yq = find('yq', (version) => version.includes('mikefarah'));
  if (yq) peers.push({ name: 'yq', most: Number.POSITIVE_INFINITY, command: (file) => [yq, edit, file] });
  const kustomize = find('kustomize', () => true, 'version');
  if (kustomize) {
    peers.push({
      name: 'kustomize',
      most: 1000,
      command: (file) => {
        writeFileSync(join(folder, 'kustomization.yaml'), `resources: [${file}]\n${patches}`);
        return [kustomize, 'build', folder];
      },
    });
  }
  const istioctl = find('istioctl', () => true, 'version', '--remote=false');
  if (istioctl) {
    peers.push({
      name: 'istioctl',
      note: 'analyze: edits nothing',
      most: 10_000,
      command: (file) => [istioctl, 'analyze', '-A', '--use-kube=false', '--failure-threshold', 'Error', file],
    });
  }
  return peers;
}

/** The first program of that name that answers as it should; another `yq` is a wrapper of jq. */
function find(name: string, isRight: (version: string) => boolean, ...ask: readonly string[]): string | undefined {
  const folders = [resolve('.tools/bin'), ...(process.env['PATH'] ?? '').split(':').filter((part) => part !== '')];
  return folders
    .map((folder) => join(folder, name))
    .filter((path) => existsSync(path) && isExecutable(path))
    .find((path) => {
      const answer = spawnSync(path, ask.length > 0 ? [...ask] : ['--version'], { encoding: 'utf8' });
      return answer.status === 0 && isRight(answer.stdout);
    });
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
