import { facts } from '../../mesh/since.ts';
import { selection } from '../parameter.ts';
import type { Target } from '../remedy.ts';

export const parameters = {
  ...selection,
  consecutive5xxErrors: {
    type: 'integer',
    minimum: 1, // 0 would switch the detection off again
    maximum: 4_294_967_295,
    default: 3,
    help: 'errors in a row after which a pod gets no requests for a while; failed connections count too',
  },
  interval: { type: 'duration', default: '30s', help: 'how often ejected pods are looked at' },
  baseEjectionTime: {
    type: 'duration',
    default: '30s',
    help: 'how long a pod gets no requests, times the number of times it happened',
  },
  maxEjectionPercent: {
    type: 'integer',
    minimum: 1, // Istio takes 0 for "not set"
    maximum: 100,
    help: `how many of the pods may get no requests at a time; 10 when not given, which is none of fewer than 10 from Istio ${facts.firstEjectionCounted.since} on`,
  },
} as const;

export type LocalityTarget = Target<typeof parameters>;

/** True when the user chooses hosts, which are then to have outlier detection even if they do not ask for failover. */
export function isNarrowed({ parameters: { namespaces, names } }: LocalityTarget): boolean {
  return namespaces !== undefined || names !== undefined;
}
