import {
  answersRevision,
  defaultRevision,
  type Injectors,
  injectionLabel,
  revisionLabel,
} from '../../mesh/injection.ts';
import { isSelected, type Mesh } from '../../mesh/mesh.ts';
import { nativeSidecar } from '../../mesh/start-order.ts';
import type { Version } from '../../mesh/version.ts';
import { isGateway, isWithoutSidecar, workloadsOf } from '../../mesh/workload.ts';
import { injectionFault } from './faults.ts';
import type { Settings } from './parameters.ts';
import { type Chosen, isChosen, isSystem, labelFor } from './revision.ts';

/** One fault for all namespaces that are to be labelled and cannot be, since it is open with which revision. */
export function unchosenRevision(namespaces: readonly string[], { found }: Chosen) {
  return found.length === 0
    ? injectionFault('unknown-revision', {}, namespaces)
    : injectionFault('several-revisions', {}, { namespaces, found });
}

/** A revision that the user gave may be that of a control plane to come; a slip looks the same. */
export function* findUnansweredChoice(injectors: Injectors, { revision, isGiven }: Chosen) {
  if (!isGiven || revision === undefined) return;
  const answer = revision === defaultRevision ? injectors.byEnabled : answersRevision(injectors, revision);
  if (answer !== 'no') return;
  const { key, value } = labelFor(revision);
  const known = [...injectors.revisions, ...injectors.tags];
  yield injectionFault('revision-to-come', {}, { label: `${key}=${value}`, known });
}

export function* findSystemNamespaces(mesh: Mesh, settings: Settings) {
  const left = mesh.ofKind('Namespace', '').filter((each) => isSystem(mesh, each.name) && isChosen(each, settings));
  if (left.length > 0)
    yield injectionFault(
      'system-namespaces',
      {},
      left.map(({ name }) => name),
    );
}

/** Namespaces that have workloads in the input and no Namespace object can only be labelled in the cluster. */
export function* findAbsentNamespaces(mesh: Mesh, settings: Settings, { revision }: Chosen) {
  if (settings.names) return;
  const present = new Set(mesh.ofKind('Namespace', '').map(({ name }) => name));
  const absent = new Set<string>();
  for (const workload of workloadsOf(mesh)) {
    const { resource } = workload;
    const name = resource.namespace ?? 'NAMESPACE';
    if (present.has(name) || isSystem(mesh, name) || !isSelected(resource, settings)) continue;
    if (!isWithoutSidecar(mesh, workload) && !isGateway(workload)) absent.add(name);
  }
  if (absent.size === 0) return;
  const { key, value } = labelFor(revision ?? 'REVISION');
  const other = key === injectionLabel ? revisionLabel : injectionLabel;
  const command = `\`kubectl label namespace ${[...absent].join(' ')} ${key}=${value} ${other}- --overwrite\``;
  const way =
    revision === undefined ? '. `kubectl get mutatingwebhookconfiguration -L istio.io/rev` shows the revisions' : '';
  yield injectionFault('absent-namespace', {}, command + way);
}

/** What the labels do not bring, or bring too much, in the namespaces that this run labels. */
export function* findConsequences(mesh: Mesh, fresh: ReadonlySet<string>, version: Version) {
  const inside = workloadsOf(mesh).filter(({ resource }) => fresh.has(resource.namespace ?? ''));
  const out = inside.filter((workload) => isWithoutSidecar(mesh, workload));
  if (out.length > 0) yield injectionFault('opted-out-pods', {}, out);
  const jobs = inside.filter((workload) => {
    const isJob = workload.resource.kind === 'Job' || workload.resource.kind === 'CronJob';
    return isJob && !out.includes(workload) && nativeSidecar(mesh, workload, version) !== 'yes';
  });
  if (jobs.length > 0) yield injectionFault('endless-jobs', {}, jobs);
}
