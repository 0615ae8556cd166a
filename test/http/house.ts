import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { request, type IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runInThisContext } from 'node:vm';
import type { Express } from 'express';
import type { Desk } from '../../src/http/desk.ts';
import type { AuditEvent } from '../../src/runs/audit.ts';
import type { Problem } from '../../src/core/problem.ts';
import type { Grants } from '../../src/runs/grants.ts';
import type { Proofs } from '../../src/outside/proofs.ts';
import { createApp } from '../../src/http/app.ts';
import { formToken } from '../../src/http/guard.ts';
import type { Live } from '../../src/http/live.ts';
import { startServer } from '../../src/http/serve.ts';
import type { Templates } from '../../src/http/views.ts';
import { precompiled } from '../../script/templates.mjs';
import { createTickets, type Tickets } from '../../src/http/tickets.ts';
import { createFakeGrants } from './fake-grants.ts';
import { createFakeOutside } from './fake-outside.ts';

const ROOT = join(import.meta.dirname, '../..');
export const NOW = Date.parse('2026-11-22T10:00:42.000Z');

export const templates = runInThisContext(`(${precompiled(join(ROOT, 'templates'))})`) as Templates;

/** What the CGI says of a root login. */
export const ROOT_LOGIN: Readonly<Record<string, string>> = {
  'x-whm-user': 'root',
  'x-whm-root': '1',
  'x-whm-address': '198.51.100.20',
  'x-whm-session': '/cpsess0123456789',
  'x-whm-host': 'server.example:2087',
};

/** What the CGI says of a reseller who holds the plugin's privilege. */
export const RESELLER_LOGIN: Readonly<Record<string, string>> = {
  ...ROOT_LOGIN,
  'x-whm-user': 'rita',
  'x-whm-root': '0',
  'x-whm-acl': '1',
  'x-whm-session': '/cpsess9876543210',
};

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
  readonly text: string;
}

/** The app on a real socket in a directory of its own. */
export interface House {
  readonly app: Express;
  readonly path: string;
  readonly secret: Uint8Array;
  readonly tickets: Tickets;
  readonly reported: Problem[];
  /** What the audit was told. */
  readonly noted: AuditEvent[];
  /** The right form token for a root login, or for other headers. */
  csrf(headers?: Readonly<Record<string, string>>): string;
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  post(
    path: string,
    form: Readonly<Record<string, string>>,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Answer>;
  close(): Promise<void>;
}

export interface HouseParts {
  readonly grants?: Grants;
  readonly outside?: Proofs;
  readonly live?: Live;
  readonly tickets?: Tickets;
  /** Those of another language than English. */
  readonly templates?: Templates;
  readonly now?: () => number;
}

export const NO_LIVE: Live = {
  port: 20871,
  open: () => Promise.resolve(),
  followers: () => 0,
  renew: () => 0,
  close: () => Promise.resolve(),
};

export async function openHouse(desk: Desk, parts: HouseParts = {}): Promise<House> {
  const folder = mkdtempSync(join(tmpdir(), 'ftp-passive-http-'));
  const path = join(folder, 'http.sock');
  const secret = randomBytes(32);
  const now = parts.now ?? (() => NOW);
  const tickets = parts.tickets ?? createTickets(now, randomBytes);
  const reported: Problem[] = [];
  const noted: AuditEvent[] = [];
  const live = parts.live ?? NO_LIVE;
  const report = (problem: Problem): unknown => reported.push(problem);
  const app = createApp({
    desk,
    templates: parts.templates ?? templates,
    secret,
    tickets,
    live,
    grants: parts.grants ?? createFakeGrants(),
    outside: parts.outside ?? createFakeOutside(),
    now,
    audit: { note: (event) => void noted.push(event) },
    report: (problem) => void report(problem),
  });
  const server = await startServer({
    listen: { path },
    app,
    idleMs: 600_000,
    busy: () => false,
    onIdle: () => undefined,
  });

  function ask(
    method: string,
    where: string,
    headers: Readonly<Record<string, string>>,
    body: string,
  ): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const outgoing = request(
        { socketPath: path, method, path: where, headers, agent: false },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () => {
            const bytes = Buffer.concat(chunks);
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              bytes,
              text: bytes.toString('utf8'),
            });
          });
        },
      );
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }

  return {
    app,
    path,
    secret,
    tickets,
    reported,
    noted,
    csrf(headers = ROOT_LOGIN) {
      return formToken(secret, {
        user: headers['x-whm-user'] ?? '',
        session: headers['x-whm-session'] ?? '',
      });
    },
    get: (where, headers = ROOT_LOGIN) => ask('GET', where, headers, ''),
    post(where, form, headers = ROOT_LOGIN) {
      const body = new URLSearchParams(form).toString();
      const typed = {
        ...headers,
        'content-type': 'application/x-www-form-urlencoded',
        'content-length': String(Buffer.byteLength(body)),
      };
      return ask('POST', where, typed, body);
    },
    async close() {
      await server.close();
      rmSync(folder, { recursive: true });
    },
  };
}
