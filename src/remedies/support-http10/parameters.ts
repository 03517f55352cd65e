import { surfaceParameter } from '../mechanisms/mesh-setting.ts';
import { type ParameterValues, selection } from '../parameter.ts';

export const parameters = {
  ...selection,
  scope: {
    type: 'enum',
    values: ['mesh', 'workload'],
    default: 'mesh',
    help: 'mesh: all proxies, by the environment of istiod; workload: the proxies of chosen workloads, by their metadata',
  },
  defaultHost: {
    type: 'string',
    pattern: '^[A-Za-z0-9.:*_-]+$',
    help: 'host for requests without a Host header, which HTTP/1.0 allows and Envoy refuses; written into an EnvoyFilter',
  },
  ...surfaceParameter,
} as const;

export type Http10Parameters = typeof parameters;
export type Settings = ParameterValues<Http10Parameters>;
