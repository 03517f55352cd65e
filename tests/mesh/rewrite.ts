import { finish } from './processes.ts';
import { type Istio, root } from './versions.ts';

/** The program under test: what users run, not the functions behind it. */
const program = process.env['MESHMEND'] ?? `${root}dist/meshmend.cjs`;

/** `meshmend rewrite - --istio-version V FLAGS…` with the manifests on standard input; what it prints are the new manifests. */
export async function rewrite(istio: Istio, manifests: string, flags: readonly string[]): Promise<string> {
  const args = ['rewrite', '-', '--istio-version', istio.version, ...flags];
  const { code, stdout, stderr } = await finish(process.execPath, [program, ...args], { input: manifests });
  if (code !== 0) throw new Error(`meshmend ${args.join(' ')} exits ${code}:\n${stderr}`);
  return stdout;
}
