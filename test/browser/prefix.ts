import { readFileSync } from 'node:fs';
import { request, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { build } from 'esbuild';

const ROOT = join(import.meta.dirname, '../..');
const PREFIX = '/cpsess0123456789/cgi/ftp_passive/';

const HOP_BY_HOP = ['connection', 'transfer-encoding', 'keep-alive'];

/** WHM as the browser sees it: TLS, a prefix with a token, and a CGI that may hold answers back. */
export interface Prefix {
  readonly address: (route: string) => string;
  /** `buffered`: no byte of an answer goes on before the answer is whole. */
  carry: 'stream' | 'buffered';
  /** Who is logged in: root, or a reseller with the plugin's privilege. */
  user: string;
  /** Requests of the product's routes, as `METHOD route`, the newest last. */
  readonly asked: string[];
  close(): Promise<void>;
}

/** @param socket where the app listens */
export async function openPrefix(socket: string, pem: string): Promise<Prefix> {
  const script = await bundle();
  const style = readFileSync(join(ROOT, 'plugin/public/style.css'));
  const asked: string[] = [];
  const open = new Set<IncomingMessage>();

  function pass(incoming: IncomingMessage, outgoing: ServerResponse, query: URLSearchParams): void {
    const route = query.get('r') ?? 'status';
    query.delete('r');
    asked.push(`${incoming.method ?? ''} ${route}`);
    const names = ['origin', 'sec-fetch-site', 'content-type', 'content-length'] as const;
    const kept = names.flatMap((name) => {
      const value = incoming.headers[name];
      return value === undefined ? [] : [[name, value] as const];
    });
    const headers = {
      ...Object.fromEntries(kept),
      'x-whm-user': prefix.user,
      'x-whm-root': prefix.user === 'root' ? '1' : '0',
      'x-whm-acl': '1',
      'x-whm-address': '198.51.100.20',
      'x-whm-session': '/cpsess0123456789',
      'x-whm-host': incoming.headers.host ?? '',
    };
    const path = `/${route}?${query.toString()}`;
    const inner = request({ socketPath: socket, method: incoming.method, path, headers, agent: false });
    inner.on('response', (response) => {
      open.add(response);
      outgoing.once('close', () => response.destroy());
      const passed = Object.fromEntries(
        Object.entries(response.headers).filter(([name]) => !HOP_BY_HOP.includes(name)),
      );
      const chunks: Buffer[] = [];
      if (prefix.carry === 'stream') outgoing.writeHead(response.statusCode ?? 500, passed).flushHeaders();
      response.on('data', (chunk: Buffer) =>
        prefix.carry === 'stream' ? outgoing.write(chunk) : chunks.push(chunk),
      );
      response.on('close', () => {
        open.delete(response);
        if (!outgoing.headersSent) outgoing.writeHead(response.statusCode ?? 500, passed);
        outgoing.end(Buffer.concat(chunks));
      });
    });
    inner.on('error', () => outgoing.destroy());
    incoming.pipe(inner);
  }

  const server = createServer({ key: pem, cert: pem }, (incoming, outgoing) => {
    const url = new URL(incoming.url ?? '/', 'https://whm.example');
    const name = url.pathname.startsWith(PREFIX) ? url.pathname.slice(PREFIX.length) : '';
    if (name === 'index.cgi') pass(incoming, outgoing, url.searchParams);
    else if (name === 'app.js') outgoing.writeHead(200, { 'content-type': 'text/javascript' }).end(script);
    else if (name === 'style.css') outgoing.writeHead(200, { 'content-type': 'text/css' }).end(style);
    else outgoing.writeHead(url.pathname === '/favicon.ico' ? 204 : 401).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;

  const prefix: Prefix = {
    address: (route) => `https://localhost:${port}${PREFIX}index.cgi?r=${route}`,
    carry: 'stream',
    user: 'root',
    asked,
    async close() {
      for (const response of open) response.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return prefix;
}

async function bundle(): Promise<Uint8Array> {
  const built = await build({
    entryPoints: [join(ROOT, 'src/web/app.ts')],
    bundle: true,
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
    write: false,
  });
  const [file] = built.outputFiles;
  if (!file) throw new Error('The page’s script was not built.');
  return file.contents;
}
