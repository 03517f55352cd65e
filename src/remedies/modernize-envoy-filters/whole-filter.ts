import { isObject } from '../../manifest/node.ts';
import { pointer } from '../../manifest/pointer.ts';
import { selectorLabels } from '../../mesh/envoy-filter.ts';
import { at, listAt, objectAt } from '../../mesh/read.ts';
import type { Resource } from '../../mesh/resource.ts';
import type { LegacyStep as Step } from '../remedy.ts';
import { allHave, type Span } from './fault.ts';

/** What is wrong with an EnvoyFilter outside of its patches. */
export function* wholeFilter(resource: Resource, span: Span): Iterable<Step> {
  const spec = objectAt(resource.value, 'spec');
  const say = (severity: Step['severity'], message: string, path: string): Step => {
    return { severity, outcome: 'advise', message: `EnvoyFilter ${resource.name} ${message}`, resource, path };
  };
  if (resource.apiVersion !== 'networking.istio.io/v1alpha3')
    yield say(
      'error',
      `has the apiVersion ${resource.apiVersion}, while every Istio knows EnvoyFilter as networking.istio.io/v1alpha3 only`,
      '/apiVersion',
    );
  if (listAt(spec, 'filters').length > 0)
    yield say(
      'warning',
      'lists spec.filters, the form before Istio 1.3, which no version from 1.6 on reads. Write them as configPatches',
      '/spec/filters',
    );
  if (Object.hasOwn(spec, 'workloadLabels') && !Object.hasOwn(spec, 'workloadSelector'))
    yield say(
      'warning',
      'chooses workloads by spec.workloadLabels, which no version from 1.6 on reads, so it reaches its whole namespace. Write it as workloadSelector.labels',
      '/spec/workloadLabels',
    );
  const patches = at(spec, 'configPatches');
  if (patches !== undefined && patches !== null && !Array.isArray(patches))
    yield say('error', 'has spec.configPatches that are no list, so it is refused', '/spec/configPatches');
  for (const [index, patch] of listAt(patches).entries())
    if (!isObject(patch))
      yield say(
        'error',
        'has an item in spec.configPatches that is no patch, so it is refused',
        pointer('spec', 'configPatches', index),
      );
  const priority = at(spec, 'priority');
  if (priority !== undefined && priority !== null && !Number.isInteger(priority))
    yield say(
      'error',
      `has the priority ${JSON.stringify(priority)}, which is no whole number, so it is refused`,
      '/spec/priority',
    );
  const labels = Object.entries(selectorLabels(resource));
  if (labels.some((pair) => pair.some((text) => String(text).includes('*'))))
    yield say('error', 'has a wildcard in its workloadSelector, so it is refused', '/spec/workloadSelector');
  else if (isObject(at(spec, 'workloadSelector')) && labels.length === 0)
    yield say(
      'warning',
      'has a workloadSelector without labels, so it chooses every workload. Leave workloadSelector out if that is meant',
      '/spec/workloadSelector',
    );
  if (
    allHave(span, 'filterTargetRefs') &&
    Object.hasOwn(spec, 'workloadSelector') &&
    listAt(spec, 'targetRefs').length > 0
  )
    yield say('error', 'has both workloadSelector and targetRefs, so it is refused', '/spec/targetRefs');
}
