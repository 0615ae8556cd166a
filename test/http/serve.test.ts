import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { request, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sinon from 'sinon';
import { startServer } from '../../src/http/serve.ts';

describe('the daemon’s server', () => {
  let folder: string;
  let clock: sinon.SinonFakeTimers;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ftp-passive-serve-'));
    clock = sinon.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
  });
  afterEach(() => {
    clock.restore();
    rmSync(folder, { recursive: true });
  });

  it('leaves once nothing has happened for long enough, and not while a request or a run goes on', async () => {
    const path = join(folder, 'http.sock');
    const onIdle = sinon.spy();
    const busy = sinon.stub().returns(false);
    const open: ServerResponse[] = [];
    const app = (_request: unknown, response: ServerResponse): unknown => open.push(response);
    const serving = await startServer({
      listen: { path },
      app: (incoming, response) => void app(incoming, response),
      idleMs: 600_000,
      busy,
      onIdle,
    });

    const outgoing = request({ socketPath: path, agent: false }).end();
    while (open.length === 0) await new Promise(setImmediate);
    clock.tick(1_200_000);
    sinon.assert.notCalled(onIdle);

    open[0]?.end('x');
    const [response] = (await once(outgoing, 'response')) as [NodeJS.ReadableStream];
    response.resume();
    await once(response, 'end');
    await new Promise(setImmediate);
    busy.returns(true);
    clock.tick(1_200_000);
    sinon.assert.notCalled(onIdle);

    busy.returns(false);
    clock.tick(599_000);
    sinon.assert.notCalled(onIdle);
    clock.tick(1_200_000);
    sinon.assert.calledOnce(onIdle);
    await serving.close();
  });

  it('says busy when another one listens there', async () => {
    const parts = {
      listen: { path: join(folder, 'http.sock') },
      app: () => undefined,
      idleMs: 1000,
      busy: () => false,
      onIdle: () => undefined,
    };
    const first = await startServer(parts);
    await assert.rejects(startServer(parts), { code: 'busy' });
    await assert.rejects(startServer({ ...parts, listen: { path: join(folder, 'none', 'http.sock') } }), {
      code: 'internal',
    });
    await first.close();
  });
});
