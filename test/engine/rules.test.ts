import assert from 'node:assert/strict';
import type { CommandResult, Files } from '../../src/engine/ports.ts';
import { readRules, type RulesNow } from '../../src/engine/rules.ts';
import type { Tools } from '../../src/firewall/placing.ts';

const TOOLS: Tools = {
  nft: '/nft',
  ipset: '/ipset',
  iptables: (family, tool, verb) => `/${family}-${tool}${verb}`,
};
const HOOK = 'type filter hook input priority filter; policy accept;';
/** A table as nft lists it, with these rules in its chain INPUT. */
const table = (name: string, ...rules: readonly string[]): string => {
  const lines = rules.map((rule, index) => `\t\t${rule} # handle ${index + 2}\n`);
  return `table ${name} { # handle 1\n\tchain INPUT { # handle 1\n\t\t${HOOK}\n${lines.join('')}\t}\n}\n`;
};
const saved = (name: string, ...rules: readonly string[]): string =>
  [`*${name}`, ':INPUT ACCEPT [0:0]', ...rules.map((rule) => `-A INPUT ${rule}`), 'COMMIT', ''].join('\n');

type Answer = string | { readonly code: number; readonly stderr: string } | null;

/** Reads a server whose programs answer like this; null: it is not installed. */
async function read(
  programs: Readonly<Record<string, Answer>>,
  files: Readonly<Record<string, string>> = {},
): Promise<RulesNow & { calls: string[] }> {
  const calls: string[] = [];
  const run = (argv: readonly string[]): Promise<CommandResult> => {
    const [program = ''] = argv;
    calls.push(program);
    const answer = programs[program] ?? null;
    const failed = answer === null || typeof answer === 'string' ? null : answer;
    return Promise.resolve({
      argv,
      code: answer === null ? null : (failed?.code ?? 0),
      signal: null,
      stdout: typeof answer === 'string' ? answer : 'half a',
      stderr: answer === null ? `${program} is not here or cannot be run` : (failed?.stderr ?? ''),
      missing: answer === null,
      timedOut: false,
      ms: 1,
    });
  };
  const reading: Pick<Files, 'read'> = {
    read: (path) => {
      const text = files[path];
      return Promise.resolve(
        text === undefined ? null : { path, text, encoding: 'utf8', tag: '', mtimeMs: 0 },
      );
    },
  };
  return { ...(await readRules({ run, files: reading as Files, tools: TOOLS })), calls };
}

describe('the rules in force', () => {
  it('are what nft lists, where it made all', async () => {
    const nft = table('inet filter', 'tcp dport 22 accept');
    const { ruleset, trouble, calls } = await read({ '/nft': nft });
    assert.deepEqual(ruleset, { nft, ipsets: '', saved: [], listed: true });
    assert.deepEqual([trouble, calls], [null, ['/nft']]);
  });

  it('are what iptables-save prints, for the families and tables that iptables made', async () => {
    const nft =
      table('ip filter', 'xt match recent drop') +
      table('ip raw', 'accept') +
      table('ip nat', 'counter accept');
    const text = saved('filter', '-j DROP') + saved('raw', '-j ACCEPT') + saved('nat', '-j ACCEPT');
    const { ruleset, trouble, calls } = await read({ '/nft': nft, '/ip-iptables-save': text });
    const own = saved('filter', '-j DROP') + saved('nat', '-j ACCEPT');
    assert.deepEqual(ruleset.saved, [{ family: 'ip', tool: 'iptables', text: own }]);
    assert.deepEqual([trouble, calls], [null, ['/nft', '/ip-iptables-save']]);
  });

  it('have the sets of addresses that rules of iptables ask', async () => {
    const programs = {
      '/nft': table('ip6 filter', 'xt match set drop'),
      '/ip6-iptables-save': saved('filter', '-m set --match-set bans src -j DROP'),
    };
    const { ruleset, trouble } = await read({ ...programs, '/ipset': 'create bans hash:ip\n' });
    assert.deepEqual([ruleset.ipsets, trouble], ['create bans hash:ip\n', null]);
    const denied = await read({ ...programs, '/ipset': { code: 1, stderr: 'Kernel error\n' } });
    assert.equal(denied.trouble, 'ipset cannot list its sets: Kernel error');
    assert.equal(
      (await read(programs)).trouble,
      'ipset cannot list its sets: /ipset is not here or cannot be run',
    );
  });

  describe('of the older iptables', () => {
    const NAMES = { '/proc/net/ip_tables_names': 'filter\n', '/proc/net/ip6_tables_names': '' };
    const text = saved('filter', '-j DROP');

    it('are read too, where it has tables loaded', async () => {
      const { ruleset, trouble, calls } = await read({ '/nft': '', '/ip-iptables-legacy-save': text }, NAMES);
      assert.deepEqual(ruleset.saved, [{ family: 'ip', tool: 'iptables-legacy', text }]);
      assert.equal(trouble, null);
      assert.ok(!calls.includes('/ip6-iptables-legacy-save'));
    });

    it('are told beside those of the newer one', async () => {
      const newer = { '/nft': table('ip filter', 'xt match recent drop'), '/ip-iptables-save': text };
      const { ruleset } = await read({ ...newer, '/ip-iptables-legacy-save': text }, NAMES);
      assert.deepEqual(
        ruleset.saved.map(({ tool }) => tool),
        ['iptables', 'iptables-legacy'],
      );
    });

    it('ask sets of addresses too', async () => {
      const { ruleset } = await read(
        {
          '/nft': '',
          '/ip-iptables-legacy-save': saved('filter', '-m set --match-set bans src -j DROP'),
          '/ipset': 'create bans hash:ip\n',
        },
        NAMES,
      );
      assert.equal(ruleset.ipsets, 'create bans hash:ip\n');
    });

    it('are none where nothing is loaded', async () => {
      const { ruleset, trouble } = await read(
        { '/nft': '', '/ip-iptables-legacy-save': '# nothing\n' },
        NAMES,
      );
      assert.deepEqual([ruleset.saved, trouble], [[], null]);
    });

    it('cannot be told without its program', async () => {
      assert.equal(
        (await read({ '/nft': '' }, NAMES)).trouble,
        'Rules of iptables-legacy are in force, and /ip-iptables-legacy-save is not installed here to read them.',
      );
      const failed = { code: 3, stderr: 'Permission denied\n' };
      assert.equal(
        (await read({ '/nft': '', '/ip-iptables-legacy-save': failed }, NAMES)).trouble,
        'iptables cannot list its rules: Permission denied',
      );
    });
  });

  it('cannot be told where nft cannot list them', async () => {
    const names = { '/proc/net/ip_tables_names': 'filter\n' };
    const legacy = { '/ip-iptables-legacy-save': saved('filter', '-j DROP') };
    const missing = await read(legacy, names);
    assert.equal(missing.trouble, 'nft is not installed here.');
    assert.deepEqual([missing.ruleset.nft, missing.ruleset.saved.length], ['', 1]);
    const denied = await read({ '/nft': { code: 1, stderr: 'Operation not permitted\n' } });
    assert.equal(denied.trouble, 'nft cannot list the rules: Operation not permitted');
    assert.equal(denied.ruleset.nft, '');
  });

  describe('in a table of both tools', () => {
    const REFUSES = "# Table `filter' is incompatible, use 'nft' tool.\n";
    const HALF = "# Table `filter' contains incompatible base-chains, use 'nft' tool to list them.\n";
    const nat = saved('nat', '-j ACCEPT');

    it('are read by nft alone, where it can read all', async () => {
      for (const remark of [REFUSES, HALF]) {
        const nft = table('ip filter', 'counter accept', 'tcp dport 22 accept');
        const { ruleset, trouble } = await read({
          '/nft': nft,
          '/ip-iptables-save': `${remark}${saved('filter', '-j ACCEPT')}${nat}`,
        });
        assert.deepEqual([ruleset.saved.map(({ text }) => text).join(''), trouble], ['', null]);
      }
    });

    it('cannot be told where neither tool can read all', async () => {
      for (const remark of [REFUSES, HALF]) {
        const nft =
          table('ip filter', 'xt match recent drop', 'tcp dport 22 accept') +
          table('ip nat', 'counter accept');
        const { ruleset, trouble } = await read({ '/nft': nft, '/ip-iptables-save': `${remark}${nat}` });
        assert.equal(
          trouble,
          'The table ip filter mixes rules of nft and of iptables so that neither tool can read them all.',
        );
        assert.equal(ruleset.saved[0]?.text, nat);
      }
    });

    it('need iptables only where nft cannot read them', async () => {
      const plain = await read({ '/nft': table('ip filter', 'counter accept') });
      assert.equal(plain.trouble, null);
      const own = await read({ '/nft': table('ip filter', 'xt match recent drop') });
      assert.equal(
        own.trouble,
        'Rules of iptables are in force, and /ip-iptables-save is not installed here to read them.',
      );
      const failed = { code: 1, stderr: 'Could not fetch rule set generation id\n' };
      assert.equal(
        (await read({ '/nft': table('ip filter', 'xt match recent drop'), '/ip-iptables-save': failed }))
          .trouble,
        'iptables cannot list its rules: Could not fetch rule set generation id',
      );
    });
  });
});
