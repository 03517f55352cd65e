/**
 * Runs the mesh tests, all of them or those of the remedies named, on the usual versions of Istio or on `--all`, and writes examples/PROOF.md when all of them have passed.
 * The last line counts tests: uvu's exit code alone does not tell that any ran.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { start } from './processes.ts';
import { type ProofRow, proofTable } from './table.ts';
import { envoyBinary, everyVersion, istioBinary, root, usedIstios } from './versions.ts';

const remedies = process.argv.slice(2).filter((argument) => argument !== '--all');
if (process.argv.includes('--all')) process.env[everyVersion] = '1';
const needed = [envoyBinary, ...usedIstios().map(istioBinary)];
const absent = needed.filter((file) => !existsSync(file));
if (absent.length > 0) {
  process.stderr.write(`${absent.map((file) => file.slice(root.length)).join(', ')} missing: run \`npm run tools\`\n`);
  process.exit(1);
}

const folder = mkdtempSync(join(tmpdir(), 'meshmend-proof-'));
const rowsFile = join(folder, 'rows.jsonl');
writeFileSync(rowsFile, '');
const pattern = remedies.length > 0 ? `(${remedies.join('|')})\\.test\\.ts$` : '\\.test\\.ts$';
const uvu = ['--import', 'tsx', 'node_modules/uvu/bin.js', 'tests/mesh', pattern, '--no-color'];
const { child, log } = start(process.execPath, uvu, {
  cwd: root,
  env: { ...(process.env as Record<string, string>), MESHMEND_PROOF_ROWS: rowsFile },
});
const output: string[] = [];
child.stdout.setEncoding('utf8').on('data', (text: string) => {
  output.push(text);
  process.stdout.write(text);
});
child.stderr.pipe(process.stderr);
const code = await new Promise<number | null>((resolve) => child.once('close', resolve));

const summary = /Total:\s+(\d+)\s+Passed:\s+(\d+)/.exec(output.join(''));
const total = Number(summary?.[1] ?? 0);
const passed = Number(summary?.[2] ?? 0);
const succeeded = code === 0 && total > 0 && passed === total;
if (succeeded && remedies.length === 0) {
  const rows = readFileSync(rowsFile, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as ProofRow);
  writeFileSync(`${root}examples/PROOF.md`, proofTable(rows));
}
rmSync(folder, { recursive: true, force: true });
if (total === 0) process.stderr.write(`no test ran\n${log()}`);
process.stdout.write(`${passed} passed, ${total - passed} failed\n`);
process.exit(succeeded ? 0 : 1);
