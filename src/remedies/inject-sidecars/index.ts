import { injectorsOf } from '../../mesh/injection.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { maistraResource } from '../../mesh/openshift.ts';
import type { Resource } from '../../mesh/resource.ts';
import { isGateway, isWithoutSidecar, workloadsOf } from '../../mesh/workload.ts';
import { advise, edit, keep, type Step } from '../../step.ts';
import type { Where } from '../fault.ts';
import { titleOf } from '../mechanisms/wording.ts';
import { defineRemedy } from '../remedy.ts';
import { injectionFault, type Labelled, labelByHand } from './faults.ts';
import { correctionOf, type Judgement, judge, labelsPath } from './namespaces.ts';
import { parameters, type Settings } from './parameters.ts';
import type { Surroundings } from './pod-words.ts';
import { findInPods, hasOwnWord } from './pods.ts';
import { asOwnNamespace, type Chosen, chooseRevision, isChosen, isSystem, namespacesOf } from './revision.ts';
import {
  findAbsentNamespaces,
  findConsequences,
  findSystemNamespaces,
  findUnansweredChoice,
  unchosenRevision,
} from './summary.ts';

type Known = Pick<Surroundings, 'version' | 'injectors' | 'chosen'>;

export default defineRemedy({
  id: 'inject-sidecars',
  source: 'https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/',
  parameters,
  faults: injectionFault,

  *find({ mesh, version, parameters: settings }) {
    const maistra = maistraResource(mesh);
    if (maistra) {
      yield injectionFault('openshift-service-mesh', { resource: maistra, narrowedBy: null }, maistra);
      return;
    }
    const injectors = injectorsOf(mesh, version);
    const chosen = chooseRevision(mesh, injectors, settings.revision);
    const known = { version, injectors, chosen };
    const { isInjected, fresh, open } = yield* findInNamespaces(mesh, known, settings);
    if (open.length > 0) yield unchosenRevision(open, chosen);
    yield* findUnansweredChoice(injectors, chosen);
    yield* findSystemNamespaces(mesh, settings);
    yield* findAbsentNamespaces(mesh, settings, chosen);
    yield* findInWorkloads(mesh, known, isInjected, fresh);
    yield* findConsequences(mesh, fresh, version);
  },

  fix: {
    'unreadable-labels': ({ data }) => correct(data),
    'unquoted-label': ({ data }) => correct(data),
    'unlabelled-namespace': ({ data, resource }) => correctNamed(data, resource),
    'other-revision': ({ data }) => correctOrLeave(data),
    'unanswered-revision': ({ data }) => correct(data),
    'unexplained-revision': () => keep('It stays'),
    'no-default-control-plane': ({ data }) => correct(data),
    'perhaps-no-default-control-plane': ({ data }) => correct(data) ?? keep('It stays'),
    'both-labels': ({ data }) => correct(data),
    'misspelt-injection': ({ data }) => correct(data),
    'disabled-namespace': ({ data }) => correct(data) ?? keep('It stays; `namespaces` with its very name overrides it'),
    'pod-label-too-new': ({ data }) => correct(data),
    'misspelt-opt-out': ({ data }) => correct(data),
    'misspelt-opt-in': ({ data }) => correct(data),
    'annotation-opt-in': ({ data }) => correct(data),
  },
});

/** What is wrong with namespaces; returns which have sidecars, which get them, and which wait for a revision. */
function* findInNamespaces(mesh: Mesh, { injectors, chosen }: Known, settings: Settings) {
  const isMeant = meantFor(mesh, chosen.found.length > 0);
  const isInjected = new Set<string>();
  const fresh = new Set<string>();
  const open: string[] = [];
  for (const namespace of namespacesOf(mesh)) {
    const { name } = namespace;
    const judgement = judge(namespace, { injectors, chosen, isNamed: settings.namespaces?.includes(name) ?? false });
    if (!judgement) {
      isInjected.add(name);
      continue;
    }
    if (isUnasked(judgement, settings)) {
      yield* findUnasked(namespace, judgement, chosen, isMeant(name));
      continue;
    }
    const found = faultOf(namespace, judgement, chosen, isMeant(name));
    if (found) yield found;
    if (!isChosen(namespace, settings)) continue;
    if (lacksRevision(judgement, chosen)) open.push(name);
    if (found?.data.correction) fresh.add(name);
  }
  return { isInjected, fresh, open };
}

/** Nobody asked for sidecars there: neither the namespace nor the user. */
function isUnasked({ code }: Judgement, { namespaces }: Settings): boolean {
  return code === 'unlabelled-namespace' && namespaces === undefined;
}

function* findUnasked(namespace: Resource, judgement: Judgement, chosen: Chosen, isMeant: boolean) {
  yield injectionFault('unasked-namespace', { ...whereOf(namespace) }, titleOf(namespace));
  if (isMeant) yield { ...faultOf(namespace, judgement, chosen, true)!, reported: 'when diagnosing' as const };
}

function lacksRevision({ cure }: Judgement, { revision }: Chosen): boolean {
  return cure.kind === 'label' && revision === undefined;
}

function correct({ correction, todo }: Labelled): Step | undefined {
  if (correction) return edit(correction.fix, correction.patch);
  return todo === undefined ? undefined : advise(todo);
}

/** The command for a namespace that asks for nothing names it. */
function correctNamed({ correction }: Labelled, namespace: Resource | undefined): Step | Step[] {
  if (!correction || !namespace) return [];
  return edit(correction.fix, correction.patch, { parameters: { namespaces: [namespace.name] } });
}

/** Where no revision is chosen, one refusal for all namespaces says so, and nothing is said of each. */
function correctOrLeave({ correction }: Labelled): Step | Step[] {
  return correction ? edit(correction.fix, correction.patch) : [];
}

/** Whether a namespace without sidecars looks as if its pods were meant to have some. */
function meantFor(mesh: Mesh, isAnyLabelled: boolean): (namespace: string) => boolean {
  const isMesh = isAnyLabelled || mesh.resources.some(({ group }) => group.endsWith('.istio.io'));
  const withPods = new Set(
    workloadsOf(mesh)
      .filter((workload) => !isWithoutSidecar(mesh, workload) && !isGateway(workload) && !hasOwnWord(workload))
      .map(({ resource }) => resource.namespace ?? ''),
  );
  return (namespace) => isMesh && withPods.has(namespace);
}

function whereOf(namespace: Resource): Where {
  return { resource: namespace, narrowedBy: asOwnNamespace(namespace), ...labelsPath(namespace) };
}

function faultOf(namespace: Resource, judgement: Judgement, chosen: Chosen, isMeant: boolean) {
  const { code, labels, cure, detail } = judgement;
  const correction = correctionOf(namespace, cure, chosen.revision);
  const isVain = cure.kind !== 'none' && !correction;
  const isByHand = isVain && cure.kind === 'label';
  const todo = judgement.todo ?? (isByHand ? labelByHand(chosen.found) : undefined);
  const data: Labelled = {
    title: titleOf(namespace),
    labels,
    ...(detail !== undefined && { detail }),
    ...(todo !== undefined && { todo }),
    ...(correction && { correction }),
  };
  const place = whereOf(namespace);
  const where: Where = isVain ? { ...place, reported: 'when diagnosing' } : place;
  switch (code) {
    case 'unquoted-label':
      return injectionFault(code, where, { ...data, ...judgement.unquoted });
    case 'unlabelled-namespace':
    case 'other-revision':
    case 'unexplained-revision':
    case 'perhaps-no-default-control-plane': {
      const isOpen = cure.kind === 'label' ? isMeant : judgement.isDoubt === true;
      return injectionFault(code, { ...place, reported: isOpen ? 'folded' : 'when asked' }, data);
    }
    case 'disabled-namespace':
      return isVain ? undefined : injectionFault(code, place, data);
    default:
      return injectionFault(code, where, data);
  }
}

/** Pods are judged as they are, and as they will be when their namespaces are labelled: a rewrite edits what is left. */
function* findInWorkloads(mesh: Mesh, known: Known, isInjected: ReadonlySet<string>, fresh: ReadonlySet<string>) {
  const byName = new Map(mesh.ofKind('Namespace', '').map((namespace) => [namespace.name, namespace]));
  for (const workload of workloadsOf(mesh)) {
    const name = workload.resource.namespace ?? '';
    const namespace = byName.get(name);
    const now = { ...known, namespace: isSystem(mesh, name) ? undefined : namespace, isInjected: isInjected.has(name) };
    const then = { ...known, namespace, isInjected: now.isInjected || fresh.has(name) };
    if (now.namespace === then.namespace && now.isInjected === then.isInjected) yield* findInPods(workload, now);
    else {
      for (const fault of findInPods(workload, now)) yield { ...fault, reported: 'when diagnosing' as const };
      for (const fault of findInPods(workload, then)) yield { ...fault, reported: 'when asked' as const };
    }
  }
}
