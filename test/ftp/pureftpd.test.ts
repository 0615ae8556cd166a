import assert from 'node:assert/strict';
import { Problem } from '../../src/core/problem.ts';
import type { PortRange } from '../../src/core/range.ts';
import { pureftpd } from '../../src/ftp/pureftpd.ts';
import { conf, filesOf, RENDERED, running, STARTED, store, type Texts } from './servers.ts';

const DEFAULT: PortRange = [49152, 65534];
const PUBLIC = '203.0.113.10';
const ids = (texts: Texts, daemon: typeof running | null = running): string[] =>
  pureftpd.read(filesOf(texts), daemon).findings.map(({ id }) => id);

describe('a reading of Pure-FTPd', () => {
  it('has the three truths of a server that is set up', () => {
    const files = filesOf({ local: store('local-nat'), main: store('main'), conf: conf('nat') });
    const reading = pureftpd.read(files, running);
    assert.deepEqual(reading.range, { configured: DEFAULT, rendered: DEFAULT, live: DEFAULT });
    assert.equal(reading.passiveAddress.configured, '203.0.113.0');
    assert.equal(reading.passiveAddress.rendered, PUBLIC);
    assert.equal(reading.passiveAddress.live, PUBLIC);
    assert.deepEqual([reading.running, reading.refusal, reading.findings], [true, null, []]);
  });

  it('takes local over main, an explicit null too', () => {
    const main = `ForcePassiveIP: ${PUBLIC}\nPassivePortRange: 30000 35000\n`;
    const read = (local: string): unknown => {
      const { range, passiveAddress } = pureftpd.read(filesOf({ local, main }), null);
      return [range.configured, passiveAddress.configured];
    };
    assert.deepEqual(read(''), [[30000, 35000], PUBLIC]);
    assert.deepEqual(read('ForcePassiveIP: ~\n'), [[30000, 35000], null]);
    assert.deepEqual(read('PassivePortRange: 40000 41000\n'), [[40000, 41000], PUBLIC]);
  });

  it('knows no range where the value is not two ports', () => {
    for (const value of [
      '30000-35000',
      '30000:35000',
      '30000',
      '35000 30000',
      '80 90',
      '1 2 3',
      '~',
      "'~'",
    ]) {
      const reading = pureftpd.read(filesOf({ local: `PassivePortRange: ${value}\n` }), null);
      assert.equal(reading.range.configured, null, value);
    }
    const quoted = pureftpd.read(filesOf({ local: 'PassivePortRange: "30000 35000"\n' }), null);
    assert.deepEqual(quoted.range.configured, [30000, 35000]);
  });

  it('takes a quoted tilde for the text that the daemon gets', () => {
    const files = filesOf({ local: "ForcePassiveIP: '~'\n", conf: conf('quoted') });
    const { configured, rendered } = pureftpd.read(files, null).passiveAddress;
    assert.deepEqual([configured, rendered], ['~', '~']);
  });

  it("takes the last of several lines in the daemon's file, and no comment", () => {
    const text = `${conf('stock')}PassivePortRange 30000 35000\n# PassivePortRange 1024 1025\n`;
    const reading = pureftpd.read(filesOf({ conf: text }), running);
    assert.deepEqual(reading.range.rendered, [30000, 35000]);
    assert.equal(reading.passiveAddress.rendered, null);
  });

  it('does not know what a daemon runs with that is older than its file', () => {
    const files = filesOf({ conf: conf('nat') });
    const reading = pureftpd.read(files, { pid: 4242, startedMs: RENDERED - 1000 });
    assert.deepEqual([reading.range.rendered, reading.range.live], [DEFAULT, null]);
    assert.deepEqual([reading.passiveAddress.rendered, reading.passiveAddress.live], [PUBLIC, null]);
    assert.equal(reading.running, true);
    assert.deepEqual(
      reading.findings.map(({ id, fact }) => [id, fact]),
      [
        [
          'daemon-older-than-conf',
          '/etc/pure-ftpd.conf was written after process 4242 had started, and Pure-FTPd reads it only at its start.',
        ],
      ],
    );
    assert.deepEqual(pureftpd.read(files, { pid: 1, startedMs: RENDERED - 20 }).range.live, DEFAULT);
  });

  it('has nothing live when no daemon runs', () => {
    const reading = pureftpd.read(filesOf({ conf: conf('nat') }), null);
    assert.deepEqual([reading.running, reading.range.live, reading.passiveAddress.live], [false, null, null]);
  });

  it('finds a missing file, and keys that stand twice', () => {
    assert.deepEqual(ids({}), ['conf-missing']);
    const twice = pureftpd.read(filesOf({ local: store('local-twice'), conf: conf('stock') }), running);
    assert.deepEqual(
      twice.findings.map(({ id, title, fix }) => [id, title, fix]),
      ['ForcePassiveIP', 'PassivePortRange'].map((key) => [
        'store-duplicate-key',
        `${key} stands more than once`,
        'Setting up passive FTP leaves exactly one.',
      ]),
    );
    const main = pureftpd.read(filesOf({ main: store('local-twice'), conf: conf('stock') }), running);
    assert.equal(main.findings[0]?.level, 'warn');
    const overridden = pureftpd.read(
      filesOf({ main: store('local-twice'), local: store('local-nat'), conf: conf('stock') }),
      running,
    );
    assert.deepEqual(
      overridden.findings.map(({ level, fix }) => [level, fix]),
      Array(2).fill(['info', 'The entry in /var/cpanel/conf/pureftpd/local overrides them.']),
    );
    assert.deepEqual(ids({ local: 'TLS: 1\nTLS: 2\n', conf: conf('stock') }), []);
  });

  it('counts a broken store for nothing, and names its line', () => {
    const main = `ForcePassiveIP: ${PUBLIC}\n`;
    const files = filesOf({ local: store('local-joined'), main, conf: conf('stock') });
    const reading = pureftpd.read(files, running);
    assert.equal(reading.passiveAddress.configured, PUBLIC);
    assert.equal(reading.refusal, null);
    assert.deepEqual(
      reading.findings.map(({ id, fact, fix }) => [id, fact, fix]),
      [
        [
          'store-broken',
          '/var/cpanel/conf/pureftpd/local is not valid YAML at line 2: two entries run together, or the next line is indented. cPanel ignores such a file without a word.',
          'Setting up passive FTP repairs it; its other entries count again then.',
        ],
      ],
    );
  });

  it('refuses what is no store at all, with its line', () => {
    const files = filesOf({ local: store('local-indented'), main: ': :\n\t- x', conf: conf('stock') });
    const reading = pureftpd.read(files, running);
    assert.match(reading.refusal ?? '', /^\/var\/cpanel\/conf\/pureftpd\/main is not valid YAML at line 1: /);
    assert.deepEqual(
      reading.findings.map(({ id }) => id),
      ['store-broken', 'store-broken'],
    );
    assert.equal(
      reading.findings[1]?.fix,
      'Repair line 1 of /var/cpanel/conf/pureftpd/main, then try again.',
    );
    assert.throws(
      () => pureftpd.change(files, reading, { range: DEFAULT, address: PUBLIC }),
      (error) => error instanceof Problem && error.code === 'invalid' && error.message === reading.refusal,
    );
  });

  it('finds settings that stop the daemon, and takes them out of its file', () => {
    const bare = conf('stock').replace('# ForcePassiveIP 192.168.0.1', 'ForcePassiveIP\nPassivePorts 1 2');
    const files = filesOf({ local: 'MasqueradeAddress: 203.0.113.10\n', conf: bare });
    const reading = pureftpd.read(files, null);
    const change = pureftpd.change(files, reading, { range: DEFAULT, address: null });
    const texts = new Map(change?.writes.map(({ path, after }) => [path, after]));
    assert.equal(
      texts.get('/etc/pure-ftpd.conf'),
      conf('stock').replace('# ForcePassiveIP 192.168.0.1\n', ''),
    );
    assert.equal(texts.get('/var/cpanel/conf/pureftpd/local'), '');
  });

  it('writes no ~ where the file has no line for it, for that line would have no value', () => {
    const without = conf('stock').replace('# ForcePassiveIP 192.168.0.1\n', '');
    const change = (local: string, main: string): unknown => {
      const files = filesOf({ local, main, conf: without });
      const wish = { range: DEFAULT, address: null };
      const { writes = [] } = pureftpd.change(files, pureftpd.read(files, running), wish) ?? {};
      return writes.map(({ after }) => after);
    };
    const old = 'TLS: 1\nForcePassiveIP: 203.0.113.9\n';
    assert.deepEqual(change(old, old), ['TLS: 1\n', 'TLS: 1\n']);
    assert.deepEqual(change('ForcePassiveIP: ~\n', ''), []);
  });

  it('names the control port that the file asks for', () => {
    const port = (line: string): number => pureftpd.controlPort(filesOf({ conf: `${line}\n` }));
    assert.deepEqual(
      [
        'Bind 2121',
        'Bind 203.0.113.10,2121',
        'Bind ,2121',
        'Bind: 2121',
        '# Bind 2121',
        'Bind 127.0.0.1',
        'Bind',
      ].map(port),
      [2121, 2121, 2121, 2121, 21, 21, 21],
    );
    assert.equal(pureftpd.controlPort(filesOf({})), 21);
    assert.equal(pureftpd.read(filesOf({ conf: 'Bind 2121\n' }), null).controlPort, 2121);
  });

  it('asks for every file that it looks at', () => {
    const asked = new Set<string>();
    const files = filesOf({ local: store('local-nat'), conf: conf('stock') });
    const spy = new Map(files);
    spy.get = (path) => {
      asked.add(path);
      return files.get(path);
    };
    const reading = pureftpd.read(spy, { pid: 1, startedMs: STARTED });
    pureftpd.change(spy, reading, { range: [50000, 51000], address: null });
    assert.deepEqual([...asked].sort(), [...pureftpd.files].sort());
  });
});
