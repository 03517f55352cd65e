import { helmReleaseInCluster, type Owner, ownerOf } from '../mesh/owner.ts';
import type { Resource } from '../mesh/resource.ts';
import { advise, type Change, type Step } from '../step.ts';

/**
 * What becomes of steps that edit what people do not own: a controller undoes every edit of its objects, so there is advice
 * instead, and what would only accompany the edit is left out. Helm undoes an edit in the cluster with the next upgrade, which
 * the fix then says.
 */
export function* respectOwners(steps: Iterable<Step>): Iterable<Step> {
  let isLeft = false;
  for (const step of steps) {
    if (!step.isFurther) isLeft = false;
    const resource = step.outcome === 'change' ? step.patch?.resource : undefined;
    const owner = resource && ownerOf(resource);
    if (owner) {
      isLeft = true;
      yield leftToOwner(step, resource, owner);
    } else if (!isLeft) yield resource ? withHelm(step as Change, resource) : step;
  }
}

function leftToOwner(step: Step, { kind, name }: Resource, owner: Owner): Step {
  const where =
    owner.field === undefined ? `${owner.kind} ${owner.name}` : `${owner.field} of ${owner.kind} ${owner.name}`;
  const todo = `${kind} ${name} is not edited, because ${owner.kind} ${owner.name} owns it and undoes edits. Change ${where} instead`;
  const { resource, path } = step;
  return advise(todo, { ...(resource && { resource }), ...(path !== undefined && { path }) });
}

function withHelm(step: Change, resource: Resource): Change {
  const release = helmReleaseInCluster(resource);
  if (release === undefined) return step;
  const named = release === '' ? 'A Helm release' : `Helm release ${release}`;
  return {
    ...step,
    fix: `${step.fix} (${named} manages this object in the cluster, and its next upgrade undoes the edit: change the chart's values or templates)`,
  };
}
