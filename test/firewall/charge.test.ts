import assert from 'node:assert/strict';
import fc from 'fast-check';
import { inCharge, overlayAt, OVERLAY_FILES, type Charge } from '../../src/firewall/charge.ts';
import type { Keeper, Rulebook, Standing } from '../../src/firewall/firewall.ts';
import { iptables } from '../../src/firewall/iptables/iptables.ts';
import type { Chain } from '../../src/firewall/ruleset.ts';
import { canStop, isIncoming } from '../../src/firewall/strict.ts';
import { ufw } from '../../src/firewall/ufw/ufw.ts';
import { factsOf, NAMES, rulesetOf, type Given } from './rulesets.ts';

const CSF = { '/etc/csf/csf.conf': 'TESTING = "0"\n' };
const APF = { '/etc/apf/conf.apf': 'DEVEL_MODE="0"\nIG_TCP_CPORTS="22,80"\n' };
const UFW = { '/etc/ufw/ufw.conf': 'ENABLED=yes\n' };
const UFW_OFF = { '/etc/ufw/ufw.conf': 'ENABLED=no\n' };

/** A program as it is told from its chains and files alone. */
function program(name: 'csf' | 'firewalld', standing: Keeper['standing'], owns: Keeper['owns']): Keeper {
  return { ...ufw, name, standing, owns, units: [`${name}.service`] };
}

const keepers: readonly Keeper[] = [
  ufw,
  program(
    'firewalld',
    ({ chains, enabled }): Standing =>
      chains.some(({ table }) => table === 'firewalld')
        ? 'active'
        : enabled.has('firewalld.service')
          ? 'inactive'
          : 'absent',
    ({ table }) => table === 'firewalld',
  ),
  program(
    'csf',
    ({ chains, files }): Standing => {
      if (!files.has('/etc/csf/csf.conf')) return 'absent';
      const runs = chains.some(({ chain }) => chain === 'LOCALINPUT');
      return runs && !files.has('/etc/csf/csf.disable') ? 'active' : 'inactive';
    },
    ({ table, family }) => table === 'filter' && family !== 'inet',
  ),
];

const nftables: Rulebook = {
  ...iptables,
  name: 'nftables',
  keeps: ({ tool }) => tool === 'nft',
  saved: ({ enabled }) =>
    enabled.has('nftables.service') ? { files: [], unit: 'nftables.service', enabled: true } : null,
  standing: ({ chains }) =>
    chains.some((chain) => chain.tool === 'nft' && isIncoming(chain) && canStop(chains, chain))
      ? 'active'
      : 'absent',
};

const charge = (name: string, given: Given = {}): Charge =>
  inCharge(keepers, [nftables, iptables], factsOf(rulesetOf(name), given));

const brief = ({ active, keeper, others, conflict }: Charge): unknown[] => [
  active,
  keeper?.name ?? null,
  others.join(' '),
  conflict === null,
];

describe('who is in charge', () => {
  for (const [name, given, expected] of [
    ['none', {}, ['none', null, '', true]],
    ['nft-sample', {}, ['none', null, '', true]],
    ['cpanel', {}, ['none', null, 'cphulk', true]],
    ['nft-drop', {}, ['nftables', null, '', true]],
    ['nft-jump', {}, ['nftables', null, '', true]],
    ['nft-vmap', {}, ['nftables', null, '', true]],
    ['nft-named-map', {}, ['nftables', null, '', true]],
    ['nft-ingress', {}, ['nftables', null, '', true]],
    ['iptables-reject', {}, ['iptables', null, '', true]],
    ['iptables-accept', {}, ['none', null, '', true]],
    ['iptables-accept', { active: ['iptables.service'] }, ['none', null, '', true]],
    ['legacy-drop', {}, ['iptables', null, '', true]],
    ['iptables-reject-and-nft', {}, ['iptables', null, 'nftables', true]],
    ['nft-drop-and-iptables', {}, ['nftables', null, 'iptables', true]],
    ['docker-and-fail2ban', {}, ['none', null, 'docker fail2ban', true]],
    ['fail2ban-ipset', {}, ['none', null, 'fail2ban', true]],
    ['fail2ban-nft', {}, ['none', null, 'fail2ban', true]],
    ['imunify', {}, ['none', null, 'imunify360', true]],
    ['csf', { files: CSF }, ['csf', 'csf', '', true]],
    ['csf', {}, ['iptables', null, '', true]],
    ['csf', { files: { ...CSF, '/etc/csf/csf.disable': '' } }, ['iptables', null, '', true]],
    ['firewalld', {}, ['firewalld', 'firewalld', '', true]],
    ['ufw', { files: UFW }, ['ufw', 'ufw', '', true]],
    ['ufw', { files: UFW_OFF }, ['iptables', null, '', true]],
    ['ufw-off', { files: UFW_OFF }, ['none', null, '', true]],
    ['ufw-without-ipv6', { files: UFW }, ['ufw', 'ufw', '', true]],
    ['ufw-and-nft', { files: UFW }, ['ufw', 'ufw', 'nftables', true]],
    ['apf', { files: APF }, ['iptables', null, 'apf', false]],
    ['apf', {}, ['iptables', null, '', true]],
  ] as const) {
    const besides = Object.keys('files' in given ? given.files : given).join(' ');
    it(`is ${expected[0]} for ${name}${besides === '' ? '' : ` with ${besides}`}`, () => {
      assert.deepEqual(brief(charge(name, given)), expected);
    });
  }

  it('is decided by what is kept for the next boot where both kinds of rules stop packets', () => {
    const rules = { '/etc/iptables/rules.v4': '*filter\nCOMMIT\n' };
    const active = (name: string, given: Given): string => charge(name, given).active;
    assert.equal(active('iptables-reject-and-nft', { enabled: ['nftables.service'] }), 'nftables');
    const kept = { files: rules, enabled: ['netfilter-persistent.service'] };
    assert.equal(active('nft-drop-and-iptables', kept), 'iptables');
    const both = { files: rules, enabled: ['netfilter-persistent.service', 'nftables.service'] };
    assert.equal(active('nft-drop-and-iptables', both), 'nftables');
    assert.equal(active('iptables-reject-and-nft', both), 'iptables');
  });

  it('never throws, whatever the chains are', () => {
    const name = fc.constantFrom(
      'INPUT',
      'LOCALINPUT',
      'ufw-user-input',
      'TALLOW',
      'f2b-x',
      'cphulk',
      'DOCKER',
      'x',
    );
    const chain: fc.Arbitrary<Chain> = fc.record({
      tool: fc.constantFrom('nft', 'iptables', 'iptables-legacy'),
      family: fc.constantFrom('ip', 'ip6', 'inet', 'netdev', 'bridge'),
      table: fc.constantFrom('filter', 'raw', 'firewalld', 'f2b-table'),
      chain: name,
      base: fc.option(fc.constantFrom('type filter hook input priority 0; policy drop;', 'hook', '')),
      rules: fc.array(
        fc.record({
          handle: fc.option(fc.nat()),
          text: fc.oneof(
            fc.string(),
            name.map((each) => `-j ${each}`),
          ),
        }),
        { maxLength: 3 },
      ),
    });
    const files = fc
      .subarray([CSF, APF, UFW, UFW_OFF])
      .map((each) => ({ files: Object.assign({}, ...each) as object }));
    fc.assert(
      fc.property(fc.array(chain, { maxLength: 6 }), files, (chains, given) => {
        const facts = { ...factsOf(rulesetOf('none'), given as Given), chains };
        const { active, keeper, conflict } = inCharge(keepers, [nftables, iptables], facts);
        if (keeper !== null) assert.equal(active, keeper.name);
        if (active === 'none') assert.equal(conflict, null);
        for (const each of chains) overlayAt(each, facts);
      }),
    );
  });
});

describe('a conflict of firewalls', () => {
  const together = (a: string, b: string): ReturnType<typeof rulesetOf> => {
    const [one, two] = [rulesetOf(a), rulesetOf(b)];
    return { nft: one.nft + two.nft, ipsets: '', saved: [...one.saved, ...two.saved] };
  };
  const conflict = (a: string, b: string, files: Record<string, string>): Charge =>
    inCharge(keepers, [nftables, iptables], factsOf(together(a, b), { files }));

  it('is told and refused for CSF together with firewalld', () => {
    const found = conflict('csf', 'firewalld', CSF);
    assert.deepEqual([found.active, found.others], ['csf', ['firewalld']]);
    assert.match(
      found.conflict ?? '',
      /^CSF and firewalld are both in force, and CSF takes its own rules away/,
    );
    assert.match(found.conflict ?? '', /"csf -x", or "systemctl disable --now firewalld"/);
  });

  it('is told for any two programs that make rules', () => {
    const found = conflict('firewalld', 'ufw', UFW);
    assert.deepEqual([found.active, found.others], ['firewalld', ['ufw']]);
    assert.match(found.conflict ?? '', /^firewalld and ufw are both in force/);
    const apf = conflict('firewalld', 'apf', APF);
    assert.deepEqual([apf.active, apf.others], ['firewalld', ['apf']]);
    assert.match(apf.conflict ?? '', /^firewalld and APF are both in force/);
  });

  it('is not made by plain rules beside a program, nor by programs that are installed only', () => {
    assert.equal(charge('ufw-and-nft', { files: UFW }).conflict, null);
    assert.equal(charge('firewalld', { files: { ...CSF, ...UFW_OFF, ...APF } }).conflict, null);
  });

  it('with APF in charge names the line to change', () => {
    assert.equal(
      charge('apf', { files: APF }).conflict,
      'APF is in charge, whose settings are not changed from here: add the range, written LOW_HIGH, to the line IG_TCP_CPORTS="22,80" in /etc/apf/conf.apf and run "apf -r".',
    );
  });
});

describe('findings about who is in charge', () => {
  const ids = (name: string, given: Given): string[] => charge(name, given).findings.map(({ id }) => id);

  it('are none on a plain server', () => {
    for (const name of NAMES.filter((each) => each !== 'ufw-off')) assert.deepEqual(ids(name, {}), [], name);
  });

  it('tell of firewalls that the next boot brings back', () => {
    assert.deepEqual(ids('iptables-reject', { enabled: ['firewalld.service'] }), ['firewalld-comes-back']);
    assert.deepEqual(ids('firewalld', { enabled: ['firewalld.service'] }), []);
    assert.deepEqual(ids('none', { files: CSF, enabled: ['csf.service'] }), ['csf-comes-back']);
    assert.deepEqual(ids('none', { files: UFW, enabled: ['ufw.service'] }), ['ufw-comes-back']);
    assert.deepEqual(ids('none', { files: UFW_OFF, enabled: ['ufw.service'] }), []);
    const [found] = charge('iptables-reject', { enabled: ['firewalld.service'] }).findings;
    assert.match(found?.fact ?? '', /starts it, beside iptables, which decides now/);
    assert.equal(found?.level, 'warn');
  });

  it('tell of what is switched off and of what it left', () => {
    const off = { ...CSF, '/etc/csf/csf.disable': '' };
    assert.deepEqual(ids('none', { files: off, enabled: ['csf.service'] }), ['csf-disabled']);
    assert.deepEqual(ids('ufw-off', { files: UFW_OFF, enabled: ['ufw.service'] }), ['ufw-leftovers']);
    assert.deepEqual(ids('none', { files: UFW_OFF }), []);
  });

  it('warn of APF in its development mode, while its rules are in force', () => {
    const devel = { '/etc/apf/conf.apf': 'DEVEL_MODE="0"\n  DEVEL_MODE="1"\n' };
    assert.deepEqual(ids('apf', { files: devel }), ['apf-devel-mode']);
    assert.deepEqual(ids('none', { files: devel }), []);
    assert.deepEqual(ids('apf', { files: APF }), []);
  });
});

describe('a place that another program owns', () => {
  const at = (name: string, family: string, table: string, chain: string, files = {}): string | null =>
    overlayAt({ family, table, chain }, factsOf(rulesetOf(name), { files }))?.name ?? null;

  it('is named with what to do', () => {
    assert.equal(at('imunify', 'ip', 'filter', 'INPUT_imunify360'), 'imunify360');
    assert.equal(at('fail2ban-nft', 'inet', 'f2b-table', 'f2b-chain'), 'fail2ban');
    assert.equal(at('cpanel', 'inet', 'filter', 'cphulk'), 'cphulk');
    assert.equal(at('docker-and-fail2ban', 'ip', 'filter', 'DOCKER-USER'), 'docker');
    assert.equal(at('apf', 'ip', 'filter', 'INPUT', APF), 'apf');
    const advice = overlayAt(
      { family: 'ip', table: 'filter', chain: 'INPUT' },
      factsOf(rulesetOf('apf'), { files: APF }),
    )?.advice;
    assert.match(advice ?? '', /IG_TCP_CPORTS="22,80"/);
  });

  it('is not one of the firewall itself', () => {
    assert.equal(at('imunify', 'ip', 'filter', 'INPUT'), null);
    assert.equal(at('cpanel', 'inet', 'filter', 'cPanel-HostAccessControl'), null);
    assert.equal(at('apf', 'ip', 'filter', 'INPUT'), null);
    assert.equal(at('apf', 'inet', 'own', 'input', APF), null);
  });
});

describe('the files that tell of other programs', () => {
  it('are each named once, and none is a directory', () => {
    assert.equal(new Set(OVERLAY_FILES).size, OVERLAY_FILES.length);
    for (const path of OVERLAY_FILES) assert.match(path, /^\/(?:etc|proc|sys|usr\/local)\/.*[^/]$/);
    assert.ok(!OVERLAY_FILES.includes('/proc/xen'));
  });
});
