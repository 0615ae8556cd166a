import assert from 'node:assert/strict';
import { boundaryPorts } from './ports.ts';
import { TABLE } from './rulesets/index.ts';

describe('the table of rulesets', () => {
  it('has every ruleset once', () => {
    const names = TABLE.map(({ name }) => name);
    assert.equal(new Set(names).size, names.length);
    assert.ok(names.length >= 44);
  });

  it('has each firewall in each state: closed, open, and closed on purpose', () => {
    for (const firewall of ['nftables', 'iptables', 'firewalld', 'ufw', 'csf']) {
      const own = TABLE.filter((entry) => entry.firewall === firewall).map(({ expected }) =>
        typeof expected === 'string' ? expected : 'refuses',
      );
      assert.deepEqual([...new Set(own)].sort(), ['nothing', 'opens', 'refuses'], firewall);
    }
  });

  it('asks at every number of a ruleset, at its neighbours and between them', () => {
    const ports = boundaryPorts('tcp dport 50000-50010 accept # 198.51.100.7 70000');
    assert.deepEqual(
      ports.filter((port) => port > 49_600 && port < 51_000),
      [49_999, 50_000, 50_001, 50_005, 50_009, 50_010, 50_011],
    );
    assert.ok([21, 22, 2087, 3389, 49_151, 49_152, 65_534, 65_535].every((port) => ports.includes(port)));
  });
});
