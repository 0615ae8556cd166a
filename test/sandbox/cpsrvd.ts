/**
 * Stand-in for WHM's web server, run on the lab's server. Each behaviour is documented (by cPanel, or by what its
 * public plugins rely on) or assumed. What it knows of registered applications it reads when it starts, so a
 * change counts after a restart (documented).
 */
import { appendFileSync, readFileSync, statSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { extname, normalize } from 'node:path';
import type { CgiWays, WhmUser } from './state.ts';
import { appOf, mayOpen, readApps } from './whm/apps.ts';
import { runCgi } from './whm/cgi.ts';
import { loginPage, NO_ACL, NOT_FOUND, UNREGISTERED } from './whm/pages.ts';
import { anonymousCookie, createSessions, type Session } from './whm/sessions.ts';
import { openSubdomain } from './whm/subdomain.ts';

const DOCROOT = '/usr/local/cpanel/whostmgr/docroot';
const HOME = '/usr/local/cpanel/libexec/standin-home';
const PEM = readFileSync('/var/cpanel/ssl/cpanel/cpanel.pem');
const TYPES = new Map([
  ['.css', 'text/css'],
  ['.js', 'application/javascript'],
  ['.png', 'image/png'],
  ['.gif', 'image/gif'],
  ['.svg', 'image/svg+xml'],
]);

const readConf = (): CgiWays & { users: WhmUser[] } =>
  JSON.parse(readFileSync('/usr/local/cpanel/standin.json', 'utf8')) as CgiWays & { users: WhmUser[] };
const conf = readConf();
const apps = readApps();
const sessions = createSessions();

function answer(request: IncomingMessage, response: ServerResponse): void {
  // documented: the setting that adds these is on by default
  response.setHeader('X-Frame-Options', 'SAMEORIGIN');
  response.setHeader('X-Content-Type-Options', 'nosniff');
  const { pathname } = new URL(request.url ?? '/', 'https://whm');
  response.on('finish', () => logAccess(request, response));
  if (pathname === '/login/' || pathname === '/login') {
    logIn(request, response);
    return;
  }
  // assumed: looks need no log-in
  if (pathname === '/favicon.ico') {
    response.writeHead(204).end();
    return;
  }
  if (/^\/(?:themes|addon_plugins)/.test(pathname)) {
    serveFile(normalize(pathname), response);
    return;
  }
  const [, token = '', rest = '/'] = /^(\/cpsess\d+)(\/.*)?$/.exec(pathname) ?? [];
  const session = sessions.of(request.headers.cookie);
  if (session === undefined) {
    html(response, token === '' ? 200 : 401, loginPage());
  } else if (session.token !== token) {
    // documented: the token must be the one of this session
    html(response, 401, loginPage('Invalid security token.'));
  } else {
    serve(normalize(rest), request, response, session);
  }
}

function serve(path: string, request: IncomingMessage, response: ServerResponse, session: Session): void {
  // assumed: the address that ends a session
  if (path === '/logout/') {
    sessions.close(session);
    html(response, 200, loginPage('You have logged out.'));
    return;
  }
  if (path === '/') {
    runCgi(HOME, '/', request, response, session, readConf());
    return;
  }
  // documented (field): style sheets, scripts and images need no registration
  if (TYPES.has(extname(path)) || !path.startsWith('/cgi/') || !isFile(path)) {
    serveFile(path, response);
    return;
  }
  const app = appOf(apps, path);
  if (app === undefined) html(response, 403, UNREGISTERED);
  else if (!mayOpen(app, session.user)) html(response, 403, NO_ACL);
  else runCgi(`${DOCROOT}${path}`, path, request, response, session, readConf());
}

/** A style sheet, script or image; nothing else is given out as a file. */
function serveFile(path: string, response: ServerResponse): void {
  const type = TYPES.get(extname(path));
  if (type === undefined || !isFile(path)) {
    html(response, 404, NOT_FOUND);
    return;
  }
  response.setHeader('Content-Type', type);
  response.end(readFileSync(`${DOCROOT}${path}`));
}

function isFile(path: string): boolean {
  return statSync(`${DOCROOT}${path}`, { throwIfNoEntry: false })?.isFile() ?? false;
}

function logIn(request: IncomingMessage, response: ServerResponse): void {
  const only = (request.url ?? '').includes('login_only=1');
  if (request.method !== 'POST') {
    html(response, 200, loginPage());
    return;
  }
  let body = '';
  request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
  request.on('end', () => {
    const form = new URLSearchParams(body);
    const known = conf.users.find(
      ({ name, password }) => name === form.get('user') && password === form.get('pass'),
    );
    if (known === undefined) {
      response.setHeader('Set-Cookie', anonymousCookie());
      if (!only) html(response, 401, loginPage('The login is invalid.'));
      else {
        // documented: status, type and body
        response.writeHead(401, 'Access Denied', { 'Content-Type': 'text/plain' });
        response.end('{"status":0,"message":"see_login_log"}');
      }
      return;
    }
    const { session, cookie } = sessions.open(known.name, known.password);
    response.setHeader('Set-Cookie', cookie);
    response.setHeader('Cache-Control', 'no-cache, no-store, must-revalidate, private');
    if (only) {
      // assumed: the body of a success
      response.setHeader('Content-Type', 'text/plain');
      response.end(
        JSON.stringify({ status: 1, security_token: session.token, redirect: `${session.token}/` }),
      );
    } else {
      // documented: 307, so a browser repeats its POST
      response.writeHead(307, 'Moved', { Location: `${session.token}/` }).end();
    }
  });
}

function html(response: ServerResponse, status: number, page: string): void {
  response.writeHead(status, {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Length': Buffer.byteLength(page),
  });
  response.end(page);
}

/** documented: the line's form; it holds the whole URL. */
function logAccess(request: IncomingMessage, response: ServerResponse): void {
  const { method = '', url = '', headers } = request;
  const user = sessions.of(headers.cookie)?.user ?? '-';
  const forwarded = [headers['x-forwarded-for'] ?? []].flat().join(', ');
  const ident = forwarded === '' ? '-' : 'proxy';
  const line = `${request.socket.remoteAddress ?? '-'} ${ident} ${user} [${new Date().toISOString()}] "${method} ${url} HTTP/1.1" ${response.statusCode} 0 "${headers.referer ?? ''}" "${headers['user-agent'] ?? ''}" "s" "${forwarded || '-'}" 2087\n`;
  appendFileSync('/usr/local/cpanel/logs/access_log', line);
}

const server = createServer({ key: PEM, cert: PEM }, answer);
// documented: plugins get no WebSocket through cpsrvd
server.on('upgrade', (_request, socket) => socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n'));
server.listen(2087, '::');
openSubdomain(PEM, () => readConf().keepsHost, answer);
