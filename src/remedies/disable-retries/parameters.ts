import { facts } from '../../mesh/since.ts';
import { surfaceParameter } from '../mechanisms/mesh-setting.ts';
import { type ParameterValues, selection } from '../parameter.ts';

export const parameters = {
  ...selection,
  scope: {
    type: 'enum',
    values: ['routes', 'mesh'],
    default: 'routes',
    help: `switch retries off in every route, or once in the mesh config (Istio ${facts.defaultHttpRetryPolicy.since} and later)`,
  },
  explicit: {
    type: 'enum',
    values: ['keep', 'disable'],
    default: 'keep',
    help: 'what becomes of retries that a VirtualService asks for',
  },
  inbound: {
    type: 'enum',
    values: ['keep', 'disable'],
    default: 'keep',
    help: 'what becomes of the retries that sidecars make of requests to their own application (scope mesh)',
  },
  emit: {
    type: 'boolean',
    default: true,
    help: 'add a VirtualService for each HTTP Service without one (scope routes)',
  },
  ...surfaceParameter,
} as const;

export type RetryParameters = typeof parameters;
export type Settings = ParameterValues<typeof parameters>;
