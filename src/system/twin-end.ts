/**
 * One end of the twin: a small program that runs inside a network namespace, listens and connects as it is told on
 * its standard input (one JSON command a line) and answers on its standard output (one JSON answer a line). It ends
 * with its input, and ends the program that it watches, so nothing is left when the parent dies.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { createServer, connect, type Server, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { Ask, Outcome } from '../engine/ports.ts';
import { WATCHED } from './programs.ts';

export type EndCommand =
  | { readonly listen: readonly number[] }
  | { readonly connect: readonly Ask[]; readonly timeoutMs: number }
  | { readonly settle: readonly string[] }
  | { readonly watch: readonly string[] };

export type EndAnswer =
  | { readonly ready: true }
  | { readonly listening: readonly number[] }
  | { readonly id: string; readonly outcome: Outcome };

const servers = new Map<number, Server>();
const pending = new Map<string, (outcome: Outcome) => void>();
let watched: ChildProcess | null = null;

const answer = (message: EndAnswer): void => void process.stdout.write(`${JSON.stringify(message)}\n`);

function listenOn(port: number): Promise<void> {
  if (servers.has(port)) return Promise.resolve();
  return new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy());
    servers.set(port, server);
    // A port that cannot be bound answers as refused: that is what a client would meet.
    server.on('error', () => resolve());
    server.listen({ port, host: '::', ipv6Only: false }, resolve);
  });
}

const OUTCOMES: Readonly<Record<string, Outcome>> = {
  ECONNREFUSED: 'refused',
  ECONNRESET: 'refused',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  EACCES: 'unreachable',
};

function tryConnect(ask: Ask, timeoutMs: number): void {
  const socket: Socket = connect({
    host: ask.to,
    port: ask.port,
    ...(ask.from === '' ? {} : { localAddress: ask.from }),
  });
  const settle = (outcome: Outcome): void => {
    if (!pending.delete(ask.id)) return;
    clearTimeout(limit);
    socket.destroy();
    answer({ id: ask.id, outcome });
  };
  const limit = setTimeout(() => settle('silent'), timeoutMs);
  pending.set(ask.id, settle);
  socket.on('connect', () => settle('open'));
  socket.on('error', (error) => settle(OUTCOMES['code' in error ? String(error.code) : ''] ?? 'silent'));
}

createInterface({ input: process.stdin })
  .on('line', (line) => {
    const command = JSON.parse(line) as EndCommand;
    if ('listen' in command) {
      void Promise.all(command.listen.map(listenOn)).then(() => answer({ listening: command.listen }));
    } else if ('connect' in command) {
      for (const ask of command.connect) tryConnect(ask, command.timeoutMs);
    } else if ('settle' in command) {
      for (const id of command.settle) pending.get(id)?.('silent');
    } else {
      const [program = '', ...rest] = command.watch;
      watched = spawn(program, rest, { stdio: ['ignore', WATCHED, 'ignore'] });
      watched.on('error', () => undefined);
    }
  })
  .on('close', () => {
    watched?.kill('SIGKILL');
    process.exit(0);
  });

answer({ ready: true });
