import assert from 'node:assert/strict';
import sinon from 'sinon';
import type { Reach } from '../../src/core/reach.ts';
import { proveOutside } from '../../src/cli/outside.ts';
import { createFakeOutside, ended, WAITING, type FakeOutside } from '../http/fake-outside.ts';
import { BLOCKED, OPEN, PROOF, SUBJECT } from '../outside/samples.ts';
import type { Standing } from '../../src/outside/proofs.ts';

describe('ftp-passive outside', () => {
  const cancel = new AbortController();

  async function say(
    standing: Standing,
    json: boolean,
    signal = cancel.signal,
    isEntered = false,
  ): Promise<{ code: number; out: string; err: string; outside: FakeOutside }> {
    let [out, err] = ['', ''];
    const outside = createFakeOutside(standing);
    const code = await proveOutside({ outside }, json, {
      out: (text) => (out += text),
      err: (text) => (err += text),
      cancel: signal,
      entered: () => Promise.resolve(isEntered),
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

  it('takes Ctrl-C for no word that all was tried', async () => {
    const { outside } = await say(WAITING, true, AbortSignal.abort());
    assert.deepEqual(outside.end.args, [[PROOF.id, false]]);
  });

  it('takes a line that is entered for the word that all was tried', async () => {
    const { outside } = await say(WAITING, false, cancel.signal, true);
    assert.deepEqual(outside.end.args, [[PROOF.id, true]]);
  });

  it('proves nothing with what arrived though clients fail, and says why', async () => {
    const own = ended(PROOF.ports, PROOF, { visitor: OPEN, stranger: BLOCKED });
    const { code, out } = await say(own, true);
    const last = JSON.parse(out.trimEnd().split('\n').at(-1) ?? '') as Record<string, unknown>;
    assert.deepEqual(
      [code, last['ok'], last['verdict'], last['doubts']],
      [3, false, 'unproven', ['own-rule']],
    );
    const told = ended(PROOF.ports, { ...PROOF, subject: { ...SUBJECT, told: '10.0.0.5' } });
    const text = await say(told, false);
    assert.equal(text.code, 3);
    assert.match(text.out, /^ {2}not-told: clients are told another address/m);
  });

  it('asks for no try that this server would refuse', async () => {
    const proof = { ...PROOF, withheld: BLOCKED.blocked };
    const { code, out, err, outside } = await say(
      ended([], proof, { visitor: BLOCKED, stranger: BLOCKED }),
      false,
    );
    assert.deepEqual([code, err], [1, '']);
    assert.match(out, /^ {2}203\.0\.113\.10:55000 {2}here: ip filter INPUT: policy drop$/m);
    sinon.assert.notCalled(outside.ended);
  });

  it('tells what this server blocks from what something before it blocks', async () => {
    const [blocked] = BLOCKED.blocked;
    assert.ok(blocked);
    const some: Reach = { ...BLOCKED, blocked: [{ ...blocked, range: [49152, 50000] }] };
    const { code, out } = await say(ended([], PROOF, { visitor: some, stranger: some }), false);
    assert.equal(code, 1);
    assert.match(out, /this server’s own firewall blocks ports of the range/);
    assert.match(out, /^Something on the way blocks 55000, 65534\.$/m);
  });
});
