import assert from 'node:assert/strict';
import type { PortRange } from '../../../src/core/range.ts';
import type { FirewallFacts } from '../../../src/firewall/firewall.ts';
import { firewalld } from '../../../src/firewall/firewalld/firewalld.ts';
import { lines, scene } from './facts.ts';

const OLD: PortRange = [49152, 65534];
const SERVICE = '/etc/firewalld/services/ftp-passive.xml';
const WITHIN: PortRange = [50000, 60000];
const BESIDE: PortRange = [40000, 40100];

const rich = (range: PortRange, does: 'add' | 'remove', zone = 'public'): string =>
  `firewall-cmd --zone=${zone} --${does}-rich-rule=rule port port="${range.join('-')}" protocol="tcp" accept`;
const LOADED = 'find firewall-cmd -exec {} --quiet --zone=public --remove-service=ftp-passive ;';
const port = (range: PortRange, does: 'add' | 'remove'): string =>
  `firewall-cmd --permanent --service=ftp-passive --${does}-port=${range.join('-')}/tcp`;

/** The facts with rules more at the end of what the zone public lets in. */
function withRules(facts: FirewallFacts, ...texts: string[]): FirewallFacts {
  const chains = facts.chains.map((chain) =>
    chain.chain === 'filter_IN_public_allow'
      ? { ...chain, rules: [...chain.rules, ...texts.map((text) => ({ handle: 900, text }))] }
      : chain,
  );
  return { ...facts, chains };
}

const close = (facts: FirewallFacts, wanted: PortRange): ReturnType<typeof firewalld.close> =>
  firewalld.close(facts, [OLD], { range: wanted, families: ['ipv4', 'ipv6'] });

/** Both ranges in the service, as when the new one has been opened. */
const both = (wanted: PortRange): Record<string, string> => ({
  [SERVICE]: `<service>${[OLD, wanted].map((each) => `<port port="${each.join('-')}" protocol="tcp"/>`).join('')}</service>`,
});

describe('closing a range of firewalld', () => {
  it('takes back the command and the service, for which undo gives a rule of its own', () => {
    const facts = withRules(
      scene('opened', both(BESIDE)),
      'tcp dport 40000-40100 accept',
      'tcp dport 40000-40100 accept',
    );
    const deeds = close(facts, BESIDE);
    assert.deepEqual(lines(deeds), [rich(OLD, 'remove'), LOADED, port(OLD, 'remove')]);
    assert.deepEqual(lines(deeds, 'undo'), [rich(OLD, 'add'), 'true', port(OLD, 'add')]);
  });

  it('gives the wanted range a rule of its own first, which undo takes away', () => {
    const deeds = close(scene('opened', both(WITHIN)), WITHIN);
    assert.equal(lines(deeds)[0], rich(WITHIN, 'add'));
    assert.equal(lines(deeds, 'undo')[0], rich(WITHIN, 'remove'));
  });

  it('lets undo keep a rule for the wanted range that may have been there before', () => {
    const facts = withRules(scene('opened', both(BESIDE)), 'tcp dport 40000-40100 accept');
    const deeds = close(facts, BESIDE);
    assert.equal(lines(deeds)[0], rich(BESIDE, 'add'));
    assert.equal(lines(deeds, 'undo')[0], 'true');
  });

  it('needs no rule where the administrator lets the wanted range in', () => {
    const facts = withRules(scene('opened', both(WITHIN)), 'tcp dport 30000-60999 accept');
    assert.deepEqual(lines(close(facts, WITHIN)), [rich(OLD, 'remove'), LOADED, port(OLD, 'remove')]);
  });

  it('puts the wanted range into the service first where only the one that goes lets it in', () => {
    const deeds = close(scene('opened'), WITHIN);
    assert.deepEqual(lines(deeds), [
      rich(WITHIN, 'add'),
      rich(OLD, 'remove'),
      LOADED,
      port(WITHIN, 'add'),
      port(OLD, 'remove'),
    ]);
    assert.equal(lines(deeds, 'undo')[3], port(WITHIN, 'remove'));
    const zone = '<zone><service name="ftp-passive"/><port port="30000-60999" protocol="tcp"/></zone>';
    const own = close(scene('opened', { '/etc/firewalld/zones/public.xml': zone }), WITHIN);
    assert.doesNotMatch(lines(own).join('\n'), /--add-port/);
  });

  it('changes only the settings where no rule is in force', () => {
    const facts = { ...scene('stock'), files: scene('opened').files };
    assert.deepEqual(lines(close(facts, BESIDE)), [port(OLD, 'remove')]);
  });

  it('looks at the rules of iptables too', () => {
    const facts = scene('opened-iptables', both(WITHIN));
    assert.deepEqual(lines(close(facts, WITHIN)), [
      rich(WITHIN, 'add'),
      rich(OLD, 'remove'),
      LOADED,
      port(OLD, 'remove'),
    ]);
  });

  it('never closes what is wanted, and nothing that the service does not hold', () => {
    assert.deepEqual(close(scene('opened'), OLD), []);
    const deeds = firewalld.close(scene('stock'), [BESIDE], { range: OLD, families: ['ipv4'] });
    assert.deepEqual(deeds, []);
  });
});
