import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { build } from 'esbuild';
import { freePort } from '../../test/http/certificate.ts';
import type { Scratch } from './scratch.ts';
import { pidOf, startNode, stopped, type Server } from './server.ts';

const ROOT = join(import.meta.dirname, '../..');
/** Below the checkout, so that what is not bundled is found in its node_modules. */
const BUILT = join(ROOT, '.build/bench');

/** A server of the benchmark's own, compiled as the product is. */
export async function built(name: string): Promise<string> {
  const outfile = join(BUILT, `${name}.js`);
  await build({
    entryPoints: [join(import.meta.dirname, `${name}.ts`)],
    outfile,
    bundle: true,
    packages: 'external',
    platform: 'node',
    target: 'node20',
    format: 'esm',
    logLevel: 'warning',
  });
  return outfile;
}

/** bench/stream/plain.ts. @param pem a file with key and certificate, where it is to speak TLS as the product does */
export async function startPlain(pem?: string): Promise<Server> {
  const { child, first } = await startNode([await built('plain'), ...(pem === undefined ? [] : [pem])]);
  const url = `${pem === undefined ? 'ws' : 'wss'}://127.0.0.1:${first}/`;
  return {
    pid: pidOf(child),
    show: (command, count) =>
      Promise.resolve(
        Array.from({ length: count }, () => ({
          by: 'socket' as const,
          url,
          first: JSON.stringify(command),
          recording: false,
        })),
      ),
    settle: () => Promise.resolve(),
    stop: () => stopped(child),
  };
}

/** wetty from npm. It runs one program without arguments for each connection of root's. */
export async function startWetty(scratch: Scratch): Promise<Server> {
  const port = await freePort();
  const program = scratch.path('wetty.sh');
  const main = join(ROOT, 'bench/peers/node_modules/wetty/build/main.js');
  const child = spawn(
    process.execPath,
    [main, '--ssh-host=localhost', '--host=127.0.0.1', `--port=${port}`, '--base=/', `--command=${program}`],
    { stdio: 'ignore', env: { ...process.env, NODE_ENV: 'production' } },
  );
  while (!(await listens(port))) await sleep(50);
  return {
    pid: pidOf(child),
    show(command, count) {
      writeFileSync(program, `#!/bin/sh\nexec ${command.join(' ')}\n`, { mode: 0o755 });
      const url = `http://127.0.0.1:${port}/`;
      return Promise.resolve(Array.from({ length: count }, () => ({ by: 'wetty' as const, url })));
    },
    settle: () => Promise.resolve(),
    stop: () => stopped(child),
  };
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
