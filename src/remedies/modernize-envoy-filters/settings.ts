import { isObject, type JsonObject } from '../../manifest/node.ts';
import { type ConfigPatch, connectionManagerSettings, protoKey } from '../../mesh/envoy-filter.ts';
import { refusedV3Type } from '../../mesh/envoy-packages.ts';
import { isContribType, missingFields } from '../../mesh/envoy-required.ts';
import { isOldType, newTypeOf, snakeCase, typeByName } from '../../mesh/envoy-types.ts';
import { classOf, newFilterName } from '../../mesh/filter-names.ts';
import { at, stringAt } from '../../mesh/read.ts';
import { filterFault } from './faults.ts';
import { allHave, type Span, whereIn } from './span.ts';
import { nameOf, partsOf, typedConfigs } from './typed-config.ts';

/** Finds settings for which Envoy rejects a listener although their names and types are right. */
export function* findSettings(patch: ConfigPatch, span: Span) {
  if (patch.operation === 'REMOVE' || !allHave(span, 'v3Types')) return;
  yield* findMissingFields(patch);
  yield* findHeaderLimit(patch, span);
  yield* findUnprovenTypes(patch, span);
}

/** A merge may leave out what the filter has; what is inserted must be complete. */
function* findMissingFields(patch: ConfigPatch) {
  const { applyTo, operation, value } = patch;
  const kind = classOf(applyTo);
  if (kind === undefined || !/^(ADD|INSERT_.*|REPLACE)$/.test(operation)) return;
  const typed = protoKey(value, 'typed_config');
  const field = Object.hasOwn(value, typed) ? typed : 'config';
  const config = at(value, field);
  if (!isObject(config)) return;
  const name = stringAt(value, 'name') ?? '';
  const url = field === typed ? presentType(config) : typeByName(newFilterName(kind, name) ?? name)?.type;
  const missing = url === undefined ? [] : missingFields(url, new Set(Object.keys(config).map(snakeCase)));
  if (url === undefined || missing.length === 0) return;
  const fields = missing.map((each) => `\`${each}\``).join(' and ');
  yield filterFault('missing-setting', whereIn(patch, 'patch', 'value', field), { name: nameOf(url), fields });
}

/** The type of settings, or what it has become. */
function presentType(config: JsonObject): string | undefined {
  const url = stringAt(config, '@type');
  return url !== undefined && isOldType(url) ? newTypeOf(url, config)?.url : url;
}

/** Only in a patch without effect: raise-header-limit fixes the others. */
function* findHeaderLimit(patch: ConfigPatch, span: Span) {
  if ([span.oldest, span.newest].some((version) => connectionManagerSettings(patch, version))) return;
  const largest = allHave(span, 'headersUpTo8192Kib') ? 8192 : 96;
  for (const { object, keys } of partsOf(patch.value, ['patch', 'value'])) {
    const key = protoKey(object, 'max_request_headers_kb');
    const kib = object[key];
    if (typeof kib === 'number' && (kib > largest || kib <= 0))
      yield filterFault('header-limit-out-of-range', whereIn(patch, ...keys, key), { kib, largest });
  }
}

/** Finds types that proxies may lack, and those that only Envoy resolves. */
function* findUnprovenTypes(patch: ConfigPatch, span: Span) {
  for (const { url, keys } of typedConfigs(patch.value, ['patch', 'value'])) {
    const isResolvedByEnvoy = keys.at(-1) !== '@type';
    if (isContribType(url) || (isResolvedByEnvoy && refusedV3Type(url, span.newest)))
      yield filterFault('unproven-type', whereIn(patch, ...keys), nameOf(url));
  }
}
