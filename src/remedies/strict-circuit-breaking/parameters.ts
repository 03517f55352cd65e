import { type ParameterValues, selection } from '../parameter.ts';

export const parameters = {
  ...selection,
  pending: {
    type: 'integer',
    minimum: 1, // Istio takes 0 for "not set"
    maximum: 2_147_483_647,
    help: "requests that may wait for a connection before others get 503 (http1MaxPendingRequests); the pool's own maxConnections when not given, since it also counts requests whose connection is being opened",
  },
  requests: {
    type: 'integer',
    minimum: 1,
    maximum: 2_147_483_647,
    help: 'requests at a time over HTTP/2 (http2MaxRequests); the limit of connections when not given',
  },
  hosts: { type: 'strings', help: 'hosts to limit that are not limited yet; needs connections' },
  connections: {
    type: 'integer',
    minimum: 1,
    maximum: 2_147_483_647,
    help: 'limit of connections for hosts (maxConnections)',
  },
} as const;

export type Settings = ParameterValues<typeof parameters>;
