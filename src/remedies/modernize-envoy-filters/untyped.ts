import { isObject, type Json, type JsonObject } from '../../manifest/node.ts';
import { type ConfigPatch, protoKey } from '../../mesh/envoy-filter.ts';
import { snakeCase, typeByName, untypedConfig } from '../../mesh/envoy-types.ts';
import { classOf, newFilterName } from '../../mesh/filter-names.ts';
import { at, stringAt } from '../../mesh/read.ts';
import { type Fixable, filterFault, type Repair } from './faults.ts';
import { allHave, type Span, whereIn } from './span.ts';
import { nameOf, obstacleOf, type Part, partsOf } from './typed-config.ts';

const typedFields = new Set(['typed_config', 'typedConfig']);
const typedMaps = new Set([
  'typed_extension_protocol_options',
  'typedExtensionProtocolOptions',
  'typed_per_filter_config',
  'typedPerFilterConfig',
]);

/** Finds settings that need a type and have none: "Any JSON doesn't have '@type'". */
export function* findTypeless(patch: ConfigPatch, span: Span) {
  for (const keys of typelessIn(patch.value, ['patch', 'value'])) {
    const where = whereIn(patch, ...keys);
    const type = allHave(span, 'v3Types') ? typeFor(patch, keys) : undefined;
    const repair = type === undefined ? undefined : typed(`${where.path}/@type`, type, type);
    const name = String(keys.findLast((key) => typeof key === 'string'));
    yield filterFault('missing-type', where, { name, repair, advice: 'Add the `@type` of what they are for' });
  }
  yield* findPluginConfiguration(patch);
}

/** What a Wasm plugin is given was a text in the old API, and has a type in the new one. */
function* findPluginConfiguration(patch: ConfigPatch) {
  for (const { object, keys } of partsOf(patch.value, ['patch', 'value'])) {
    if (!/\.wasm\.v3\.Wasm$/.test(stringAt(object, '@type') ?? '')) continue;
    const given = at(object, 'config', 'configuration') ?? undefined;
    if (given === undefined || (isObject(given) && Object.hasOwn(given, '@type'))) continue;
    const advice =
      'Write a mapping with the `@type` type.googleapis.com/google.protobuf.StringValue and the text as `value`';
    yield filterFault('missing-type', whereIn(patch, ...keys, 'config', 'configuration'), {
      name: 'configuration',
      advice,
    });
  }
}

function typed(path: string, type: string, value: Json): Repair {
  return { fix: `add the type ${nameOf(type)}`, operations: [{ op: 'add', path, value }] };
}

function* typelessIn(value: Json, keys: readonly (string | number)[]): Iterable<readonly (string | number)[]> {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield* typelessIn(item, [...keys, index]);
    return;
  }
  // A Struct holds no message.
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
 * Finds a filter's settings without a type: `config` is not a field of the new API, and Envoy finds no filter by its name
 * alone since Istio 1.19.
 */
export function* findUntyped(patch: ConfigPatch, span: Span) {
  if (patch.operation === 'REMOVE' || !allHave(span, 'v3Types')) return;
  yield* findUntypedFilter(patch, span);
  for (const part of partsOf(patch.value, ['patch', 'value'])) yield* findUntypedPart(patch, part, span);
}

/** Fields that list what Envoy finds by its type: filters and access loggers. */
const extensionLists: ReadonlySet<string> = new Set(['access_log', 'filters', 'http_filters', 'listener_filters']);

/** Finds untyped settings inside of a value: `access_log[].config`, `transport_socket.config`. */
function* findUntypedPart(patch: ConfigPatch, { object, keys }: Part, span: Span) {
  const name = stringAt(object, 'name');
  const isFilter = keys.length === 2 && classOf(patch.applyTo) !== undefined;
  if (name === undefined || isFilter || isTyped(object)) return;
  const isKnownByName = allHave(span, 'filtersByNameAlone');
  const [list, index] = keys.slice(-2);
  if (isObject(at(object, 'config'))) {
    // A merge into a transport socket of that name keeps the type that is there.
    const isRejected = !isKnownByName && !/^transport_?socket$/i.test(String(index));
    const where = { ...whereIn(patch, ...keys, 'config'), ...(isRejected && { severity: 'error' as const }) };
    const advice = 'Move it to `typed_config`, with the `@type` of the settings';
    yield filterFault('untyped-config', where, { isRejected, advice });
  } else if (typeof index === 'number' && extensionLists.has(snakeCase(String(list))) && !isKnownByName) {
    const advice = 'Add `typed_config` with the `@type` of the settings';
    yield filterFault('name-without-type', whereIn(patch, ...keys), { name, advice });
  }
}

function isTyped(object: JsonObject): boolean {
  return ['typed_config', 'config_discovery'].some((field) => Object.hasOwn(object, protoKey(object, field)));
}

function* findUntypedFilter(patch: ConfigPatch, span: Span) {
  const kind = classOf(patch.applyTo);
  const { value } = patch;
  if (!kind || isTyped(value)) return;
  const name = stringAt(value, 'name') ?? '';
  const known = typeByName(newFilterName(kind, name) ?? name);
  const config = at(value, 'config');
  if (config === undefined) yield* findNameAlone(patch, name, known, span);
  else if (isObject(config)) yield findOldConfig(patch, config, known, span);
}

type KnownType = ReturnType<typeof typeByName>;

function findOldConfig(patch: ConfigPatch, config: JsonObject, known: KnownType, span: Span) {
  const isRejected = !allHave(span, 'filtersByNameAlone');
  const where = { ...whereIn(patch, 'patch', 'value', 'config'), ...(isRejected && { severity: 'error' as const }) };
  return filterFault('untyped-config', where, { isRejected, ...movedConfig(where.path, config, known) });
}

function movedConfig(path: string, config: JsonObject, known: KnownType): Fixable {
  if (!known) return { advice: 'Move it to `typed_config`, with the `@type` of the filter' };
  const obstacle = obstacleOf(untypedConfig(known.type, config));
  if (obstacle) return { advice: `The type for \`typed_config\` is ${nameOf(known.type)}, but ${obstacle}` };
  const value = { '@type': known.type, ...config };
  const operations = [
    { op: 'remove', path },
    { op: 'add', path: path.replace(/config$/, 'typed_config'), value },
  ] as const;
  return { repair: { fix: `move it to \`typed_config\`, with type ${nameOf(known.type)}`, operations } };
}

function* findNameAlone(patch: ConfigPatch, name: string, known: KnownType, span: Span) {
  // A merge may give a filter nothing but a name.
  if (name === '' || patch.operation === 'MERGE' || allHave(span, 'filtersByNameAlone')) return;
  const where = whereIn(patch, 'patch', 'value');
  const fixable: Fixable = known?.bare
    ? { repair: typed(`${where.path}/typed_config`, known.type, { '@type': known.type }) }
    : { advice: 'Add `typed_config` with the `@type` of the filter' };
  yield filterFault('name-without-type', where, { name, ...fixable });
}
