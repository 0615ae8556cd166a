import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isBan, overlayFindings, overlayOf, overlaysIn } from '../../src/firewall/overlays.ts';
import { factsOf, NAMES, rulesetOf } from './rulesets.ts';

const IMUNIFY = '/etc/sysconfig/imunify360/imunify360-merged.config';
const place = (chain: string, table = 'filter', family = 'inet'): Parameters<typeof overlayOf>[0] => ({
  family,
  table,
  chain,
});

describe('programs beside the firewall', () => {
  it('are named by their chains, in one order', () => {
    const named = NAMES.map((name) => [name, overlaysIn(factsOf(rulesetOf(name)).chains)] as const);
    assert.deepEqual(
      named.filter(([, each]) => each.length > 0),
      [
        ['cpanel', ['cphulk']],
        ['docker-and-fail2ban', ['docker', 'fail2ban']],
        ['fail2ban-ipset', ['fail2ban']],
        ['fail2ban-nft', ['fail2ban']],
        ['imunify', ['imunify360']],
      ],
    );
  });

  it('own their chains and tables, and no chain whose name is only like theirs', () => {
    for (const [given, expected] of [
      [place('f2b-chain', 'f2b-table'), 'fail2ban'],
      [place('input', 'docker-bridges', 'ip'), 'docker'],
      [place('INPUT_imunify360', 'filter', 'ip6'), 'imunify360'],
      [place('cphulk'), 'cphulk'],
      [place('my-f2b-list'), undefined],
      [place('UNDOCKER'), undefined],
      [place('INPUT'), undefined],
    ] as const)
      assert.equal(overlayOf(given)?.name, expected, given.chain);
  });

  it('all say what to do', () => {
    for (const name of ['DOCKER', 'f2b-x', 'INPUT_imunify360', 'cphulk'])
      assert.match(overlayOf(place(name))?.advice ?? '', /.{30,}\.$/);
  });
});

describe('a ban in a chain of the firewall', () => {
  for (const [rule, expected] of [
    ['-p tcp -m set --match-set f2b-sshd src -j REJECT --reject-with icmp-port-unreachable', true],
    ['-m set --match-set blocklist src -j DROP', false],
    ['ip saddr @addr-set-sshd reject', true],
    ['ip saddr @cphulk-TempBan counter drop', true],
    ['ip saddr @blocklist drop', false],
    ['-d 172.17.0.2/32 ! -i docker0 -j DROP', false],
    ['-s 192.0.2.1/32 -j DROP', false],
  ] as const) {
    it(`is ${expected ? '' : 'not '}seen in ${rule}`, () => {
      assert.equal(isBan(rule, place('INPUT')), expected);
    });
  }

  it('is what shields a container before it is routed', () => {
    const shield = '-d 172.17.0.2/32 ! -i docker0 -j DROP';
    assert.equal(isBan(shield, place('PREROUTING', 'raw')), true);
    assert.equal(isBan('-d 172.17.0.2/32 ! -i eth0 -j DROP', place('PREROUTING', 'raw')), false);
    assert.equal(isBan('-i docker0 -j DROP', place('PREROUTING', 'raw')), false);
  });
});

describe('Imunify360 that blocks ports', () => {
  const config = (mode: string): string =>
    `FIREWALL:\n  TCP_IN_IPv4:\n  - '20'\n  - 49152-65534\n  port_blocking_mode: ${mode}\n`;
  const ids = (text: string, ownPorts = true): string[] =>
    overlayFindings(factsOf(rulesetOf('none'), { files: { [IMUNIFY]: text } }), ownPorts).map(({ id }) => id);

  it('is a finding that names the list of ports', () => {
    const [found] = overlayFindings(
      factsOf(rulesetOf('none'), { files: { [IMUNIFY]: config('DENY') } }),
      true,
    );
    assert.equal(found?.level, 'warn');
    assert.match(found.fix, /TCP_IN_IPv4/);
  });

  it('is none while it blocks none, beside CSF, and where its settings cannot be read', () => {
    assert.deepEqual(ids(config('ALLOW')), []);
    assert.deepEqual(ids(config('DENY'), false), []);
    assert.deepEqual(overlayFindings(factsOf(rulesetOf('none')), true), []);
    for (const text of ['', '- a', 'FIREWALL: DENY', 'FIREWALL: [', 'a: {', '\0'])
      assert.deepEqual(ids(text), []);
  });

  it('never throws for any text', () => {
    fc.assert(fc.property(fc.string(), (text) => ids(text).length <= 1));
  });
});
