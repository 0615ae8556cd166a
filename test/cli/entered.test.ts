import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { entered } from '../../src/cli/entered.ts';

const never = new AbortController().signal;

describe('a line that is entered', () => {
  it('is heard when it is empty', async () => {
    const input = new PassThrough();
    const waiting = entered(never, input);
    input.write('what is meant for somebody else\n');
    await sleep(400);
    input.write('for somebody else too\n\n');
    assert.equal(await waiting, true);
  });

  it('is none when it was typed before one was asked for', async () => {
    const input = new PassThrough();
    input.write('\n');
    const waiting = entered(never, input);
    await sleep(400);
    input.end();
    assert.equal(await waiting, false);
  });

  it('is none where the input ends or fails without one', async () => {
    assert.equal(await entered(never, new PassThrough().end('half a line')), false);
    assert.equal(await entered(never, new PassThrough().end()), false);
    const input = new PassThrough();
    const waiting = entered(never, input);
    input.destroy(new Error('read EIO'));
    assert.equal(await waiting, false);
  });

  it('is waited for until then', async () => {
    const until = new AbortController();
    const waiting = entered(until.signal, new PassThrough());
    until.abort();
    assert.equal(await waiting, false);
    assert.equal(await entered(AbortSignal.abort(), new PassThrough()), false);
  });
});
