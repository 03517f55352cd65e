import { pointer } from '../../manifest/pointer.ts';
import { type ConfigPatch, connectionManager, connectionManagerPatch } from '../../mesh/envoy-filter.ts';
import { isOldType, newTypeOf } from '../../mesh/envoy-types.ts';
import { lastWithout } from '../../mesh/since.ts';
import { type Fixable, filterFault, type Repair } from './faults.ts';
import { findRemoved } from './removed.ts';
import { findSettings } from './settings.ts';
import { allHave, type Span, whereIn } from './span.ts';
import { nameOf, obstacleOf, type TypedConfig, typedConfigs } from './typed-config.ts';
import { findUnknownTypes } from './unknown-types.ts';
import { findTypeless, findUntyped } from './untyped.ts';

/** Finds types that the versions do not know, and settings without a type. */
export function* findTypes(patch: ConfigPatch, span: Span) {
  for (const typed of typedConfigs(patch.value, ['patch', 'value']))
    if (isOldType(typed.url)) yield* findOldType(patch, typed, span);
  yield* findUnknownTypes(patch, span);
  yield* findEarlyType(patch, span);
  yield* findTypeless(patch, span);
  yield* findUntyped(patch, span);
  yield* findRemoved(patch, span);
  yield* findSettings(patch, span);
}

/** Finds the types with which the webhook rejects an EnvoyFilter, whichever proxies it is for. */
export function* findRejectedTypes(patch: ConfigPatch, span: Span) {
  for (const typed of typedConfigs(patch.value, ['patch', 'value']))
    if (!allHave(span, 'v2Types') && isOldType(typed.url) && typed.keys.at(-1) === '@type')
      yield* findOldType(patch, typed, span);
  yield* findUnknownTypes(patch, span);
  yield* findTypeless(patch, span);
}

function* findOldType(patch: ConfigPatch, typed: TypedConfig, span: Span) {
  const { url, keys } = typed;
  const where = whereIn(patch, ...keys);
  const name = nameOf(url);
  if (isAccepted(patch, keys, span)) {
    // 1.6 accepts no other type for what it merges.
    if (allHave(span, 'v3Types'))
      yield filterFault('lapsing-v2-type', where, { name, ...successor(typed, where.path) });
    return;
  }
  const isRejected = !allHave(span, 'v2Types') && keys.at(-1) === '@type';
  const fixable: Fixable = allHave(span, 'v3Types')
    ? successor(typed, where.path)
    : { advice: `Istio ${lastWithout('v3Types')} knows no other. Upgrade the older istiod first` };
  yield filterFault('v2-type', where, { name, isRejected, ...fixable });
}

/** What replaces a type of the old API. */
function successor({ url, config, keys }: TypedConfig, path: string): Fixable {
  const found = keys.at(-1) === '@type' ? newTypeOf(url, config) : undefined;
  if (!found)
    return { advice: "Its successor has other settings, or does not exist: rewrite it after Envoy's documentation" };
  const obstacle = obstacleOf(found);
  if (obstacle) return { advice: `Its successor is ${nameOf(found.url)}, but ${obstacle}` };
  return { repair: retyped(path, found.url) };
}

/** Replaces a type. */
export function retyped(path: string, url: string): Repair {
  return { fix: `replace it with ${nameOf(url)}`, operations: [{ op: 'replace', path, value: url }] };
}

/**
 * True where the versions accept a type of the old API. Up to 1.18 istiod swaps the type of what it merges into a filter for
 * its own; what it adds goes to Envoy as it is, and Envoy has no old types since Istio 1.10.
 *
 * @see https://github.com/istio/istio/blob/1.18.0/pilot/pkg/networking/core/v1alpha3/envoyfilter/listener_patch.go
 */
function isAccepted(patch: ConfigPatch, keys: readonly (string | number)[], span: Span): boolean {
  if (!allHave(span, 'v2Types')) return false;
  const isSwapped = patch.operation === 'MERGE' && /^(NETWORK|HTTP)_FILTER$/.test(patch.applyTo) && keys.length === 4;
  return allHave(span, 'v2InEnvoy') || isSwapped;
}

/** istiod 1.6 has listeners of the old API only, and merges nothing of another type into them. */
function* findEarlyType(patch: ConfigPatch, span: Span) {
  const manager = connectionManagerPatch(patch);
  const wanted = connectionManager(span.oldest).type;
  if (allHave(span, 'v3Types') || !manager?.type || manager.type === wanted || isOldType(manager.type)) return;
  const path = pointer(...manager.path, '@type');
  const fixable = allHave(span, 'v2Types') ? { repair: retyped(path, wanted) } : { advice: 'Upgrade it first' };
  yield filterFault('early-v3-type', { resource: patch.filter, path }, { name: nameOf(manager.type), ...fixable });
}
