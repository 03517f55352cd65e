import {
  answersRevision,
  defaultRevision,
  type Injectors,
  injectionLabel,
  injectorsOf,
  revisionLabel,
} from '../../mesh/injection.ts';
import { isSelected, type Mesh } from '../../mesh/mesh.ts';
import type { Resource } from '../../mesh/resource.ts';
import { nativeSidecar } from '../../mesh/start-order.ts';
import type { Version } from '../../mesh/version.ts';
import { isGateway, isWithoutSidecar, type PodTemplate, workloadsOf } from '../../mesh/workload.ts';
import { type ParameterValues, selection } from '../parameter.ts';
import { defineRemedy, type LegacyStep as Step } from '../remedy.ts';
import { diagnosis } from './diagnosis.ts';
import { judge, labelling, labelsPath } from './namespaces.ts';
import { named } from './pod-words.ts';
import { podFaults } from './pods.ts';
import { type Chosen, chooseRevision, isSystem, labelFor, namespacesOf } from './revision.ts';

const parameters = {
  ...selection,
  revision: {
    type: 'string',
    pattern: '^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$',
    help: 'revision or tag to label namespaces with, `default` for a control plane without one; found in the manifests when left out',
  },
} as const;

type Values = ParameterValues<typeof parameters>;

export default defineRemedy({
  id: 'inject-sidecars',
  source: 'https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/',
  parameters,

  *plan(mesh, values, { version, requested }) {
    if (requested) yield* labelAll(mesh, values, version);
    else yield* diagnosis(mesh, version);
  },
});

const afterwards = 'pods follow when they are created anew (kubectl rollout restart)';

function* labelAll(mesh: Mesh, values: Values, version: Version): Iterable<Step> {
  const injectors = injectorsOf(mesh, version);
  const chosen = chooseRevision(mesh, injectors, values.revision);
  const open: string[] = [];
  const injected = new Set<string>();
  const fresh = new Set<string>();
  for (const namespace of namespacesOf(mesh)) {
    const isNamed = values.namespaces?.includes(namespace.name) ?? false;
    const judgement = judge(namespace, { injectors, chosen, isNamed });
    const path = labelsPath(namespace);
    if (!isChosen(namespace, values)) {
      if (judgement.kind === 'fine') injected.add(namespace.name);
      continue;
    }
    const { kind, why, fault } = judgement;
    if (kind === 'fine') injected.add(namespace.name);
    if (kind === 'keep' || kind === 'advise')
      yield { severity: fault ?? 'info', outcome: kind, message: why, resource: namespace, ...path };
    if (kind === 'label' && chosen.revision === undefined) open.push(namespace.name);
    const edit = labelling(namespace, judgement, chosen.revision);
    if (!edit) continue;
    injected.add(namespace.name);
    fresh.add(namespace.name);
    const patch = { resource: namespace, operations: edit.operations };
    const message = `${why}. ${edit.action}; ${afterwards}`;
    yield { severity: fault ?? 'warning', outcome: 'change', message, resource: namespace, ...path, patch };
  }
  if (open.length > 0) yield refusal(open, chosen);
  yield* unansweredChoice(injectors, chosen);
  yield* systemNote(mesh, values);
  yield* absentNamespaces(mesh, values, chosen);

  const byName = new Map(mesh.ofKind('Namespace', '').map((namespace) => [namespace.name, namespace]));
  for (const workload of workloadsOf(mesh)) {
    const { resource } = workload;
    if (!isSelected(resource, values)) continue;
    const name = resource.namespace ?? '';
    const surroundings = { version, injectors, chosen, namespace: byName.get(name), isInjected: injected.has(name) };
    yield* podFaults(workload, surroundings);
  }
  yield* notes(mesh, fresh, version);
}

/** A Namespace is among those of its own name. */
function isChosen(namespace: Resource, values: Values): boolean {
  return isSelected({ ...namespace, namespace: namespace.name }, values);
}

function refusal(names: readonly string[], { found }: Chosen): Step {
  const what = names.length === 1 ? `Namespace ${names[0]}` : `Namespaces ${names.join(', ')}`;
  const message =
    found.length === 0
      ? `${what} cannot be labelled, because no manifest tells the revision of the control plane. Set inject-sidecars.revision to it, or to ${defaultRevision} for one without; kubectl get mutatingwebhookconfiguration -l app=sidecar-injector -L istio.io/rev,istio.io/tag shows all`
      : `${what} cannot be labelled, because the manifests tell of several revisions: ${found.join(', ')}. Set inject-sidecars.revision to one of them`;
  return { severity: 'error', outcome: 'refuse', message };
}

/** A revision that the user gave may be that of a control plane to come; a slip looks the same. */
function* unansweredChoice(injectors: Injectors, { revision, isGiven }: Chosen): Iterable<Step> {
  if (!isGiven || revision === undefined) return;
  const answer = revision === defaultRevision ? injectors.byEnabled : answersRevision(injectors, revision);
  if (answer !== 'no') return;
  const { key, value } = labelFor(revision);
  const all = [...injectors.revisions, ...injectors.tags].join(', ');
  const message = `No control plane of the input answers ${key}=${value}, so pods get no sidecars until one does: those of the input are called ${all}`;
  yield { severity: 'warning', outcome: 'advise', message };
}

function* systemNote(mesh: Mesh, values: Values): Iterable<Step> {
  const left = mesh.ofKind('Namespace', '').filter((each) => isSystem(mesh, each.name) && isChosen(each, values));
  if (left.length === 0) return;
  const message = `${left.map(({ name }) => name).join(', ')}: left alone, since pods of Kubernetes and of the control plane are none of the mesh`;
  yield { severity: 'info', outcome: 'keep', message };
}

/** Namespaces that have workloads in the input and no Namespace object can only be labelled in the cluster. */
function* absentNamespaces(mesh: Mesh, values: Values, { revision }: Chosen): Iterable<Step> {
  if (values.names) return;
  const present = new Set(mesh.ofKind('Namespace', '').map(({ name }) => name));
  const absent = new Set<string>();
  for (const workload of workloadsOf(mesh)) {
    const { resource } = workload;
    const name = resource.namespace ?? 'NAMESPACE';
    if (present.has(name) || isSystem(mesh, name) || !isSelected(resource, values)) continue;
    if (!isWithoutSidecar(mesh, workload) && !isGateway(workload)) absent.add(name);
  }
  if (absent.size === 0) return;
  const { key, value } = labelFor(revision ?? 'REVISION');
  const other = key === injectionLabel ? revisionLabel : injectionLabel;
  const command = `kubectl label namespace ${[...absent].join(' ')} ${key}=${value} ${other}- --overwrite`;
  const way =
    revision === undefined
      ? ', where kubectl get mutatingwebhookconfiguration -L istio.io/rev shows the revisions'
      : '';
  yield {
    severity: 'warning',
    outcome: 'advise',
    message: `No Namespace object of these workloads is in the input, so they are labelled in the cluster: ${command}${way}`,
  };
}

/** What the labels do not bring, or bring too much, in the namespaces that are labelled now. */
function* notes(mesh: Mesh, fresh: ReadonlySet<string>, version: Version): Iterable<Step> {
  const inside = workloadsOf(mesh).filter(({ resource }) => fresh.has(resource.namespace ?? ''));
  const out = inside.filter((workload) => isWithoutSidecar(mesh, workload));
  if (out.length > 0) {
    const message = `No sidecars as before for ${listed(out)}: opted out by a word of their own, or in the host's network`;
    yield { severity: 'info', outcome: 'keep', message };
  }
  const jobs = inside.filter((workload) => {
    const isJob = workload.resource.kind === 'Job' || workload.resource.kind === 'CronJob';
    return isJob && !out.includes(workload) && nativeSidecar(mesh, workload, version) !== 'yes';
  });
  if (jobs.length === 0) return;
  const message = `${listed(jobs)}: with a sidecar that is not a native one a Job does not end by itself. Label its pods sidecar.istio.io/inject: "false", or let it call http://localhost:15020/quitquitquit when it is done`;
  yield { severity: 'warning', outcome: 'advise', message };
}

function listed(workloads: readonly PodTemplate[]): string {
  return workloads.map(named).join(', ');
}
