import { surfaceParameter } from '../mechanisms/mesh-setting.ts';
import { type ParameterValues, selection } from '../parameter.ts';

export const parameters = {
  ...selection,
  style: {
    type: 'enum',
    values: ['preserve', 'proper-case', 'tcp'],
    default: 'preserve',
    help: 'preserve: header names pass as they were sent; proper-case: Each-Word-Capitalised; tcp: proxies leave the traffic of chosen ports alone',
  },
  scope: {
    type: 'enum',
    values: ['mesh', 'workload'],
    default: 'mesh',
    help: 'mesh: all proxies, gateways too; workload: the proxies of chosen workloads. Not for style tcp',
  },
  hosts: {
    type: 'objects',
    fields: {
      host: { type: 'string', help: 'a Service (reviews, reviews.shop) or a host outside the mesh' },
      port: { type: 'integer', minimum: 1, maximum: 65535, help: 'its port; all HTTP ports unless given' },
      addresses: { type: 'strings', help: 'IP addresses of a host outside the mesh, for style tcp' },
    },
    required: ['host'],
    short: 'host',
    help: 'hosts that the filters, or style tcp, are for',
  },
  ...surfaceParameter,
} as const;

export type HeaderCaseParameters = typeof parameters;

export type HeaderCaseValues = ParameterValues<HeaderCaseParameters>;
