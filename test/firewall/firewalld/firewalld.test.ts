import assert from 'node:assert/strict';
import type { PortRange } from '../../../src/core/range.ts';
import type { FirewallFacts, Question } from '../../../src/firewall/firewall.ts';
import { firewalld } from '../../../src/firewall/firewalld/firewalld.ts';
import { lines, scene, UNIT } from './facts.ts';

const RANGE: PortRange = [49152, 65534];
const BOTH: Question = { range: RANGE, families: ['ipv4', 'ipv6'] };
const SERVICE = '/etc/firewalld/services/ftp-passive.xml';
const ZONE = '/etc/firewalld/zones/public.xml';
const RICH = 'rule port port="49152-65534" protocol="tcp" accept';

const off = (name: string, more: Partial<FirewallFacts>): FirewallFacts => ({ ...scene(name), ...more });

describe('firewalld', () => {
  it('is in force while its unit runs and its chains are there', () => {
    assert.equal(firewalld.standing(scene('stock')), 'active');
    assert.equal(firewalld.standing(scene('stock-iptables')), 'active');
    assert.equal(firewalld.standing(off('stock', { active: new Set() })), 'inactive');
    assert.equal(firewalld.standing(off('stock', { chains: [] })), 'inactive');
    const none = { chains: [], active: new Set<string>(), files: new Map() };
    assert.equal(firewalld.standing(off('stock', none)), 'inactive', 'it is enabled');
    assert.equal(firewalld.standing(off('stock', { ...none, enabled: new Set() })), 'absent');
  });

  it('owns its table of nftables, or its chains in those of iptables', () => {
    const owns = (name: string, place: string): boolean => {
      const [family = '', table = '', chain = ''] = place.split(' ');
      return firewalld.owns({ family, table, chain }, scene(name));
    };
    assert.equal(owns('stock', 'inet firewalld filter_IN_public'), true);
    assert.equal(owns('stock', 'inet filter INPUT'), false);
    assert.equal(owns('stock', 'ip filter INPUT'), false);
    for (const chain of [
      'INPUT',
      'INPUT_ZONES',
      'INPUT_direct',
      'INPUT_POLICIES_pre',
      'IN_public',
      'IN_public_deny',
    ]) {
      assert.equal(owns('stock-iptables', `ip filter ${chain}`), true, chain);
      assert.equal(owns('stock-iptables', `ip6 filter ${chain}`), true, chain);
    }
    assert.equal(owns('stock-iptables', 'ip raw PREROUTING_ZONES'), true);
    for (const chain of ['DOCKER', 'f2b-sshd', 'LOCALINPUT']) {
      assert.equal(owns('stock-iptables', `ip filter ${chain}`), false, chain);
    }
    assert.equal(owns('stock-iptables', 'inet filter INPUT'), false);
    assert.equal(
      firewalld.owns({ family: 'inet', table: 'firewalld', chain: 'x' }, off('stock', { active: new Set() })),
      false,
    );
  });

  it('keeps the range when the settings of each zone do in which FTP comes in', () => {
    for (const [name, kept] of [
      ['stock', false],
      ['opened', true],
      ['covered', true],
      ['trusted', true],
      ['zones', false],
    ] as const) {
      assert.equal(firewalld.keeps(scene(name), BOTH), kept, name);
    }
    assert.equal(firewalld.keeps(scene('opened', { [ZONE]: null }), BOTH), null);
    assert.equal(firewalld.keeps(off('opened', { chains: [] }), BOTH), null);
  });

  it('opens with a service of its own for the next start, and a rule for now', () => {
    const { trial, deeds } = firewalld.open(scene('stock'), BOTH, true);
    assert.deepEqual(lines(deeds), [
      'firewall-cmd --state',
      'firewall-cmd --permanent --new-service=ftp-passive',
      'firewall-cmd --permanent --service=ftp-passive --add-port=49152-65534/tcp',
      'firewall-cmd --permanent --zone=public --add-service=ftp-passive',
      `firewall-cmd --zone=public --add-rich-rule=${RICH}`,
    ]);
    assert.deepEqual(lines(deeds, 'undo'), [
      'find firewall-cmd -exec {} --quiet --zone=public --remove-service=ftp-passive ;',
      'find /etc/firewalld/services -name ftp-passive.xml -exec firewall-cmd --permanent --delete-service=ftp-passive ;',
      'firewall-cmd --permanent --service=ftp-passive --remove-port=49152-65534/tcp',
      'firewall-cmd --permanent --zone=public --remove-service=ftp-passive',
      `firewall-cmd --zone=public --remove-rich-rule=${RICH}`,
    ]);
    assert.deepEqual(trial, [
      {
        family: 'inet',
        table: 'firewalld',
        chain: 'filter_IN_public_allow',
        before: null,
        text: 'tcp dport 49152-65534 accept',
      },
    ]);
  });

  it('tries the rules of iptables in a copy where it makes such', () => {
    const { trial } = firewalld.open(scene('stock-iptables'), BOTH, true);
    const text = '-p tcp -m tcp --dport 49152:65534 -j ACCEPT';
    const rest = { table: 'filter', chain: 'IN_public_allow', before: null, tool: 'iptables', text };
    assert.deepEqual(trial, [
      { family: 'ip', ...rest },
      { family: 'ip6', ...rest },
    ]);
  });

  it('never reloads, and never makes what is in force permanent', () => {
    for (const name of ['stock', 'zones', 'opened', 'stock-iptables']) {
      const { deeds } = firewalld.open(scene(name), BOTH, true);
      assert.doesNotMatch(
        [...lines(deeds), ...lines(deeds, 'undo')].join('\n'),
        /--reload|runtime-to-permanent/,
      );
    }
  });

  it('opens every zone in which FTP comes in, and no other', () => {
    const { trial, deeds } = firewalld.open(scene('zones'), BOTH, true);
    assert.deepEqual(
      trial.map(({ chain }) => chain),
      ['filter_IN_internal_allow', 'filter_IN_external_allow'],
    );
    assert.deepEqual(lines(deeds).slice(3), [
      'firewall-cmd --permanent --zone=internal --add-service=ftp-passive',
      'firewall-cmd --permanent --zone=external --add-service=ftp-passive',
      `firewall-cmd --zone=internal --add-rich-rule=${RICH}`,
      `firewall-cmd --zone=external --add-rich-rule=${RICH}`,
    ]);
    assert.equal(
      lines(deeds, 'undo')[0],
      'find firewall-cmd -exec {} --quiet --zone=internal --remove-service=ftp-passive ; , -exec {} --quiet --zone=external --remove-service=ftp-passive ;',
    );
  });

  it('does only what is missing', () => {
    const none = { trial: [], deeds: [] };
    for (const name of ['opened', 'reloaded', 'covered', 'trusted', 'opened-iptables']) {
      assert.deepEqual(firewalld.open(scene(name), BOTH, true), none, name);
    }
    const forgotten = firewalld.open(scene('opened', { [ZONE]: '<zone/>' }), BOTH, false);
    assert.deepEqual(forgotten.trial, []);
    assert.deepEqual(lines(forgotten.deeds), [
      'firewall-cmd --state',
      'firewall-cmd --permanent --zone=public --add-service=ftp-passive',
    ]);
    const files = scene('opened').files;
    const waiting = firewalld.open(off('stock', { files }), BOTH, true);
    assert.deepEqual(lines(waiting.deeds), [`firewall-cmd --zone=public --add-rich-rule=${RICH}`]);
    assert.deepEqual(lines(firewalld.open(off('stock', { files }), BOTH, false).deeds), []);
  });

  it('puts another range into the service that is there', () => {
    const beside = firewalld.open(scene('opened'), { ...BOTH, range: [40000, 40100] }, true).deeds;
    assert.deepEqual(lines(beside), [
      'firewall-cmd --state',
      'firewall-cmd --permanent --service=ftp-passive --add-port=40000-40100/tcp',
      'firewall-cmd --zone=public --add-rich-rule=rule port port="40000-40100" protocol="tcp" accept',
    ]);
  });

  it('leaves the service in force on the way back where a range that was there before stays in it', () => {
    const beside = firewalld.open(scene('opened'), { ...BOTH, range: [40000, 40100] }, true).deeds;
    const around = firewalld.open(scene('opened'), { ...BOTH, range: [40000, 65534] }, true).deeds;
    const withdraws = (deeds: typeof beside): boolean =>
      lines(deeds, 'undo').join().includes('--remove-service');
    assert.deepEqual([beside, around].map(withdraws), [true, false]);
  });

  it('has nothing to say while settings and rules agree', () => {
    for (const name of ['stock', 'opened', 'reloaded', 'zones', 'opened-iptables']) {
      assert.deepEqual(firewalld.findings(scene(name), BOTH), [], name);
    }
  });

  it('says that settings wait for a reload', () => {
    const [finding, ...more] = firewalld.findings(off('stock', { files: scene('opened').files }), BOTH);
    assert.equal(finding?.id, 'firewalld-waits');
    assert.match(finding.fact, /^The permanent settings of the zone public let 49152-65534 in; /);
    assert.deepEqual(more, []);
  });

  it('refuses to open what a rule denies on purpose, in force or in the settings', () => {
    for (const name of ['stock', 'zones', 'covered', 'trusted', 'stock-iptables']) {
      assert.equal(firewalld.refusal(scene(name), BOTH), null, name);
    }
    const words =
      /^A rule in the zone public of firewalld denies ports of 49152-65534 on purpose, and stays: /;
    const denied = ['denied', 'denied-iptables', 'catchall'].map(
      (name) => firewalld.refusal(scene(name), BOTH) ?? '',
    );
    for (const refusal of denied) assert.match(refusal, words);
    assert.match(denied[2] ?? '', /port port="64000-64999" protocol="tcp" reject\. To open/);
    const soon = off('stock', { files: scene('denied').files });
    assert.match(firewalld.refusal(soon, BOTH) ?? '', words);
    const now = off('denied', { files: scene('stock').files });
    assert.match(
      firewalld.refusal(now, BOTH) ?? '',
      /stays: meta nfproto ipv6 tcp dport 60000 drop\. To open/,
    );
    assert.equal(firewalld.refusal(scene('denied'), { ...BOTH, range: [51000, 59000] }), null);
    assert.equal(firewalld.refusal(scene('catchall'), { ...BOTH, range: [49152, 63999] }), null);
  });

  it('refuses when its zones are not found', () => {
    const chains = scene('stock').chains.filter(({ chain }) => !chain.startsWith('filter_INPUT_ZONES'));
    assert.match(
      firewalld.refusal(off('stock', { chains }), BOTH) ?? '',
      /^firewalld is running, but no zone is found/,
    );
  });

  it('knows what it opened, by its service', () => {
    assert.deepEqual(firewalld.opened(scene('opened')), [RANGE]);
    assert.deepEqual(firewalld.opened(scene('covered')), []);
    assert.deepEqual(firewalld.opened(scene('opened', { [SERVICE]: '<service/>' })), []);
    assert.ok(firewalld.units.includes(UNIT));
  });
});
