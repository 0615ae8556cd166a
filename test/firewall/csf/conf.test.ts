import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import type { Problem } from '../../../src/core/problem.ts';
import type { PortRange } from '../../../src/core/range.ts';
import {
  addRange,
  allows,
  checkLists,
  holds,
  isOn,
  portsOf,
  readConf,
  removeToken,
  tokenOf,
} from '../../../src/firewall/csf/conf.ts';
import { RANGE, SERVER_CONF } from './facts.ts';

const line = (list: string): string => `TCP_IN = "${list}"\n`;
const added = (list: string, range: PortRange = RANGE): string =>
  readConf(addRange(line(list), 'TCP_IN', range)).get('TCP_IN') ?? '';

/** Refused with one sentence that matches. */
function assertRefused(text: string, words: RegExp): void {
  assert.throws(
    () => addRange(text, 'TCP_IN', RANGE),
    (problem: Problem) => {
      assert.equal(problem.code, 'invalid');
      assert.match(problem.message, words);
      assert.match(problem.message, /^[^\n]+\.$/);
      return true;
    },
  );
}

describe('a csf.conf', () => {
  it('is read as CSF reads it', () => {
    const conf = readConf(
      '\r\n# A = "1"\n \t B="x" # y\r\nC = "1" # "2"\n  # D\nplain words\nE = ""\n\fF\v=\t"="',
    );
    assert.deepEqual(
      [...conf],
      [
        ['B', 'x'],
        ['C', '1" # "2'],
        ['E', ''],
        ['F', '='],
      ],
    );
  });

  it('knows blanks as Perl does: a byte order mark or a hard space belongs to the name', () => {
    assert.deepEqual(
      [...readConf('\ufeffTCP_IN = "1"\n\u00a0TCP_IN = "2"\nTCP_IN = "3"').values()],
      ['1', '2', '3'],
    );
  });

  it('has a setting on only with 1', () => {
    const conf = readConf('A = "1"\nB = "0"\nC = "yes"\nD = " 1"');
    assert.deepEqual(
      ['A', 'B', 'C', 'D', 'E'].map((key) => isOn(conf, key)),
      [true, false, false, false, false],
    );
  });

  it('is refused where CSF refuses it, by line and name and without the value', () => {
    assertRefused(
      'A = "1"\nUI_PASS = secret\n' + line('20'),
      /^Line 2 of csf\.conf sets UI_PASS without quotation marks/,
    );
    assertRefused(`${line('20')}A = "1"\r\n${line('20')}`, /^Line 3 of csf\.conf sets TCP_IN again/);
    assertRefused(`${line('20')}B = "1"\n \tB="2"\n`, /^Line 3 of csf\.conf sets B again/);
    assertRefused('UI_PASS = "secret\n' + line('20'), /^(?!.*secret)/);
  });
});

describe('a list of ports', () => {
  it('is items and spans, where blanks and empty items count for nothing', () => {
    assert.deepEqual(portsOf('TCP_IN', ' 20,,21:30 ,\t443, '), [
      [20, 20],
      [21, 30],
      [443, 443],
    ]);
    assert.deepEqual(portsOf('TCP_IN', '  '), []);
  });

  const ITEMS = [
    ...[
      '80',
      '0',
      '65535',
      '49152:65534',
      '1:1',
      ':80',
      '80:',
      ':',
      '00080',
      '080',
      '0:0080',
      '65536',
      '10:5',
    ],
    ...[
      '1:2:3',
      '1:65536',
      '::',
      '49152-65534',
      '80/tcp',
      'ftp?',
      '1_2',
      '-1',
      '+1',
      '1 2',
      '99999999999999999999',
    ],
  ];

  it('takes no item that iptables would not take as the same ports', () => {
    // What CSF hands to iptables it has stripped of blanks before.
    const printed = ITEMS.map((item) => savedPort(item.replaceAll(' ', '')));
    const read = ITEMS.map((item) => {
      try {
        return portsOf('TCP_IN', item).map(tokenOf).join();
      } catch {
        return null;
      }
    });
    const differ = ITEMS.filter((_, at) => read[at] !== null && read[at] !== printed[at]);
    assert.deepEqual(differ, []);
    assert.deepEqual(
      ITEMS.filter((_, at) => read[at] !== null),
      ['80', '0', '65535', '49152:65534', '1:1', ':80', '80:', ':'],
    );
  });

  it('is checked in all lists that CSF makes rules of, those for IPv6 while it guards IPv6', () => {
    const check = (text: string) => () => checkLists(readConf(text));
    for (const key of ['TCP_IN', 'TCP_OUT', 'UDP_IN', 'UDP_OUT']) {
      assert.throws(check(`${key} = "80,1-2"`), new RegExp(`${key} in csf\\.conf holds "1-2"`));
    }
    for (const key of ['TCP6_IN', 'TCP6_OUT', 'UDP6_IN', 'UDP6_OUT']) {
      assert.throws(check(`IPV6 = "1"\n${key} = "2:1"`), /2:1/);
      assert.doesNotThrow(check(`IPV6 = "0"\n${key} = "2:1"`));
    }
  });

  it('covers a range by all of its items together', () => {
    const covers = (list: string): boolean => allows(readConf(line(list)), 'TCP_IN', [50000, 50010]);
    assert.equal(covers('49152:65534'), true);
    assert.equal(covers('50006:50010,22,50000:50004, 50005'), true);
    assert.equal(covers('50006:,:50005'), true);
    assert.equal(covers('50000:50009'), false);
    assert.equal(covers(''), false);
    assert.equal(allows(readConf(''), 'TCP_IN', RANGE), false);
  });
});

describe('the addition of a range', () => {
  it('goes to the end of the list and leaves every other byte', () => {
    const text = addRange(addRange(SERVER_CONF, 'TCP_IN', RANGE), 'TCP6_IN', RANGE);
    assert.equal(
      text,
      SERVER_CONF.replace('80,443,2087"', '80,443,2087,49152:65534"').replace(
        '22,443,2087"   # no web here',
        '22,443,2087,49152:65534"   # no web here',
      ),
    );
  });

  it('fits whatever the line looks like', () => {
    const both = (before: string, after: string): void => {
      assert.equal(addRange(before, 'TCP_IN', RANGE), after);
      assert.equal(removeToken(after, 'TCP_IN', '49152:65534'), before);
    };
    both('TCP_IN = "20"', 'TCP_IN = "20,49152:65534"');
    both('TCP_IN="20"\r\nA = "é"\r\n', 'TCP_IN="20,49152:65534"\r\nA = "é"\r\n');
    both(' \tTCP_IN\t=\t"20, 21 ,,"# why\n', ' \tTCP_IN\t=\t"20, 21 ,,,49152:65534"# why\n');
    both('TCP_IN = ""\n', 'TCP_IN = "49152:65534"\n');
    both('TCP_IN = "  "\n', 'TCP_IN = "  49152:65534"\n');
    both('#TCP_IN = "1"\nTCP_IN = "20"\n', '#TCP_IN = "1"\nTCP_IN = "20,49152:65534"\n');
    assert.equal(added('20', [50000, 50000]), '20,50000');
  });

  it('leaves a list alone that covers the range in any way', () => {
    for (const list of ['49152:65534', '1024:65535', ' 50000:65534,20,49152:49999 ', '40000:']) {
      assert.equal(addRange(line(list), 'TCP_IN', RANGE), line(list));
    }
    assert.equal(added('49152:65533'), '49152:65533,49152:65534');
  });

  it('is refused where CSF would fail and let everything in', () => {
    for (const item of ['49152-65534', '65534:49152', '49152:65536', '1:2:3', 'ftp', '0800']) {
      assertRefused(line(`20,${item}`), new RegExp(`^TCP_IN in csf\\.conf holds "${item}"`));
    }
    assertRefused(`${line('20')}UDP_OUT = "1-2"\n`, /^UDP_OUT in csf\.conf holds "1-2"/);
    assertRefused('TCP_IN = "20" # not "21"\n', /^Line 1 of csf\.conf has more than TCP_IN = "PORTS"/);
  });

  it('is refused where the line is not one that can be edited safely', () => {
    assertRefused('A = "1"\n', /^csf\.conf has no TCP_IN: add the line/);
    assertRefused('TCP_IN = "20" 21\n', /^Line 1 of csf\.conf has more/);
    assertRefused('TCP_IN = x"20"\n', /^Line 1 of csf\.conf has more/);
    assertRefused('A = "1"\nTCP_IN = "20"\r # lone\n', /^Line 2 of csf\.conf has more/);
    assertRefused('TCP_IN = "20\r,21"\n', /holds "20\r"/);
    assertRefused('\ufeffTCP_IN = "20"\n', /has no TCP_IN/);
  });
});

describe('the removal of an item', () => {
  const without = (list: string): string =>
    readConf(removeToken(line(list), 'TCP_IN', '49152:65534')).get('TCP_IN') ?? '';

  it('takes exactly that one, with its comma', () => {
    assert.equal(without('20,49152:65534,21'), '20,21');
    assert.equal(without('49152:65534,20'), '20');
    assert.equal(without('20, 49152:65534 ,21'), '20,21');
    assert.equal(without('49152:65534'), '');
  });

  it('takes the last of two, and none that is written otherwise', () => {
    assert.equal(without('49152:65534,20,49152:65534'), '49152:65534,20');
    for (const list of ['20', '49152:65535', '4915:65534', '49152:50000,50001:65534', '49152:']) {
      assert.equal(without(list), list);
    }
  });

  it('is told beforehand by what the list holds', () => {
    const conf = readConf(line('20, 49152:65534'));
    assert.deepEqual(
      ['20', '49152:65534', '4', '49152'].map((token) => holds(conf, 'TCP_IN', token)),
      [true, true, false, false],
    );
  });
});

/** The ports of a rule with this `--dport`, as iptables lists it; null when it refuses it. */
function savedPort(item: string): string | null {
  const rule = `*filter\n:INPUT ACCEPT\n-A INPUT -p tcp -m tcp --dport ${item} -j ACCEPT\nCOMMIT\n`;
  const program =
    'open my $to, "|-", "iptables-restore 2>/dev/null"; print {$to} $ARGV[0]; close $to or exit; exec "iptables-save"';
  const saved = execFileSync('unshare', ['-n', 'perl', '-e', program, rule], {
    encoding: 'utf8',
    stdio: 'pipe',
  });
  const match = /^-A INPUT -p tcp -m tcp(?: --dport (\S+))? -j/m.exec(saved);
  return match === null ? null : (match[1] ?? '0:65535');
}
