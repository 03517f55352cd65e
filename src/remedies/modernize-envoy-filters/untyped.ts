import type { Severity } from '../../finding.ts';
import { isObject, type Json, type JsonObject } from '../../manifest/node.ts';
import { type ConfigPatch, protoKey } from '../../mesh/envoy-filter.ts';
import { typeByName, untypedConfig } from '../../mesh/envoy-types.ts';
import { classOf, newFilterName } from '../../mesh/filter-names.ts';
import { at, stringAt } from '../../mesh/read.ts';
import { facts, firstWithout } from '../../mesh/since.ts';
import { allHave, type Fault, pathIn, type Span } from './fault.ts';
import { nameOf, obstacleOf } from './typed-config.ts';

const typedFields = new Set(['typed_config', 'typedConfig']);
const typedMaps = new Set([
  'typed_extension_protocol_options',
  'typedExtensionProtocolOptions',
  'typed_per_filter_config',
  'typedPerFilterConfig',
]);

/** Settings that must say of which type they are and do not: "Any JSON doesn't have '@type'". */
export function* typeless(patch: ConfigPatch, span: Span): Iterable<Fault> {
  for (const keys of typelessIn(patch.value, ['patch', 'value'])) {
    const path = pathIn(patch, ...keys);
    const why = `has settings without an @type under ${keys.findLast((key) => typeof key === 'string')}, so it is refused`;
    const type = allHave(span, 'v3Types') ? typeFor(patch, keys) : undefined;
    if (type === undefined) {
      yield { patch, severity: 'error', message: `${why}. Add the @type of what they are for`, path };
    } else {
      const operations = [{ op: 'add', path: `${path}/@type`, value: type }] as const;
      yield { patch, severity: 'error', message: `${why}. They get the type ${nameOf(type)}`, path, operations };
    }
  }
}

function* typelessIn(value: Json, keys: readonly (string | number)[]): Iterable<readonly (string | number)[]> {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield* typelessIn(item, [...keys, index]);
    return;
  }
  // What a Struct holds is of no message.
  if (!isObject(value) || /Struct$/.test(stringAt(value, '@type') ?? '')) return;
  const isMap = typedMaps.has(String(keys.at(-1)));
  for (const [key, item] of Object.entries(value)) {
    const isAny = (isMap || typedFields.has(key)) && isObject(item) && Object.keys(item).length > 0;
    if (isAny && !Object.hasOwn(item, '@type')) yield [...keys, key];
    yield* typelessIn(item, [...keys, key]);
  }
}

function typeFor(
  { applyTo, operation, match, value }: ConfigPatch,
  keys: readonly (string | number)[],
): string | undefined {
  const key = String(keys.at(-1));
  if (/^envoy\.extensions\.upstreams\.(http\.v3\.HttpProtocolOptions|tcp\.v3\.TcpProtocolOptions)$/.test(key))
    return `type.googleapis.com/${key}`;
  const kind = classOf(applyTo);
  if (kind === undefined || keys.length !== 3) return undefined;
  const filter = ['listener', 'filterChain', 'filter', ...(kind === 'http' ? ['subFilter'] : [])];
  const sought = kind === 'listener' ? undefined : stringAt(match, ...filter, 'name');
  const name = operation === 'MERGE' ? sought : stringAt(value, 'name');
  return name === undefined ? undefined : typeByName(newFilterName(kind, name) ?? name)?.type;
}

/**
 * A filter's settings without a type: `config` is no field of the new API, and Envoy finds no filter by its name
 * alone since Istio 1.19.
 */
export function* untyped(patch: ConfigPatch, span: Span): Iterable<Fault> {
  const kind = classOf(patch.applyTo);
  const { value, operation } = patch;
  if (!kind || operation === 'REMOVE' || !allHave(span, 'v3Types')) return;
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
  const severity: Severity = allHave(span, 'filtersByNameAlone') ? 'warning' : 'error';
  const rejected = severity === 'error' ? ', and proxies reject the filter without a type' : '';
  const why = `has its settings under config, a field that Istio ${facts.v3Types.since} and later drop without a word${rejected}`;
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
  if (name === '' || patch.operation === 'MERGE' || allHave(span, 'filtersByNameAlone')) return;
  const path = pathIn(patch, 'patch', 'value');
  const message = `inserts ${name} without typed_config: since Istio ${firstWithout('filtersByNameAlone')} proxies find no filter by its name alone, and reject the listener`;
  if (!known?.bare) {
    yield { patch, severity: 'error', message: `${message}. Add typed_config with the @type of the filter`, path };
    return;
  }
  const operations = [{ op: 'add', path: `${path}/typed_config`, value: { '@type': known.type } }] as const;
  yield { patch, severity: 'error', message: `${message}. It gets the type ${nameOf(known.type)}`, path, operations };
}
