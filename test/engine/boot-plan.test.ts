import assert from 'node:assert/strict';
import type { PortRange } from '../../src/core/range.ts';
import { planBoot, type BootChange } from '../../src/engine/boot-plan.ts';
import type { Realm } from '../../src/engine/placement.ts';
import { survey } from '../../src/engine/survey.ts';
import { nftables } from '../../src/firewall/nftables/nftables.ts';
import { tools } from '../../src/system/programs.ts';
import { refusal } from '../core/refusal.ts';
import { REAL } from './real.ts';
import { BOOT, RULES, settings, startServer, type Server } from './server.ts';

const RANGE: PortRange = [50000, 51000];
const MARK = 'comment "ftp-passive:managed"';
const ours = (ports: string): string => `\t\ttcp dport ${ports} accept ${MARK}\n`;
const withRule = (...ports: readonly string[]): string =>
  RULES.replace('\t\treject', `${ports.map(ours).join('')}\t\treject`);

async function plan(server: Server, some: Partial<Realm> = {}): Promise<readonly BootChange[]> {
  const before = server.state();
  const found = await survey(server.ports, settings({ range: RANGE }));
  const realm: Realm = {
    keeper: null,
    rulebooks: server.ports.rulebooks,
    facts: found.firewall,
    overridden: null,
    ...some,
  };
  try {
    return await planBoot(server.ports, found, realm, { range: RANGE, families: ['ipv4', 'ipv6'] });
  } finally {
    assert.deepEqual(server.state(), before);
    assert.equal(server.twins.count, 0);
  }
}

describe('the saved rules', () => {
  it('stay as they are where they let the range in', async () => {
    const text = withRule('50000-51000');
    assert.deepEqual(await plan(startServer({ boot: text })), [{ path: BOOT, open: text, close: text }]);
    const other = RULES.replace('\t\treject', '\t\ttcp dport 40000-65535 accept\n\t\treject');
    assert.deepEqual(await plan(startServer({ boot: other })), [{ path: BOOT, open: other, close: other }]);
  });

  it('get the rule where it is needed, whatever is in force now', async () => {
    const open = withRule('50000-51000');
    for (const rules of [RULES, open, '']) {
      assert.deepEqual(await plan(startServer({ rules, boot: RULES })), [{ path: BOOT, open, close: open }]);
    }
  });

  it('keep an earlier range of ours until the end', async () => {
    const server = startServer({ boot: withRule('30000-35000') });
    const [change] = await plan(server);
    assert.deepEqual(change, {
      path: BOOT,
      open: withRule('30000-35000', '50000-51000'),
      close: withRule('50000-51000'),
    });
  });

  it('lose what is too wide, and get what they need instead', async () => {
    const [change] = await plan(startServer({ boot: withRule('49152-65534') }));
    assert.equal(change?.open, withRule('49152-65534'));
    assert.equal(change.close, withRule('50000-51000'));
  });

  it('get a rule in each chain that stops the range, each at its place', async () => {
    const early = [
      'table inet guard {',
      '\tchain early {',
      '\t\ttype filter hook prerouting priority -150; policy accept;',
      '\t\ttcp dport 2087 accept',
      '\t\ttcp dport 1024-65535 drop',
      '\t}',
      '}',
      '',
    ].join('\n');
    const [change] = await plan(startServer({ boot: RULES + early }));
    assert.equal(
      change?.open,
      withRule('50000-51000') +
        early.replace('\t\ttcp dport 1024', `${ours('50000-51000')}\t\ttcp dport 1024`),
    );
  });

  it('are none where nothing is saved', async () =>
    assert.deepEqual(await plan(startServer({ boot: null })), []));

  it('are left alone where they forbid the range on purpose, or do not load', async () => {
    const rule = 'tcp dport 50000-50010 drop';
    const forbids = startServer({ boot: RULES.replace('\t\treject', `\t\t${rule}\n\t\treject`) });
    await assert.rejects(
      plan(forbids),
      refusal(
        `After the next boot (${BOOT}): Ports 50000-50010 are forbidden on purpose by the rule inet filter input: ${rule}. Remove it, choose another range, or name it: --override 'inet filter input: ${rule}'.`,
        'unsupported',
      ),
    );
    const [change] = await plan(forbids, { overridden: `inet filter input: ${rule}` });
    assert.match(
      change?.open ?? '',
      /tcp dport 50000-50010 accept comment "ftp-passive:managed"\n\t\ttcp dport 50000-50010 drop/,
    );
    await assert.rejects(
      plan(startServer({ boot: `${RULES}nonsense\n` })),
      refusal(
        `${BOOT} does not load, so this firewall will be missing after the next boot. The rules do not load: /dev/stdin:1:1-1: Error: syntax error: nonsense. Repair it first.`,
        'invalid',
      ),
    );
  });

  it('are refused where no file of theirs holds the chain, and where the rule never helps', async () => {
    const server = startServer();
    const lost = { ...nftables, fileOf: () => null };
    await assert.rejects(
      plan({ ...server, ports: { ...server.ports, rulebooks: [lost] } }),
      refusal('No saved file holds the chain inet filter input.', 'unsupported'),
    );
    const idle = { ...nftables, placeInText: (text: string) => `${text}# no rule\n` };
    await assert.rejects(
      plan({ ...server, ports: { ...server.ports, rulebooks: [idle] } }),
      refusal(`No place for the rule was found in ${BOOT}; nothing was changed.`, 'unsupported'),
    );
  });

  it('of iptables get the rule in the file of each family', async () => {
    const saved = (icmp: string): string =>
      [
        '# kept by hand',
        '*filter',
        ':INPUT ACCEPT [0:0]',
        '-A INPUT -m state --state RELATED,ESTABLISHED -j ACCEPT',
        `-A INPUT -p ${icmp} -j ACCEPT`,
        '-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT',
        '-A INPUT -j REJECT',
        'COMMIT',
        '',
      ].join('\n');
    const files = { '/etc/iptables/rules.v4': saved('icmp'), '/etc/iptables/rules.v6': saved('ipv6-icmp') };
    const server = startServer({ config: null, rules: '', boot: null });
    for (const [path, text] of Object.entries(files)) server.disk.put(path, text);
    server.programs.set('/usr/bin/systemctl', (argv) => {
      const state = (unit: string): string =>
        `ActiveState=inactive\nUnitFileState=${unit.startsWith('netfilter') ? 'enabled' : 'disabled'}\n`;
      const stdout = argv.slice(3).map(state).join('\n');
      return { argv, code: 0, signal: null, stdout, stderr: '', missing: false, timedOut: false, ms: 1 };
    });
    const ports = { ...server.ports, twin: REAL, tools };
    const rule =
      '-A INPUT -p tcp -m tcp --dport 50000:51000 -m comment --comment "ftp-passive:managed" -j ACCEPT\n-A INPUT -j REJECT';
    assert.deepEqual(
      await plan({ ...server, ports }),
      Object.entries(files).map(([path, text]) => {
        const after = text.replace('-A INPUT -j REJECT', rule);
        return { path, open: after, close: after };
      }),
    );
  }).timeout(20_000);
});
