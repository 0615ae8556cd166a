import assert from 'node:assert/strict';
import { look } from '../../src/engine/survey.ts';
import { openKernel } from './kernel.ts';
import { BOOT, NFT, RULES, settings, startServer, type ServerOptions } from './server.ts';
import { rangeOpen, wantedFamilies } from '../../src/engine/survey.ts';
import { unknownReach } from '../../src/core/reach.ts';

const RED_HAT = '/etc/sysconfig/nftables.conf';
const chainIn = (table: string, chain: string): string => `table ${table} {\n\tchain ${chain} {\n\t}\n}\n`;

describe('the firewall in charge', () => {
  const rows: readonly (readonly [
    active: string,
    why: string,
    rules: string,
    files: Readonly<Record<string, string>>,
  ])[] = [
    ['nftables', 'rules of nftables', RULES, {}],
    ['none', 'no rules', '', {}],
    [
      'none',
      'rules for what goes out only',
      'table inet filter {\n\tchain output {\n\t\ttype filter hook output priority 0; policy drop;\n\t}\n}\n',
      {},
    ],
    ['firewalld', 'its table', chainIn('inet firewalld', 'filter_INPUT'), {}],
    ['ufw', 'its chain', RULES + chainIn('ip filter', 'ufw-user-input'), {}],
    [
      'csf',
      'its chain and its file',
      RULES + chainIn('ip filter', 'LOCALINPUT'),
      { '/etc/csf/csf.conf': '' },
    ],
    ['nftables', 'its chain without its file', RULES + chainIn('ip filter', 'LOCALINPUT'), {}],
    ['nftables', 'its file without its chain', RULES, { '/etc/csf/csf.conf': '' }],
    [
      'nftables',
      'CSF switched off',
      RULES + chainIn('ip filter', 'LOCALINPUT'),
      { '/etc/csf/csf.conf': '', '/etc/csf/csf.disable': '' },
    ],
  ];
  for (const [active, why, rules, files] of rows) {
    it(`is ${active} for: ${why}`, async () => {
      const server = startServer({ rules });
      for (const [path, text] of Object.entries(files)) server.disk.put(path, text);
      assert.equal((await look(server.ports)).active, active);
    });
  }

  it('is iptables where it made rules that nftables cannot say', async () => {
    const server = startServer();
    const listing = `${server.kernel.listing()}table ip filter {\n\tchain INPUT {\n\t\txt match recent counter log # handle 8\n\t}\n}\n`;
    server.programs.set(NFT, (argv) => {
      return {
        argv,
        code: 0,
        signal: null,
        stdout: listing,
        stderr: '',
        missing: false,
        timedOut: false,
        ms: 1,
      };
    });
    assert.equal((await look(server.ports)).active, 'iptables');
  });
});

describe('the saved script', () => {
  const of = async (
    files: Readonly<Record<string, string>>,
    options: ServerOptions = {},
  ): Promise<string | null> => {
    const server = startServer({ boot: null, ...options });
    for (const [path, text] of Object.entries(files)) server.disk.put(path, text);
    return (await look(server.ports)).boot?.file.path ?? null;
  };

  it('is the one that is there', async () => {
    assert.equal(await of({}), null);
    assert.equal(await of({ [BOOT]: 'flush ruleset\n' }), BOOT);
    assert.equal(await of({ [RED_HAT]: 'flush ruleset\n' }), RED_HAT);
  });

  it('is of two the one that holds a chain in force', async () => {
    assert.equal(await of({ [RED_HAT]: '# include "x"\n', [BOOT]: RULES }), BOOT);
    assert.equal(await of({ [RED_HAT]: RULES, [BOOT]: RULES }), RED_HAT);
    assert.equal(await of({ [RED_HAT]: '# nothing\n', [BOOT]: 'flush ruleset\n' }), RED_HAT);
  });

  it('tells whether it is loaded at boot', async () => {
    const server = startServer();
    assert.equal((await look(server.ports)).boot?.enabled, true);
    server.programs.delete('/usr/bin/systemctl');
    assert.equal((await look(server.ports)).boot?.enabled, false);
  });
});

describe('a look', () => {
  it('takes the main address where it is held here, else the first one that is', async () => {
    const server = startServer();
    assert.equal((await look(server.ports)).localAddress, '10.0.0.5');
    server.disk.put('/var/cpanel/mainip', '203.0.113.10\n');
    assert.equal((await look(server.ports)).localAddress, '10.0.0.5');
    const links = () => Promise.resolve([{ name: 'eth0', addresses: ['2001:db8::1/64'] }]);
    const ports = { ...server.ports, host: { ...server.ports.host, links } };
    assert.equal((await look(ports)).localAddress, null);
    assert.equal((await look(ports)).hasIpv6, true);
  });

  it('takes the oldest of the processes that listen, and no other program', async () => {
    const server = startServer();
    const listener = (program: string, pid: number) => ({ pid, program, address: '', startedMs: 2e12 + pid });
    const listeners = () =>
      Promise.resolve([listener('pure-ftpd', 9), listener('pure-ftpd', 8), listener('proftpd', 7)]);
    const running = async (found: typeof listeners): Promise<boolean | undefined> =>
      (await look({ ...server.ports, host: { ...server.ports.host, listeners: found } })).reading?.running;
    assert.equal(await running(listeners), true);
    assert.equal(await running(() => Promise.resolve([listener('proftpd', 7)])), false);
  });

  it('keeps the rules as they are listed, and says why there are none', async () => {
    const server = startServer();
    const found = await look(server.ports);
    assert.equal(openKernel(found.ruleset).listing(), server.kernel.listing());
    server.programs.set(NFT, (argv) => {
      return {
        argv,
        code: 1,
        signal: null,
        stdout: 'half',
        stderr: 'not permitted\n',
        missing: false,
        timedOut: false,
        ms: 1,
      };
    });
    const without = await look(server.ports);
    assert.deepEqual(
      [without.ruleset, without.rulesTrouble],
      ['', 'nft cannot list the rules: not permitted'],
    );
  });
});

describe('the range', () => {
  const open = (...ranges: readonly (readonly [number, number])[]) =>
    ({ method: 'twin', open: ranges, blocked: [], ms: 1 }) as const;
  const whole = open([1, 65535]);

  it('is open when every wanted family lets all of it in, and unknown when one could not be asked', () => {
    const answer = (ipv4: typeof whole | undefined, ipv6?: typeof whole): boolean | null =>
      rangeOpen({ ...(ipv4 && { ipv4 }), ...(ipv6 && { ipv6 }) }, ['ipv4', 'ipv6'], settings());
    assert.equal(answer(whole, whole), true);
    assert.equal(answer(whole, open([49152, 65533])), false);
    assert.equal(answer(open([49152, 60000], [60001, 65534]), whole), true);
    assert.equal(answer(whole), null);
    assert.equal(rangeOpen({ ipv4: unknownReach('no') }, ['ipv4'], settings()), null);
  });

  it('is wanted in IPv6 where the server has it and the settings do not say otherwise', () => {
    assert.deepEqual(wantedFamilies({ hasIpv6: true }, settings()), ['ipv4', 'ipv6']);
    assert.deepEqual(wantedFamilies({ hasIpv6: false }, settings()), ['ipv4']);
    assert.deepEqual(wantedFamilies({ hasIpv6: true }, settings({ ipv6: false })), ['ipv4']);
  });
});
