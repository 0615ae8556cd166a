import assert from 'node:assert/strict';
import sinon from 'sinon';
import { Problem } from '../../src/core/problem.ts';
import { unknownReach, type Decision } from '../../src/core/reach.ts';
import type { CommandResult } from '../../src/engine/ports.ts';
import { deaf, look, rangeOpen, wantedFamilies } from '../../src/engine/survey.ts';
import { csf } from '../../src/firewall/csf/csf.ts';
import { ufw } from '../../src/firewall/ufw/ufw.ts';
import { fakeKeeper } from './keeper.ts';
import { BOOT, NFT, RULES, settings, startServer, TOOLS, type ServerOptions } from './server.ts';

const RED_HAT = '/etc/sysconfig/nftables.conf';
const UFW_CHAINS = 'table ip filter {\n\tchain ufw-user-input {\n\t}\n}\n';
const says =
  (stdout: string, stderr = '', code = 0) =>
  (argv: readonly string[]): CommandResult => {
    return { argv, code, signal: null, stdout, stderr, missing: false, timedOut: false, ms: 1 };
  };
const chainIn = (table: string, chain: string): string => `table ${table} {\n\tchain ${chain} {\n\t}\n}\n`;

describe('the firewall in charge', () => {
  const LOCALINPUT = chainIn('ip filter', 'LOCALINPUT');
  const UFW_CONF = '/etc/ufw/ufw.conf';
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
    ['ufw', 'its chain and its switch', RULES + UFW_CHAINS, { [UFW_CONF]: 'ENABLED=yes\n' }],
    ['nftables', 'ufw switched off', RULES + UFW_CHAINS, { [UFW_CONF]: 'ENABLED=no\n' }],
    ['csf', 'its chain and its file', RULES + LOCALINPUT, { '/etc/csf/csf.conf': '' }],
    ['nftables', 'a chain of CSF without its file', RULES + LOCALINPUT, {}],
    ['nftables', 'a file of CSF without its chain', RULES, { '/etc/csf/csf.conf': '' }],
    [
      'nftables',
      'CSF switched off',
      RULES + LOCALINPUT,
      { '/etc/csf/csf.conf': '', '/etc/csf/csf.disable': '' },
    ],
  ];
  for (const [active, why, rules, files] of rows) {
    it(`is ${active} for: ${why}`, async () => {
      const server = startServer({ rules, keepers: [ufw, csf] });
      for (const [path, text] of Object.entries(files)) server.disk.put(path, text);
      const { charge, book } = await look(server.ports);
      assert.equal(charge.active, active);
      assert.equal(charge.keeper?.name ?? 'plain', ['ufw', 'csf'].includes(active) ? active : 'plain');
      assert.equal(book?.name ?? 'none', charge.keeper === null ? active : 'none');
    });
  }

  it('is iptables where it made the rules', async () => {
    const server = startServer({ rules: '' });
    const base = '\t\ttype filter hook input priority filter; policy drop;\n';
    const listing = `table ip filter { # handle 1\n\tchain INPUT { # handle 1\n${base}\t\txt match "recent" counter packets 0 bytes 0 accept # handle 8\n\t}\n}\n`;
    const saved = '*filter\n:INPUT DROP [0:0]\n-A INPUT -m recent --rcheck --name X -j ACCEPT\nCOMMIT\n';
    server.programs.set(NFT, says(listing));
    server.programs.set(TOOLS.iptables('ip', 'iptables', '-save'), says(saved));
    const { charge, rules, firewall } = await look(server.ports);
    assert.deepEqual([charge.active, rules.trouble], ['iptables', null]);
    assert.deepEqual(
      firewall.chains.map(({ tool, rules: own }) => [tool, own.map(({ text }) => text)]),
      [['iptables', ['-m recent --rcheck --name X -j ACCEPT']]],
    );
  });

  it('is asked about its units, and its directories are read', async () => {
    const own = { ...fakeKeeper(), directories: ['/etc/keeper.d', '/etc/none.d'] };
    const server = startServer({ keepers: [own] });
    const asked: string[] = [];
    server.programs.set('/usr/bin/systemctl', (argv) => {
      asked.push(...argv);
      return says('ActiveState=active\nUnitFileState=enabled\n')(argv);
    });
    server.disk.put('/etc/keeper.conf', '');
    server.disk.put('/etc/keeper.d/one', 'text');
    const { firewall, files } = await look(server.ports);
    assert.deepEqual([firewall.files.get('/etc/keeper.d/one')?.text, files], ['text', firewall.files]);
    assert.ok(asked.includes('keeper.service') && asked.includes('nftables.service'));
    assert.ok(firewall.active.has('keeper.service') && firewall.enabled.has('keeper.service'));
  });
});

describe('the saved script', () => {
  const of = async (
    files: Readonly<Record<string, string>>,
    options: ServerOptions = {},
  ): Promise<string[]> => {
    const server = startServer({ boot: null, ...options });
    for (const [path, text] of Object.entries(files)) server.disk.put(path, text);
    return (await look(server.ports)).saved.flatMap((each) => each.files.map(({ path }) => path));
  };

  it('is the one that is there', async () => {
    assert.deepEqual(await of({}), []);
    assert.deepEqual(await of({ [BOOT]: 'flush ruleset\n' }), [BOOT]);
    assert.deepEqual(await of({ [RED_HAT]: 'flush ruleset\n' }), [RED_HAT]);
  });

  it('is of two the one that holds a chain in force', async () => {
    assert.deepEqual(await of({ [RED_HAT]: '# include "x"\n', [BOOT]: RULES }), [BOOT]);
    assert.deepEqual(await of({ [RED_HAT]: RULES, [BOOT]: RULES }), [RED_HAT]);
    assert.deepEqual(await of({ [RED_HAT]: '# nothing\n', [BOOT]: 'flush ruleset\n' }), [RED_HAT]);
  });

  it('tells whether it is loaded at boot', async () => {
    const server = startServer();
    const enabled = async (): Promise<unknown> =>
      (await look(server.ports)).saved.map((each) => [each.unit, each.enabled]);
    assert.deepEqual(await enabled(), [['nftables.service', true]]);
    server.programs.delete('/usr/bin/systemctl');
    assert.deepEqual(await enabled(), [['nftables.service', false]]);
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
    const listener = (program: string, pid: number, port = 21) => {
      return { pid, program, address: '', port, startedMs: 2e12 + pid };
    };
    const running = async (...listening: ReturnType<typeof listener>[]): Promise<boolean | undefined> => {
      const sockets = () => Promise.resolve({ listening, open: [] });
      return (await look({ ...server.ports, host: { ...server.ports.host, sockets } })).reading?.running;
    };
    assert.equal(
      await running(listener('pure-ftpd', 9), listener('pure-ftpd', 8), listener('proftpd', 7)),
      true,
    );
    assert.equal(await running(listener('proftpd', 7)), false);
    assert.equal(await running(listener('pure-ftpd', 8, 50_000)), false);
  });

  it('reads what ProFTPD’s file includes, and what cPanel has put aside', async () => {
    const server = startServer({ config: 'ftpserver=proftpd\n' });
    server.disk.put('/etc/proftpd.conf', 'Include /etc/proftpd/*.conf\nInclude /etc/proftpd/one\n');
    const included = ['/etc/proftpd/a.conf', '/etc/proftpd/one'];
    for (const path of [...included, '/etc/proftpd/two', '/etc/proftpd.conf.INVALID-validity.x'])
      server.disk.put(path, '');
    const found = await look(server.ports);
    for (const path of included) assert.ok(found.files.get(path), path);
    assert.deepEqual(found.setAside, ['/etc/proftpd.conf.INVALID-validity.x']);
  });

  it('goes on without what only may help', async () => {
    const server = startServer();
    const { files } = server.ports;
    const read: typeof files.read = (path) =>
      path === '/proc/1/environ' ? Promise.reject(new Error('not permitted')) : files.read(path);
    const found = await look({ ...server.ports, files: { ...files, read } });
    assert.ok(!found.troubles.some(({ fact }) => fact.includes('not permitted')));
  });

  it('is refused in words where the rules cannot be read, however much longer all else takes', async () => {
    const { ports } = startServer();
    const refusal = new Problem('access-denied', 'The tables cannot be read: permission is denied.');
    const files: typeof ports.files = {
      ...ports.files,
      async read(path) {
        if (path.startsWith('/proc/net/ip')) throw refusal;
        await new Promise((resolve) => setTimeout(resolve, 30));
        return ports.files.read(path);
      },
    };
    const unheard = sinon.spy();
    process.on('unhandledRejection', unheard);
    try {
      await assert.rejects(look({ ...ports, files }), refusal);
    } finally {
      process.off('unhandledRejection', unheard);
    }
    assert.equal(unheard.callCount, 0);
  });

  it('keeps the rules as they are listed, and says why there are none', async () => {
    const server = startServer();
    const found = await look(server.ports);
    assert.deepEqual([found.rules.ruleset.nft, found.rules.trouble], [server.kernel.listing(), null]);
    assert.equal(found.firewall.chains[0]?.chain, 'input');
    server.programs.set(NFT, says('half', 'not permitted\n', 1));
    const { rules, firewall } = await look(server.ports);
    assert.deepEqual(
      [rules.ruleset.nft, firewall.chains, rules.trouble],
      ['', [], 'nft cannot list the rules: not permitted'],
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

  it('is not awaited in IPv6 where nothing gets in over it and no rule for TCP decides so', () => {
    const stopped = (decision: Decision | null) =>
      ({
        method: 'twin',
        open: [],
        blocked: [{ range: [1, 65535], how: 'unknown', rule: null, decision, path: [] }],
        ms: 1,
      }) as const;
    const policy: Decision = {
      tool: 'nft',
      family: 'inet',
      table: 'filter',
      chain: 'input',
      index: null,
      text: 'policy drop',
    };
    assert.equal(deaf('ipv6', { ipv6: stopped(null) }), true);
    assert.equal(deaf('ipv4', { ipv4: stopped(null) }), false);
    assert.equal(deaf('ipv6', { ipv6: stopped(policy) }), false);
    assert.equal(deaf('ipv6', { ipv6: { ...stopped(null), open: [[21, 21]] } }), false);
    assert.equal(deaf('ipv6', { ipv6: unknownReach('no') }), false);
    assert.equal(rangeOpen({ ipv4: whole, ipv6: stopped(null) }, ['ipv4', 'ipv6'], settings()), true);
    assert.equal(rangeOpen({ ipv4: whole, ipv6: stopped(policy) }, ['ipv4', 'ipv6'], settings()), false);
  });
});
