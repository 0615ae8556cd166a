import assert from 'node:assert/strict';
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const CGI = readFileSync(join(import.meta.dirname, '../../plugin/index.cgi'), 'utf8');

/** The product's own. */
export const STYLE = join(import.meta.dirname, '../../plugin/public/style.css');

const ACLS = `package Whostmgr::ACLS;
my $asked = 0;
sub init_acls { $asked = 1 }
sub hasroot { $asked && ( $ENV{REMOTE_USER} // '' ) eq 'root' }
sub checkacl {
    my ($acl) = @_;
    die "another ACL: $acl" if $acl ne 'software-ftp-passive';
    return hasroot() || $asked && ( $ENV{REMOTE_USER} // '' ) eq 'rita';
}
1;
`;

/** What cpsrvd gives a CGI, with everything in it that must not go further. */
const ENVIRONMENT: Readonly<Record<string, string>> = {
  PATH: '/usr/bin:/bin',
  REQUEST_METHOD: 'GET',
  QUERY_STRING: '',
  REMOTE_USER: 'root',
  REMOTE_ADDR: '198.51.100.20',
  REMOTE_PASSWORD: 'hunter2',
  HTTP_COOKIE: 'whostmgrsession=root%3asecret',
  HTTP_AUTHORIZATION: 'Basic cm9vdDpodW50ZXIy',
  HTTP_HOST: 'server.example:2087',
  cp_security_token: '/cpsess0123456789',
};

export interface CgiAnswer {
  readonly status: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly errors: string;
  readonly exit: number | null;
}

type Environment = Readonly<Record<string, string>>;

/** The real index.cgi in a folder of its own, beside a stand-in for cPanel's modules. */
export interface Cgi {
  readonly folder: string;
  /** Names the daemon's socket, and for how many seconds its answer is waited for. */
  install(socket: string, patience?: number): void;
  /** Puts another of cPanel's modules beside it, like `Cpanel/Template.pm`. */
  module(name: string, text: string): void;
  start(environment: Environment): ChildProcessWithoutNullStreams;
  run(environment: Environment, body?: Uint8Array | string): Promise<CgiAnswer>;
  /** A daemon that keeps what it is told and answers with the given bytes; the CGI asks it from now on. */
  recorder(answer: string): Promise<{ readonly heard: () => string; close(): void }>;
  remove(): void;
}

export function openCgi(): Cgi {
  const folder = mkdtempSync(join(tmpdir(), 'ftp-passive-cgi-'));
  mkdirSync(join(folder, 'Whostmgr'));
  mkdirSync(join(folder, 'Cpanel'));
  const module = (name: string, text: string): void => writeFileSync(join(folder, name), text);
  module('Whostmgr/ACLS.pm', ACLS);

  /** The real CGI with only its places on the server changed, and its patience. */
  function install(socket: string, patience = 300): void {
    const places: readonly [string, string][] = [
      ["unshift @INC, '/usr/local/cpanel'", `unshift @INC, '${folder}'`],
      ["'/run/whm-ftp-passive/http.sock'", `'${socket}'`],
      ["'/opt/whm-ftp-passive/plugin/public/style.css'", `'${STYLE}'`],
      ['$PATIENCE = 300;', `$PATIENCE = ${patience};`],
    ];
    let text = CGI;
    for (const [from, to] of places) {
      assert.equal(text.split(from).length, 2, from);
      text = text.replace(from, to);
    }
    writeFileSync(join(folder, 'index.cgi'), text);
  }

  function start(environment: Environment): ChildProcessWithoutNullStreams {
    return spawn('/usr/bin/perl', ['-w', join(folder, 'index.cgi')], {
      env: { ...ENVIRONMENT, ...environment },
    });
  }

  async function run(environment: Environment, body: Uint8Array | string = ''): Promise<CgiAnswer> {
    const child = start(environment);
    const out: Buffer[] = [];
    let errors = '';
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    child.stdin.on('error', () => undefined);
    child.stdin.end(body);
    const [exit] = (await once(child, 'close')) as [number | null];
    const whole = Buffer.concat(out);
    const end = whole.indexOf('\r\n\r\n');
    assert.ok(end > 0, `no head in ${whole.toString()} ${errors}`);
    const headers = Object.fromEntries(
      whole
        .subarray(0, end)
        .toString()
        .split('\r\n')
        .map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 2)]),
    );
    return { status: headers.status ?? '', headers, body: whole.subarray(end + 4), errors, exit };
  }

  /** A daemon that keeps what it is told and answers with the given bytes. */
  async function recorder(answer: string): Promise<{ readonly heard: () => string; close(): void }> {
    const path = join(folder, `raw-${randomBytes(4).toString('hex')}.sock`);
    let heard = '';
    const server = createServer((socket) => {
      socket.on('data', (chunk: Buffer) => {
        heard += chunk.toString();
        if (heard.includes('\r\n\r\n')) socket.end(answer);
      });
      socket.on('error', () => undefined);
    }).listen(path);
    await once(server, 'listening');
    install(path);
    return { heard: () => heard, close: () => void server.close() };
  }

  const remove = (): void => rmSync(folder, { recursive: true });
  return { folder, install, module, start, run, recorder, remove };
}
