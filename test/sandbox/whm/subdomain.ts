import { request, createServer as createPlain, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer } from 'node:https';

/** The service subdomain of WHM, as a browser names it. */
export const SUBDOMAIN = 'whm.server.example.com';
/** documented: WHM without TLS, where the server's own web server goes for its visitors. */
const INNER_PORT = 2086;
const HOP_BY_HOP = ['connection', 'transfer-encoding', 'keep-alive'];

/**
 * Opens WHM's service subdomain: the server's web server on port 443, which passes requests on.
 * documented: the way to 127.0.0.1:2086, and that WHM sees the visitor in X-Forwarded-For only. assumed: whether the
 * Host header is the browser's or the proxy's own address, and that nothing of an answer goes on before it is whole.
 */
export function openSubdomain(
  pem: Buffer,
  keepsHost: () => boolean,
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): void {
  createPlain(answer).listen(INNER_PORT, '127.0.0.1');
  createServer({ key: pem, cert: pem }, (incoming, outgoing) => {
    const { host = '' } = incoming.headers;
    const visitor = incoming.socket.remoteAddress?.replace(/^::ffff:/, '') ?? '';
    const headers = {
      ...incoming.headers,
      host: keepsHost() ? host : `127.0.0.1:${INNER_PORT}`,
      'x-forwarded-for': added(incoming.headers['x-forwarded-for'], visitor),
      'x-forwarded-host': added(incoming.headers['x-forwarded-host'], host),
      'x-forwarded-server': SUBDOMAIN,
      connection: 'close',
    };
    const { method, url } = incoming;
    const inner = request({ host: '127.0.0.1', port: INNER_PORT, method, path: url, headers, agent: false });
    inner.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('close', () => {
        const passed = Object.entries(response.headers).filter(([name]) => !HOP_BY_HOP.includes(name));
        outgoing.writeHead(response.statusCode ?? 502, Object.fromEntries(passed)).end(Buffer.concat(chunks));
      });
      outgoing.on('close', () => response.destroy());
    });
    inner.on('error', () => outgoing.destroy());
    incoming.pipe(inner);
  }).listen(443, '::');
}

/** A proxy adds what it saw to what it was told. */
function added(told: string | string[] | undefined, seen: string): string {
  return [told ?? [], seen].flat().join(', ');
}
