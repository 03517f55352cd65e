import type { ConfigPatch } from '../../mesh/envoy-filter.ts';
import { refusedV3Type, type TypeFault } from '../../mesh/envoy-packages.ts';
import { newTypeOf, typeByName } from '../../mesh/envoy-types.ts';
import { classOf } from '../../mesh/filter-names.ts';
import { filterFault } from './faults.ts';
import { allHave, type Span, spanned, whereIn } from './span.ts';
import { nameOf, obstacleOf, type TypedConfig, typedConfigs } from './typed-config.ts';
import { retyped } from './types.ts';

/** Finds types that look like those of the new API, and that neither istiod nor a filter accepts. */
export function* findUnknownTypes(patch: ConfigPatch, span: Span) {
  if (!allHave(span, 'v3Types')) return;
  for (const typed of typedConfigs(patch.value, ['patch', 'value'])) {
    if (typed.keys.at(-1) !== '@type') continue;
    const refusal = refusedV3Type(typed.url, span.oldest) ?? refusedV3Type(typed.url, span.newest);
    if (refusal) yield findRefused(patch, typed, refusal, span);
    else yield* findWrongMessage(patch, typed);
  }
}

function findRefused(patch: ConfigPatch, { url, config, keys }: TypedConfig, refusal: TypeFault, span: Span) {
  const where = whereIn(patch, ...keys);
  const found = refusal === 'unknown' ? successorOf(url, config) : undefined;
  const obstacle = found && obstacleOf(found);
  const advice = obstacle && `Its name is ${nameOf(found.url)}, but ${obstacle}`;
  const repair = found && !obstacle ? retyped(where.path, found.url) : undefined;
  return filterFault('unknown-type', where, { name: nameOf(url), why: reasonOf(refusal, span), advice, repair });
}

function reasonOf(refusal: TypeFault, span: Span): string {
  if (refusal === 'unknown') return 'which no version of Istio knows';
  return 'since' in refusal
    ? `which exists since Istio ${refusal.since} and not in ${spanned(span)}`
    : `which Istio ${refusal.until} and later do not know`;
}

/** Old types often got the new version and kept their old package. */
function successorOf(url: string, config: TypedConfig['config']): ReturnType<typeof newTypeOf> {
  const versions = ['v2', 'v2alpha', 'v2alpha1'];
  return versions.map((version) => newTypeOf(url.replace('.v3.', `.${version}.`), config)).find((found) => found);
}

/** Finds another message than the one that configures a filter, in the filter's own package. */
function* findWrongMessage(patch: ConfigPatch, { url, keys }: TypedConfig) {
  const name = /\/envoy\.extensions\.(filters\.[a-z]+\.[a-z0-9_]+)\.v3\./.exec(url)?.[1];
  const type = name === undefined ? undefined : typeByName(`envoy.${name}`)?.type;
  if (!type || type === url || keys.length !== 4 || classOf(patch.applyTo) === undefined) return;
  const where = whereIn(patch, ...keys);
  const isSlip = url.toLowerCase() === type.toLowerCase();
  const fixable = isSlip
    ? { repair: retyped(where.path, type) }
    : { advice: `The type of the filter is ${nameOf(type)}` };
  yield filterFault('wrong-message', where, { name: nameOf(url), ...fixable });
}
