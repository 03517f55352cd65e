import type { Builds } from '../builds/builds.ts';
import type { FollowedPaths } from '../builds/followed-paths.ts';
import { jsonPath } from '../manifest/pointer.ts';
import { placeholderIn } from '../mesh/placeholder.ts';
import type { Resource } from '../mesh/resource.ts';
import { advise, type Emission, type Patch, type Step } from '../step.ts';
import type { Planned } from './plan.ts';

/**
 * What becomes of edits that a build undoes, or that would lead its patches astray: there is advice instead, and what would
 * only accompany the edit is left out. Each step is looked at when those before it are done.
 */
export function* respectBuilds(plan: Iterable<Planned>, builds: Builds, paths: FollowedPaths): Iterable<Planned> {
  let left: Planned['fault'] | undefined;
  for (const planned of plan) {
    const { fault, step } = planned;
    const patch = step.outcome === 'change' ? step.patch : undefined;
    const emission = step.outcome === 'change' ? step.emit : undefined;
    const todo = patch
      ? whyLeft(patch, step.path ?? fault.path ?? '', builds, paths)
      : emission && whyNotAdded(emission, fault.resource, builds);
    if (todo !== undefined) {
      left = fault;
      yield { ...planned, step: withAdvice(step, todo) };
    } else if (fault !== left || !(step.isFurther || (step.outcome === 'change' && step.isPart))) yield planned;
  }
}

function whyLeft(
  { resource, operations, within }: Patch,
  reason: string,
  builds: Builds,
  paths: FollowedPaths,
): string | undefined {
  const made = within === undefined ? operations : [{ op: 'replace' as const, path: within, value: '' }];
  const decider = builds.deciderOf(resource, made, reason);
  if (decider) {
    const { patch, path } = decider;
    return `It is not edited, because ${patch.name} decides about \`${jsonPath(path)}\` in the build. Change it there`;
  }
  const behind = paths.leftBehind(builds.patchesFor(resource), made);
  if (!behind) return undefined;
  return `It is not edited, because ${behind.name} points into the list by index, and would then change something else`;
}

/** A new resource has names of what it is for, so it must know them. */
function whyNotAdded({ values, template }: Emission, source: Resource | undefined, builds: Builds): string | undefined {
  const [chart] = builds.charts;
  if (chart && template.startsWith('surface/'))
    return `No resource is added, because the ${chart.source} installs Istio. Set it in the values of that chart`;
  const placeholder = placeholderIn(JSON.stringify(values));
  if (placeholder !== undefined)
    return `No resource is added, because ${placeholder} is a placeholder. Run this on the manifests with its value`;
  const renamer = source && builds.renamerOf(source);
  return renamer === undefined
    ? undefined
    : `No resource is added, because ${renamer} changes names, hosts or ports in the build. Run this on the build's output`;
}

function withAdvice(step: Step, todo: string): Step {
  const { resource, path } = step;
  return advise(todo, { ...(resource && { resource }), ...(path !== undefined && { path }) });
}
