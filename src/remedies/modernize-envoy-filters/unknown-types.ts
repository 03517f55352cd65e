import type { ConfigPatch } from '../../mesh/envoy-filter.ts';
import { refusedV3Type, type TypeFault } from '../../mesh/envoy-packages.ts';
import { newTypeOf, typeByName } from '../../mesh/envoy-types.ts';
import { classOf } from '../../mesh/filter-names.ts';
import { allHave, type Fault, pathIn, type Span, spanned } from './fault.ts';
import { nameOf, obstacleOf, type TypedConfig, typedConfigs } from './typed-config.ts';

/** Types that look like those of the new API, and are none that istiod or a filter takes. */
export function* unknownTypes(patch: ConfigPatch, span: Span): Iterable<Fault> {
  if (!allHave(span, 'v3Types')) return;
  for (const typed of typedConfigs(patch.value, ['patch', 'value'])) {
    if (typed.keys.at(-1) !== '@type') continue;
    const refusal = refusedV3Type(typed.url, span.oldest) ?? refusedV3Type(typed.url, span.newest);
    if (refusal) yield refused(patch, typed, refusal, span);
    else yield* wrongMessage(patch, typed);
  }
}

function refused(patch: ConfigPatch, { url, config, keys }: TypedConfig, refusal: TypeFault, span: Span): Fault {
  const path = pathIn(patch, ...keys);
  const why = `has the type ${nameOf(url)}, ${reasonOf(refusal, span)}, so it is refused`;
  const found = refusal === 'unknown' ? successorOf(url, config) : undefined;
  if (!found) return { patch, severity: 'error', message: why, path };
  const obstacle = obstacleOf(found);
  if (obstacle)
    return { patch, severity: 'error', message: `${why}. It is ${nameOf(found.url)}, but ${obstacle}`, path };
  const operations = [{ op: 'replace', path, value: found.url }] as const;
  return { patch, severity: 'error', message: `${why}. It becomes ${nameOf(found.url)}`, path, operations };
}

function reasonOf(refusal: TypeFault, span: Span): string {
  if (refusal === 'unknown') return 'which no Istio knows';
  return 'since' in refusal
    ? `which Istio knows since ${refusal.since}, and this is for ${spanned(span)}`
    : `which Istio ${refusal.until} and later do not know`;
}

/** Many an old type was given the new version and kept its old package. */
function successorOf(url: string, config: TypedConfig['config']): ReturnType<typeof newTypeOf> {
  const versions = ['v2', 'v2alpha', 'v2alpha1'];
  return versions.map((version) => newTypeOf(url.replace('.v3.', `.${version}.`), config)).find((found) => found);
}

/** Another message than the one that a filter is configured by, in the filter's own package. */
function* wrongMessage(patch: ConfigPatch, { url, keys }: TypedConfig): Iterable<Fault> {
  const name = /\/envoy\.extensions\.(filters\.[a-z]+\.[a-z0-9_]+)\.v3\./.exec(url)?.[1];
  const type = name === undefined ? undefined : typeByName(`envoy.${name}`)?.type;
  if (!type || type === url || keys.length !== 4 || classOf(patch.applyTo) === undefined) return;
  const path = pathIn(patch, ...keys);
  const why = `has the type ${nameOf(url)}, which is not what the filter takes: it is refused, or proxies reject it`;
  if (url.toLowerCase() !== type.toLowerCase()) {
    yield { patch, severity: 'error', message: `${why}. The filter's type is ${nameOf(type)}`, path };
    return;
  }
  const operations = [{ op: 'replace', path, value: type }] as const;
  yield { patch, severity: 'error', message: `${why}. It becomes ${nameOf(type)}`, path, operations };
}
