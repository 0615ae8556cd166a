import assert from 'node:assert/strict';
import type { PortRange } from '../../../src/core/range.ts';
import { BOTH } from '../../../src/firewall/firewalld/verdicts.ts';
import {
  isOpen,
  sidesOf,
  verdictsOf,
  zonesInForce,
  zonesOfFtp,
} from '../../../src/firewall/firewalld/zones.ts';
import { parseListing } from '../../../src/firewall/nftables/listing.ts';
import { scene } from './facts.ts';

const RANGE: PortRange = [49152, 65534];

describe('zones in force', () => {
  it('lie in one table of nftables, or in one of iptables for each family', () => {
    const sides = (name: string): string[] =>
      sidesOf(scene(name).chains).map(({ tool, family, table }) => `${tool} ${family} ${table}`);
    assert.deepEqual(sides('stock'), ['nft inet firewalld']);
    assert.deepEqual(sides('stock-iptables'), ['iptables ip filter', 'iptables ip6 filter']);
    assert.deepEqual(sidesOf([]), []);
  });

  for (const name of ['zones', 'zones-iptables']) {
    it(`are told apart by source, interface and nothing (${name})`, () => {
      const { chains } = scene(name);
      assert.deepEqual(zonesInForce(chains), ['drop', 'internal', 'work', 'trusted', 'external', 'public']);
    });

    it(`matter where FTP’s control connection comes in, a zone that bans does not (${name})`, () => {
      const { chains } = scene(name);
      assert.deepEqual(zonesOfFtp({ chains, mainInterface: null }), ['internal', 'trusted', 'external']);
      assert.deepEqual(
        ['internal', 'trusted', 'external', 'drop'].map((zone) => isOpen(chains, zone, RANGE, BOTH)),
        [false, true, false, false],
      );
    });
  }

  it('matter all that strangers meet where FTP comes in through none of them', () => {
    const listing = (rule: string): string => `table inet firewalld {
	chain filter_INPUT_ZONES_SOURCE { # handle 1
		ip saddr 10.9.0.0/16 goto filter_IN_office # handle 2
	}

	chain filter_INPUT_ZONES { # handle 3
		iifname "eth0" goto filter_IN_outside # handle 4
		goto filter_IN_public # handle 5
	}

	chain filter_IN_office { # handle 6
		jump filter_IN_office_allow # handle 7
	}

	chain filter_IN_office_allow { # handle 8
		tcp dport ${rule} accept # handle 9
	}
}
`;
    const zones = (rule: string, mainInterface: string | null): string[] =>
      zonesOfFtp({ chains: parseListing(listing(rule)), mainInterface });
    assert.deepEqual(zones('21', 'eth1'), ['office', 'outside', 'public']);
    assert.deepEqual(zones('22', null), ['outside', 'public']);
    assert.deepEqual(zones('21', 'eth0'), ['office', 'outside'], 'the rest is nobody who comes in by eth0');
  });

  const states = [
    ['stock', false],
    ['opened', true],
    ['reloaded', true],
    ['denied', false],
    ['catchall', false],
    ['covered', true],
    ['stock-iptables', false],
    ['opened-iptables', true],
    ['reloaded-iptables', true],
    ['denied-iptables', false],
  ] as const;
  for (const [name, open] of states) {
    it(`let the range in: ${open ? 'yes' : 'no'} (${name})`, () => {
      const { chains } = scene(name);
      assert.equal(isOpen(chains, 'public', RANGE, BOTH), open);
      assert.equal(isOpen(chains, 'public', [21, 21], BOTH), true);
      assert.equal(isOpen(chains, 'public', [3306, 3306], ['ipv4']), false);
    });
  }

  it('accept everything where that is their target', () => {
    assert.equal(isOpen(scene('trusted').chains, 'trusted', [1, 65535], BOTH), true);
  });

  it('have bans before what they let in, and rules of low priority behind it', () => {
    const early = (name: string): string[] => {
      const { chains } = scene(name);
      const denied = sidesOf(chains).flatMap((side) => verdictsOf(chains, side, 'public'));
      return denied
        .filter(({ does }) => does === 'deny')
        .map((each) => `${each.early ? 'early ' : ''}${each.text}`);
    };
    assert.deepEqual(early('denied'), [
      'early meta nfproto ipv6 tcp dport 60000 drop',
      'early tcp dport 50000-50100 reject',
      'reject with icmpx admin-prohibited',
    ]);
    assert.deepEqual(early('catchall'), [
      'tcp dport 64000-64999 reject',
      'drop',
      'reject with icmpx admin-prohibited',
    ]);
    assert.deepEqual(early('denied-iptables'), [
      'early -p tcp -m tcp --dport 50000:50100 -j REJECT --reject-with icmp-port-unreachable',
      '-j REJECT --reject-with icmp-port-unreachable',
      'early -p tcp -m tcp --dport 60000 -j DROP',
      'early -p tcp -m tcp --dport 50000:50100 -j REJECT --reject-with icmp6-port-unreachable',
      '-j REJECT --reject-with icmp6-port-unreachable',
    ]);
  });
});
