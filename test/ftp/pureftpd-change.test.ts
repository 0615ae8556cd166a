import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { FileFacts } from '../../src/core/file.ts';
import type { PortRange } from '../../src/core/range.ts';
import { readStore } from '../../src/core/store.ts';
import { FLAGS } from '../../src/ftp/rebuild.ts';
import { pureftpd } from '../../src/ftp/pureftpd.ts';
import type { FtpChange, PassiveWish } from '../../src/ftp/server.ts';
import { CONF, fact, LOCAL, MAIN, NO_NAT, render, type NatMap } from './cpanel.ts';
import { conf, filesOf, running, STARTED, store, type Texts } from './servers.ts';

const NAT: NatMap = { local: '10.0.0.5', public: '203.0.113.10' };
const PLAIN: PassiveWish = { range: [49152, 65534], address: null };
const BEHIND: PassiveWish = { range: [49152, 65534], address: NAT.public };
const WIDE: PassiveWish = { range: [50000, 60000], address: null };

const changeOf = (
  files: FileFacts,
  wish: PassiveWish,
  daemon: typeof running | null = running,
): FtpChange | null => pureftpd.change(files, pureftpd.read(files, daemon), wish);

interface Row {
  readonly server: string;
  readonly texts: Texts;
  readonly wish: PassiveWish;
  /** What `local` says afterwards; `same`: not written, but rendered anew; null: nothing is done. */
  readonly local: string | null;
}

const both = (range: string, address: string): string =>
  `PassivePortRange: ${range}\nForcePassiveIP: ${address}\n`;

const ROWS: readonly Row[] = [
  {
    server: 'untouched, no NAT',
    texts: { main: store('main'), conf: conf('stock') },
    wish: PLAIN,
    local: null,
  },
  { server: 'untouched, no stores', texts: { conf: conf('stock') }, wish: PLAIN, local: null },
  {
    server: 'untouched, behind NAT',
    texts: { main: store('main'), conf: conf('stock') },
    wish: BEHIND,
    local: `ForcePassiveIP: ${NAT.public}\n`,
  },
  {
    server: 'set up behind NAT',
    texts: { local: both('49152 65534', NAT.public), main: store('main'), conf: conf('nat') },
    wish: BEHIND,
    local: null,
  },
  {
    server: 'address null in local, now behind NAT',
    texts: { local: store('local-plain'), conf: conf('stock') },
    wish: BEHIND,
    local: `ForcePassiveIP: ${NAT.public}\nPassivePortRange: 49152 65534\n`,
  },
  {
    server: 'address null in local, no NAT',
    texts: { local: store('local-plain'), conf: conf('stock') },
    wish: PLAIN,
    local: null,
  },
  {
    server: 'an old public address',
    texts: { local: store('local-nat'), conf: conf('nat') },
    wish: BEHIND,
    local: `ForcePassiveIP: ${NAT.public}\nPassivePortRange: 49152 65534\n`,
  },
  {
    server: 'both keys twice',
    texts: { local: store('local-twice'), conf: conf('nat') },
    wish: BEHIND,
    local: `MaxClientsPerIP: 30\nForcePassiveIP: ${NAT.public}\nPassivePortRange: 49152 65534\n# second try\n`,
  },
  {
    server: 'both keys twice, the last ones right',
    texts: { local: `${both('30000 35000', '~')}${both('49152 65534', NAT.public)}`, conf: conf('nat') },
    wish: BEHIND,
    local: both('49152 65534', NAT.public),
  },
  {
    server: 'keys in main only, right',
    texts: { main: both('49152 65534', NAT.public), conf: conf('nat') },
    wish: BEHIND,
    local: null,
  },
  {
    server: 'keys in main only, wrong',
    texts: { main: both('30000 35000', NAT.public), local: 'TLS: 2\n', conf: conf('hole') },
    wish: PLAIN,
    local: `TLS: 2\n${both('49152 65534', '~')}`,
  },
  {
    server: 'a quoted tilde',
    texts: { local: "ForcePassiveIP: '~'\nPassivePortRange: 49152 65534\n", conf: conf('quoted') },
    wish: PLAIN,
    local: 'ForcePassiveIP: ~\nPassivePortRange: 49152 65534\n',
  },
  {
    server: 'a range with a dash',
    texts: { local: 'PassivePortRange: 50000-60000\n', conf: conf('stock') },
    wish: WIDE,
    local: 'PassivePortRange: 50000 60000\n',
  },
  {
    server: 'a range with a dash, the file right',
    texts: { local: 'PassivePortRange: 49152-65534\n', conf: conf('stock') },
    wish: PLAIN,
    local: 'PassivePortRange: 49152 65534\n',
  },
  {
    server: 'a file edited by hand, no key in any store',
    texts: { conf: conf('hole') },
    wish: PLAIN,
    local: both('49152 65534', '~'),
  },
  {
    server: 'a file edited by hand to the right range, no key in any store',
    texts: { conf: conf('stock').replace('49152 65534', '50000 60000') },
    wish: WIDE,
    local: 'PassivePortRange: 50000 60000\n',
  },
  {
    server: 'a file edited by hand to the right address, no key in any store',
    texts: { conf: conf('nat') },
    wish: BEHIND,
    local: `ForcePassiveIP: ${NAT.public}\n`,
  },
  {
    server: 'right stores, another file',
    texts: { local: both('49152 65534', '~'), conf: conf('hole') },
    wish: PLAIN,
    local: both('49152 65534', '~'),
  },
  {
    server: 'no file',
    texts: { local: both('49152 65534', '~') },
    wish: PLAIN,
    local: both('49152 65534', '~'),
  },
  {
    server: 'Windows line ends and a byte order mark',
    texts: { local: store('local-windows'), conf: conf('stock') },
    wish: WIDE,
    local:
      "# ours\nMaxClientsPerIP:   30   # many\n\nForcePassiveIP: ~ # NAT\nRootPassLogins: 'no'\nPassivePortRange: 50000 60000\n",
  },
  {
    server: "the other server's keys",
    texts: { local: store('local-swapped'), conf: conf('stock') },
    wish: WIDE,
    local: 'PassivePortRange: 50000 60000\n',
  },
];

/** The files after the change was made and cPanel has rendered them. */
function applied(files: FileFacts, change: FtpChange, nat: NatMap): FileFacts {
  const written = new Map(files);
  for (const { path, after } of change.writes) {
    written.set(path, after === null ? null : fact(path, after, STARTED + 1000));
  }
  return render(written, nat, STARTED + 2000);
}

describe('a change of Pure-FTPd', () => {
  for (const { server, texts, wish, local } of ROWS) {
    const what = local === null ? 'is none' : 'is right';
    it(`${what} for: ${server}`, () => {
      const change = changeOf(filesOf(texts), wish);
      if (local === null) {
        assert.equal(change, null);
        return;
      }
      const write = change?.writes.find(({ path }) => path === LOCAL);
      assert.equal(write?.after ?? texts.local, local);
      assert.equal(
        write === undefined,
        local === texts.local,
        'writes the store only where its text changes',
      );
    });

    it(`leaves nothing to change once it is made: ${server}`, () => {
      const nat = wish.address === null ? NO_NAT : NAT;
      const files = filesOf(texts);
      const change = changeOf(files, wish);
      const after = change === null ? files : applied(files, change, nat);
      const daemon = { pid: 4243, startedMs: STARTED + 3000 };
      const reading = pureftpd.read(after, daemon);
      assert.deepEqual(reading.range.live, wish.range);
      assert.equal(reading.passiveAddress.live, wish.address);
      assert.equal(pureftpd.change(after, reading, wish), null);
      const again = render(after, nat, STARTED + 4000);
      assert.equal(
        changeOf(again, wish, { pid: 4244, startedMs: STARTED + 5000 }),
        null,
        'after another rebuild',
      );
    });
  }

  it('removes both caches when it renders, and leaves main to cPanel', () => {
    const files = filesOf({ main: store('main'), mainCache: '{}', localCache: '{}', conf: conf('stock') });
    const change = changeOf(files, BEHIND);
    assert.deepEqual(
      change?.writes.map(({ path, after }) => [path, after === null]),
      [
        [LOCAL, false],
        [`${MAIN}.cache`, true],
        [`${LOCAL}.cache`, true],
      ],
    );
    assert.deepEqual(change.render, {
      command: ['/usr/local/cpanel/scripts/setupftpserver', 'pure-ftpd', '--force'],
      touches: [MAIN, LOCAL, `${MAIN}.cache`, `${LOCAL}.cache`, CONF, ...FLAGS],
    });
    assert.deepEqual(change.restart, ['/usr/local/cpanel/scripts/restartsrv_ftpd']);
  });

  for (const [what, text] of [
    ['with the line that its package brings', conf('stock')],
    ['without any line for the address', conf('stock').replace(/^#? *ForcePassiveIP.*\n/gm, '')],
  ] as const) {
    it(`tells no address behind NAT by an explicit ~, for cPanel would tell the public one: a file ${what}`, () => {
      const nat = [
        ['/var/cpanel/cpnat', `${NAT.local} ${NAT.public}\n`],
        ['/var/cpanel/mainip', NAT.local],
      ] as const;
      const files = new Map([
        ...filesOf({ conf: text }),
        ...nat.map(([path, content]) => [path, fact(path, content, 0)] as const),
      ]);
      const change = changeOf(files, PLAIN) ?? assert.fail('no change');
      assert.equal(change.writes.find(({ path }) => path === LOCAL)?.after, 'ForcePassiveIP: ~\n');
      const after = applied(files, change, NAT);
      const reading = pureftpd.read(after, { pid: 4243, startedMs: STARTED + 3000 });
      assert.equal(reading.passiveAddress.live, null);
      assert.doesNotMatch(after.get(CONF)?.text ?? '', /^ForcePassiveIP/m);
      assert.equal(pureftpd.change(after, reading, PLAIN), null);
    });
  }

  it('gets past a stale cache that hides a right store', () => {
    const stale = JSON.stringify({ PassivePortRange: '30000 35000', ForcePassiveIP: '203.0.113.10' });
    const files = filesOf({ local: both('49152 65534', '~'), localCache: stale, conf: conf('hole') });
    const change = changeOf(files, PLAIN) ?? assert.fail('no change');
    assert.deepEqual(
      change.writes.map(({ path }) => path),
      [`${LOCAL}.cache`],
    );
    const after = applied(files, change, NO_NAT);
    assert.equal(changeOf(after, PLAIN, { pid: 1, startedMs: STARTED + 3000 }), null);
  });

  it('renders anew for a daemon that is down or older than its file, without an edit', () => {
    const files = filesOf({ local: both('49152 65534', '~'), conf: conf('stock') });
    assert.equal(changeOf(files, PLAIN), null);
    for (const daemon of [null, { pid: 1, startedMs: 1 }]) {
      assert.deepEqual(changeOf(files, PLAIN, daemon)?.writes, []);
    }
  });

  it('leaves every other line of the store as it was, for any store and any wish', () => {
    const our = /^\s*(PassivePortRange|ForcePassiveIP)\s*:/;
    const address = fc.constantFrom('203.0.113.10', '198.51.100.7');
    const line = fc.oneof(
      fc.constantFrom(
        '# a comment',
        '',
        'TLS: 2   # later',
        "RootPassLogins: 'no'",
        'Umask: 133:022',
        'Other: "a: b"',
      ),
      address.map((each) => `ForcePassiveIP: ${each}`),
      fc.constantFrom(
        'ForcePassiveIP: ~',
        'ForcePassiveIP:',
        "ForcePassiveIP: '~' # no",
        'ForcePassiveIP:  "x"',
      ),
      fc.constantFrom(
        'PassivePortRange: 49152 65534',
        'PassivePortRange: "30000 35000"',
        'PassivePortRange: 1-2',
      ),
    );
    const text = fc
      .tuple(fc.array(line, { maxLength: 12 }), fc.constantFrom('\n', '\r\n'), fc.boolean(), fc.boolean())
      .map(
        ([lines, eol, bom, ended]) =>
          `${bom ? '\uFEFF' : ''}${lines.join(eol)}${ended && lines.length > 0 ? eol : ''}`,
      );
    const range = fc
      .tuple(fc.integer({ min: 1024, max: 65534 }), fc.integer({ min: 1, max: 65535 }))
      .map(([low, span]): PortRange => [low, Math.min(65535, low + span)]);
    const wish = fc.record({ range, address: fc.option(address) });
    const rest = (each: string): string[] =>
      each
        .replace('\uFEFF', '')
        .split(/\r?\n/)
        .filter((one) => !our.test(one));
    fc.assert(
      fc.property(text, text, wish, (local, main, wished) => {
        const change = changeOf(filesOf({ local, main, conf: conf('stock') }), wished);
        const after = change?.writes.find(({ path }) => path === LOCAL)?.after ?? local;
        const [was, is] = [rest(local), rest(after)];
        while (was.at(-1) === '') was.pop();
        while (is.at(-1) === '') is.pop();
        assert.deepEqual(is, was);
        assert.doesNotMatch(after, /\uFEFF|\r/);
        const read = readStore(after);
        assert.ok(read.ok && !read.duplicates.some((key) => our.test(`${key}:`)));
      }),
      { numRuns: 150 },
    );
  });
});
