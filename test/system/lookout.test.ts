import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { commandsFor } from '../../src/outside/commands.ts';
import { listenOn } from '../../src/system/lookout.ts';
import type { Lookout } from '../../src/outside/parts.ts';
import { SUBJECT } from '../outside/samples.ts';

const run = promisify(execFile);
const TOKEN = 'tokentokentoken';

/** Ports that were free a moment ago. */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0);
      await once(server, 'listening');
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

describe('a lookout', () => {
  let lookout: Lookout;
  let ports: number[];
  const calls: { port: number; from: string; text: string }[] = [];

  beforeEach(async () => {
    calls.length = 0;
    ports = await freePorts(2);
    lookout = await listenOn(ports, ({ port, from, bytes }) => {
      const text = Buffer.from(bytes).toString('latin1');
      calls.push({ port, from, text });
      return text.includes(TOKEN) ? 'arrived' : '';
    });
  });
  afterEach(() => lookout.close());

  it('tells of the port, the address and the first bytes', async () => {
    const [port = 0] = ports;
    const socket = connect(port, '127.0.0.1').end('hello\nmore');
    await once(socket.resume(), 'close');
    assert.deepEqual(calls[0] && { ...calls[0], text: calls[0].text.split('\n')[0] }, {
      ...{ port, from: '127.0.0.1', text: 'hello' },
    });
  });

  it('leaves a port that is taken, and frees the others at its end', async () => {
    const second = await listenOn([...ports, ...(await freePorts(1))], () => '');
    assert.equal(second.ports.length, 1);
    await second.close();
    await lookout.close();
    const again = await listenOn(ports, () => '');
    assert.deepEqual(again.ports, ports);
    await again.close();
  });

  it('does not wait for who says nothing', async () => {
    const socket = connect(ports[0] ?? 0, '127.0.0.1');
    await once(socket, 'connect');
    await lookout.close();
    await once(
      socket.on('error', () => undefined),
      'close',
    );
  });

  it('lets nobody keep out who comes next by saying nothing', async () => {
    const [port = 0] = ports;
    const silent = Array.from({ length: 40 }, () => connect(port, '127.0.0.1').on('error', () => undefined));
    const begun = performance.now();
    const gone = silent.map((socket) => once(socket.resume(), 'close'));
    await Promise.all(silent.map((socket) => once(socket, 'connect')));
    const socket = connect(port, '127.0.0.1');
    socket.write(`${TOKEN}\n`);
    const [answer] = (await once(socket, 'data')) as [Buffer];
    assert.equal(answer.toString(), 'arrived\n');
    assert.ok(calls.every(({ from }) => from === '127.0.0.1'));
    // Sixteen of all are left, the newest.
    await Promise.all(gone.slice(0, silent.length + 1 - 16));
    assert.ok(performance.now() - begun < 2500, 'they were let go before their time');
    for (const each of silent) each.destroy();
  });

  for (const name of ['bash', 'curl'] as const)
    it(`hears the command for ${name}, which says what it has met`, async () => {
      const [closed = 0] = await freePorts(1);
      const subject = { ...SUBJECT, address: '127.0.0.1', witness: 'localhost' };
      const [port = 0, witness = 0] = ports;
      const proof = { subject, token: TOKEN, ports: [port, closed], witnesses: [witness], withheld: [] };
      const command = commandsFor(proof).find((each) => each.name === name);
      const { stdout } = await run('bash', ['-c', command?.text ?? '']);
      assert.deepEqual(
        stdout.trim().split('\n').sort(),
        [
          `127.0.0.1:${port} arrived`,
          `127.0.0.1:${closed} did not get through`,
          `localhost:${witness} arrived`,
        ].sort(),
      );
      assert.deepEqual(calls.map((call) => call.port).sort(), [port, witness].sort());
      assert.ok(calls.every(({ text }) => text.includes(TOKEN)));
    });
});
