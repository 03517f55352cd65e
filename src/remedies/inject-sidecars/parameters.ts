import { type ParameterValues, selection } from '../parameter.ts';

export const parameters = {
  ...selection,
  revision: {
    type: 'string',
    pattern: '^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$',
    help: 'revision or tag to label namespaces with, `default` for a control plane without one; found in the manifests when left out',
  },
} as const;

export type Settings = ParameterValues<typeof parameters>;
