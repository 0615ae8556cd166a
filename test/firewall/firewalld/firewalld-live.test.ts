import assert from 'node:assert/strict';
import type { PortRange } from '../../../src/core/range.ts';
import type { Question } from '../../../src/firewall/firewall.ts';
import { firewalld } from '../../../src/firewall/firewalld/firewalld.ts';
import { samePlace } from '../../../src/firewall/ruleset.ts';
import { BANNED, type Backend } from '../../sandbox/firewall.ts';
import { ADDRESS } from '../../sandbox/lab.ts';
import { ok } from '../../sandbox/machine.ts';
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts';
import { act, look, reached, rules, run, takeBack } from './real.ts';

const RANGE: PortRange = [49152, 65534];
const BOTH: Question = { range: RANGE, families: ['ipv4', 'ipv6'] };
/** The ends of the range, and what must stay closed beside it. */
const PORTS = [3306, 49_151, 49_152, 55_000, 65_534, 65_535];
const INSIDE = [49_152, 55_000, 65_534];

/** What docker would put beside firewalld's rules. */
const DOCKER = [
  ['iptables', '-t', 'nat', '-N', 'DOCKER'],
  [
    'iptables',
    '-t',
    'nat',
    '-A',
    'DOCKER',
    '-p',
    'tcp',
    '--dport',
    '8080',
    '-j',
    'DNAT',
    '--to',
    '172.17.0.2:80',
  ],
];

async function isBanned({ client }: Sandbox): Promise<boolean> {
  await client.run(['ip', 'address', 'add', `${BANNED}/24`, 'dev', 'eth0']);
  const open = `use IO::Socket::IP; exit !IO::Socket::IP->new(LocalHost => $ARGV[0], PeerHost => $ARGV[1], PeerPort => 21, Timeout => 1)`;
  return (await client.run(['perl', '-e', open, BANNED, ADDRESS.public])).code !== 0;
}

for (const backend of ['nftables', 'iptables'] as const satisfies readonly Backend[]) {
  describe(`the real firewalld over ${backend}`, function () {
    this.timeout(120_000);
    let sandbox: Sandbox;

    beforeEach(async () => {
      sandbox = await startSandbox({ firewall: 'firewalld', backend });
    });
    afterEach(() => sandbox.stop());

    it('opens the range at once, and only it, over IPv4 and IPv6, and closes it again', async () => {
      const { server } = sandbox;
      for (const command of DOCKER) await run(server, command);
      const before = await rules(server);
      const facts = await look(server);
      assert.equal(firewalld.standing(facts), 'active');
      assert.deepEqual(await reached(sandbox, PORTS), [[], []]);
      const { trial, deeds } = firewalld.open(facts, BOTH, true);
      await act(server, deeds);

      assert.deepEqual(await reached(sandbox, PORTS), [INSIDE, INSIDE]);
      assert.equal(await isBanned(sandbox), true);
      assert.match(await rules(server), /DNAT --to-destination 172\.17\.0\.2:80/);
      const after = await look(server);
      for (const rule of trial) {
        const chain = after.chains.find((each) => samePlace(each, rule));
        assert.equal(chain?.rules.at(-1)?.text, rule.text, 'it is what was tried in a copy');
      }
      assert.equal(firewalld.keeps(after, BOTH), true);
      assert.deepEqual(firewalld.opened(after), [RANGE]);
      assert.deepEqual(firewalld.open(after, BOTH, true), { trial: [], deeds: [] });

      await takeBack(server, deeds);
      assert.equal(await rules(server), before);
      assert.deepEqual(await reached(sandbox, PORTS), [[], []]);
      assert.equal(firewalld.keeps(await look(server), BOTH), false);
      assert.deepEqual(firewalld.opened(await look(server)), []);
    });

    it('keeps the range open through a reboot, and still takes it back then', async () => {
      const before = await rules(sandbox.server);
      const { deeds } = firewalld.open(await look(sandbox.server), BOTH, true);
      await act(sandbox.server, deeds);
      await sandbox.reboot();
      const { server } = sandbox;
      assert.deepEqual(await reached(sandbox, PORTS), [INSIDE, INSIDE]);
      assert.equal(await isBanned(sandbox), true);
      assert.deepEqual(firewalld.open(await look(server), BOTH, true), { trial: [], deeds: [] });

      await takeBack(server, deeds);
      assert.deepEqual(await reached(sandbox, PORTS), [[], []]);
      assert.equal(await rules(server), before);
      await run(server, ['systemctl', 'restart', 'firewalld']);
      await run(server, ['firewall-cmd', '--state']);
      assert.equal(await rules(server), before);
    });
  });
}

describe('the real firewalld', function () {
  this.timeout(120_000);
  let sandbox: Sandbox;

  before(async () => {
    sandbox = await startSandbox({ firewall: 'firewalld' });
  });
  after(() => sandbox.stop());

  const listAll = async (): Promise<string> =>
    (await ok(sandbox.server.run(['firewall-cmd', '--list-all']))) +
    (await ok(sandbox.server.run(['firewall-cmd', '--permanent', '--list-all'])));

  it('moves to another range, whether it was reloaded meanwhile or not, and back', async () => {
    const { server } = sandbox;
    const ports = [40_050, 49_152, 55_000];
    const both = (...open: number[]): [number[], number[]] => [open, open];
    const rows = [
      { reload: false, range: [50_000, 60_000], open: both(55_000) },
      { reload: true, range: [40_000, 40_100], open: both(40_050) },
    ] as const;
    for (const { reload, range, open } of rows) {
      const moved: Question = { ...BOTH, range };
      const first = firewalld.open(await look(server), BOTH, true).deeds;
      await act(server, first);
      if (reload) await run(server, ['firewall-cmd', '--reload']);
      const before = await look(server);
      const second = [
        ...firewalld.open(before, moved, true).deeds,
        ...firewalld.close(before, [RANGE], moved),
      ];
      await act(server, second);
      if (reload) await run(server, ['firewall-cmd', '--reload']);
      const after = await look(server);
      assert.deepEqual([firewalld.keeps(after, moved), firewalld.keeps(after, BOTH)], [true, false]);
      assert.deepEqual(firewalld.opened(after), [range]);
      assert.deepEqual(await reached(sandbox, ports), open);
      await takeBack(server, second);
      assert.deepEqual(await reached(sandbox, ports), both(49_152, 55_000));
      await takeBack(server, first);
      assert.deepEqual(await reached(sandbox, ports), both());
    }
  });

  it('keeps the administrator’s own port range when the same range is taken back', async () => {
    const { server } = sandbox;
    await run(server, ['firewall-cmd', '--add-port=50000-50100/tcp']);
    await run(server, ['firewall-cmd', '--permanent', '--add-port=50000-50100/tcp']);
    const before = await listAll();
    const { deeds } = firewalld.open(await look(server), BOTH, true);
    await act(server, deeds);
    await takeBack(server, deeds);
    assert.equal(await listAll(), before);
    assert.deepEqual((await reached(sandbox, [50_000, 50_100, 50_101]))[0], [50_000, 50_100]);
  });

  it('goes back from a run that was cut off before a step had done anything', async () => {
    const { server } = sandbox;
    const { deeds } = firewalld.open(await look(server), BOTH, true);
    const before = await rules(server);
    await act(server, deeds.slice(0, 1));
    await takeBack(server, deeds.slice(0, 2));
    assert.equal(await rules(server), before);
  });
});
