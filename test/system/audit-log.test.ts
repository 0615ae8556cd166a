import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Audit, AuditEvent } from '../../src/runs/audit.ts';
import { openAudit } from '../../src/system/audit-log.ts';
import { scratchDirectory } from './scratch.ts';

const EVENT: AuditEvent = {
  ...{ user: 'root', address: 'local', via: 'cli', action: 'apply', result: 'begun' },
  deed: true,
};
const REFUSED: AuditEvent = {
  ...{ user: 'eve', address: '198.51.100.66', via: 'whm', action: 'POST /apply', result: '403' },
};

describe('the audit', () => {
  const scratch = scratchDirectory();
  const at = (): Date => new Date(0);
  const open = (journal: (line: string) => void, ...folders: readonly string[]): Audit =>
    openAudit(
      { done: scratch(...folders, 'audit.jsonl'), asked: scratch(...folders, 'asked.jsonl') },
      journal,
      at,
    );

  it('is a line in a file that only root reads, and the same in the journal', () => {
    const path = scratch('state', 'audit.jsonl');
    const journal: string[] = [];
    const audit = open((line) => void journal.push(line), 'state');
    audit.note(EVENT);
    audit.note({ ...EVENT, result: 'done' });
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
    assert.deepEqual(
      lines.map((line) => (JSON.parse(line) as AuditEvent).result),
      ['begun', 'done'],
    );
    assert.deepEqual(
      journal,
      lines.map((line) => `audit ${line}`),
    );
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.equal(statSync(scratch('state')).mode & 0o777, 0o700);
  });

  it('keeps four older files, and no more', () => {
    const path = scratch('audit.jsonl');
    const audit = open(() => undefined);
    for (let turn = 0; turn < 7; turn++) {
      writeFileSync(path, `${turn}\n${'x'.repeat(4 * 1024 * 1024)}`);
      audit.note(EVENT);
      assert.equal(readFileSync(path, 'utf8').split('\n').length, 2);
    }
    assert.deepEqual(readdirSync(scratch()).sort(), [
      'audit.jsonl',
      ...[1, 2, 3, 4].map((age) => `audit.jsonl.${age}`),
    ]);
    assert.match(readFileSync(`${path}.1`, 'utf8'), /^6\n/);
    assert.match(readFileSync(`${path}.4`, 'utf8'), /^3\n/);
  });

  it('keeps what was only asked for apart, where a flood of it pushes out nothing that was done', () => {
    const audit = open(() => undefined);
    audit.note(EVENT);
    const done = readFileSync(scratch('audit.jsonl'), 'utf8');
    for (let turn = 0; turn < 6; turn++) {
      writeFileSync(scratch('asked.jsonl'), 'x'.repeat(4 * 1024 * 1024));
      audit.note(REFUSED);
    }
    assert.match(readFileSync(scratch('asked.jsonl'), 'utf8'), /^\{.*"user":"eve".*\}\n$/);
    assert.equal(statSync(scratch('asked.jsonl')).mode & 0o777, 0o600);
    assert.equal(readFileSync(scratch('audit.jsonl'), 'utf8'), done);
    assert.ok(!readdirSync(scratch()).includes('audit.jsonl.1'));
  });

  it('keeps nobody from their work when it cannot be written, and says so', () => {
    const path = scratch('audit.jsonl');
    mkdirSync(path);
    const journal: string[] = [];
    open((line) => void journal.push(line)).note(EVENT);
    assert.equal(journal.length, 2);
    assert.match(journal[1] ?? '', /cannot be written: EISDIR/);
  });

  it('reaches journald on standard error with its priority, only where that is the journal', () => {
    const program = `
      import { fstatSync } from 'node:fs';
      import { openJournal } from ${JSON.stringify(join(import.meta.dirname, '../../src/system/audit-log.ts'))};
      const { dev, ino } = fstatSync(2);
      const run = (argv) => { process.stdout.write(argv.slice(1).join(' ')); return Promise.resolve(); };
      process.env.JOURNAL_STREAM = process.argv[1] === 'yes' ? dev + ':' + ino : '1:1';
      openJournal(run)('audit {}');`;
    const say = (joined: string): string[] => {
      const { stdout, stderr } = spawnSync(
        process.execPath,
        ['--import', 'tsx', '--input-type=module', '-e', program, joined],
        { encoding: 'utf8', cwd: join(import.meta.dirname, '../..') },
      );
      return [stdout, stderr];
    };
    assert.deepEqual(say('yes'), ['', '<5>audit {}\n']);
    assert.deepEqual(say('no'), ['--tag ftp-passive --priority authpriv.notice -- audit {}', '']);
  });
});
