import type { Severity } from '../../finding.ts';
import { isObject, type Json, type JsonObject } from '../../manifest/node.ts';
import { pointer } from '../../manifest/pointer.ts';
import { type ConfigPatch, connectionManager, connectionManagerPatch, protoKey } from '../../mesh/envoy-filter.ts';
import { isOldType, type NewType, newTypeOf, typeByName, untypedConfig } from '../../mesh/envoy-types.ts';
import { newFilterName } from '../../mesh/filter-names.ts';
import { at, stringAt } from '../../mesh/read.ts';
import { type Fault, isBefore, isSince, pathIn, type Span } from './fault.ts';
import { classOf } from './names.ts';

/** Types that the versions do not know, and settings without a type. */
export function* faultsOfTypes(patch: ConfigPatch, span: Span): Iterable<Fault> {
  for (const typed of typedConfigs(patch.value, ['patch', 'value'])) {
    if (isOldType(typed.url)) yield* oldType(patch, typed, span);
  }
  yield* earlyType(patch, span);
  yield* untyped(patch, span);
}

/** The types with which the webhook refuses an EnvoyFilter, whichever proxies it is for. */
export function* refusedTypes(patch: ConfigPatch, span: Span): Iterable<Fault> {
  if (isBefore(span, '1.19')) return;
  for (const typed of typedConfigs(patch.value, ['patch', 'value']))
    if (isOldType(typed.url) && typed.keys.at(-1) === '@type') yield* oldType(patch, typed, span);
}

interface TypedConfig {
  readonly url: string;
  readonly config: JsonObject;
  /** Keys from the patch to the type. */
  readonly keys: readonly (string | number)[];
}

/** Every `@type` of a value; and the `type_url` of a TypedStruct, which only Envoy resolves. */
function* typedConfigs(value: Json, keys: readonly (string | number)[]): Iterable<TypedConfig> {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield* typedConfigs(item, [...keys, index]);
    return;
  }
  if (!isObject(value)) return;
  const url = stringAt(value, '@type');
  if (url !== undefined) yield { url, config: value, keys: [...keys, '@type'] };
  if (url?.endsWith('.TypedStruct')) {
    const key = protoKey(value, 'type_url');
    const inner = stringAt(value, key);
    if (inner !== undefined) yield { url: inner, config: value, keys: [...keys, key] };
  }
  for (const [key, item] of Object.entries(value)) yield* typedConfigs(item, [...keys, key]);
}

function* oldType(patch: ConfigPatch, { url, config, keys }: TypedConfig, span: Span): Iterable<Fault> {
  const severity = severityOf(patch, keys, span);
  const path = pathIn(patch, ...keys);
  const why = `has the type ${nameOf(url)} of the old API, ${consequence(severity, keys, span)}`;
  const isStruct = keys.at(-1) !== '@type';
  const found = isStruct ? undefined : newTypeOf(url, config);
  if (!isSince(span, '1.7')) {
    // 1.6 takes no other type for what it merges.
    if (severity !== 'info')
      yield {
        patch,
        severity,
        message: `${why}, while Istio 1.6 knows no other. Upgrade the older istiod first`,
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
  if (!isBefore(span, '1.19')) return 'error';
  const isSwapped = patch.operation === 'MERGE' && /^(NETWORK|HTTP)_FILTER$/.test(patch.applyTo) && keys.length === 4;
  return isBefore(span, '1.10') || isSwapped ? 'info' : 'error';
}

function consequence(severity: Severity, keys: readonly (string | number)[], span: Span): string {
  if (severity === 'info') return 'which Istio 1.19 and later refuse';
  const isRefused = !isBefore(span, '1.19') && keys.at(-1) === '@type';
  return isRefused
    ? 'so Istio 1.19 and later refuse the whole EnvoyFilter'
    : 'which Envoy has no more since Istio 1.10, so proxies reject what they are sent';
}

function obstacleOf({ lost, asksServer }: Pick<NewType, 'lost' | 'asksServer'>): string | undefined {
  if (lost.length > 0)
    return `it has no ${lost.join(', ')}: write ${lost.length === 1 ? 'that setting' : 'those settings'} anew first`;
  if (asksServer)
    return 'it speaks only v3 with the server that it calls: set transport_api_version (or resource_api_version) to V3 if the server knows that';
  return undefined;
}

function nameOf(url: string): string {
  return url.replace(/^type\.googleapis\.com\//, '');
}

/** istiod 1.6 has listeners of the old API only, and merges nothing of another type into them. */
function* earlyType(patch: ConfigPatch, span: Span): Iterable<Fault> {
  const manager = connectionManagerPatch(patch);
  const wanted = connectionManager(span.oldest).type;
  if (isSince(span, '1.7') || !manager?.type || manager.type === wanted || isOldType(manager.type)) return;
  const path = pointer(...manager.path, '@type');
  const message = `has the type ${nameOf(manager.type)}, which Istio 1.6 does not merge: it knows the old API only`;
  if (!isBefore(span, '1.19')) yield { patch, severity: 'warning', message: `${message}. Upgrade it first`, path };
  else {
    const operations = [{ op: 'replace', path, value: wanted }] as const;
    yield { patch, severity: 'warning', message: `${message}. It becomes ${nameOf(wanted)}`, path, operations };
  }
}

/**
 * A filter's settings without a type: `config` is no field of the new API, and Envoy finds no filter by its name
 * alone since Istio 1.19.
 */
function* untyped(patch: ConfigPatch, span: Span): Iterable<Fault> {
  const kind = classOf(patch.applyTo);
  const { value, operation } = patch;
  if (!kind || operation === 'REMOVE' || !isSince(span, '1.7')) return;
  const isTyped = ['typed_config', 'config_discovery'].some((field) => Object.hasOwn(value, protoKey(value, field)));
  const name = stringAt(value, 'name') ?? '';
  if (isTyped) return;
  const known = typeByName(newFilterName(kind, name) ?? name);
  const path = pathIn(patch, 'patch', 'value');
  const config = at(value, 'config');
  if (config === undefined) yield* nameAlone(patch, name, known, span);
  else if (isObject(config)) yield* oldConfig(patch, config, known, path, span);
}

function* oldConfig(
  patch: ConfigPatch,
  config: JsonObject,
  known: ReturnType<typeof typeByName>,
  path: string,
  span: Span,
): Iterable<Fault> {
  const severity: Severity = isBefore(span, '1.19') ? 'warning' : 'error';
  const rejected = severity === 'error' ? ', and proxies reject the filter without a type' : '';
  const why = `has its settings under config, a field that Istio 1.7 and later drop without a word${rejected}`;
  const place = `${path}/config`;
  if (!known) {
    yield { patch, severity, message: `${why}. Put them under typed_config with the @type of the filter`, path: place };
    return;
  }
  const obstacle = obstacleOf(untypedConfig(known.type, config));
  if (obstacle) {
    yield {
      patch,
      severity,
      message: `${why}. ${nameOf(known.type)} is the type for typed_config, but ${obstacle}`,
      path: place,
    };
    return;
  }
  const operations = [
    { op: 'remove', path: place },
    { op: 'add', path: `${path}/typed_config`, value: { '@type': known.type, ...config } },
  ] as const;
  yield {
    patch,
    severity,
    message: `${why}. They go under typed_config, as ${nameOf(known.type)}`,
    path: place,
    operations,
  };
}

function* nameAlone(
  patch: ConfigPatch,
  name: string,
  known: ReturnType<typeof typeByName>,
  span: Span,
): Iterable<Fault> {
  // A merge may give a filter nothing but a name.
  if (name === '' || patch.operation === 'MERGE' || isBefore(span, '1.19')) return;
  const path = pathIn(patch, 'patch', 'value');
  const message = `inserts ${name} without typed_config: since Istio 1.19 proxies find no filter by its name alone, and reject the listener`;
  if (!known?.bare) {
    yield { patch, severity: 'error', message: `${message}. Add typed_config with the @type of the filter`, path };
    return;
  }
  const operations = [{ op: 'add', path: `${path}/typed_config`, value: { '@type': known.type } }] as const;
  yield { patch, severity: 'error', message: `${message}. It gets the type ${nameOf(known.type)}`, path, operations };
}
