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
  title: 'Pods get no sidecar though their namespace is labelled',
  summary: 'Label namespaces for the revision of the control plane that is there, so that their pods get sidecars',
  faq: 'Sidecars Are Not Automatically Injected',
  source: 'https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/',
  explanation: {
    symptoms: [
      'no sidecar',
      'sidecar not injected',
      'not injected',
      'injection does not take effect',
      'auto-injection',
      'automatic injection',
      'istio-injection',
      'istio-injection=enabled',
      'istio.io/rev',
      'sidecar.istio.io/inject',
      '1/1',
      'istio-proxy missing',
      'kubectl label namespace',
      'revision',
      'revision tag',
      'canary upgrade',
      'MutatingWebhookConfiguration',
      'enableNamespacesByDefault',
      'hostNetwork',
      'IST0102',
      'IST0103',
      'IST0123',
    ],
    symptom:
      'Pods run with `1/1` containers and no `istio-proxy`, though their namespace was labelled with `istio-injection=enabled`. Nothing tells of an error.',
    cause:
      'Webhooks choose pods by labels. `istio-injection=enabled` is answered by a control plane without a revision, or by a tag `default`; one with a revision answers `istio.io/rev=REVISION`, and only where `istio-injection` is absent. Managed meshes and canary upgrades have nothing but revisions.',
    change:
      'Labels the namespaces with `istio.io/rev=REVISION` and removes `istio-injection`, or with `istio-injection=enabled` where the control plane has no revision. The revision is that of the control plane in the input, else the one that other namespaces carry, else the parameter `revision`. Wishes of pods that no webhook reads become labels that one does.',
    versions:
      'Up to 1.9 only labels of namespaces count, and pods have an annotation `sidecar.istio.io/inject`; from 1.10 on the label of that name on pods counts, the annotation alone brings no sidecar, and `istio.io/rev=default` is answered too. Words other than `true` and `false` mean no on pods up to 1.26 (but for `yes`, `y` and `on`), and nothing since 1.27. Since 1.12 `istioctl install` makes the first control plane of a cluster the default one, whatever its revision.',
    caution:
      'Running pods stay as they are until they are created anew: `kubectl rollout restart deployment -n NAMESPACE`. A namespace that says `disabled` is left unless it is named, and so are ambient ones. Jobs with a sidecar do not end by themselves, unless it is a native one.',
    check:
      '`kubectl get namespace -L istio-injection,istio.io/rev` and `istioctl x check-inject -n NAMESPACE POD`; new pods show `2/2`.',
  },
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
