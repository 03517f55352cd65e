import { helmReleaseInCluster, ownerOf } from '../mesh/owner.ts';
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
    const todo = resource && whyLeft(resource);
    if (todo !== undefined) {
      isLeft = true;
      yield left(step, todo);
    } else if (!isLeft) yield resource ? withHelm(step as Change, resource) : step;
  }
}

/** What to do instead of an edit that would be undone; undefined when it would not. */
function whyLeft(resource: Resource): string | undefined {
  const { kind, name, document } = resource;
  const owner = ownerOf(resource);
  if (document?.file.isOutside)
    return `${kind} ${name} is not edited, because ${document.file.path} is outside of what was named. Name it, too`;
  if (!owner)
    return document?.file.isGenerated
      ? `${kind} ${name} is not edited, because its file says that it is generated. Change what it is generated from`
      : undefined;
  const where =
    owner.field === undefined ? `${owner.kind} ${owner.name}` : `${owner.field} of ${owner.kind} ${owner.name}`;
  return `${kind} ${name} is not edited, because ${owner.kind} ${owner.name} owns it and undoes edits. Change ${where} instead`;
}

function left(step: Step, todo: string): Step {
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
