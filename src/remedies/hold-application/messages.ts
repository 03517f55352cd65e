import type { PodTemplate } from '../../mesh/workload.ts';

/** What happens without the field. */
export const notWaiting = 'An application starts while its proxy is still getting ready, so its first calls may fail';

/** What to do where the chart's own lifecycle stands in the way. */
export const hookAdvice =
  'holdApplicationUntilProxyStarts does not hold anything here: global.proxy.lifecycle of the istiod chart takes the place of the hook that waits. Add a postStart with exec command ["pilot-agent", "wait"] to that lifecycle, or remove it';

export function named({ resource }: PodTemplate): string {
  return `${resource.kind} ${resource.name}`;
}

/** The first three names, and how many more there are. */
export function someOf(names: readonly string[]): string {
  const shown = names.slice(0, 3).join(', ');
  return names.length > 3 ? `${shown} and ${names.length - 3} more` : shown;
}
