import assert from 'node:assert/strict';
import type { FileFact } from '../../src/core/file.ts';
import type { Finding } from '../../src/core/finding.ts';
import type { Plan, RunStep } from '../../src/core/plan.ts';
import type { Entry } from '../../src/engine/journal.ts';
import { driftOf, undoneBy } from '../../src/engine/undone-by.ts';
import { NO_RULES } from '../../src/firewall/ruleset.ts';

const ENDED = '2026-11-22T10:22:43.000Z';
const LATER = Date.parse(ENDED) + 3_600_000;
const SAVED = '/etc/sysconfig/nftables.conf';
const STORE = '/var/cpanel/conf/pureftpd/local';
const VERSION = '/usr/local/cpanel/version';

const finding = (id: string, level: Finding['level'] = 'bad'): Finding => {
  return { id, level, title: `Title of ${id}`, fact: '', fix: '' };
};

interface Scene {
  /** Files now, by their tag; a file of `left` that is not named is as it was left. */
  readonly now?: Readonly<Record<string, string>>;
  readonly left?: readonly string[];
  readonly opened?: boolean;
  readonly rules?: string;
}

async function told({ now = {}, left = [], opened = false, rules = '' }: Scene): Promise<Finding> {
  const step: RunStep = {
    id: 's1',
    kind: 'run',
    title: '',
    why: '',
    undoable: true,
    command: ['/usr/sbin/nft'],
    timeoutSeconds: 1,
    ...(opened ? { undo: { kind: 'firewall', inverse: { remove: [], restore: [] } } } : {}),
  };
  const plan: Plan = { id: 'p', empty: false, notes: [], steps: [step] };
  const who = { user: 'root', address: 'local', via: 'cli' } as const;
  const entries: Entry[] = [
    { at: 'begin', verb: 'apply', who, started: ENDED, settings: {}, plan },
    { at: 'step', step: 's1', state: 'done', tags: Object.fromEntries(left.map((path) => [path, 'ours'])) },
  ];
  const read = (path: string): Promise<FileFact | null> => {
    const tag = now[path] ?? (left.includes(path) ? 'ours' : null);
    if (tag === null || tag === 'absent') return Promise.resolve(null);
    return Promise.resolve({ path, text: '', encoding: 'utf8', tag, mtimeMs: tag === 'ours' ? 0 : LATER });
  };
  const found = { rules: { ruleset: { ...NO_RULES, nft: rules }, trouble: null } };
  const run = { id: 'RUN', ended: ENDED };
  return undoneBy({ read }, { run, entries, found }, [finding('range-blocked-ipv4')]);
}

describe('who has undone a set-up', () => {
  it('is a rebuild of the firewall where rules and saved file are gone together', async () => {
    const { title, fact, level } = await told({ left: [SAVED], opened: true, now: { [SAVED]: 'theirs' } });
    assert.match(title, /^What was set up is undone, it seems by a rebuild of the firewall/);
    assert.match(fact, /^Run RUN ended 2026-11-22T10:22:43\.000Z .*Title of range-blocked-ipv4\./);
    assert.match(fact, /\/etc\/sysconfig\/nftables\.conf was written 2026-11-22T11:22:43Z\./);
    assert.match(fact, /The rules that it opened are no longer in force\.$/);
    assert.equal(level, 'warn');
  });

  it('is whoever loaded other rules, or replaced the file, where only one of them is gone', async () => {
    const rules = 'tcp dport 49152-65534 accept comment "ftp-passive:managed"';
    assert.match((await told({ left: [SAVED], opened: true })).title, /other rules were loaded$/);
    const replaced = await told({ left: [SAVED], opened: true, rules, now: { [SAVED]: 'absent' } });
    assert.match(replaced.title, /the file of the saved rules was replaced$/);
    assert.match(replaced.fact, /nftables\.conf is gone\./);
  });

  it('is CSF where its settings are others', async () => {
    const path = '/etc/csf/csf.conf';
    assert.match((await told({ left: [path], now: { [path]: 'theirs' } })).title, /by CSF/);
  });

  it('is another address where the NAT map is newer', async () => {
    const { title, fact } = await told({ left: [STORE], now: { '/var/cpanel/cpnat': 'new' } });
    assert.match(title, /by another address$/);
    assert.match(fact, /The NAT map \/var\/cpanel\/cpnat was written /);
  });

  it('is an update of cPanel where that came since, and else somebody in WHM', async () => {
    const now = { [STORE]: 'theirs' };
    assert.match((await told({ left: [STORE], now })).title, /in WHM: its settings for FTP were rewritten$/);
    const updated = await told({ left: [STORE], now: { ...now, [VERSION]: '138' } });
    assert.match(updated.title, /by an update of cPanel$/);
    assert.match(updated.fact, /cPanel was updated 2026-11-22T11:22:43Z\./);
  });

  it('is nobody where nothing tells', async () => {
    assert.equal((await told({ left: [STORE] })).title, 'What was set up is undone');
  });
});

describe('drift', () => {
  it('is what a run that ended done leaves right, of the half that it set up', () => {
    const ids = [
      'range-wrong',
      'range-kernel',
      'range-blocked-ipv4',
      'nat-stray',
      'boot-blocked',
      'ftp-not-running',
    ];
    const findings = [...ids.map((id) => finding(id)), finding('address-former', 'info')];
    const drift = (only: 'ftp' | 'firewall' | null): string[] =>
      driftOf({ findings }, only).map(({ id }) => id);
    assert.deepEqual(drift(null), ['range-wrong', 'range-blocked-ipv4', 'boot-blocked', 'ftp-not-running']);
    assert.deepEqual(drift('ftp'), ['range-wrong', 'ftp-not-running']);
    assert.deepEqual(drift('firewall'), ['range-blocked-ipv4', 'boot-blocked']);
  });
});
