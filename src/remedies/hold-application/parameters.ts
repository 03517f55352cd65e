import { surfaceParameter } from '../mechanisms/mesh-setting.ts';
import { selection } from '../parameter.ts';
import type { Target } from '../remedy.ts';

export const parameters = {
  ...selection,
  scope: {
    type: 'enum',
    values: ['workload', 'mesh'],
    default: 'workload',
    help: 'workload: the pods of chosen workloads, by their annotation; mesh: all pods, by the mesh config',
  },
  ...surfaceParameter,
} as const;

export type HoldTarget = Target<typeof parameters>;
