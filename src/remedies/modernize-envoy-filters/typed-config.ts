import { isObject, type Json, type JsonObject } from '../../manifest/node.ts';
import { protoKey } from '../../mesh/envoy-filter.ts';
import type { NewType } from '../../mesh/envoy-types.ts';
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
