import assert from 'node:assert/strict';
import { proveOutside } from '../../src/cli/outside.ts';
import { createFakeOutside, ended, WAITING, type FakeOutside } from '../http/fake-outside.ts';
import { PROOF } from '../outside/samples.ts';
import type { Standing } from '../../src/outside/proofs.ts';

describe('ftp-passive outside', () => {
  const cancel = new AbortController();

  async function say(
    standing: Standing,
    json: boolean,
    signal = cancel.signal,
  ): Promise<{ code: number; out: string; err: string; outside: FakeOutside }> {
    let [out, err] = ['', ''];
    const outside = createFakeOutside(standing);
    const code = await proveOutside({ outside }, json, {
      out: (text) => (out += text),
      err: (text) => (err += text),
      cancel: signal,
    });
    return { code, out, err, outside };
  }

  it('prints the commands, and then what arrived', async () => {
    const { code, out, err } = await say(ended([...PROOF.ports, ...PROOF.witnesses]), false);
    assert.equal(code, 0);
    for (const name of ['bash', 'curl', 'PowerShell']) assert.match(err, new RegExp(`^${name} \\(`, 'm'));
    assert.ok(err.includes(PROOF.token) && !out.includes(PROOF.token));
    assert.match(out, /^ {2}203\.0\.113\.10:49152 {2}arrived from 198\.51\.100\.20$/m);
  });

  it('gives two JSON documents: what waits, and what it came to', async () => {
    const { code, out, err } = await say(ended([60000]), true);
    const [first, last] = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    const waiting = first?.['waiting'] as Record<string, unknown>;
    assert.deepEqual(
      [waiting['ports'], waiting['witnesses'], waiting['seconds']],
      [PROOF.ports, [60000], 180],
    );
    assert.deepEqual(Object.keys(waiting['commands'] as object), ['bash', 'curl', 'powershell']);
    assert.deepEqual([code, err, last?.['ok'], last?.['verdict']], [1, '', false, 'wrong-address']);
  });

  it('cannot tell when nothing shows that anything was sent', async () => {
    const { code, out } = await say(WAITING, false);
    assert.equal(code, 3);
    assert.match(out, /^Not all was tried\.$/m);
  });

  it('takes Ctrl-C for the end of the tries', async () => {
    const { outside } = await say(WAITING, true, AbortSignal.abort());
    assert.deepEqual(outside.end.args, [[PROOF.id, true]]);
  });
});
