import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url));
const binaries = join(root, '.tools/bin');
export const serverBinary = join(binaries, 'argocd-cmp-server');
export const program = join(root, 'dist/meshmend.cjs');

/** Where a tool is: built into .tools, or installed on the machine; undefined when it is nowhere. */
export function toolPath(command: string): string | undefined {
  const folders = [binaries, ...(process.env['PATH'] ?? '').split(delimiter)];
  return folders.map((folder) => join(folder, command)).find((path) => existsSync(path));
}
