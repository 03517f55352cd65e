// Measures meshmend against the peers that are there, on the same edit of the same file: npm run bench.
// Runs alternate, so that what else the machine does meets all alike; trust the ratios. Slowness is not a failure unless
// --assert is given. --runs N sets how often (5).
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { manifests } from './manifests.ts';
import { type Cost, measure, median } from './measure.ts';
import { findPeers, meshmend, type Peer } from './peers.ts';

const { values } = parseArgs({
  options: { assert: { type: 'boolean', default: false }, runs: { type: 'string', default: '5' } },
});
const runs = Math.max(1, Number(values.runs));
const sizes = [1000, 10_000, 40_000];
const limitMs = 120_000;

if (!existsSync(meshmend)) throw new Error(`${meshmend} is missing: npm run build`);
const folder = mkdtempSync(join(tmpdir(), 'meshmend-bench-'));
const peers = findPeers(folder);
const missed: string[] = [];

try {
  const [our] = await compareSizes();
  printLinearity(our as readonly (Cost | undefined)[]);
  await startUp();
} finally {
  rmSync(folder, { recursive: true });
}
for (const text of missed) console.log(`missed: ${text}`);
if (values.assert && missed.length > 0) process.exitCode = 1;

/** The costs by peer and size. */
async function compareSizes(): Promise<(Cost | undefined)[][]> {
  const costs: (Cost | undefined)[][] = peers.map(() => []);
  for (const [at, count] of sizes.entries()) {
    const file = `${count}.yaml`;
    writeFileSync(join(folder, file), manifests(count));
    const mib = statSync(join(folder, file)).size / 2 ** 20;
    console.log(`\n${count} documents, ${mib.toFixed(1)} MiB, median of ${runs} runs`);
    const all = await alternate(peers, file, count);
    const [ours] = all;
    for (const [index, peer] of peers.entries()) {
      costs[index]![at] = all[index];
      if (count <= peer.most) console.log(row(peer, all[index], ours));
    }
    if (!ours) process.exitCode = 1; // slowness is not a failure, but this is
    if (count !== 10_000) continue;
    const yq = all[peers.findIndex(({ name }) => name === 'yq')];
    if (ours && yq && ours.wallMs > yq.wallMs) missed.push('10,000 documents take longer than with yq');
    const [diagnose, analyze] = ['diagnose', 'istioctl'].map(
      (name) => all[peers.findIndex((peer) => peer.name === name)],
    );
    if (diagnose && analyze) {
      const times = (analyze.wallMs / diagnose.wallMs).toFixed(1);
      console.log(`  istioctl analyze takes ${times} × as long as meshmend diagnose`);
      if (diagnose.wallMs > analyze.wallMs) missed.push('10,000 documents take longer to diagnose than to analyze');
    }
    if (ours && ours.peakMib > 400) missed.push('10,000 documents take more than 400 MiB');
  }
  return costs;
}

async function alternate(peers: readonly Peer[], file: string, count: number): Promise<(Cost | undefined)[]> {
  const costs: Cost[][] = peers.map(() => []);
  for (let run = 0; run < runs; run++) {
    for (const [index, peer] of peers.entries()) {
      if (count > peer.most || costs[index]!.length < run) continue; // too many for it, or it failed already
      const output = join(folder, `${peer.name}.out`);
      const cost = await measure({ command: peer.command(file), cwd: folder, output, limitMs });
      if (cost) costs[index]!.push(cost);
    }
  }
  return costs.map(median);
}

function row({ name, note }: Peer, cost: Cost | undefined, ours: Cost | undefined): string {
  const title = `  ${name.padEnd(10)}`;
  if (!cost) return `${title} failed, or took more than ${limitMs / 1000} s`;
  const times = (pick: (of: Cost) => number): string => (ours ? (pick(cost) / pick(ours)).toFixed(2) : '?');
  const ratio = `${times(({ wallMs }) => wallMs)} × meshmend, ${times(({ cpuMs }) => cpuMs)} × its CPU`;
  const cells = [
    `${(cost.wallMs / 1000).toFixed(2)} s`,
    `${(cost.cpuMs / 1000).toFixed(2)} s CPU`,
    `${cost.peakMib.toFixed(0)} MiB`,
    ratio,
    note ?? '',
  ];
  return `${title}${cells.map((cell) => cell.padStart(10)).join('  ')}`.trimEnd();
}

/** What a further document costs, from size to size, in CPU time where that is known: others' load moves it less. */
function printLinearity(costs: readonly (Cost | undefined)[]): void {
  const [small, middle, large] = costs;
  const costOf = ({ cpuMs, wallMs }: Cost): number => (Number.isNaN(cpuMs) ? wallMs : cpuMs);
  if (!small || !middle || !large) return;
  const slope = (from: number, to: number, a: Cost, b: Cost): number =>
    (costOf(b) - costOf(a)) / ((sizes[to] as number) - (sizes[from] as number));
  const growth = slope(1, 2, middle, large) / slope(0, 1, small, middle);
  console.log(`\nlinearity: a further document costs ${growth.toFixed(2)} × as much at 40,000 as at 10,000`);
  if (growth > 1.5) missed.push('time is not linear');
}

async function startUp(): Promise<void> {
  writeFileSync(join(folder, 'empty.mjs'), '');
  const commands = [
    [process.execPath, join(folder, 'empty.mjs')],
    [process.execPath, meshmend, '--version'],
  ];
  const costs: Cost[][] = [[], []];
  for (let run = 0; run < 4 * runs; run++) {
    for (const [index, command] of commands.entries()) {
      const cost = await measure({ command, cwd: folder, output: join(folder, 'version.out'), limitMs });
      if (cost) costs[index]!.push(cost);
    }
  }
  const [bare, version] = costs.map(median);
  if (!bare || !version) return;
  const ratio = version.wallMs / bare.wallMs;
  console.log(
    `start-up: --version ${version.wallMs.toFixed(0)} ms, bare node ${bare.wallMs.toFixed(0)} ms: ${ratio.toFixed(2)} ×`,
  );
  if (ratio > 1.5) missed.push('--version takes more than 1.5 times as long as bare node');
}
