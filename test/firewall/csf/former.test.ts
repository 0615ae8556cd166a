import assert from 'node:assert/strict';
import type { PortRange } from '../../../src/core/range.ts';
import { csf } from '../../../src/firewall/csf/csf.ts';
import { CONF } from '../../../src/firewall/csf/files.ts';
import { MEMORY } from '../../../src/firewall/csf/memory.ts';
import type { Deed, FirewallFacts } from '../../../src/firewall/firewall.ts';
import { confWith, facts, QUESTION, RANGE } from './facts.ts';

const OPEN_CONF = confWith({
  TCP_IN: '20,21,22,80,443,2087,49152:65534',
  TCP6_IN: '20,21,22,443,2087,49152:65534',
});
const remembered = (...tokens: readonly string[]): string =>
  `${JSON.stringify({ opened: { TCP_IN: tokens, TCP6_IN: tokens } }, null, 2)}\n`;
const written = (deeds: readonly Deed[], path: string): string | undefined =>
  deeds.flatMap((deed) => (deed.kind === 'write' && deed.path === path ? [deed.after] : [])).at(-1);
const kinds = (deeds: readonly Deed[]): string[] =>
  deeds.map((deed) => (deed.kind === 'write' ? deed.path : deed.command.slice(0, 2).join(' ')));

describe('what was opened before', () => {
  const opened = (conf: string, memory: string): PortRange[] =>
    csf.opened(facts({ conf, files: { [MEMORY]: memory } }));

  it('is what is written down and still stands in a list, each range once', () => {
    assert.deepEqual(opened(OPEN_CONF, remembered('49152:65534', '50000:50100')), [[49152, 65534]]);
    assert.deepEqual(opened(confWith({ TCP6_IN: '21,40000' }), remembered('40000')), [[40000, 40000]]);
  });

  it('is nothing that the administrator wrote, or wrote anew', () => {
    assert.deepEqual(opened(OPEN_CONF, ''), []);
    assert.deepEqual(opened(confWith({ TCP_IN: '49152:65535' }), remembered('49152:65534')), []);
    for (const memory of [
      '[]',
      'null',
      '{"opened":[]}',
      '{"opened":{"TCP_IN":"49152:65534","TCP6_IN":[1,"x"]}}',
      '{',
    ]) {
      assert.deepEqual(opened(OPEN_CONF, memory), [], memory);
    }
    assert.deepEqual(opened(`${OPEN_CONF}X = 1`, remembered('49152:65534')), []);
  });
});

describe('the closing of a former range', () => {
  const NEW: PortRange = [50000, 50100];
  const memory = { [MEMORY]: remembered('49152:65534') };
  const close = (known: FirewallFacts, range = NEW): Deed[] =>
    csf.close(known, [RANGE], { ...QUESTION, range });

  it('follows the opening of the new one, and restarts CSF once more', () => {
    const conf = confWith({ TCP_IN: '21,60000:61000', TCP6_IN: '21,60000:61000' });
    const known = facts({ conf, files: { [MEMORY]: remembered('60000:61000') } });
    const question = { ...QUESTION, range: NEW };
    assert.equal(
      written(csf.open(known, question, true).deeds, CONF),
      confWith({ TCP_IN: '21,60000:61000,50000:50100', TCP6_IN: '21,60000:61000,50000:50100' }),
    );
    const deeds = csf.close(known, [[60000, 61000]], question);
    assert.deepEqual(kinds(deeds), [CONF, MEMORY, '/usr/sbin/csf -r']);
    assert.equal(written(deeds, CONF), confWith({ TCP_IN: '21,50000:50100', TCP6_IN: '21,50000:50100' }));
    assert.equal(written(deeds, MEMORY), remembered('50000:50100'));
  });

  it('puts the new range in its place when that lay within it', () => {
    const deeds = close(facts({ conf: OPEN_CONF, files: memory }));
    assert.deepEqual(kinds(deeds), [
      '/usr/sbin/csf --profile',
      '/usr/bin/find /var/lib/csf/backup',
      CONF,
      MEMORY,
      '/usr/sbin/csf -r',
    ]);
    assert.equal(written(deeds, CONF), OPEN_CONF.replaceAll('49152:65534', '50000:50100'));
    assert.equal(written(deeds, MEMORY), remembered('50000:50100'));
  });

  it('takes nothing that is not ours', () => {
    assert.deepEqual(close(facts({ conf: OPEN_CONF })), []);
    const twice = confWith({ TCP_IN: '49152:65534,21,49152:65534', TCP6_IN: '49152:65534' });
    const deeds = close(facts({ conf: twice, files: { [MEMORY]: '{"opened":{"TCP_IN":["49152:65534"]}}' } }));
    assert.equal(written(deeds, CONF), confWith({ TCP_IN: '49152:65534,21', TCP6_IN: '49152:65534' }));
  });

  it('takes a range out of a list that the question leaves out', () => {
    const known = facts({ conf: OPEN_CONF, files: memory });
    const deeds = csf.close(known, [RANGE], { range: NEW, families: ['ipv4'] });
    assert.equal(written(deeds, CONF), confWith({ TCP_IN: '20,21,22,80,443,2087,50000:50100' }));
  });
});
