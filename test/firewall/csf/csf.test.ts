import assert from 'node:assert/strict';
import { csf } from '../../../src/firewall/csf/csf.ts';
import { CONF, DISABLED, FAILED } from '../../../src/firewall/csf/files.ts';
import { MEMORY } from '../../../src/firewall/csf/memory.ts';
import type { Deed, FirewallFacts } from '../../../src/firewall/firewall.ts';
import { confWith, facts, QUESTION, RANGE, SERVER_CONF } from './facts.ts';

const OPEN_CONF = confWith({
  TCP_IN: '20,21,22,80,443,2087,49152:65534',
  TCP6_IN: '20,21,22,443,2087,49152:65534',
});
const remembered = (...tokens: readonly string[]): string =>
  `${JSON.stringify({ opened: { TCP_IN: tokens, TCP6_IN: tokens } }, null, 2)}\n`;
const written = (deeds: readonly Deed[], path: string): string | undefined =>
  deeds.flatMap((deed) => (deed.kind === 'write' && deed.path === path ? [deed.after] : [])).at(-1);
const commands = (deeds: readonly Deed[]): string[] =>
  deeds.flatMap((deed) => (deed.kind === 'command' ? [deed.command.join(' ')] : []));
const kinds = (deeds: readonly Deed[]): string[] =>
  deeds.map((deed) => (deed.kind === 'write' ? deed.path : deed.command.slice(0, 2).join(' ')));

describe('the standing of CSF', () => {
  it('is active while its rules are in force and it is not switched off', () => {
    assert.equal(csf.standing(facts()), 'active');
    assert.equal(csf.standing(facts({ tool: 'iptables-legacy' })), 'active');
    assert.equal(csf.standing(facts({ inForce: [] })), 'inactive');
    assert.equal(csf.standing(facts({ files: { [DISABLED]: '', [FAILED]: '' } })), 'inactive');
    assert.equal(csf.standing(facts({ files: { [DISABLED]: '' } })), 'inactive');
    assert.equal(csf.standing(facts({ conf: null })), 'absent');
  });

  it('is in charge when it could not start, so that it is heard', () => {
    assert.equal(csf.standing(facts({ inForce: [], files: { [FAILED]: '' } })), 'active');
  });

  it('is absent without a conf, whatever chains there are', () => {
    assert.equal(csf.standing(facts({ conf: null, inForce: [] })), 'absent');
  });
});

describe('a place in the ruleset', () => {
  const owns = (family: string, table: string, chain: string, known = facts()): boolean =>
    csf.owns({ family, table, chain }, known);

  it('is CSF’s where CSF makes the chain, or its own chains lead there', () => {
    for (const chain of [
      'INPUT',
      'OUTPUT',
      'LOCALINPUT',
      'DENYIN',
      'ALLOWIN',
      'LOGDROPIN',
      'INVDROP',
      'LISTED',
    ]) {
      assert.equal(owns('ip', 'filter', chain), true, chain);
    }
  });

  it('is not where others put their rules', () => {
    assert.equal(owns('ip', 'filter', 'DOCKER'), false);
    assert.equal(owns('ip', 'raw', 'PREROUTING'), false);
    assert.equal(owns('inet', 'filter', 'INPUT'), false);
  });

  it('is not CSF’s over IPv6 while it leaves that alone, nor anywhere while it is stopped', () => {
    assert.equal(owns('ip6', 'filter', 'INPUT'), true);
    assert.equal(owns('ip6', 'filter', 'INPUT', facts({ inForce: ['ip'] })), false);
    assert.equal(owns('ip', 'filter', 'INPUT', facts({ inForce: [] })), false);
  });
});

describe('what CSF keeps', () => {
  const keeps = (conf: string, families = QUESTION.families): boolean | null =>
    csf.keeps(facts({ conf }), { range: RANGE, families });

  it('is the range when every list that counts lets it in', () => {
    assert.equal(keeps(OPEN_CONF), true);
    assert.equal(keeps(SERVER_CONF), false);
    const onlyIpv4 = confWith({ TCP_IN: '1024:65535' });
    assert.equal(keeps(onlyIpv4), false);
    assert.equal(keeps(onlyIpv4, ['ipv4']), true);
    assert.equal(keeps(onlyIpv4, ['ipv6']), false);
    assert.equal(keeps(confWith({ TCP_IN: '1024:65535', IPV6: '0' })), true);
  });

  it('is nothing of a list that CSF cannot load', () => {
    assert.equal(keeps(confWith({ TCP_IN: '1024:65535,49152-65534', TCP6_IN: '1024:65535' })), false);
  });

  it('cannot be told of a broken conf, or of none', () => {
    assert.equal(keeps(`${OPEN_CONF}TCP_IN = ""\n`), null);
    assert.equal(csf.keeps(facts({ conf: null }), QUESTION), null);
  });
});

describe('a refusal', () => {
  const refusal = (known: FirewallFacts): string => csf.refusal(known, QUESTION) ?? '';

  it('is not given where all is well', () => {
    assert.equal(csf.refusal(facts(), QUESTION), null);
    assert.equal(csf.refusal(facts({ conf: OPEN_CONF }), QUESTION), null);
  });

  it('names what is in the way and what to do', () => {
    assert.match(
      refusal(facts({ active: ['firewalld.service'] })),
      /firewalld run both.*stop and mask firewalld/,
    );
    assert.match(refusal(facts({ files: { [FAILED]: 'Error: …' } })), /csf\.error is there: correct/);
    assert.match(refusal(facts({ files: { [DISABLED]: '' } })), /switched off: run csf -e/);
    assert.match(refusal(facts({ inForce: [] })), /not in force: start it/);
    assert.match(refusal(facts({ conf: null })), /csf\.conf could not be read/);
    assert.match(refusal(facts({ conf: `${SERVER_CONF}X = 1\n` })), /sets X without quotation marks/);
    assert.match(refusal(facts({ conf: confWith({ UDP_IN: '53-54' }) })), /UDP_IN .* "53-54"/);
    assert.match(refusal(facts({ conf: SERVER_CONF.replace(/^TCP6_IN.*\n/m, '') })), /has no TCP6_IN/);
  });

  it('is one sentence', () => {
    for (const known of [
      facts({ inForce: [] }),
      facts({ files: { [FAILED]: 'a\nb' } }),
      facts({ conf: 'A = 1' }),
    ]) {
      assert.match(refusal(known), /^[A-ZC/][^\n]*\.$/);
    }
  });
});

describe('the opening of a range', () => {
  it('keeps a copy, edits the conf, writes down what is ours and restarts CSF', () => {
    const { deeds } = csf.open(facts(), QUESTION, true);
    assert.deepEqual(kinds(deeds), [
      '/usr/sbin/csf --profile',
      '/usr/bin/find /var/lib/csf/backup',
      CONF,
      MEMORY,
      '/usr/sbin/csf -r',
    ]);
    assert.equal(written(deeds, CONF), OPEN_CONF);
    assert.equal(written(deeds, MEMORY), remembered('49152:65534'));
    assert.equal(commands(deeds)[0], '/usr/sbin/csf --profile backup ftp_passive_pre');
    assert.deepEqual(csf.open(facts(), QUESTION, false).deeds, deeds);
  });

  it('says what a restart does to others, waits while CSF is busy, and clears a failure on the way back', () => {
    const restart = csf.open(facts(), QUESTION, true).deeds.at(-1);
    assert.ok(restart?.kind === 'command');
    assert.match(restart.why, /lets everything in.*docker or fail2ban.*lost until those are restarted/);
    assert.equal(restart.busyCode, 11);
    assert.deepEqual(restart.undo, ['/usr/sbin/csf', '-r']);
    assert.deepEqual(restart.touches, [FAILED]);
    assert.ok(restart.timeoutSeconds >= 300);
  });

  it('does not wait for lfd', () => {
    const { deeds } = csf.open(facts({ conf: confWith({ LFDSTART: '1' }) }), QUESTION, true);
    const restart = deeds.at(-1);
    assert.ok(restart?.kind === 'command');
    assert.deepEqual(
      [restart.command, restart.undo],
      [
        ['/usr/sbin/csf', '-sf'],
        ['/usr/sbin/csf', '-sf'],
      ],
    );
    assert.match(restart.why, /LFDSTART/);
  });

  it('edits only lists that lack the range, and remembers which', () => {
    const conf = confWith({ TCP_IN: '21,49152:65534' });
    const { deeds } = csf.open(facts({ conf, files: { [MEMORY]: 'not json' } }), QUESTION, true);
    assert.equal(
      written(deeds, CONF),
      confWith({ TCP_IN: '21,49152:65534', TCP6_IN: '20,21,22,443,2087,49152:65534' }),
    );
    assert.deepEqual(JSON.parse(written(deeds, MEMORY) ?? ''), {
      opened: { TCP_IN: [], TCP6_IN: ['49152:65534'] },
    });
  });

  it('edits nothing for IPv6 that is not asked for, or not guarded', () => {
    const only = (conf: string): string => conf.replace('443,2087,49152:65534"   #', '443,2087"   #');
    assert.equal(
      written(csf.open(facts(), { range: RANGE, families: ['ipv4'] }, true).deeds, CONF),
      only(OPEN_CONF),
    );
    const off = facts({ conf: confWith({ IPV6: '0' }), inForce: ['ip'] });
    const opening = csf.open(off, QUESTION, true);
    assert.equal(written(opening.deeds, CONF), only(OPEN_CONF).replace('IPV6 = "1"', 'IPV6 = "0"'));
    assert.deepEqual(
      opening.trial.map(({ family }) => family),
      ['ip'],
    );
  });

  it('is a restart alone where the conf lets the range in and the rules do not, and nothing where both do', () => {
    const known = facts({ conf: OPEN_CONF });
    assert.deepEqual(commands(csf.open(known, QUESTION, true).deeds), ['/usr/sbin/csf -r']);
    assert.deepEqual(csf.open(known, QUESTION, false).deeds, []);
  });

  it('is tried by the rules that CSF would make, before what is left is dropped', () => {
    const text = '! -i lo -p tcp -m conntrack --ctstate NEW -m tcp --dport 49152:65534 -j ACCEPT';
    const place = { tool: 'iptables', table: 'filter', chain: 'INPUT', text };
    assert.deepEqual(csf.open(facts(), QUESTION, true).trial, [
      { ...place, family: 'ip', before: 9 },
      { ...place, family: 'ip6', before: 5 },
    ]);
    const legacy = csf.open(facts({ tool: 'iptables-legacy' }), QUESTION, true).trial;
    assert.deepEqual(
      legacy.map(({ tool }) => tool),
      ['iptables-legacy', 'iptables-legacy'],
    );
  });

  it('is tried at the end of a chain that has no such rule', () => {
    const known = facts();
    const chains = known.chains.map((chain) => ({
      ...chain,
      rules: chain.rules.filter(({ text }) => !text.endsWith('-j LOGDROPIN')),
    }));
    assert.deepEqual(
      csf.open({ ...known, chains }, QUESTION, true).trial.map(({ before }) => before),
      [null, null],
    );
  });

  it('cannot be planned for a conf that must not be touched', () => {
    assert.throws(() => csf.open(facts({ conf: `${SERVER_CONF}X = 1\n` }), QUESTION, true), {
      code: 'invalid',
    });
  });
});
