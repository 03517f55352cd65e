import { isObject } from '../../manifest/node.ts';
import { pointer } from '../../manifest/pointer.ts';
import type { ConfigPatch } from '../../mesh/envoy-filter.ts';
import { snakeCase } from '../../mesh/envoy-types.ts';
import { isIstiodFilter, newFilterName, oldFilterName } from '../../mesh/filter-names.ts';
import { filterFault } from './faults.ts';
import { allHave, type Span, whereIn } from './span.ts';
import { partsOf } from './typed-config.ts';

/** Finds settings for routes under a name that no filter has: Envoy compares whole names, and ignores the others. */
export function* findFilterKeys(patch: ConfigPatch, span: Span, inserted: ReadonlySet<string>) {
  if (patch.operation === 'REMOVE' || !allHave(span, 'newFilterNames') || allHave(span, 'oldFilterNames')) return;
  for (const { object, keys } of partsOf(patch.value, ['patch', 'value'])) {
    const field = Object.keys(object).find((key) => snakeCase(key) === 'typed_per_filter_config');
    const settings = field === undefined ? undefined : object[field];
    if (field === undefined || !isObject(settings)) continue;
    for (const name of Object.keys(settings)) yield* findKey(patch, [...keys, field, name], name, inserted);
  }
}

function* findKey(patch: ConfigPatch, keys: readonly (string | number)[], name: string, inserted: ReadonlySet<string>) {
  const isOld = newFilterName('http', name) !== undefined;
  const other = newFilterName('http', name) ?? oldFilterName('http', name);
  if (other === undefined || inserted.has(name)) return;
  const isKnown = inserted.has(other) || (isOld && isIstiodFilter(other));
  if (!isOld && !isKnown) return;
  const where = whereIn(patch, ...keys);
  const path = `${where.path.slice(0, where.path.lastIndexOf('/'))}${pointer(other)}`;
  const repair = isKnown
    ? { fix: `rename it to ${other}`, operations: [{ op: 'move', from: where.path, path } as const] }
    : undefined;
  yield filterFault('old-filter-key', where, { name, repair, advice: `If the filter is called ${other}, write that` });
}
