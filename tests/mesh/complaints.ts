import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { analyze, type Message, validate } from './istiod.ts';
import type { Istio } from './versions.ts';

/** Manifests before and after a remedy, to be compared by what Istio says of them. */
export interface Rewrite {
  readonly name: string;
  readonly input: string;
  readonly output: string;
  /** Parts of complaints that are expected. */
  readonly accepts?: readonly string[];
}

/** Told of every EnvoyFilter there is, whatever is in it. */
const ofEveryEnvoyFilter = 'EnvoyFilter exposes internal implementation details';

interface Complaint {
  readonly isError: boolean;
  readonly resource: string;
  readonly text: string;
}

/**
 * What Istio says of the outputs and did not say of the inputs: errors and warnings, not advice. A resource that was refused
 * before may be refused after. Many rewrites are judged at once, because starting Istio's code takes longer than judging.
 */
export async function newComplaints(istio: Istio, rewrites: readonly Rewrite[]): Promise<readonly string[]> {
  if (rewrites.length === 0) return [];
  const folder = mkdtempSync(join(tmpdir(), 'meshmend-manifests-'));
  try {
    const files = rewrites.map(({ input, output }, index) => {
      const named = { input: join(folder, `${index}-input.yaml`), output: join(folder, `${index}-output.yaml`) };
      writeFileSync(named.input, input);
      writeFileSync(named.output, output);
      return named;
    });
    const said = await complaints(
      istio,
      files.flatMap(({ input, output }) => [input, output]),
    );
    return rewrites.flatMap(({ name, accepts = [] }, index) => {
      const { input, output } = files[index]!;
      const fresh = freshOnes(said.get(input)!, said.get(output)!).filter(
        ({ text }) => !accepts.some((part) => text.includes(part)),
      );
      return fresh.map(({ isError, resource, text }) => {
        return `${name} (Istio ${istio.minor}): ${isError ? 'error' : 'warning'}: ${resource}: ${text}`;
      });
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Rules that have moved are told of under other numbers: what counts is how often a thing is said. */
function freshOnes(old: readonly Complaint[], now: readonly Complaint[]): readonly Complaint[] {
  const refused = new Set(old.filter(({ isError }) => isError).map(({ resource }) => resource));
  const gist = ({ resource, text }: Complaint): string => `${resource}: ${text.replaceAll(/#\d+/g, '#')}`;
  const left = new Map<string, number>();
  for (const each of old) left.set(gist(each), (left.get(gist(each)) ?? 0) + 1);
  return now.filter((each) => {
    if (refused.has(each.resource)) return false;
    const times = left.get(gist(each)) ?? 0;
    left.set(gist(each), times - 1);
    return times <= 0;
  });
}

async function complaints(istio: Istio, files: readonly string[]): Promise<ReadonlyMap<string, readonly Complaint[]>> {
  const said = new Map<string, Complaint[]>(files.map((file) => [file, []]));
  const [verdicts, messages] = await Promise.all([validate(istio, files), analyzeEach(istio, files)]);
  for (const { file, kind, namespace, name, errors, warnings } of verdicts) {
    const resource = `${kind} ${namespace ? `${namespace}/` : ''}${name}`;
    const all = said.get(file)!;
    all.push(...errors.map((text) => ({ isError: true, resource, text })));
    all.push(...warnings.map((text) => ({ isError: false, resource, text })));
  }
  for (const { file, code, level, resource, text } of messages) {
    if (level !== 'Info') said.get(file)!.push({ isError: level === 'Error', resource, text: `${code} ${text}` });
  }
  const isTold = ({ text }: Complaint): boolean => !text.includes(ofEveryEnvoyFilter);
  return new Map([...said].map(([file, all]) => [file, all.filter(isTold)]));
}

/** A mesh config that istiod cannot read ends the whole analysis: halving finds the file that has it. */
async function analyzeEach(istio: Istio, files: readonly string[]): Promise<readonly Message[]> {
  try {
    return await analyze(istio, files);
  } catch (error) {
    const [file, another] = files;
    if (file === undefined) return [];
    if (another === undefined)
      return [{ file, code: '', level: 'Error', resource: 'mesh config', text: String(error) }];
    const half = Math.ceil(files.length / 2);
    return [...(await analyzeEach(istio, files.slice(0, half))), ...(await analyzeEach(istio, files.slice(half)))];
  }
}
