/**
 * One end of the truth, inside its namespace: listens on ports, or connects to them. One JSON command a line on its
 * input, one JSON answer a line on its output; it ends with its input.
 */
import { connect, createServer, type Server } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

export type TruthCommand =
  | { readonly listen: readonly number[] }
  | { readonly ask: string; readonly to: string; readonly from: string; readonly ports: readonly number[] };

export interface TruthAnswer {
  readonly answers: string;
  readonly open: readonly number[];
}

/** Both ends are on one wire of one machine: what did not answer for this long never will. */
const QUIET_MS = 250;
/** In this time they learn each other's place on the wire; only few packets can wait for that. */
const LEARN_MS = 50;

let servers: readonly Server[] = [];

async function listenOn(ports: readonly number[]): Promise<void> {
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  servers = ports.map((port) =>
    createServer((socket) => socket.on('error', () => undefined).resume()).listen(port, '::'),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.once('listening', resolve))));
}

async function openPorts(to: string, from: string, ports: readonly number[]): Promise<number[]> {
  const open: number[] = [];
  const learning = connect({ host: to, port: ports[0] ?? 0, localAddress: from }).on(
    'error',
    () => undefined,
  );
  await sleep(LEARN_MS);
  learning.resetAndDestroy();
  let last = performance.now();
  const sockets = ports.map((port) =>
    connect({ host: to, port, localAddress: from })
      .on('connect', () => {
        open.push(port);
        last = performance.now();
      })
      .on('error', () => (last = performance.now())),
  );
  // Short naps, so that a machine that was held up reads what has come before it calls that silence.
  for (let naps = 0; naps < 5 || performance.now() - last < QUIET_MS; naps++) await sleep(QUIET_MS / 10);
  for (const socket of sockets) socket.resetAndDestroy();
  return open.sort((a, b) => a - b);
}

const answer = (message: TruthAnswer): void => void process.stdout.write(`${JSON.stringify(message)}\n`);

createInterface({ input: process.stdin })
  .on('line', (line) => {
    const command = JSON.parse(line) as TruthCommand;
    if ('listen' in command) {
      void listenOn(command.listen).then(() => answer({ answers: 'listen', open: command.listen }));
    } else {
      const { ask, to, from, ports } = command;
      void openPorts(to, from, ports).then((open) => answer({ answers: ask, open }));
    }
  })
  .on('close', () => process.exit(0));

answer({ answers: 'ready', open: [] });
