import assert from 'node:assert/strict';
import type { Finding } from '../../../src/core/finding.ts';
import { csf } from '../../../src/firewall/csf/csf.ts';
import { FAILED } from '../../../src/firewall/csf/files.ts';
import type { FirewallFacts, Question } from '../../../src/firewall/firewall.ts';
import { confWith, facts, QUESTION, SERVER_CONF } from './facts.ts';

const levels = (known: FirewallFacts, question: Question = QUESTION): string[] =>
  csf.findings(known, question).map(({ id, level }) => `${level} ${id}`);
const finding = (known: FirewallFacts, id: string): Finding => {
  const found = csf.findings(known, QUESTION).find((each) => each.id === id);
  assert.ok(found, id);
  return found;
};

describe('findings about CSF', () => {
  it('are its end alone where all is well, which is for information', () => {
    assert.deepEqual(levels(facts()), ['info csf-end-of-life']);
    assert.match(finding(facts(), 'csf-end-of-life').fact, /31 August 2025/);
  });

  it('are none where there is no CSF', () => {
    assert.deepEqual(levels(facts({ conf: null, inForce: [] })), []);
  });

  it('warn of testing mode with its interval', () => {
    const known = facts({ conf: confWith({ TESTING: '1', TESTING_INTERVAL: '7' }) });
    assert.deepEqual(levels(known), ['info csf-end-of-life', 'warn csf-testing']);
    assert.match(finding(known, 'csf-testing').fact, /every 7 minutes/);
  });

  it('tell that CSF could not start, in its own words, cut short', () => {
    const known = facts({
      inForce: [],
      files: { [FAILED]: `Error: Invalid TCP_IN port [1-2]${'x'.repeat(900)}\n` },
    });
    assert.deepEqual(levels(known), ['info csf-end-of-life', 'bad csf-error']);
    assert.match(
      finding(known, 'csf-error').fact,
      /^\/etc\/csf\/csf\.error: Error: Invalid TCP_IN port \[1-2\]x{200,300}$/,
    );
    assert.match(finding(facts({ files: { [FAILED]: '' } }), 'csf-error').fact, /: empty$/);
  });

  it('tell that it leaves restarts to lfd, or leaves IPv6 alone', () => {
    assert.deepEqual(levels(facts({ conf: confWith({ LFDSTART: '1' }) })), [
      'info csf-end-of-life',
      'info csf-lfdstart',
    ]);
    const off = facts({ conf: confWith({ IPV6: '0' }), inForce: ['ip'] });
    assert.deepEqual(levels(off), ['info csf-end-of-life', 'info csf-ipv6-off']);
    assert.deepEqual(levels(off, { ...QUESTION, families: ['ipv4'] }), ['info csf-end-of-life']);
  });

  it('call a conf bad that CSF would not load, with the reason', () => {
    const known = facts({ conf: `${SERVER_CONF}TCP_IN = "1"\n` });
    assert.deepEqual(levels(known), ['info csf-end-of-life', 'bad csf-conf']);
    assert.match(finding(known, 'csf-conf').fact, /sets TCP_IN again/);
    assert.match(finding(facts({ conf: confWith({ UDP_IN: '5-4' }) }), 'csf-conf').fact, /UDP_IN .*"5-4"/);
  });
});
