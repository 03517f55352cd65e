import { firstWithout, lastWithout } from '../../mesh/since.ts';
import { formatVersion, type Version } from '../../mesh/version.ts';
import { type Change, edit, emit } from '../../step.ts';
import type { DeadLimit, DefaultLimit, RaisedLimit } from './faults.ts';
import { edges, said } from './limits.ts';

/** Raises the limits where a filter sets them. */
export function editFilter({ limit, values, priority, operations }: RaisedLimit): Change {
  const rank = priority === undefined ? [] : [`set \`priority: ${priority}\`, above the filter that sets less`];
  const fix = [...(Object.keys(values).length > 0 ? [`set ${said(values)}`] : []), ...rank];
  return edit(fix.join('; '), { resource: limit.filter, operations });
}

/** Brings a filter for outdated proxies up to date. */
export function reviveFilter({ limit, values, form, operations }: DeadLimit): Change {
  const more = Object.keys(values).length > 0 ? `, and set ${said(values)}` : '';
  const fix = `use filter name \`${form.filter}\` and the type that goes with it${more}`;
  return edit(fix, { resource: limit.filter, operations });
}

/** Adds a filter for proxies that have none. */
export function addFilter({ reach, values: limits, versions, forms, priority }: DefaultLimit): Change {
  const { who, name, namespace, selector, context } = reach;
  const notes = [
    ...(forms.length > 1
      ? [
          `it has both names of the filter, since Istio ${lastWithout('newFilterNames')} and ${firstWithout('oldFilterNames')} know one each`,
        ]
      : []),
    ...(priority === null
      ? []
      : [`\`priority: ${priority}\` puts it after the filter that sets less for more proxies`]),
  ];
  const fix = `add EnvoyFilter ${name} with ${said(limits)} for ${who}, in the form of Istio ${spanned(versions)}`;
  const values = {
    name,
    namespace,
    selector,
    context,
    priority,
    kib: null,
    headers: null,
    ...limits,
    forms: [...forms],
  };
  return emit([fix, ...notes].join('; '), { template: 'raise-header-limit/envoy-filter', values });
}

function spanned(versions: readonly Version[]): string {
  const { oldest, newest } = edges(versions);
  const [from, to] = [formatVersion(oldest), formatVersion(newest)];
  return from === to ? from : `${from} to ${to}`;
}
