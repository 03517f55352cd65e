import { isObject, type Json, type JsonObject } from '../../manifest/node.ts';
import { protoKey } from '../../mesh/envoy-filter.ts';
import { isOldType, type NewType } from '../../mesh/envoy-types.ts';
import { stringAt } from '../../mesh/read.ts';

export interface TypedConfig {
  readonly url: string;
  readonly config: JsonObject;
  /** Keys from the patch to the type. */
  readonly keys: readonly (string | number)[];
}

/** Every `@type` of a value; and the `type_url` of a TypedStruct, which only Envoy resolves. */
export function* typedConfigs(value: Json, keys: readonly (string | number)[]): Iterable<TypedConfig> {
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

/** A mapping inside a value, with the keys from the patch to it. */
export interface Part {
  readonly object: JsonObject;
  readonly keys: readonly (string | number)[];
}

/** Fields that hold data of any shape. */
const freeForm: ReadonlySet<string> = new Set(['metadata', 'filter_metadata', 'filterMetadata', 'labels']);

/**
 * Every mapping of a value that is a part of Envoy's API v3. What only looks like it is left out: free data, messages that
 * are not Envoy's, those of API v2, and untyped settings, which have faults of their own.
 */
export function* partsOf(value: Json, keys: readonly (string | number)[]): Iterable<Part> {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield* partsOf(item, [...keys, index]);
    return;
  }
  if (!isObject(value) || isForeign(value)) return;
  yield { object: value, keys };
  for (const [key, item] of Object.entries(value)) {
    const isUntyped = key === 'config' && stringAt(value, 'name') !== undefined;
    if (!freeForm.has(key) && !isUntyped) yield* partsOf(item, [...keys, key]);
  }
}

/** Proxies of other protocols have routes of their own, with fields that HTTP no longer has. */
const otherProtocols = /network\.(generic_proxy|meta_protocol_proxy|redis_proxy|thrift_proxy|dubbo_proxy)\./;

function isForeign(value: JsonObject): boolean {
  const url = stringAt(value, '@type');
  return url !== undefined && (isOldType(url) || !/\/envoy\./.test(url) || otherProtocols.test(url));
}

export function obstacleOf({ lost, asksServer }: Pick<NewType, 'lost' | 'asksServer'>): string | undefined {
  if (lost.length > 0)
    return `it has no ${lost.join(', ')}: rewrite ${lost.length === 1 ? 'that setting' : 'those settings'} first`;
  if (asksServer)
    return 'it only uses v3 with the server that it calls: set `transport_api_version` (or `resource_api_version`) to V3 if the server supports it';
  return undefined;
}

export function nameOf(url: string): string {
  return url.replace(/^type\.googleapis\.com\//, '');
}
