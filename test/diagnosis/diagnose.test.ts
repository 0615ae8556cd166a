import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { CAUSES } from '../../src/diagnosis/causes.ts';
import { diagnose } from '../../src/diagnosis/diagnose.ts';
import { LONGEST_LOG } from '../../src/diagnosis/lines.ts';
import { CASES, logOf, UNRELATED } from './cases.ts';

describe('a diagnosis', function () {
  this.timeout(60_000);

  for (const { rows, file, cause, client, origin, evidence, or } of CASES) {
    it(`row ${rows.join(' and ')}: finds ${cause ?? 'no single cause'} in ${file} (${origin})`, () => {
      const log = logOf(file);
      const found = diagnose(log);
      assert.equal(found.cause, cause);
      assert.equal(found.client, client);
      assert.match(found.evidence?.text ?? '', evidence);
      const line = log.split('\n')[(found.evidence?.number ?? 0) - 1] ?? '';
      assert.match(line, evidence, 'the number is that of the line');
      if (or !== undefined) assert.ok(found.alternatives.some((each) => each.cause === or));
      assert.ok(found.alternatives.every((each) => each.cause !== cause && each.tells !== ''));
      assert.equal(found.sure === null, cause === null);
      if (cause !== null) assert.equal(found.title, CAUSES[cause].title);
    });
  }

  for (const [file, sentence] of Object.entries(UNRELATED)) {
    it(`says that it does not know what ${file} shows, and what would help`, () => {
      const found = diagnose(logOf(file));
      assert.deepEqual([found.cause, found.sure, found.evidence, found.alternatives], [null, null, null, []]);
      assert.match(found.title, sentence);
      assert.match(found.fix, /^[A-Z].*\.$/);
    });
  }

  it('has a test for every log that lies there', () => {
    const files = readdirSync(join(import.meta.dirname, '../fixtures/diagnosis')).map((name) =>
      name.replace('.txt', ''),
    );
    const named = [...CASES.map(({ file }) => file), ...Object.keys(UNRELATED)];
    assert.deepEqual(files.sort(), named.sort());
    assert.ok(CASES.length >= 30);
  });

  it('reads single lines, as people paste them', () => {
    const lines = {
      '227 Entering Passive Mode (10,0,0,5,224,80)': 'nat-address',
      'Server sent passive reply with unroutable address. Using server address instead.': 'nat-address',
      '421 Illegal forced IP for passive connections': 'bad-forced-address',
      "500 I won't open a connection to 192.168.1.19 (only to 198.51.100.20)": 'active-mode',
      '425 You cannot use PASV on IPv6 connections. Use EPSV instead.': 'pasv-on-ipv6',
      '425 Unable to build data connection: Connection timed out': null,
      'Connection timed out after 20 seconds of inactivity': null,
      '': null,
    };
    for (const [line, cause] of Object.entries(lines)) assert.equal(diagnose(line).cause, cause, line);
  });

  it('finds the same however the lines end', () => {
    for (const file of ['filezilla-timeout', 'curl-private-skip-ok', 'lftp-pasv-refused', 'winscp-timeout']) {
      const log = logOf(file).replaceAll('\r', '');
      const { cause, evidence } = diagnose(log);
      for (const end of ['\r\n', '\r\r\n', '\r']) {
        const other = diagnose(log.replaceAll('\n', end));
        assert.deepEqual([other.cause, other.evidence], [cause, evidence], JSON.stringify(end));
      }
      // PowerShell writes two bytes for each character.
      const wide = diagnose(`\ufeff${log}`.replace(/./gs, '$&\0'));
      assert.deepEqual([wide.cause, wide.evidence], [cause, evidence]);
    }
  });

  it('blames nobody where a client was told the address that it is connected to', () => {
    const log = (control: string): string =>
      `Status: Connecting to ${control}:21...\n${logOf('filezilla-unroutable-works').replace(/^.*(Connecting|unroutable).*\n/gm, '')}`;
    assert.equal(diagnose(log('192.168.1.10')).cause, null);
    assert.equal(diagnose(log('127.0.0.1')).cause, null);
  });

  it('tells connections at once apart where the log does', () => {
    const failing = logOf('filezilla-file').trimEnd().split('\n');
    const other = failing.map((line) =>
      line
        .replace(' 14368 1 ', ' 14368 2 ')
        .replace('203.0.113.10', '192.0.2.7')
        .replace('203,0,113,10', '192,0,2,7'),
    );
    const mixed = failing.flatMap((line, index) => [line, other[index] ?? '']).slice(0, -4);
    const { cause, seen } = diagnose(mixed.join('\n'));
    assert.deepEqual([cause, seen.control, seen.told], ['data-blocked', '203.0.113.10', '203.0.113.10']);
  });

  it('passes over what a client overcame', () => {
    const later = logOf('curl-ok');
    assert.equal(diagnose(`${logOf('raw-pureftpd-ipv6-pasv')}${later}`).cause, null);
    assert.equal(diagnose(`${logOf('curl-tls-required')}${later}`).cause, null);
  });

  it('shows no password and nothing that a terminal obeys', () => {
    const hostile =
      '\x1b]0;title\x07\x1b[31m227 Entering Passive Mode (10,0,0,5,224,80)\x1b[0m \u202e\x00\x9b2J';
    const { evidence } = diagnose(hostile);
    assert.equal(evidence?.text, '227 Entering Passive Mode (10,0,0,5,224,80) \ufffd2J');
    const said = JSON.stringify(diagnose('> PASS hunter2 421 Illegal forced IP for passive connections'));
    assert.doesNotMatch(said, /hunter2/);
    const url = diagnose('curl ftp://web:hunter2@host/ 421 Illegal forced IP for passive connections');
    assert.match(url.evidence?.text ?? '', /ftp:\/\/web:\*\*\*@host/);
  });

  it('never fails, whatever it is given', () => {
    const words = CASES.flatMap(({ file }) => logOf(file).split(/[ \n]/));
    const piece = fc.oneof(
      fc.constantFrom(...words, '\n', '\r', ' ', '> ', "*resp* '", '\x1b['),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        const found = diagnose(pieces.join(' '));
        const shown = found.evidence?.text ?? '';
        return found.title !== '' && found.fix !== '' && !/[\x00-\x1f\x7f-\x9f]/.test(shown);
      }),
      { numRuns: 500 },
    );
  });

  it('takes no longer than some seconds for a mebibyte of anything', () => {
    const units = [
      'a',
      ' ',
      '\n',
      'a\n',
      '1,',
      '227 (1,',
      '\x1b]',
      '\x1b[0;',
      'C: ',
      '220-',
      '--dport ',
      'Error: ',
      '::',
      '[1:1]:',
      '12:00:00 ',
      '> ',
      "*resp* '\\n",
      'Connecting to 1.1.1.1:21\n',
      'PASV\n',
      'PASV\n227 (1,1,1,1,4,4)\nLIST\n',
      'EPSV\n500 x\n',
      '_Error.',
      'ftp://a:',
      'PASS ',
    ];
    for (const unit of units) {
      const noise = unit.repeat(Math.ceil(LONGEST_LOG / unit.length));
      const began = performance.now();
      diagnose(noise);
      const seconds = (performance.now() - began) / 1000;
      assert.ok(seconds < 8, `${seconds.toFixed(1)} s for ${JSON.stringify(unit)}`);
    }
  });

  it('looks at a mebibyte and no further', () => {
    const line = '227 Entering Passive Mode (10,0,0,5,224,80)\n';
    assert.equal(diagnose(`${'x\n'.repeat(20_000)}${line}`).evidence?.number, 20_001);
    assert.equal(diagnose(`${'x'.repeat(LONGEST_LOG)}\n${line}`).cause, null);
  });
});
