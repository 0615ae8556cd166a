import assert from 'node:assert/strict';
import { parseArguments, settingsFrom } from '../../src/cli/arguments.ts';
import { hostIn, isIpv4, isIpv6, parseCpnat } from '../../src/core/address.ts';
import { parsePorts, parseRange } from '../../src/core/range.ts';
import { DEFAULT_SETTINGS, parseSettings } from '../../src/core/settings.ts';
import { readStore, removeKey, setKey } from '../../src/core/store.ts';
import { repairStore } from '../../src/core/store-repair.ts';
import { visible } from '../../src/core/visible.ts';
import { diagnose } from '../../src/diagnosis/diagnose.ts';
import { parseTraceLine } from '../../src/engine/trace.ts';
import { readRemembered } from '../../src/engine/remembered.ts';
import { readAccount, uapiFailure } from '../../src/ftp/login.ts';
import { proftpd } from '../../src/ftp/proftpd.ts';
import { pureftpd } from '../../src/ftp/pureftpd.ts';
import { extendedTarget, passiveTarget, takeReply } from '../../src/ftp/replies.ts';
import { logLines, plainText } from '../../src/runs/lines.ts';
import { parseMark } from '../../src/runs/mark.ts';
import { createRecordingReader } from '../../src/runs/reading.ts';
import { WILD } from '../ftp/wild.ts';
import { filesOf } from '../firewall/rulesets.ts';
import { fuzz, INPUTS } from './fuzzing.ts';
import { damaged, fixtures } from './mutation.ts';

const STORES = WILD.flatMap(({ local, main }) => [local, main]).filter((text) => typeof text === 'string');
const CONFS = fixtures('pureftpd-conf', 'proftpd-conf');

describe('a damaged text', function () {
  this.timeout(120_000);

  it('is one of a hundred thousand and more', () => {
    const sum = Object.values(INPUTS).reduce((all, each) => all + each, 0);
    assert.ok(sum >= 100_000, String(sum));
  });

  it('of a store is read, edited or refused', () => {
    fuzz(
      'stores',
      (random) => damaged(STORES, random),
      (text) => {
        const store = readStore(text);
        repairStore(text, ['RANGE', 'ADDRESS']);
        if (!store.ok) return;
        const after = readStore(setKey(text, 'RANGE', '49152 65534'));
        assert.equal(after.ok && after.values.get('RANGE'), '49152 65534');
        const without = readStore(removeKey(text, 'RANGE'));
        assert.ok(without.ok && !without.values.has('RANGE'));
      },
    );
  });

  it('of an FTP server’s files is read and planned for, or refused', () => {
    const split = '\x01';
    fuzz(
      'servers',
      (random) => [damaged(STORES, random), damaged(STORES, random), damaged(CONFS, random)].join(split),
      (texts) => {
        const [local = '', main = '', conf = ''] = texts.split(split);
        for (const [server, folder, file] of [
          [pureftpd, '/var/cpanel/conf/pureftpd', '/etc/pure-ftpd.conf'],
          [proftpd, '/var/cpanel/conf/proftpd', '/etc/proftpd.conf'],
        ] as const) {
          const files = filesOf({
            [`${folder}/local`]: local,
            [`${folder}/main`]: main,
            [`${folder}/main.cache`]: main,
            [file]: conf,
          });
          server.included(files);
          server.controlPort(files);
          const reading = server.read(files, { pid: 7, startedMs: 0 });
          if (reading.refusal === null)
            server.change(files, reading, { range: [50000, 50100], address: '203.0.113.10' });
        }
      },
    );
  });

  it('of a client’s log is diagnosed', () => {
    const logs = fixtures('diagnosis');
    fuzz(
      'logs',
      (random) => damaged(logs, random),
      (text) => {
        const { cause, title } = diagnose(text);
        assert.ok(cause === null || title !== '');
      },
    );
  });

  it('of a recording is shown without what a terminal or a browser would obey', () => {
    const output = [
      '\x1b[31mred\x1b[0m\r\nline\r\n',
      '\x1b]8;;https://x\x07link\x1b]8;;\x07',
      'größe 🦆\r50%\r100%\n',
    ];
    const recordings = output.map(
      (text) =>
        `{"version":2}\n${JSON.stringify([0.1, 'o', text])}\n${JSON.stringify([0.2, 'm', 's1 done: x'])}\n`,
    );
    fuzz(
      'recordings',
      (random) => damaged([...recordings, ...output], random),
      (text) => {
        const bytes = Buffer.from(text);
        const reader = createRecordingReader();
        const events = [...reader.push(bytes.subarray(0, 20)), ...reader.push(bytes.subarray(20))];
        for (const { spans } of logLines(events))
          for (const span of spans) assert.doesNotMatch(span.text, /[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]/);
        assert.doesNotMatch(plainText(text), /[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]/);
        assert.doesNotMatch(visible(text), /[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]/);
        parseMark(text);
      },
    );
  });

  it('of a command line is understood or refused with one sentence', () => {
    const lines = [
      'apply --yes --range 49152-65534 --public-address auto --json',
      'plan --script --firewall csf --no-ipv6 --only ftp',
      'reach 49152-65534 --from 198.51.100.20 --ipv4',
      'undo 20261122T102233Z-1a2b3c --yes --force',
      'grant bob setup',
      'watch on --notify-only',
      'diagnose -',
    ];
    fuzz(
      'commandLine',
      (random) => damaged(lines, random),
      (text) => {
        const given = parseArguments(text.split(' '));
        const { range } = settingsFrom(given, DEFAULT_SETTINGS);
        assert.ok(range[0] >= 1024 && range[0] <= range[1] && range[1] <= 65535);
      },
    );
  });

  it('of a setting, an address, a reply, a memory or a trace is understood or refused', () => {
    const texts = [
      '49152-65534',
      '203.0.113.10',
      '2001:db8::1/64',
      '10.0.0.5 203.0.113.10\n10.0.0.6 203.0.113.11\n',
      '227 Entering Passive Mode (203,0,113,10,192,0)\r\n',
      '229 Extended Passive Mode OK (|||49152|)\r\n',
      '220-first\r\n220 last\r\n',
      '{"livePort":20871,"settings":{"range":"49152-65534"}}',
      '{"status":1,"errors":null,"result":{"errors":["x"],"status":0}}',
      ...fixtures('nft-trace').flatMap((text) => text.split('\n')),
    ];
    const attempts: readonly ((text: string) => unknown)[] = [
      parseRange,
      parsePorts,
      parseCpnat,
      isIpv4,
      isIpv6,
      hostIn,
      parseTraceLine,
      uapiFailure,
      (text) => readRemembered('/x', text),
      (text) => readAccount('bob', text),
      (text) =>
        parseSettings({ range: text, passiveAddress: text, firewall: text, only: text, override: text }),
      (text) => {
        const taken = takeReply(text);
        if (taken !== null) return [passiveTarget(taken.reply), extendedTarget(taken.reply)];
        return null;
      },
    ];
    let turn = 0;
    fuzz(
      'small',
      (random) => damaged(texts, random),
      (text) => attempts[turn++ % attempts.length]?.(text),
    );
  });
});
