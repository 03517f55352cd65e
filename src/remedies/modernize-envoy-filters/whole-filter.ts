import { isObject, type Json } from '../../manifest/node.ts';
import { selectorLabels } from '../../mesh/envoy-filter.ts';
import { at, listAt, objectAt } from '../../mesh/read.ts';
import type { Resource } from '../../mesh/resource.ts';
import { placeIn } from '../../step.ts';
import { filterFault } from './faults.ts';
import { allHave, type Span } from './span.ts';

/** Finds what is wrong with an EnvoyFilter outside of its patches. */
export function* findInWhole(filter: Resource, span: Span) {
  const spec = objectAt(filter.value, 'spec');
  if (filter.apiVersion !== 'networking.istio.io/v1alpha3')
    yield filterFault('wrong-api-version', placeIn(filter, 'apiVersion'), filter.apiVersion);
  if (listAt(spec, 'filters').length > 0) yield filterFault('old-filters-list', placeIn(filter, 'spec', 'filters'));
  if (Object.hasOwn(spec, 'workloadLabels') && !Object.hasOwn(spec, 'workloadSelector'))
    yield filterFault('old-workload-labels', placeIn(filter, 'spec', 'workloadLabels'));
  yield* findInPatches(filter, at(spec, 'configPatches'));
  const priority = at(spec, 'priority') ?? undefined;
  if (priority !== undefined && !Number.isInteger(priority))
    yield filterFault('invalid-priority', placeIn(filter, 'spec', 'priority'), JSON.stringify(priority));
  yield* findInSelector(filter);
  const isSelected = Object.hasOwn(spec, 'workloadSelector') && listAt(spec, 'targetRefs').length > 0;
  if (isSelected && allHave(span, 'filterTargetRefs'))
    yield filterFault('selector-and-target-refs', placeIn(filter, 'spec', 'targetRefs'));
}

function* findInPatches(filter: Resource, patches: Json | undefined) {
  if (patches !== undefined && patches !== null && !Array.isArray(patches))
    yield filterFault('patches-not-a-list', placeIn(filter, 'spec', 'configPatches'));
  for (const [index, patch] of listAt(patches).entries())
    if (!isObject(patch)) yield filterFault('patch-not-a-mapping', placeIn(filter, 'spec', 'configPatches', index));
}

function* findInSelector(filter: Resource) {
  const where = placeIn(filter, 'spec', 'workloadSelector');
  const labels = Object.entries(selectorLabels(filter));
  if (labels.some((pair) => pair.some((text) => String(text).includes('*'))))
    yield filterFault('wildcard-selector', where);
  else if (isObject(at(filter.value, 'spec', 'workloadSelector')) && labels.length === 0)
    yield filterFault('empty-selector', where);
}
