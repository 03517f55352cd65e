import { connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:net';
import { type Headers, pairs } from './application.ts';

export interface Request {
  readonly version?: '1.0' | '1.1';
  readonly method?: string;
  readonly path?: string;
  /** `null` sends no Host header, as HTTP/1.0 clients may. */
  readonly host?: string | null;
  readonly headers?: Headers;
}

export interface Response {
  readonly status: number;
  readonly reason: string;
  readonly headers: Headers;
  readonly body: string;
}

export interface Place {
  readonly address: string;
  readonly port: number;
}

const timeoutMs = 20_000;

/**
 * Sends exactly these bytes and gives back what came: no library changes a name's case or adds a header.
 *
 * @param dialled - where the application means to connect, which a PROXY protocol header tells the proxy
 */
export function send({ address, port }: Place, request: Request, dialled?: Place): Promise<Response> {
  const to = dialled ?? { address, port };
  const { version = '1.1', method = 'GET', path = '/', host = `${to.address}:${to.port}`, headers = [] } = request;
  const lines = [`${method} ${path} HTTP/${version}`];
  if (dialled) lines.unshift(`PROXY TCP4 ${address} ${dialled.address} 40000 ${dialled.port}`);
  if (host !== null) lines.push(`Host: ${host}`);
  for (const [name, value] of headers) lines.push(`${name}: ${value}`);
  if (version === '1.1') lines.push('Connection: close');
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect(port, address, () => socket.write(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'));
    const answer = (closed: boolean): Response | undefined =>
      parseResponse(Buffer.concat(chunks).toString('latin1'), closed);
    socket.setTimeout(timeoutMs, () => socket.destroy(new Error(`no answer in ${timeoutMs} ms`)));
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      // Envoy waits a second for the client to close first.
      if (answer(false)) socket.destroy();
    });
    let failed: Error | undefined;
    socket.on('error', (error) => {
      failed = error;
    });
    socket.on('close', () => {
      // A 431 is followed by a reset, because the rest of the request was never read: what came before it is the answer.
      const response = answer(true);
      if (response) resolve(response);
      else reject(failed ?? new Error(`${address}:${port} closed without an answer`));
    });
  });
}

/** The response, or undefined while some of it is still to come. */
function parseResponse(text: string, closed: boolean): Response | undefined {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const [statusLine = '', ...lines] = text.slice(0, end).split('\r\n');
  const [, status = '0', reason = ''] = /^HTTP\/1\.[01] (\d+) ?(.*)$/.exec(statusLine) ?? [];
  const headers = pairs(
    lines.flatMap((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]),
  );
  const value = (name: string): string | undefined => headers.find(([each]) => each.toLowerCase() === name)?.[1];
  const rest = text.slice(end + 4);
  const response = { status: Number(status), reason, headers };
  if (value('transfer-encoding') === 'chunked') {
    return closed || rest.endsWith('0\r\n\r\n') ? { ...response, body: joinChunks(rest) } : undefined;
  }
  return closed || rest.length >= Number(value('content-length')) ? { ...response, body: rest } : undefined;
}

function joinChunks(text: string): string {
  let joined = '';
  for (let at = 0; ; ) {
    const lineEnd = text.indexOf('\r\n', at);
    const size = Number.parseInt(text.slice(at, lineEnd), 16);
    if (lineEnd < 0 || !size) return joined;
    joined += text.slice(lineEnd + 2, lineEnd + 2 + size);
    at = lineEnd + 2 + size + 2;
  }
}

/** One gRPC call without a message: its HTTP status and its grpc-status, in the header or the trailer. */
export function call(
  { address, port }: Place,
  { host, path = '/demo.Echo/Say' }: { host: string; path?: string },
): Promise<{ readonly status: number; readonly grpcStatus: string | undefined }> {
  return new Promise((resolve, reject) => {
    const session = connectHttp2(`http://${address}:${port}`);
    const fail = (error: Error): void => {
      session.destroy();
      reject(error);
    };
    session.on('error', fail);
    const stream = session.request({
      ':method': 'POST',
      ':path': path,
      ':authority': host,
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    let status = 0;
    let grpcStatus: string | undefined;
    stream.on('response', (headers) => {
      status = Number(headers[':status']);
      grpcStatus = headers['grpc-status'] as string | undefined;
    });
    stream.on('trailers', (trailers) => {
      grpcStatus = (trailers['grpc-status'] as string | undefined) ?? grpcStatus;
    });
    stream.setTimeout(timeoutMs, () => fail(new Error(`no answer in ${timeoutMs} ms`)));
    stream.on('error', fail);
    stream.on('end', () => {
      session.close();
      resolve({ status, grpcStatus });
    });
    stream.resume().end();
  });
}
