import assert from 'node:assert/strict';
import { parseArguments, settingsFrom, USAGE } from '../../src/cli/arguments.ts';
import { Problem } from '../../src/core/problem.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../src/core/settings.ts';

const VERBS = [
  ...[
    'status',
    'plan',
    'apply',
    'verify',
    'undo',
    'cancel',
    'confirm',
    'reach',
    'outside',
    'runs',
    'show',
    'check',
  ],
  ...['ensure', 'watch', 'diagnose', 'grant', 'selfcheck', 'serve'],
];
const NEED_OPERAND = ['reach', 'show', 'watch'];
const words = (line: string): string[] => line.split(' ').filter((word) => word !== '');

function refusedWith(attempt: () => unknown, message: string): void {
  assert.throws(attempt, (error: unknown) => {
    assert.ok(error instanceof Problem, String(error));
    assert.equal(error.code, 'invalid');
    assert.equal(error.message, message);
    return true;
  });
}

describe('arguments', () => {
  it('name a verb, its operand and its options in any order', () => {
    const given = parseArguments(words('reach 50000-50010 --json --from 198.51.100.20 --ipv4'));
    assert.equal(given.verb, 'reach');
    assert.equal(given.operand, '50000-50010');
    assert.deepEqual({ ...given.values }, { json: true, from: '198.51.100.20', ipv4: true });
    assert.deepEqual(parseArguments(words('reach --ipv4 --from=198.51.100.20 --json 50000-50010')), given);
  });

  it('may leave out what is optional', () => {
    for (const verb of VERBS.filter((each) => !NEED_OPERAND.includes(each))) {
      assert.deepEqual(
        { ...parseArguments([verb]), values: {} },
        {
          verb,
          operand: null,
          second: null,
          values: {},
        },
      );
    }
    assert.equal(parseArguments(['undo', 'RUN']).operand, 'RUN');
    assert.equal(parseArguments(['diagnose', '-']).operand, '-');
  });

  it('may ask every verb for JSON', () => {
    for (const verb of VERBS) {
      const operand = NEED_OPERAND.includes(verb) ? ['1'] : [];
      assert.equal(parseArguments([verb, ...operand, '--json']).values.json, true);
    }
  });

  const settings = '--json, --range, --public-address, --firewall, --no-ipv6, --only, --override';
  const verbs = VERBS.join(', ');
  const bad: Readonly<Record<string, string>> = {
    '': `A verb is missing: write one of ${verbs}.`,
    frob: `"frob" is not a verb: write one of ${verbs}.`,
    '--json': `"--json" is not a verb: write one of ${verbs}.`,
    toString: `"toString" is not a verb: write one of ${verbs}.`,
    'status --frob': `status does not take --frob: it takes ${settings}.`,
    'status -x': `status does not take -x: it takes ${settings}.`,
    'status --yes': `status does not take --yes: it takes ${settings}.`,
    'status --no-json': `status does not take --no-json: it takes ${settings}.`,
    'verify --script': `verify does not take --script: it takes ${settings}, --login.`,
    'status --login root': `status does not take --login: it takes ${settings}.`,
    'verify --login': '--login needs a value: write --login=VALUE.',
    'runs --range 50000-50010': 'runs does not take --range: it takes --json.',
    'undo --range 50000-50010':
      'undo does not take --range: it takes --json, --yes, --force, --unless-confirmed.',
    'reach 21 --yes': 'reach does not take --yes: it takes --json, --from, --ipv4, --ipv6.',
    'reach -5': 'reach does not take -5: it takes --json, --from, --ipv4, --ipv6.',
    'plan --range': '--range needs a value: write --range=VALUE.',
    'plan --range --json': '--range needs a value: write --range=VALUE.',
    'plan --json=yes': '--json takes no value: write --json alone.',
    'plan --no-ipv6=1': '--no-ipv6 takes no value: write --no-ipv6 alone.',
    'plan now': 'plan does not take "now": write ftp-passive plan.',
    'plan -- --json': 'plan does not take "--json": write ftp-passive plan.',
    'show one two': 'show does not take "two": write ftp-passive show RUN.',
    'undo one two': 'undo does not take "two": write ftp-passive undo [RUN].',
    'diagnose a b': 'diagnose does not take "b": write ftp-passive diagnose [FILE|-].',
    'diagnose --range 1-2': 'diagnose does not take --range: it takes --json.',
    show: 'show needs RUN: write ftp-passive show RUN.',
    reach: 'reach needs PORT[-PORT]: write ftp-passive reach PORT[-PORT].',
    'reach 21 22': 'reach does not take "22": write ftp-passive reach PORT[-PORT].',
  };
  for (const [line, message] of Object.entries(bad)) {
    it(`are refused in one sentence: "${line}"`, () => {
      refusedWith(() => parseArguments(words(line)), message);
    });
  }

  it('are all in the usage', () => {
    for (const verb of VERBS) assert.match(USAGE, new RegExp(`^  ${verb}\\b`, 'm'));
    const named = new Set(USAGE.match(/--[a-z][a-z0-9-]*/g));
    assert.deepEqual([...named].sort(), [
      '--firewall',
      '--force',
      '--from',
      '--ipv4',
      '--ipv6',
      '--json',
      '--login',
      '--no-ipv6',
      '--notify-only',
      '--only',
      '--override',
      '--public-address',
      '--range',
      '--revoke',
      '--script',
      '--unattended',
      '--yes',
    ]);
  });
});

describe('the settings of one call', () => {
  const stored: Settings = {
    range: [50000, 50100],
    passiveAddress: '203.0.113.10',
    ipv6: true,
    firewall: 'nftables',
    only: null,
    override: null,
  };
  const from = (line: string, base = stored): Settings => settingsFrom(parseArguments(words(line)), base);

  it('are the stored ones where the call says nothing', () => {
    assert.deepEqual(from('plan'), stored);
    assert.deepEqual(from('plan', DEFAULT_SETTINGS), DEFAULT_SETTINGS);
  });

  it('are those of the call where it says something', () => {
    assert.deepEqual(
      from(
        'plan --range 40000-40100 --public-address none --firewall auto --no-ipv6 --only ftp --override ban',
      ),
      {
        range: [40000, 40100],
        passiveAddress: 'none',
        ipv6: false,
        firewall: 'auto',
        only: 'ftp',
        override: 'ban',
      },
    );
  });

  const bad: Readonly<Record<string, RegExp>> = {
    '--range 70000-80000':
      /^Port 70000 is above 65535: write LOW-HIGH with ports from 1024 to 65535, like 49152-65534\.$/,
    '--range 60000-50000': /^The range 60000-50000 is reversed: write 50000-60000\.$/,
    '--range 21-22': /^Port 21 is below 1024: write /,
    '--range 50000-50000': /^The range 50000-50000 has only one port: write /,
    '--range=': /^The range "" is not two ports: write /,
    '--range=-1': /^The range "-1" is not two ports: write /,
    '--public-address 999.1.1.1': /^"999\.1\.1\.1" is not an address that FTP can advertise: write /,
    '--public-address 2001:db8::1': /^"2001:db8::1" is not an address that FTP can advertise: write /,
    '--public-address=': /^"" is not an address/,
    '--firewall pf':
      /^"pf" is not a firewall that is known here: write auto, csf, firewalld, ufw, iptables or nftables\.$/,
    '--only both': /^"both" is not a half that is known here: write ftp or firewall\.$/,
  };
  for (const [options, message] of Object.entries(bad)) {
    it(`are refused in one sentence: ${options}`, () => {
      assert.throws(
        () => from(`plan ${options}`),
        (error: unknown) => {
          assert.ok(error instanceof Problem);
          assert.equal(error.code, 'invalid');
          assert.match(error.message, message);
          assert.match(error.message, /\.$/);
          assert.doesNotMatch(error.message, /\n|\. [A-Z]/);
          return true;
        },
      );
    });
  }
});
