import type { Severity } from '../../finding.ts';
import { pointer } from '../../manifest/pointer.ts';
import { type ConfigPatch, connectionManager, connectionManagerPatch } from '../../mesh/envoy-filter.ts';
import { isOldType, newTypeOf } from '../../mesh/envoy-types.ts';
import { firstWithout, lastWithout } from '../../mesh/since.ts';
import { allHave, type Fault, pathIn, type Span } from './fault.ts';
import { nameOf, obstacleOf, type TypedConfig, typedConfigs } from './typed-config.ts';
import { unknownTypes } from './unknown-types.ts';
import { typeless, untyped } from './untyped.ts';

/** Types that the versions do not know, and settings without a type. */
export function* faultsOfTypes(patch: ConfigPatch, span: Span): Iterable<Fault> {
  for (const typed of typedConfigs(patch.value, ['patch', 'value'])) {
    if (isOldType(typed.url)) yield* oldType(patch, typed, span);
  }
  yield* unknownTypes(patch, span);
  yield* earlyType(patch, span);
  yield* typeless(patch, span);
  yield* untyped(patch, span);
}

/** The types with which the webhook refuses an EnvoyFilter, whichever proxies it is for. */
export function* refusedTypes(patch: ConfigPatch, span: Span): Iterable<Fault> {
  for (const typed of typedConfigs(patch.value, ['patch', 'value']))
    if (!allHave(span, 'v2Types') && isOldType(typed.url) && typed.keys.at(-1) === '@type')
      yield* oldType(patch, typed, span);
  yield* unknownTypes(patch, span);
  yield* typeless(patch, span);
}

function* oldType(patch: ConfigPatch, { url, config, keys }: TypedConfig, span: Span): Iterable<Fault> {
  const severity = severityOf(patch, keys, span);
  const path = pathIn(patch, ...keys);
  const why = `has the type ${nameOf(url)} of the old API, ${consequence(severity, keys, span)}`;
  const isStruct = keys.at(-1) !== '@type';
  const found = isStruct ? undefined : newTypeOf(url, config);
  if (!allHave(span, 'v3Types')) {
    // 1.6 takes no other type for what it merges.
    if (severity !== 'info')
      yield {
        patch,
        severity,
        message: `${why}, while Istio ${lastWithout('v3Types')} knows no other. Upgrade the older istiod first`,
        path,
      };
  } else if (!found) {
    const message = `${why}. What took its place has other settings, or is gone: write it anew by Envoy's documentation`;
    yield { patch, severity, message, path };
  } else {
    const obstacle = obstacleOf(found);
    if (obstacle)
      yield { patch, severity, message: `${why}. ${nameOf(found.url)} took its place, but ${obstacle}`, path };
    else {
      const operations = [{ op: 'replace', path, value: found.url }] as const;
      yield { patch, severity, message: `${why}. It becomes ${nameOf(found.url)}`, path, operations };
    }
  }
}

/**
 * Up to 1.18 istiod swaps the type of what it merges into a filter for its own; what it adds goes to Envoy as it is,
 * and Envoy has no old types since Istio 1.10.
 *
 * @see https://github.com/istio/istio/blob/1.18.0/pilot/pkg/networking/core/v1alpha3/envoyfilter/listener_patch.go
 */
function severityOf(patch: ConfigPatch, keys: readonly (string | number)[], span: Span): Severity {
  if (!allHave(span, 'v2Types')) return 'error';
  const isSwapped = patch.operation === 'MERGE' && /^(NETWORK|HTTP)_FILTER$/.test(patch.applyTo) && keys.length === 4;
  return allHave(span, 'v2InEnvoy') || isSwapped ? 'info' : 'error';
}

function consequence(severity: Severity, keys: readonly (string | number)[], span: Span): string {
  if (severity === 'info') return `which Istio ${firstWithout('v2Types')} and later refuse`;
  const isRefused = !allHave(span, 'v2Types') && keys.at(-1) === '@type';
  return isRefused
    ? `so Istio ${firstWithout('v2Types')} and later refuse the whole EnvoyFilter`
    : `which Envoy has no more since Istio ${firstWithout('v2InEnvoy')}, so proxies reject what they are sent`;
}

/** istiod 1.6 has listeners of the old API only, and merges nothing of another type into them. */
function* earlyType(patch: ConfigPatch, span: Span): Iterable<Fault> {
  const manager = connectionManagerPatch(patch);
  const wanted = connectionManager(span.oldest).type;
  if (allHave(span, 'v3Types') || !manager?.type || manager.type === wanted || isOldType(manager.type)) return;
  const path = pointer(...manager.path, '@type');
  const message = `has the type ${nameOf(manager.type)}, which Istio ${lastWithout('v3Types')} does not merge: it knows the old API only`;
  if (!allHave(span, 'v2Types')) yield { patch, severity: 'warning', message: `${message}. Upgrade it first`, path };
  else {
    const operations = [{ op: 'replace', path, value: wanted }] as const;
    yield { patch, severity: 'warning', message: `${message}. It becomes ${nameOf(wanted)}`, path, operations };
  }
}
