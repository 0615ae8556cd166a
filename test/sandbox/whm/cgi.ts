import { spawn } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Session } from './sessions.ts';

/** How output is handed on, after how many seconds a CGI is killed (0: never), and its PATH_INFO. All assumed. */
export interface Ways {
  readonly cgi: 'stream' | 'buffered';
  readonly killAfterSeconds: number;
  readonly pathInfo: boolean;
}

const ERROR_LOG = '/usr/local/cpanel/logs/error_log';

/**
 * Runs a CGI program for a request.
 * documented: the environment that is marked so below, standard input of CONTENT_LENGTH bytes, headers that end in
 * CRLF or LF, `Status:`, stderr in the error log, and a blank page when the program fails before it says anything.
 */
export function runCgi(
  program: string,
  script: string,
  request: IncomingMessage,
  response: ServerResponse,
  session: Session,
  ways: Ways,
): void {
  const child = spawn(program, [], {
    cwd: program.replace(/\/[^/]*$/, ''),
    env: {
      ...environment(program, script, request, session),
      ...(ways.pathInfo ? { PATH_INFO: script, PATH_TRANSLATED: program } : {}),
    },
  });
  child.stdin.on('error', () => undefined);
  request.pipe(child.stdin);
  child.stderr.on('data', (chunk: Buffer) => log(chunk.toString()));

  const timer =
    ways.killAfterSeconds > 0
      ? setTimeout(() => child.kill('SIGKILL'), ways.killAfterSeconds * 1000)
      : undefined;
  // assumed: when the browser leaves, what the program writes next goes nowhere, and SIGPIPE ends it.
  response.on('close', () => child.stdout.destroy());

  let head = Buffer.alloc(0);
  let started = false;
  const held: Buffer[] = [];
  const give = (chunk: Buffer): void => {
    if (ways.cgi === 'buffered') held.push(chunk);
    else if (!response.write(chunk)) {
      child.stdout.pause();
      response.once('drain', () => child.stdout.resume());
    }
  };
  child.stdout.on('data', (chunk: Buffer) => {
    if (started) {
      give(chunk);
      return;
    }
    head = Buffer.concat([head, chunk]);
    const end = /\r?\n\r?\n/.exec(head.toString('latin1'));
    if (end === null) return;
    started = true;
    setHead(response, head.subarray(0, end.index).toString('latin1'));
    if (ways.cgi === 'stream') response.flushHeaders();
    const body = head.subarray(end.index + end[0].length);
    if (body.length > 0) give(body);
  });
  child.on('error', (problem) => log(`warn [cpsrvd] ${program}: ${problem.message}\n`));
  child.on('close', (code, signal) => {
    clearTimeout(timer);
    if (code !== 0 || signal !== null) {
      log(
        `warn [cpsrvd] The subprocess (${program}) exited with an error: ${signal ?? `The subprocess reported error number ${code ?? '?'} when it ended.`}\n`,
      );
    }
    if (ways.cgi === 'buffered' && started) {
      const body = Buffer.concat(held);
      response.setHeader('content-length', body.length);
      response.write(body);
    }
    response.end();
  });
}

function setHead(response: ServerResponse, head: string): void {
  for (const line of head.split(/\r?\n/)) {
    const [, name = '', value = ''] = /^([^:\s]+):\s*(.*)$/.exec(line) ?? [];
    if (name === '') continue;
    if (name.toLowerCase() === 'status') response.statusCode = Number.parseInt(value, 10);
    else response.appendHeader(name, value);
  }
  if (response.hasHeader('location') && response.statusCode === 200) response.statusCode = 302;
}

function environment(
  program: string,
  script: string,
  request: IncomingMessage,
  session: Session,
): NodeJS.ProcessEnv {
  const { pathname, search } = new URL(request.url ?? '/', 'https://whm');
  const env: NodeJS.ProcessEnv = {
    // documented
    REMOTE_USER: session.user,
    REMOTE_ADDR: request.socket.remoteAddress?.replace(/^::ffff:/, '') ?? '',
    REMOTE_HOST: request.socket.remoteAddress?.replace(/^::ffff:/, '') ?? '',
    cp_security_token: session.token,
    // documented: the log-in password, while the setting that hides it is off
    REMOTE_PASSWORD: session.password,
    // assumed, each of them: what CGI/1.1 names and plugins rely on
    GATEWAY_INTERFACE: 'CGI/1.1',
    SERVER_PROTOCOL: 'HTTP/1.1',
    SERVER_PORT: '2087',
    SERVER_SOFTWARE: 'cpsrvd',
    HTTPS: 'on',
    REQUEST_METHOD: request.method,
    REQUEST_URI: `${pathname}${search}`,
    QUERY_STRING: search.slice(1),
    SCRIPT_NAME: `${session.token}${script}`,
    SCRIPT_FILENAME: program,
    CONTENT_TYPE: request.headers['content-type'] ?? '',
    CONTENT_LENGTH: request.headers['content-length'] ?? '',
    DOCUMENT_ROOT: '/usr/local/cpanel/whostmgr/docroot',
    PATH: '/usr/local/cpanel/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin',
    WHM50: '1',
  };
  for (const [name, value] of Object.entries(request.headers)) {
    if (name === 'content-type' || name === 'content-length') continue;
    env[`HTTP_${name.toUpperCase().replaceAll('-', '_')}`] = Array.isArray(value) ? value.join(', ') : value;
  }
  return env;
}

function log(text: string): void {
  appendFileSync(ERROR_LOG, text.endsWith('\n') ? text : `${text}\n`);
}
