import { appendFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Behaviour } from './application.ts';
import { newComplaints } from './complaints.ts';
import { envoyVersion } from './envoy.ts';
import { type InjectedPod, inject } from './istiod.ts';
import { type Mesh, withMesh } from './mesh.ts';
import { rewrite } from './rewrite.ts';
import type { ProofRow } from './table.ts';
import { type Istio, usedIstios } from './versions.ts';

/** What was seen in the mesh, said in a word or two: it is compared, and printed in examples/PROOF.md. */
export type Observations = Readonly<Record<string, string | number>>;

interface Proof {
  readonly name: string;
  /** What the user has: services, workloads, Istio's resources, an install resource or none. */
  readonly manifests: string;
  /** Flags of `meshmend rewrite`. */
  readonly flags: readonly string[];
  /** The fault itself. */
  readonly before: Observations;
  readonly after: Observations;
  /** What works before and must go on working. */
  readonly keeps?: Observations;
  /** Minors that the case is about; all that are built otherwise. */
  readonly istio?: readonly string[];
}

/** One fault on real traffic, and its cure. */
export interface Case extends Proof {
  /** Answers of the applications, by namespace/name of their workload. */
  readonly applications?: Readonly<Record<string, Behaviour>>;
  /** The same traffic before and after. */
  readonly observe: (mesh: Mesh) => Promise<Observations>;
  /** What the rewritten manifests must look like, where traffic alone cannot tell one form from another. */
  readonly inspect?: (rewritten: string, istio: Istio) => void;
}

/** Proves a remedy: the fault is there, the remedy is applied as users apply it, the fault is gone and nothing else is. */
export function prove(remedy: string, cases: readonly Case[]): void {
  const proof = suite(remedy);
  for (const one of cases) {
    const versions = usedIstios().filter(({ minor }) => one.istio?.includes(minor) ?? true);
    for (const istio of versions) {
      proof(`${one.name} (Istio ${istio.minor})`, async () => {
        const rewritten = await rewrite(istio, one.manifests, one.flags);
        one.inspect?.(rewritten, istio);
        assert.equal(
          await newComplaints(istio, [{ name: one.name, input: one.manifests, output: rewritten }]),
          [],
          'Istio has nothing new to complain of',
        );
        const seen = (manifests: string): Promise<Observations> =>
          withMesh(istio, manifests, one.applications ?? {}, one.observe);
        // Two meshes side by side: they share nothing but the machine.
        const [before, after] = await Promise.all([seen(one.manifests), seen(rewritten)]);
        assert.equal(before, { ...one.keeps, ...one.before }, 'before: the fault is there');
        assert.equal(after, { ...one.keeps, ...one.after }, 'after: the fault is gone, and nothing else');
        record(remedy, one, istio, await envoyVersion());
      });
    }
  }
  proof.run();
}

/** One fault in pods as the injector makes them, and its cure. */
export interface InjectionCase extends Proof {
  /** The pods of all workloads before or after, as the webhooks of the manifests' own installation leave them. */
  readonly observe: (pods: readonly InjectedPod[]) => Observations;
}

/** Proves a remedy on Istio's own injector and the webhooks of its charts, where no traffic is needed to see the fault. */
export function proveInjection(remedy: string, cases: readonly InjectionCase[]): void {
  const proof = suite(remedy);
  for (const one of cases) {
    const versions = usedIstios().filter(({ minor }) => one.istio?.includes(minor) ?? true);
    for (const istio of versions) {
      proof(`${one.name} (Istio ${istio.minor})`, async () => {
        const rewritten = await rewrite(istio, one.manifests, one.flags);
        assert.equal(
          await newComplaints(istio, [{ name: one.name, input: one.manifests, output: rewritten }]),
          [],
          'Istio has nothing new to complain of',
        );
        const before = one.observe(await inject(istio, one.manifests));
        const after = one.observe(await inject(istio, rewritten));
        assert.equal(before, { ...one.keeps, ...one.before }, 'before: the fault is there');
        assert.equal(after, { ...one.keeps, ...one.after }, 'after: the fault is gone, and nothing else');
        record(remedy, one, istio, 'none');
      });
    }
  }
  proof.run();
}

function record(remedy: string, { name, before, after, keeps }: Proof, istio: Istio, envoy: string): void {
  const file = process.env['MESHMEND_PROOF_ROWS'];
  if (file === undefined) return;
  const rows = [...Object.keys({ ...before, ...after }).map((key) => ({ key, from: before, to: after }))];
  rows.push(...Object.keys(keeps ?? {}).map((key) => ({ key, from: keeps!, to: keeps! })));
  for (const { key, from, to } of rows) {
    const row: ProofRow = {
      remedy,
      name,
      observed: key,
      before: String(from[key] ?? ''),
      after: String(to[key] ?? ''),
      istio: istio.version,
      envoy,
    };
    appendFileSync(file, `${JSON.stringify(row)}\n`);
  }
}
