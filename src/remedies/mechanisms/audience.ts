import type { Mesh } from '../../mesh/mesh.ts';
import { isAmbient, isWithoutSidecar, type PodTemplate, workloadsOf } from '../../mesh/workload.ts';
import { type FaultKind, note, refusal } from '../fault.ts';
import { titleOf } from './wording.ts';

/** Why a setting of sidecars does not reach a workload; the codes of `unreachedFaults`. */
export type Unreached = 'ambient' | 'no-sidecar';

/** Why a setting of sidecars does not reach a workload; undefined when it does, and for gateways outside of ambient mode. */
export function unreachedBy(mesh: Mesh, workload: PodTemplate): Unreached | undefined {
  if (isAmbient(mesh, workload)) return 'ambient';
  return isWithoutSidecar(mesh, workload) ? 'no-sidecar' : undefined;
}

interface Consequences {
  /** What follows "is in ambient mode": `: ztunnel passes HTTP/1.0 through`. */
  readonly ambient: string;
  /** What follows "gets no sidecar": `, so there is nothing to set`. */
  readonly withoutSidecar: string;
}

/** The kinds of fault for workloads that were chosen and that a setting of sidecars does not reach. */
export function unreachedFaults({
  ambient,
  withoutSidecar,
}: Consequences): Readonly<Record<Unreached, FaultKind<PodTemplate>>> {
  return {
    ambient: {
      ...note<PodTemplate>(({ resource }) => `${titleOf(resource)} is in ambient mode${ambient}`),
      outcome: 'advise',
    },
    'no-sidecar': note<PodTemplate>(({ resource }) => `${titleOf(resource)} gets no sidecar${withoutSidecar}`),
  };
}

/** The kind of fault for a workload that `selectorOf` finds no labels for. */
export const noLabels = refusal<PodTemplate>(
  ({ resource }) => `${titleOf(resource)} has no labels, so an EnvoyFilter cannot select its pods`,
);

/** How many workloads of the input are in ambient mode, which a setting for the whole mesh does not reach. */
export function ambientCount(mesh: Mesh): number {
  return workloadsOf(mesh).filter((workload) => isAmbient(mesh, workload)).length;
}

/** The sentence about them; `consequence` follows "are in ambient mode": `: ztunnel does not look at headers`. */
export function ambientWorkloads(count: number, consequence: string): string {
  return `${count} workloads of the input are in ambient mode${consequence}`;
}
