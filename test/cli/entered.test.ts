import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { entered } from '../../src/cli/entered.ts';

const never = new AbortController().signal;

describe('a line that is entered', () => {
  it('is heard, whatever it says', async () => {
    const input = new PassThrough();
    input.write('\n');
    assert.equal(await entered(never, input), true);
  });

  it('is none where the input ends without one', async () => {
    assert.equal(await entered(never, new PassThrough().end('half a line')), true);
    assert.equal(await entered(never, new PassThrough().end()), false);
  });

  it('is waited for until then', async () => {
    const until = new AbortController();
    const waiting = entered(until.signal, new PassThrough());
    until.abort();
    assert.equal(await waiting, false);
    assert.equal(await entered(AbortSignal.abort(), new PassThrough()), false);
  });
});
