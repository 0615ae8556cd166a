import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import type { Plan, RunStep, Step, WriteStep } from '../../src/core/plan.ts';
import { planScript, shellWord } from '../../src/core/script.ts';

const base = { title: 'Do it', why: '', undoable: true };
const write = (path: string, after: string | null): WriteStep => {
  return { ...base, id: 's1', kind: 'write', path, expects: '', before: null, after, diff: '' };
};
const run = (command: readonly string[], stdin?: string): RunStep => {
  return {
    ...base,
    id: 's2',
    kind: 'run',
    command,
    timeoutSeconds: 1,
    ...(stdin !== undefined && { stdin }),
  };
};
const plan = (...steps: readonly Step[]): Plan => ({ id: 'abc', empty: false, steps, notes: [] });

/** Texts that could end a here-document too early, or be read by the shell. */
const hard = fc
  .array(
    fc.oneof(
      fc.constantFrom('END', 'END_', "'END'", '$(touch x)', '`id`', '\\', "it's", '"', '\t', '\r'),
      fc.string(),
    ),
  )
  .map((lines) => lines.join('\n').replaceAll('\0', ''));

describe('the script of a plan', () => {
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'script-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  const sh = (script: string): string =>
    execFileSync('/bin/sh', ['-s'], { input: script, encoding: 'utf8', cwd: folder });

  it('has the steps in order, with proofs as comments', () => {
    const script = planScript(
      plan(
        write('/etc/a file', 'one\n'),
        run(['/usr/sbin/nft', '-f', '-'], 'add rule x\n'),
        { ...base, id: 's3', kind: 'probe', question: { ask: 'reach' } },
        write('/etc/old', null),
        run(['/bin/echo', "it's", '']),
      ),
    );
    assert.equal(
      script,
      [
        '#!/bin/sh',
        '# Plan abc. Run as root. It proves nothing and looks at no file before it writes it; ftp-passive apply does.',
        'set -eu',
        '',
        '# s1: Do it',
        "cat > '/etc/a file' <<'END'",
        'one',
        'END',
        '',
        '# s2: Do it',
        "/usr/sbin/nft -f - <<'END'",
        'add rule x',
        'END',
        '',
        '# s3: Do it (a proof that only the program makes)',
        '',
        '# s1: Do it',
        'rm -f -- /etc/old',
        '',
        '# s2: Do it',
        "/bin/echo 'it'\\''s' ''",
        '',
        '',
      ].join('\n'),
    );
  });

  it('of an empty plan does nothing', () => assert.equal(sh(planScript(plan())), ''));

  it('leaves in a file what its step says, whatever that is', () => {
    const file = join(folder, 'a "file" $x');
    fc.assert(
      fc.property(hard, (text) => {
        sh(planScript(plan(write(file, text))));
        const ended = text === '' || text.endsWith('\n') ? text : `${text}\n`;
        assert.equal(readFileSync(file, 'utf8'), ended);
        assert.equal(existsSync(join(folder, 'x')), false);
      }),
      { numRuns: 60 },
    );
  });

  it('removes a file, also one that is not there', () => {
    const file = join(folder, '-rf');
    writeFileSync(file, '');
    for (let twice = 0; twice < 2; twice += 1) sh(planScript(plan(write(file, null))));
    assert.equal(existsSync(file), false);
  });

  it('gives a program its arguments and its input, whatever they are', () => {
    const show = '/bin/cat; for each do printf "<%s>" "$each"; done';
    fc.assert(
      fc.property(fc.array(hard, { maxLength: 4 }), hard, (words, input) => {
        const output = sh(planScript(plan(run(['/bin/sh', '-c', show, 'sh', ...words], input))));
        const ended = input === '' || input.endsWith('\n') ? input : `${input}\n`;
        assert.equal(output, `${ended}${words.map((word) => `<${word}>`).join('')}`);
      }),
      { numRuns: 60 },
    );
  });

  it('stops at the first program that fails', () => {
    const file = join(folder, 'never');
    assert.throws(() => sh(planScript(plan(run(['/bin/false']), write(file, 'x\n')))));
    assert.equal(existsSync(file), false);
  });
});

describe('a word for the shell', () => {
  it('is quoted only where it must be', () => {
    for (const word of ['/usr/sbin/nft', '-f', 'a_b', 'user@example.com', 'A=1,2:3+4%']) {
      assert.equal(shellWord(word), word);
    }
    assert.deepEqual(['', 'a b', '~', '$x', "'", 'é'].map(shellWord), [
      "''",
      "'a b'",
      "'~'",
      "'$x'",
      "''\\'''",
      "'é'",
    ]);
  });
});
