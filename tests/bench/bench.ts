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
  const bySize: (Cost | undefined)[][] = [];
  for (const count of sizes) {
    const costs = await comparePeers(count);
    if (!costs[0]) process.exitCode = 1; // slowness is not a failure, but this is
    if (count === 10_000) checkGoals(costs);
    bySize.push(costs);
  }
  return peers.map((_, index) => bySize.map((costs) => costs[index]));
}

/** The costs by peer, meshmend's first, for a file of so many documents. */
async function comparePeers(count: number): Promise<(Cost | undefined)[]> {
  const file = `${count}.yaml`;
  writeFileSync(join(folder, file), manifests(count));
  const mib = statSync(join(folder, file)).size / 2 ** 20;
  console.log(`\n${count} documents, ${mib.toFixed(1)} MiB, median of ${runs} runs`);
  const costs = await alternate(peers, file, count);
  for (const [index, peer] of peers.entries()) {
    if (count <= peer.most) console.log(row(peer, costs[index], costs[0]));
  }
  return costs;
}

/** What is asked of 10,000 documents, as far as the peers to compare with are there. */
function checkGoals(costs: readonly (Cost | undefined)[]): void {
  const costOf = (name: string): Cost | undefined => costs[peers.findIndex((peer) => peer.name === name)];
  const [ours] = costs;
  const yq = costOf('yq');
  if (ours && yq && ours.wallMs > yq.wallMs) missed.push('10,000 documents take longer than with yq');
  compareDiagnosis(costOf('diagnose'), costOf('istioctl'));
  if (ours && ours.peakMib > 400) missed.push('10,000 documents take more than 400 MiB');
}

function compareDiagnosis(diagnose: Cost | undefined, analyze: Cost | undefined): void {
  if (!diagnose || !analyze) return;
  const times = (analyze.wallMs / diagnose.wallMs).toFixed(1);
  console.log(`  istioctl analyze takes ${times} × as long as meshmend diagnose`);
  if (diagnose.wallMs > analyze.wallMs) missed.push('10,000 documents take longer to diagnose than to analyze');
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
