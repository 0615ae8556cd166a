import { connect } from 'node:net';

/** One request as bytes, with nothing put in or left out by a library. */
export interface RawRequest {
  readonly method?: string;
  readonly path: string;
  /** A header may come more than once. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body?: string;
}

const WAIT_MS = 5000;

/** Says the request on a socket of its own and answers with the status; 0 when the connection was ended without one. */
export function statusOf(
  socketPath: string,
  { method = 'GET', path, headers, body = '' }: RawRequest,
): Promise<number> {
  const head = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return sayRaw(
    socketPath,
    `${method} ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n${head}\r\n${body}`,
  );
}

/**
 * @param isAll nothing more will be said, so that nobody waits for the rest of half a request
 * @returns the status of the first answer; 0 when there is none
 */
export function sayRaw(socketPath: string, bytes: string | Uint8Array, isAll = false): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = connect(socketPath, () => {
      if (isAll) socket.end(bytes);
      else socket.write(bytes);
    });
    let answer = '';
    socket.setTimeout(WAIT_MS, () => socket.destroy(new Error('There was no answer.')));
    socket.on('data', (chunk: Buffer) => (answer += chunk.toString('latin1')));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE' && error.code !== 'ECONNRESET') reject(error);
    });
    socket.on('close', () => resolve(Number(/^HTTP\/1\.[01] (\d{3})/.exec(answer)?.[1] ?? 0)));
  });
}
