import assert from 'node:assert/strict';
import type { FileFact, FileFacts } from '../../src/core/file.ts';
import { Problem } from '../../src/core/problem.ts';
import { readStore } from '../../src/core/store.ts';
import type { FtpChange, PassiveWish } from '../../src/ftp/server.ts';
import { fact, NO_NAT, type NatMap } from './cpanel.ts';
import { DIALECTS, foundFiles, spoken, type Dialect } from './dialects.ts';
import { running, STARTED } from './servers.ts';
import { PLAIN, PUBLIC, WILD } from './wild.ts';

/** The files after the change was made and cPanel has rendered them. */
function applied(files: FileFacts, change: FtpChange, dialect: Dialect, nat: NatMap): FileFacts {
  const written = new Map<string, FileFact | null>(files);
  for (const { path, after } of change.writes) {
    written.set(path, after === null ? null : fact(path, after, STARTED + 1000));
  }
  return dialect.render(written, nat, STARTED + 2000);
}

function changeOf(dialect: Dialect, files: FileFacts, wish: PassiveWish, daemon = running): FtpChange | null {
  return dialect.server.change(files, dialect.server.read(files, daemon), wish);
}

/** Lines that are nobody's business here, without what repairs take away. */
function rest(text: string, { rangeKey, addressKey, foreign }: Dialect): string[] {
  const own = new RegExp(`\\b(${[rangeKey, addressKey, ...foreign].join('|')})\\b`);
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  return lines.filter((line) => !own.test(line)).map((line) => line.replace(/^(# )?\s*/, ''));
}

for (const dialect of DIALECTS) {
  describe(`a store of ${dialect.server.title}`, () => {
    for (const row of WILD) {
      const { wish, after } = row;
      const nat = wish.address === null ? NO_NAT : { local: '10.0.0.5', public: PUBLIC };
      const name = spoken(row.store, dialect);

      it(`is found, and put right without touching the rest: ${name}`, () => {
        const files = foundFiles(row, dialect);
        const { findings } = dialect.server.read(files, running);
        assert.deepEqual(
          findings.map(({ id }) => id),
          [...(row.finds ?? []), ...(dialect.server.name === 'proftpd' ? (row.findsOfProftpd ?? []) : [])],
        );
        const change = changeOf(dialect, files, wish);
        if (after === null) {
          assert.equal(change, null);
          return;
        }
        assert.ok(change !== null);
        const before = files.get(dialect.local)?.text;
        const written = change.writes.find(({ path }) => path === dialect.local)?.after ?? before;
        const expected = after === undefined ? before : spoken(after, dialect);
        assert.equal(written ?? '', expected ?? '');
        const kept = rest(before ?? '', dialect).filter((line) => line !== '' && line !== '--- {}');
        assert.deepEqual(
          rest(written ?? '', dialect).filter(
            (line) => line !== '' && (line !== '---' || kept.includes(line)),
          ),
          kept,
        );
      });

      it(`leaves nothing to change once it is put right: ${name}`, () => {
        const files = foundFiles(row, dialect);
        const change = changeOf(dialect, files, wish);
        const done = change === null ? files : applied(files, change, dialect, nat);
        const reading = dialect.server.read(done, { pid: 4243, startedMs: STARTED + 3000 });
        assert.deepEqual(reading.range.live, wish.range);
        assert.equal(reading.passiveAddress.live, wish.address);
        assert.deepEqual(
          reading.findings.filter(({ level }) => level === 'warn' || level === 'bad'),
          [],
        );
        assert.equal(dialect.server.change(done, reading, wish), null);
        const again = dialect.render(done, nat, STARTED + 4000);
        const rebuilt = { pid: 4244, startedMs: STARTED + 5000 };
        assert.equal(changeOf(dialect, again, wish, rebuilt), null, 'after another rebuild');
      });
    }

    it('is refused when it is none, with the line', () => {
      for (const text of ['- RANGE\n', 'RANGE 50000 60000\n']) {
        const files = foundFiles({ local: text }, dialect);
        const reading = dialect.server.read(files, running);
        assert.match(reading.refusal ?? '', /local is not valid YAML at line 1: /);
        assert.equal(reading.findings[0]?.fact, reading.refusal);
        assert.throws(
          () => dialect.server.change(files, reading, PLAIN),
          (error) =>
            error instanceof Problem && error.code === 'invalid' && error.message === reading.refusal,
        );
      }
    });

    it('is readable by every parser afterwards, each key once', () => {
      for (const row of WILD) {
        const files = foundFiles(row, dialect);
        const change = changeOf(dialect, files, row.wish);
        for (const { path, after } of change?.writes ?? []) {
          if (path !== dialect.local && path !== dialect.main) continue;
          const store = readStore(after ?? '');
          assert.ok(store.ok, row.store);
          const keys = [dialect.rangeKey, dialect.addressKey];
          if (path === dialect.local)
            assert.deepEqual(
              store.duplicates.filter((key) => keys.includes(key)),
              [],
            );
          assert.doesNotMatch(after ?? '', /\r|\uFEFF|^[ \t]+\w+:/m);
        }
      }
    });
  });
}
