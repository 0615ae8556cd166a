import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
const MAIN = join(ROOT, 'dist/main.js');
const STATE = '/var/lib/whm-ftp-passive';

interface Outcome {
  readonly exit: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs a program without a terminal. */
function outcomeOf(argv: readonly string[]): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(argv[0] ?? '', argv.slice(1), { stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    let err = '';
    child.stdout.on('data', (bytes: Buffer) => (out += bytes.toString()));
    child.stderr.on('data', (bytes: Buffer) => (err += bytes.toString()));
    child.on('error', reject).on('close', (exit) => resolve({ exit, out, err }));
  });
}

const ftpPassive = (...args: readonly string[]): Promise<Outcome> =>
  outcomeOf([process.execPath, MAIN, ...args]);

function isStale(): boolean {
  if (!existsSync(MAIN)) return true;
  const built = statSync(MAIN).mtimeMs;
  const sources = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' });
  return sources.some((name) => statSync(join(ROOT, 'src', name)).mtimeMs > built);
}

const kept = (): unknown => (existsSync(STATE) ? readdirSync(STATE, { recursive: true }).sort() : null);

/** Bad calls, and what their one sentence says. */
const REFUSED: Readonly<Record<string, RegExp>> = {
  '': /A verb is missing: write one of status, plan,/,
  frob: /"frob" is not a verb: write one of status, plan,/,
  'status --yes': /status does not take --yes: it takes /,
  'plan --range': /--range needs a value/,
  'apply --yes --range 70000-80000': /Port 70000 is above 65535: write /,
  'apply --yes --range 60000-50000': /The range 60000-50000 is reversed: write 50000-60000\./,
  'apply --yes --public-address 999.1.1.1': /"999\.1\.1\.1" is not an address that FTP can advertise: write /,
  'apply --yes --firewall pf': /"pf" is not a firewall /,
  apply: /There is no terminal to ask for consent: add --yes\./,
  'undo 20261122T102233Z-1a2b3c': /There is no terminal to ask for consent: add --yes\./,
  'diagnose /nonexistent': /The log "\/nonexistent" cannot be read \(ENOENT\)/,
  'reach 0': /"0" is outside 1 to 65535: write PORT or LOW-HIGH/,
  'reach 50010-50000': /The range 50010-50000 is reversed: write 50000-50010\./,
  'reach 21 --from nowhere': /--from "nowhere" is not an address: write an IPv4 or IPv6 address\./,
  'reach 21 --from 198.51.100.20 --ipv6':
    /--from 198\.51\.100\.20 is of the other family: leave --ipv6 out\./,
};

describe('the program', function () {
  this.timeout(60_000);
  const keptBefore = kept();

  before(() => {
    if (isStale()) execFileSync(join(ROOT, 'script/build'), { stdio: 'ignore' });
  });

  after(() => assert.deepEqual(kept(), keptBefore));

  it('refuses every bad call with exit code 2 and one sentence, and prints nothing else', async () => {
    const calls = Object.entries(REFUSED).map(async ([line, sentence]) => {
      const { exit, out, err } = await ftpPassive(...line.split(' ').filter((word) => word !== ''));
      assert.deepEqual([exit, out], [2, ''], line);
      assert.match(err, /^ftp-passive: [^\n]*\.\n$/);
      assert.match(err, sentence);
      assert.doesNotMatch(err, /\. [A-Z]/);
    });
    await Promise.all(calls);
  });

  it('gives the refusal as one JSON document when asked for JSON', async () => {
    const calls = Object.entries(REFUSED).map(async ([line, sentence]) => {
      const { exit, out } = await ftpPassive(...line.split(' ').filter((word) => word !== ''), '--json');
      assert.equal(exit, 2, line);
      const { problem } = JSON.parse(out) as { problem: { code: string; message: string } };
      assert.equal(problem.code, 'invalid');
      // Without a verb the option stands in its place.
      assert.match(problem.message, line === '' ? /"--json" is not a verb/ : sentence);
      assert.equal(out.trimEnd().split('\n').length, 1);
    });
    await Promise.all(calls);
  });

  it('tells of a run that is not there with exit code 1', async () => {
    const [text, json] = await Promise.all([ftpPassive('show', 'x'), ftpPassive('show', 'x', '--json')]);
    assert.deepEqual(text, {
      exit: 1,
      out: '',
      err: 'ftp-passive: There is no run "x"; "ftp-passive runs" lists those that are.\n',
    });
    assert.equal(json.exit, 1);
    assert.equal((JSON.parse(json.out) as { problem: { code: string } }).problem.code, 'not-found');
  });

  it('prints its usage when asked', async () => {
    for (const line of ['--help', 'help', 'apply --help']) {
      const { exit, out, err } = await ftpPassive(...line.split(' '));
      assert.deepEqual([exit, err], [0, '']);
      assert.match(out, /^ftp-passive VERB \[--json\]\n/);
    }
  });

  it('does nothing for anyone but root, and says so', async () => {
    const copy = mkdtempSync(join(tmpdir(), 'ftp-passive-test-'));
    try {
      cpSync(join(ROOT, 'dist'), copy, { recursive: true });
      chmodSync(copy, 0o755);
      const nobody = ['/usr/bin/setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--'];
      const call = (...args: readonly string[]): Promise<Outcome> =>
        outcomeOf([...nobody, process.execPath, join(copy, 'main.js'), ...args]);
      const err = 'ftp-passive: This can only be told and done by root: run it as root.\n';
      const [status, apply, json] = await Promise.all([
        call('status'),
        call('apply', '--yes'),
        call('check', '--json'),
      ]);
      assert.deepEqual(status, { exit: 3, out: '', err });
      assert.deepEqual(apply, { exit: 1, out: '', err });
      assert.equal(json.exit, 3);
      assert.equal((JSON.parse(json.out) as { problem: { code: string } }).problem.code, 'access-denied');
    } finally {
      rmSync(copy, { recursive: true });
    }
  });
});
