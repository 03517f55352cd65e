import { facts } from '../../mesh/since.ts';
import { type ParameterValues, selection } from '../parameter.ts';

export const parameters = {
  ...selection,
  kib: {
    type: 'integer',
    minimum: 1,
    maximum: 8192,
    default: 96,
    help: `size of all headers of a request together, in KiB; up to 96 before Istio ${facts.headersUpTo8192Kib.since}, up to 8192 since`,
  },
  headers: {
    type: 'integer',
    minimum: 1,
    maximum: 65535,
    help: 'number of headers of a request; the limit stays at 100 unless given, and more of them get 431 too',
  },
  scope: {
    type: 'enum',
    values: ['mesh', 'gateways', 'workload'],
    default: 'mesh',
    help: 'mesh: every proxy, since each hop has the limit; gateways: gateways only; workload: the pods that selector chooses',
  },
  selector: {
    type: 'labels',
    help: 'labels of the pods, for scope workload, or of some gateways for scope gateways',
  },
} as const;

export type Settings = ParameterValues<typeof parameters>;
