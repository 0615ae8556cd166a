import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, copyFileSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { Problem } from '../../src/core/problem.ts';
import { openAskedTwin } from '../../src/engine/twin.ts';
import { NO_RULES } from '../../src/firewall/ruleset.ts';
import { REAL } from '../engine/real.ts';
import { openRealTwin } from '../engine/twins.ts';
import { isAlive } from './alive.ts';
import { scratchDirectory } from './scratch.ts';

const LINKS = [{ name: 'eth0', addresses: ['10.99.0.1/24'] }];
const OWNER = fileURLToPath(new URL('twin-owner.ts', import.meta.url));
const END = fileURLToPath(new URL('../../src/system/twin-end.pl', import.meta.url));

/** Every process of this machine. */
function everyone(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** Every process that came from this one, however far down. */
function descendants(of: number): number[] {
  const parents = new Map<number, number>();
  for (const pid of everyone()) {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      parents.set(pid, Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
    } catch {
      // It ended while we looked.
    }
  }
  const below = (pid: number): number[] =>
    [...parents].filter(([, parent]) => parent === pid).flatMap(([child]) => [child, ...below(child)]);
  return below(of).filter(isAlive);
}

function netOf(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`);
  } catch {
    return '';
  }
}

const isolated = (pids: readonly number[]): number[] =>
  pids.filter((pid) => netOf(pid) !== netOf(process.pid));

/** What this machine's own network has that a twin could leave behind. */
function ownNetwork(): string[] {
  const links = execFileSync('/sbin/ip', ['-o', 'link'], { encoding: 'utf8' }).match(/^\d+: [^:@]+/gm) ?? [];
  const tables = execFileSync('/usr/sbin/nft', ['list', 'tables'], { encoding: 'utf8' }).trim().split('\n');
  const names = readdirSync('/run').includes('netns') ? readdirSync('/run/netns') : [];
  return [...links, ...tables, ...names];
}

/** Starts a process that opens a twin, and waits for its line. */
async function startOwner(
  ...argv: readonly [string, ...string[]]
): Promise<{ pid: number; line: string; kill(): void }> {
  const child = spawn(argv[0], argv.slice(1), { stdio: ['ignore', 'pipe', 'inherit'] });
  const line = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', resolve);
    child.once('error', reject).once('close', () => reject(new Error('it ended without a word')));
  });
  return { pid: child.pid ?? 0, line, kill: () => void child.kill('SIGKILL') };
}

describe('the namespaces of a twin', function () {
  this.timeout(20_000);
  const scratch = scratchDirectory();

  it('are gone after it is closed, with every process in them', async () => {
    const before = ownNetwork();
    const twin = await openRealTwin('', LINKS);
    await twin.ask([50_000, 50_001], ['ipv4', 'ipv6']);
    const inside = isolated(descendants(process.pid));
    assert.equal(inside.length, 2);
    const during = ownNetwork();
    await twin.close();
    assert.deepEqual(inside.filter(isAlive), []);
    for (const network of [during, ownNetwork()]) {
      assert.deepEqual(
        network.filter((name) => !before.includes(name)),
        [],
      );
    }
  });

  it('are gone after its owner was killed', async () => {
    const owner = await startOwner(process.execPath, '--import', 'tsx', OWNER, END);
    assert.match(owner.line, /^\{"reaches":\{"ipv4":\{"method":"twin","open":\[\[50000,50001\]\]/);
    const inside = isolated(descendants(owner.pid));
    assert.equal(inside.length, 2);
    owner.kill();
    const until = performance.now() + 5000;
    while (inside.some(isAlive) && performance.now() < until) await sleep(10);
    assert.deepEqual(inside.filter(isAlive), []);
  });

  it('are gone after its owner was killed in the middle of a question', async () => {
    const owner = await startOwner(process.execPath, '--import', 'tsx', OWNER, END, 'busy');
    assert.equal(owner.line, '{"asking":true}');
    await sleep(1000);
    const inside = isolated(descendants(owner.pid));
    assert.equal(inside.length, 2);
    const names = new Set(inside.map(netOf));
    assert.equal(names.size, 2);
    owner.kill();
    const left = (): number[] => [
      ...inside.filter(isAlive),
      ...everyone().filter((pid) => names.has(netOf(pid))),
    ];
    for (const until = performance.now() + 5000; left().length > 0 && performance.now() < until;)
      await sleep(10);
    assert.deepEqual(left(), []);
    assert.doesNotMatch(readFileSync('/proc/mounts', 'utf8'), /^nsfs /m);
  });

  it('are gone when its rules do not load', async () => {
    await assert.rejects(openRealTwin('no rules', LINKS), Problem);
    assert.deepEqual(isolated(descendants(process.pid)), []);
  });

  it('are gone when the rules for which they are made meanwhile cannot be read', async () => {
    for (const ms of [0, 100]) {
      for (const listing of [null, 'table inet f {\n}\n']) {
        const trouble = 'No listing.';
        const rules = sleep(ms).then(() => ({ ruleset: NO_RULES, trouble }));
        await assert.rejects(openAskedTwin(REAL, { listing: Promise.resolve(listing), rules }), /No listing/);
        assert.deepEqual(isolated(descendants(process.pid)), []);
      }
    }
  });

  it('do not leave one waiting who asks after an end of them has died', async () => {
    const twin = await openRealTwin('', LINKS);
    for (const pid of isolated(descendants(process.pid))) process.kill(pid, 'SIGKILL');
    await assert.rejects(
      twin.ask([50_000, 50_001], ['ipv4']),
      /The twin of the firewall ended before it had answered/,
    );
    await twin.close();
  });

  it('that are refused are told of in one sentence', async () => {
    const bundled = scratch('owner.mjs');
    await build({
      entryPoints: [OWNER],
      outfile: bundled,
      bundle: true,
      platform: 'node',
      format: 'esm',
      external: ['node-pty'],
    });
    const end = scratch('twin-end.pl');
    copyFileSync(END, end);
    chmodSync(scratch(), 0o755);
    const nobody = ['--reuid=65534', '--regid=65534', '--clear-groups', '--', process.execPath, bundled, end];
    const { line } = await startOwner('/usr/bin/setpriv', ...nobody);
    const { code, message } = JSON.parse(line) as { code: string; message: string };
    assert.equal(code, 'unsupported');
    assert.match(message, /^Network namespaces cannot be made here: [^\n]*(not permitted|denied)[^\n]*\.$/);
  });
});
