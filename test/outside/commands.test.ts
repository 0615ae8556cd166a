import assert from 'node:assert/strict';
import { commandsFor, targetsOf } from '../../src/outside/commands.ts';
import { likeliestFirst, providersFor } from '../../src/outside/providers.ts';
import { PROOF, SUBJECT } from './samples.ts';

const IPV6 = { ...PROOF, subject: { ...SUBJECT, address: '2001:db8:1::10' } };

describe('the commands for another machine', () => {
  it('try every port with the token, each in one line', () => {
    for (const { name, text } of commandsFor(PROOF)) {
      for (const target of targetsOf(PROOF)) assert.ok(text.includes(`'${target}'`), `${name}: ${target}`);
      assert.ok(text.includes(PROOF.token), name);
      assert.ok(!text.includes('\n'), name);
    }
  });

  it('write an IPv6 address in brackets and tell PowerShell of its family', () => {
    assert.equal(targetsOf(IPV6)[0], '[2001:db8:1::10]:49152');
    const powershell = (proof: typeof PROOF): string => commandsFor(proof).at(-1)?.text ?? '';
    assert.match(powershell(IPV6), /::InterNetworkV6\)/);
    assert.match(powershell(PROOF), /::InterNetwork\)/);
  });
});

describe('the commands of providers', () => {
  it('open the range, and nothing of it is left to be filled in', () => {
    for (const { name, command } of providersFor([50000, 50100]))
      assert.match(command, /\b50000[-:]50100\b/, name);
  });

  it('begin with the one that the firmware names', () => {
    const providers = providersFor([50000, 50100]);
    assert.equal(likeliestFirst(providers, 'Hetzner')[0]?.name, 'Hetzner');
    assert.equal(likeliestFirst(providers, 'Microsoft Corporation')[0]?.name, 'Microsoft Azure');
    assert.deepEqual(likeliestFirst(providers, ''), providers);
  });
});
