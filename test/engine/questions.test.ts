import assert from 'node:assert/strict';
import type { PlacedRule, Question } from '../../src/core/plan.ts';
import { Problem } from '../../src/core/problem.ts';
import type { Settings } from '../../src/core/settings.ts';
import { answer } from '../../src/engine/questions.ts';
import { parseListing } from '../../src/firewall/nftables/listing.ts';
import { CONF } from '../ftp/cpanel.ts';
import { conf } from '../ftp/servers.ts';
import { BOOT, RULES, settings, startServer, UAPI, type Server } from './server.ts';

const MARK = 'comment "ftp-passive:managed"';
const OPEN = RULES.replace('\t\treject', `\t\ttcp dport 49152-65534 accept ${MARK}\n\t\treject`);

async function ask(server: Server, question: Question, some: Partial<Settings> = {}): Promise<string[]> {
  const said: string[] = [];
  await answer(server.ports, question, settings(some), (line) => said.push(line));
  assert.equal(server.twins.count, 0);
  return said;
}

async function refused(server: Server, question: Question, some: Partial<Settings> = {}): Promise<string> {
  const before = server.state();
  const thrown: unknown = await ask(server, question, some).catch((error: unknown) => error);
  assert.ok(thrown instanceof Problem, 'it was let through');
  assert.deepEqual(server.state(), before);
  assert.equal(server.twins.count, 0);
  return `${thrown.code}: ${thrown.message}`;
}

/** A rule before the one with this text; at the end without one. */
function placed(server: Server, text: string, before?: string): PlacedRule {
  const [input] = parseListing(server.kernel.listing());
  const index = input?.rules.findIndex((rule) => rule.text === before) ?? -1;
  return { family: 'inet', table: 'filter', chain: 'input', text, before: index < 0 ? null : index };
}

describe('the gate', () => {
  const gate = (server: Server, text: string, before?: string): Question => {
    return { ask: 'gate', rules: [placed(server, text, before)] };
  };
  const OURS = `tcp dport 49152-65534 accept ${MARK}`;

  it('lets a change through that opens the range and nothing else, and leaves the live rules alone', async () => {
    const server = startServer();
    const before = server.kernel.listing();
    const said = await ask(server, gate(server, OURS, 'reject'));
    assert.deepEqual(said, [
      'IPv4: open before 21-22, 2087; after 21-22, 2087, 49152-65534',
      'IPv6: open before 21-22, 2087; after 21-22, 2087, 49152-65534',
      'kept out as before: 192.0.2.66',
    ]);
    assert.equal(server.kernel.listing(), before);
  });

  const rows: readonly (readonly [what: string, text: string, before: string, sentence: string])[] = [
    [
      'opens a port beside the range',
      'tcp dport 49151-65534 accept',
      'reject',
      'The change would also alter other ports over IPv4: open before 21-22, 2087, after 21-22, 2087, 49151.',
    ],
    [
      'opens everything',
      'accept',
      'reject',
      'The change would also alter other ports over IPv4: open before 21-22, 2087, after 1-49151, 65535.',
    ],
    [
      'closes a port that was open',
      'tcp dport 22 drop',
      'tcp dport { 21, 22, 2087 } accept',
      'The change would also alter other ports over IPv4: open before 21-22, 2087, after 21, 2087. 22 would then be stopped by the rule inet filter input: tcp dport 22 drop.',
    ],
    [
      'opens another port over IPv6 only',
      'meta nfproto ipv6 tcp dport 3306 accept',
      'reject',
      'The change would also alter other ports over IPv6: open before 21-22, 2087, after 21-22, 2087, 3306.',
    ],
    [
      'does not open the whole range',
      'tcp dport 49152-60000 accept',
      'reject',
      'The range cannot be opened over IPv4: 60001-65534 would still be stopped by the rule inet filter input: reject.',
    ],
    [
      'opens one family only',
      'meta nfproto ipv4 tcp dport 49152-65534 accept',
      'reject',
      'The range cannot be opened over IPv6: 49152-65534 would still be stopped by the rule inet filter input: reject.',
    ],
    [
      'stands below the rule that decides',
      'tcp dport 49152-65534 accept',
      'no such rule',
      'The range cannot be opened over IPv4: 49152-65534 would still be stopped by the rule inet filter input: reject.',
    ],
    [
      'stands above a ban',
      'tcp dport 49152-65534 accept',
      'ip saddr 192.0.2.66 drop',
      'The range cannot be opened without letting in 192.0.2.66, which this rule keeps out: inet filter input: ip saddr 192.0.2.66 drop.',
    ],
  ];
  for (const [what, text, before, sentence] of rows) {
    it(`refuses a change that ${what}`, async () => {
      const server = startServer();
      assert.equal(await refused(server, gate(server, text, before)), `unsupported: ${sentence}`);
    });
  }

  it('asks for IPv6 only where it is wanted', async () => {
    const only = 'meta nfproto ipv4 tcp dport 49152-65534 accept';
    const server = startServer();
    const said = await ask(server, gate(server, only, 'reject'), { ipv6: false });
    assert.equal(said.filter((line) => line.startsWith('IPv6')).length, 0);
  });

  it('refuses a place that is another one by now', async () => {
    const server = startServer({ rules: RULES.replace('21, ', '') });
    const question = gate(server, OURS, 'reject');
    const place = 'inet filter input';
    const indexOf = (text: string): number => placed(server, '', text).before ?? assert.fail(text);
    server.kernel.load(`insert rule ${place} index ${indexOf('reject')} ip saddr 192.0.2.99 drop`);
    assert.equal(
      await refused(server, question),
      'unsupported: The range cannot be opened without letting in 192.0.2.99, which this rule keeps out: inet filter input: ip saddr 192.0.2.99 drop.',
    );
    const shorter = startServer({ rules: RULES.replace('\t\tct state established,related accept\n', '') });
    assert.match(
      await refused(shorter, question),
      /^unsupported: The range cannot be opened over IPv4: 49152-65534 would still be stopped by the rule inet filter input: reject\.$/,
    );
  });
});

describe('the saved script', () => {
  const question: Question = { ask: 'boot-files', paths: [BOOT] };

  it('passes when it loads and lets the range in', async () => {
    const said = await ask(startServer({ boot: OPEN }), question);
    assert.deepEqual(said, ['IPv4: open 49152-65534', 'IPv6: open 49152-65534']);
  });

  it('fails when it blocks, does not load or is gone', async () => {
    assert.match(
      await refused(startServer(), question),
      /^not-proven: In \/etc\/nftables\.conf the range is still blocked: IPv4 49152-65534 by inet filter input: reject; IPv6 /,
    );
    assert.match(
      await refused(startServer({ boot: 'nonsense\n' }), question),
      /^command-failed: The rules do not load: /,
    );
    assert.equal(await refused(startServer({ boot: null }), question), `not-found: There is no ${BOOT}.`);
  });
});

describe('the rules in force', () => {
  it('pass when they let the range in, and fail when they do not', async () => {
    const question: Question = { ask: 'reach' };
    assert.equal((await ask(startServer({ rules: OPEN }), question)).length, 2);
    assert.match(
      await refused(startServer(), question),
      /^not-proven: In the firewall the range is still blocked: /,
    );
  });

  it('are asked again for as long as the program that makes them may take, and no longer', async () => {
    const server = startServer();
    const { clock } = server.ports;
    const waiting = async (seconds: number, comes: number): Promise<number> => {
      let turns = 0;
      const sleep = (ms: number): Promise<void> => {
        turns += ms === 500 ? 1 : 0;
        if (turns === comes) server.kernel.load(`flush ruleset\n${OPEN}`);
        return clock.sleep(ms);
      };
      const slow = { ...server, ports: { ...server.ports, clock: { ...clock, sleep } } };
      await ask(slow, { ask: 'reach', waitSeconds: seconds });
      return turns;
    };
    await assert.rejects(waiting(10, 1000), /In the firewall the range is still blocked/);
    assert.equal(await waiting(10, 3), 3);
  });
});

describe('the rendered settings', () => {
  const question: Question = { ask: 'rendered' };
  const NAT = conf('nat');

  it('pass when file and daemon have what is wished', async () => {
    const said = await ask(startServer({ conf: NAT }), question);
    assert.deepEqual(said, ['pure-ftpd runs with 49152-65534, told address 203.0.113.10']);
  });

  type Row = readonly [why: string, prepare: (server: Server) => void, sentence: string];
  const written: readonly Row[] = [
    [
      'another range was written',
      ({ disk }) => disk.put(CONF, conf('hole')),
      'cPanel wrote the passive ports 30000-35000 instead of 49152-65534.',
    ],
    [
      'no range was written',
      ({ disk }) => disk.put(CONF, 'ForcePassiveIP 203.0.113.10\n'),
      'cPanel wrote the passive ports none instead of 49152-65534.',
    ],
    [
      'no address was written',
      ({ disk }) => disk.put(CONF, conf('stock')),
      'cPanel wrote the address none instead of 203.0.113.10.',
    ],
  ];
  const running: readonly Row[] = [
    ['the daemon is down', ({ daemon }) => (daemon.running = false), 'The FTP server did not start again.'],
    [
      'the daemon was not restarted',
      ({ daemon }) => (daemon.startedMs = 1),
      'The FTP server still runs with its old settings.',
    ],
  ];
  for (const [rows, when, least, most] of [
    [written, 'at once', 0, 1000],
    [running, 'after the time that a start may take', 15_000, 20_000],
  ] as const) {
    for (const [why, prepare, sentence] of rows) {
      it(`fail ${when} when ${why}`, async () => {
        const server = startServer({ conf: NAT });
        prepare(server);
        const began = server.ports.clock.now();
        assert.equal(await refused(server, question), `not-proven: ${sentence}`);
        const waited = server.ports.clock.now() - began;
        assert.ok(waited >= least && waited < most, `waited ${waited} ms`);
      });
    }
  }

  it('are waited for while the daemon starts', async () => {
    const server = startServer({ conf: NAT });
    server.daemon.running = false;
    const { sleep } = server.ports.clock;
    let turns = 0;
    const clock = {
      ...server.ports.clock,
      sleep(ms: number) {
        turns += 1;
        server.daemon.running = turns === 3;
        return sleep(ms);
      },
    };
    await ask({ ...server, ports: { ...server.ports, clock } }, question);
    assert.equal(turns, 3);
  });
});

describe('the conversation as a proof', () => {
  const question: Question = { ask: 'transfer' };

  it('passes with every check said', async () => {
    const said = await ask(startServer({ conf: conf('nat') }), question);
    assert.equal(said.length, 15);
    assert.ok(said.every((line) => line.startsWith('pass: ')));
  });

  it('fails with the check that failed', async () => {
    const server = startServer();
    const told = await refused(server, question);
    assert.match(told, /^not-proven: PASV tells clients 203\.0\.113\.10: not so\. Told 10\.0\.0\.5: 227 /);
    assert.equal(server.calls.filter((call) => call.startsWith(UAPI)).length, 3);
  });

  const doubtOf = async (words: Readonly<Record<string, string>>, name = 'nat'): Promise<string | null> => {
    const server = startServer({ conf: conf(name) });
    server.daemon.words = words;
    return answer(server.ports, question, settings(), () => undefined);
  };

  it('has no doubt where TLS is off', async () => {
    assert.equal(await doubtOf({ AUTH: '502 No TLS here' }), null);
  });

  const beside: readonly (readonly [what: string, words: Record<string, string>, sentence: RegExp])[] = [
    [
      'a certificate that is no good',
      { AUTH: '431 No key' },
      /^The FTP server answers, over TLS: not so\. TLS is/,
    ],
    ['TLS without its data', { PROT: '536 No' }, /^Data connections can be protected, over TLS: not so\. /],
    [
      'EPSV that is hidden',
      { EPSV: '500 Unknown command' },
      /^EPSV is known: not so\. 500 Unknown command: /,
    ],
  ];
  for (const [what, words, sentence] of beside) {
    it(`tells of ${what}, and holds no run responsible`, async () => {
      assert.match((await doubtOf(words)) ?? '', sentence);
    });
  }

  it('takes what is told over TLS as the proof where a server takes nothing else', async () => {
    const tlsOnly = (name: string): Promise<string | null> => {
      const server = startServer({ conf: conf(name) });
      server.daemon.tlsOnly = true;
      return answer(server.ports, question, settings(), () => undefined);
    };
    assert.equal(await tlsOnly('nat'), null);
    await assert.rejects(
      tlsOnly('stock'),
      /^Problem: PASV tells clients 203\.0\.113\.10, over TLS: not so\. Told 10/,
    );
  });
});
