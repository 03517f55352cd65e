import { createServer as createHttp1, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttp2, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo, Server, Socket } from 'node:net';

/** Header names as they were on the wire; a name may come twice. */
export type Headers = readonly (readonly [name: string, value: string])[];

/** One request as the application saw it, not as a library tidied it up. */
export interface Received {
  readonly version: '1.0' | '1.1' | '2';
  readonly method: string;
  readonly path: string;
  readonly headers: Headers;
  /** The port that the pod's container listens on. */
  readonly port: number;
}

export interface Reply {
  readonly status?: number;
  readonly headers?: Headers;
  readonly body?: string;
  /** As trailer of a gRPC call; on HTTP/1 as a header. */
  readonly grpcStatus?: number;
  /** Time that the application thinks before it answers. */
  readonly delayMs?: number;
}

/** What the application of one workload answers; without it, 200 with the workload's name. */
export type Behaviour = (request: Received) => Reply;

export interface Application {
  readonly received: Received[];
  /** Serves a container's port, at the place given or, behind a sidecar, at a port of the system's choice: that one is the answer. */
  listen(
    port: { readonly number: number; readonly protocol: string },
    at: { readonly address: string; readonly port: number },
  ): Promise<number>;
  stop(): void;
}

const largestHeadersBytes = 16 * 1024 * 1024;

/** An application that keeps what it saw. It speaks HTTP/2 where the port is gRPC's, else HTTP/1.0 and HTTP/1.1. */
export function startApplication(name: string, behaviour: Behaviour = () => ({})): Application {
  const received: Received[] = [];
  const servers: Server[] = [];
  const sockets = new Set<Socket>();

  const take = (request: Received): Reply => {
    received.push(request);
    return behaviour(request);
  };
  return {
    received,
    listen: ({ number: port, protocol }, at) => {
      const server =
        protocol === 'GRPC' || protocol === 'HTTP2' ? http2Server(port, take, name) : http1Server(port, take, name);
      server.on('connection', (socket: Socket) => {
        sockets.add(socket);
        socket.on('error', () => {}).once('close', () => sockets.delete(socket));
      });
      servers.push(server);
      return new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(at.port, at.address, () => resolve((server.address() as AddressInfo).port));
      });
    },
    stop: () => {
      for (const server of servers) server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** The value of a header in the case it was sent in; undefined when it came under that very name not at all. */
export function headerValue(headers: Headers, name: string): string | undefined {
  return headers.find(([each]) => each === name)?.[1];
}

/** The name as it was on the wire, whatever its case. */
export function nameOnWire(headers: Headers, name: string): string | undefined {
  return headers.find(([each]) => each.toLowerCase() === name.toLowerCase())?.[0];
}

export function pairs(raw: readonly string[]): Headers {
  const headers: [string, string][] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) headers.push([raw[i]!, raw[i + 1]!]);
  return headers;
}

function http1Server(port: number, take: (request: Received) => Reply, name: string): Server {
  const server = createHttp1({ maxHeaderSize: largestHeadersBytes }, (request, response) => {
    const { httpVersion, method = '', url: path = '', rawHeaders } = request;
    const version = httpVersion === '1.0' ? '1.0' : '1.1';
    answerHttp1(request, response, take({ version, method, path, headers: pairs(rawHeaders), port }), name);
  });
  server.keepAliveTimeout = 60_000;
  return server;
}

function http2Server(port: number, take: (request: Received) => Reply, name: string): Server {
  const server = createHttp2();
  server.on('stream', (stream: ServerHttp2Stream, _: IncomingHttpHeaders, _flags: number, rawHeaders: string[]) => {
    const headers = pairs(rawHeaders);
    const pseudo = (key: string): string => headerValue(headers, key) ?? '';
    const plain = headers.filter(([each]) => !each.startsWith(':'));
    const request = { version: '2', method: pseudo(':method'), path: pseudo(':path'), headers: plain, port } as const;
    answerHttp2(stream, take(request), name);
  });
  return server;
}

function answerHttp1(request: IncomingMessage, response: ServerResponse, reply: Reply, name: string): void {
  request.resume();
  const body = reply.body ?? `${name}\n`;
  const raw = (reply.headers ?? []).flat();
  if (reply.grpcStatus !== undefined) raw.push('grpc-status', String(reply.grpcStatus));
  raw.push('Content-Length', String(Buffer.byteLength(body)));
  setTimeout(() => {
    response.sendDate = false;
    response.writeHead(reply.status ?? 200, raw);
    response.end(body);
  }, reply.delayMs ?? 0);
}

function answerHttp2(stream: ServerHttp2Stream, reply: Reply, name: string): void {
  stream.on('error', () => {}).resume();
  setTimeout(() => {
    if (stream.destroyed) return;
    const headers: Record<string, string | number> = { ':status': reply.status ?? 200 };
    for (const [key, value] of reply.headers ?? []) headers[key] = value;
    if (reply.grpcStatus === undefined) {
      stream.respond(headers);
      stream.end(reply.body ?? `${name}\n`);
      return;
    }
    headers['content-type'] = 'application/grpc';
    stream.respond(headers, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': String(reply.grpcStatus) }));
    stream.end();
  }, reply.delayMs ?? 0);
}
