import { injectorsOf } from '../../mesh/injection.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import type { Resource } from '../../mesh/resource.ts';
import type { Version } from '../../mesh/version.ts';
import { isGateway, isWithoutSidecar, workloadsOf } from '../../mesh/workload.ts';
import type { LegacyStep as Step } from '../remedy.ts';
import { type Judgement, judge, labelling, labelsPath } from './namespaces.ts';
import { hasOwnWord, podFaults } from './pods.ts';
import { type Chosen, chooseRevision, namespacesOf } from './revision.ts';

/** Labels that bring no sidecar, though they look as if they did; and what is open, told of once. */
export function* diagnosis(mesh: Mesh, version: Version): Iterable<Step> {
  const injectors = injectorsOf(mesh, version);
  const chosen = chooseRevision(mesh, injectors, undefined);
  const doubts: { readonly namespace: Resource; readonly judgement: Judgement }[] = [];
  const injected = new Set<string>();
  const byName = new Map<string, Resource>();
  for (const namespace of namespacesOf(mesh)) {
    byName.set(namespace.name, namespace);
    const judgement = judge(namespace, { injectors, chosen, isNamed: false });
    if (judgement.kind === 'fine') injected.add(namespace.name);
    if (judgement.fault) yield faultOf(namespace, judgement, chosen);
    else doubts.push({ namespace, judgement });
  }
  for (const workload of workloadsOf(mesh)) {
    const name = workload.resource.namespace ?? '';
    const surroundings = { version, injectors, chosen, namespace: byName.get(name), isInjected: injected.has(name) };
    yield* podFaults(workload, surroundings);
  }
  yield* openQuestions(mesh, doubts, chosen);
}

function faultOf(namespace: Resource, judgement: Judgement, chosen: Chosen): Step {
  const { why, fault = 'warning' } = judgement;
  const place = { resource: namespace, ...labelsPath(namespace) };
  const edit = labelling(namespace, judgement, chosen.revision);
  if (edit)
    return {
      severity: fault,
      outcome: 'change',
      message: why,
      ...place,
      patch: { resource: namespace, operations: edit.operations },
    };
  const which = chosen.found.length > 1 ? ` (${chosen.found.join(', ')})` : '';
  const way = judgement.kind === 'label' ? `. Label it istio.io/rev with the revision that is meant${which}` : '';
  return { severity: fault, outcome: 'advise', message: `${why}${way}`, ...place };
}

/** One finding for all namespaces whose pods get no sidecar by nobody's fault, or perhaps. */
function* openQuestions(
  mesh: Mesh,
  doubts: readonly { readonly namespace: Resource; readonly judgement: Judgement }[],
  chosen: Chosen,
): Iterable<Step> {
  const meant = new Set(
    workloadsOf(mesh)
      .filter((workload) => !isWithoutSidecar(mesh, workload) && !isGateway(workload) && !hasOwnWord(workload))
      .map(({ resource }) => resource.namespace ?? ''),
  );
  const isMesh = chosen.found.length > 0 || mesh.resources.some(({ group }) => group.endsWith('.istio.io'));
  const concerned = doubts.filter(({ namespace, judgement }) => {
    return judgement.kind === 'label' ? isMesh && meant.has(namespace.name) : judgement.isDoubt === true;
  });
  const [first] = concerned;
  if (!first) return;
  const more = concerned.length > 1 ? `, and ${concerned.length - 1} more like it` : '';
  const isMendable = chosen.revision !== undefined && concerned.some(({ judgement }) => judgement.kind === 'label');
  yield {
    severity: 'info',
    message: `${first.judgement.why}${more}. Without a label that a control plane answers pods get no sidecar`,
    ...(isMendable ? { outcome: 'change', parameters: {} } : { outcome: 'advise' }),
  };
}
