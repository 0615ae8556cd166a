import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { unknownReach } from '../../src/core/reach.ts';
import type { Status } from '../../src/core/status.ts';
import { CAUSES } from '../../src/diagnosis/causes.ts';
import { confirm, unconfirmed, type Confirmed } from '../../src/diagnosis/confirm.ts';
import { diagnose } from '../../src/diagnosis/diagnose.ts';
import { ROWS } from '../job/rows/rows.ts';
import { CASES, logOf, NOT_PRODUCED, UNRELATED } from './cases.ts';
import { DECIDED } from './decided.ts';
import { RIGHT, same, server, type Change } from './server.ts';

const asked = (file: string, status: Status): Confirmed => confirm(diagnose(logOf(file)), status);

describe('a confirmed diagnosis', () => {
  for (const { rows, file, change, cause, fact, right = false, or } of DECIDED) {
    it(`row ${rows.join(' and ')}: is ${cause ?? 'none'} for ${file} and ${JSON.stringify(change).slice(0, 90)}`, () => {
      const found = asked(file, server(change));
      assert.equal(found.cause, cause);
      assert.match(found.fact ?? '', fact);
      assert.equal(found.right, right);
      if (cause !== null)
        assert.deepEqual([found.title, found.fix], [CAUSES[cause].title, CAUSES[cause].fix]);
      if (or !== undefined) assert.ok(found.alternatives.some((each) => each.cause === or));
      assert.ok(found.alternatives.every((each) => each.cause !== cause));
    });
  }

  it('says that a right server is right, or adds nothing, for every log', () => {
    for (const { file, cause } of CASES) {
      const found = asked(file, RIGHT);
      if (cause === 'data-blocked' && found.fact?.includes('lets port'))
        assert.equal(found.cause, 'provider-firewall', file);
      assert.notEqual(found.cause, 'host-firewall', file);
      assert.match(found.fact ?? 'None.', /^[^\n]+\.$/, file);
    }
  });

  it('does not decide where the firewall could not be asked', () => {
    const reach = { ipv4: unknownReach('namespaces are not allowed'), ipv6: unknownReach('') };
    const found = asked('lftp-pasv-drop', server({ reach }));
    assert.equal(found.cause, 'data-blocked');
    assert.match(found.fact ?? '', /could not be told: namespaces are not allowed/);
    assert.match(asked('lftp-pasv-drop', server({ reach: {} })).fact ?? '', /it was not asked/);
  });

  it('takes the address of the server into account where the log hides it', () => {
    const change: Change = { address: same('198.51.100.77'), findings: ['address-wrong'] };
    const log = logOf('filezilla-timeout').replace(/^.*(PASV|227).*\n/gm, '');
    const found = confirm(diagnose(log), server(change));
    assert.equal(found.cause, 'other-address');
    assert.match(found.fact ?? '', /lets the range in over IPv4, but: Fact of address-wrong/);
    assert.equal(asked('curl-ipv6-drop', server(change)).cause, 'provider-firewall', 'EPSV names no address');
  });

  it('knows a log that is older than the range', () => {
    const found = asked('lftp-pasv-drop', server({ range: same([61000, 65534]) }));
    assert.equal(found.cause, 'data-blocked');
    assert.match(found.fact ?? '', /outside 61000-65534.*older than that setting/);
  });

  it('claims nothing where this is no server, or FTP is off, or it could not be asked', () => {
    const diagnosis = diagnose(logOf('lftp-pasv-drop'));
    const nowhere = confirm(diagnosis, server({ findings: ['no-cpanel'] }));
    assert.deepEqual([nowhere.cause, nowhere.right], ['data-blocked', false]);
    assert.match(nowhere.fact ?? '', /not a cPanel server/);
    assert.match(confirm(diagnosis, server({ server: 'disabled' })).fact ?? '', /switched off/);
    assert.equal(unconfirmed(diagnosis, 'It is busy.').fact, 'This server could not be asked: It is busy.');
  });

  it('leaves what is not known as it is', () => {
    for (const file of Object.keys(UNRELATED)) {
      const found = asked(file, RIGHT);
      assert.deepEqual([found.cause, found.fact, found.alternatives], [null, null, []]);
    }
  });
});

describe('the rows of the table', () => {
  const document = readFileSync(join(import.meta.dirname, '../../docs/diagnosis.md'), 'utf8');

  it('name every cause in the document, and number the rows without a gap', () => {
    for (const cause of Object.keys(CAUSES)) assert.ok(document.includes(`\`${cause}\``), cause);
    const numbers = [...document.matchAll(/^\| (\d+) \|/gm)].map((found) => Number(found[1]));
    assert.deepEqual(
      numbers,
      Array.from({ length: 39 }, (_, index) => index + 1),
    );
  });

  it('each have a test', () => {
    const tested = new Set([...CASES, ...DECIDED].flatMap(({ rows }) => rows));
    const missing = Array.from({ length: 39 }, (_, index) => index + 1).filter(
      (number) => !tested.has(number),
    );
    assert.deepEqual(missing, []);
  });

  it('are each produced by a real daemon, or have a reason why not', () => {
    const produced = [...ROWS['pure-ftpd'], ...ROWS.proftpd].map(({ row }) => row);
    const rows = [...new Set([...produced, ...Object.keys(NOT_PRODUCED).map(Number)])];
    assert.deepEqual(
      rows.sort((a, b) => a - b),
      Array.from({ length: 39 }, (_, index) => index + 1),
    );
    assert.ok(produced.every((row) => !(row in NOT_PRODUCED)));
  });

  it('say of each what status finds, as the real daemons show it', () => {
    for (const { row, status } of [...ROWS['pure-ftpd'], ...ROWS.proftpd]) {
      const line = document.split('\n').find((each) => each.startsWith(`| ${row} |`)) ?? '';
      const told = line.split('|').at(-2) ?? '';
      for (const id of status)
        assert.ok(
          told.includes(`\`${id.replace(/^range-blocked-ipv[46]$/, 'range-blocked-')}`),
          `${row} ${id}`,
        );
      if (status.length === 0) assert.match(told, /only the client sees/);
    }
  });

  it('have causes of which each is found or offered by some test', () => {
    const found = new Set<string>();
    for (const { file, change } of [...CASES.map(({ file }) => ({ file, change: {} })), ...DECIDED]) {
      const answers = [diagnose(logOf(file)), asked(file, server(change))];
      for (const { cause, alternatives } of answers)
        for (const each of [cause, ...alternatives.map((one) => one.cause)])
          if (each !== null) found.add(each);
    }
    assert.deepEqual(
      Object.keys(CAUSES).filter((cause) => !found.has(cause)),
      [],
    );
  });
});
