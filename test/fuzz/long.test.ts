import assert from 'node:assert/strict';
import { Problem } from '../../src/core/problem.ts';
import { readDirective } from '../../src/core/conf.ts';
import { readStore } from '../../src/core/store.ts';
import { repairStore } from '../../src/core/store-repair.ts';
import { visible } from '../../src/core/visible.ts';
import { diagnose } from '../../src/diagnosis/diagnose.ts';
import { parseTraceLine } from '../../src/engine/trace.ts';
import { addRange, readConf } from '../../src/firewall/csf/conf.ts';
import { readRule } from '../../src/firewall/firewalld/rule.ts';
import { readXml } from '../../src/firewall/firewalld/xml.ts';
import { parseSaved, placeRule } from '../../src/firewall/iptables/saved.ts';
import { findChains } from '../../src/firewall/nftables/bootfile.ts';
import { parseListing } from '../../src/firewall/nftables/listing.ts';
import { incomingLines } from '../../src/firewall/ufw/lines.ts';
import { incomingTuples, readTuples } from '../../src/firewall/ufw/rules.ts';
import { readProftpdConf } from '../../src/ftp/proftpd-conf.ts';
import { takeReply } from '../../src/ftp/replies.ts';
import { auditLine } from '../../src/runs/audit.ts';
import { plainText } from '../../src/runs/lines.ts';
import { LONGEST_MS, spent } from './fuzzing.ts';

/** What a reader that goes back over its text is slow at, or one that calls itself too deep for. */
const PIECES: readonly string[] = [
  ...[
    'a',
    ' ',
    '\n',
    '\r',
    '\t',
    '"',
    '{',
    '}',
    '[',
    '<a>',
    '<a ',
    '<!--',
    '- ',
    '? ',
    '&a ',
    '*a ',
    'a: ',
    'a: b\n',
    '{ a: ',
  ],
  ...[
    '#',
    '\x1b',
    '\x1b]',
    '1,',
    '1:2,',
    '-',
    '0',
    '(',
    '\\',
    '!a ',
    'rule ',
    '220-x\r\n',
    '227 (1,2,3,4,5,6)\n',
    '227 Entering Passive Mode (',
  ],
  ...[
    '-A INPUT -j x\n',
    ':a - [0:0]\n',
    '*filter\n',
    'table ip a { chain b {\n',
    '<VirtualHost 1.2.3.4>\n',
    'Response: ',
    'cpsess',
    '\u202e',
  ],
];

const KIB = 1024;
const READERS: Readonly<Record<string, readonly [length: number, read: (text: string) => unknown]>> = {
  'a store': [8 * KIB, readStore],
  'a store that is broken': [8 * KIB, (text) => repairStore(text, ['RANGE'])],
  'a store that is far too long': [512 * KIB, (text) => [readStore(text), repairStore(text, ['RANGE'])]],
  'a conf of Pure-FTPd': [64 * KIB, (text) => readDirective(text, 'PassivePortRange')],
  'a conf of ProFTPD': [64 * KIB, readProftpdConf],
  'a reply of a server': [64 * KIB, takeReply],
  'a csf.conf': [64 * KIB, (text) => [readConf(text), addRange(`TCP_IN = "${text}"`, 'TCP_IN', [1, 2])]],
  'a listing of nft': [64 * KIB, parseListing],
  'a boot file of nft': [64 * KIB, findChains],
  'a trace of nft': [64 * KIB, parseTraceLine],
  'an iptables-save': [
    64 * KIB,
    (text) => [
      parseSaved({ family: 'ip', tool: 'iptables', text }),
      placeRule(text, { family: 'ip', table: 'filter', chain: 'INPUT' }, null, '-j ACCEPT'),
    ],
  ],
  'rules of ufw': [64 * KIB, (text) => [incomingTuples(readTuples(text)), incomingLines(text.split('\n'))]],
  'a zone of firewalld': [64 * KIB, readXml],
  'a rule of firewalld': [64 * KIB, readRule],
  'a client’s log': [64 * KIB, diagnose],
  'a command’s output': [64 * KIB, (text) => [plainText(text), visible(text)]],
  'a request': [
    64 * KIB,
    (text) => auditLine({ user: text, address: text, via: 'whm', action: text, result: text }, new Date(0)),
  ],
};

describe('a long text of one piece', function () {
  this.timeout(60_000);

  for (const [what, [length, read]] of Object.entries(READERS)) {
    it(`is read as ${what}, or refused, before anybody has to wait`, () => {
      for (const piece of PIECES) {
        const text = piece.repeat(Math.floor(length / piece.length));
        for (const whole of [text, `${text}\n!`]) {
          const started = process.cpuUsage();
          try {
            read(whole);
          } catch (error) {
            if (!(error instanceof Problem)) throw error;
          }
          const ms = spent(started);
          assert.ok(ms < LONGEST_MS, `${JSON.stringify(piece)} took ${Math.round(ms)} ms`);
        }
      }
    });
  }
});
