import assert from 'node:assert/strict';
import type { PortRange } from '../../../src/core/range.ts';
import type { Deed, Question } from '../../../src/firewall/firewall.ts';
import { ufw } from '../../../src/firewall/ufw/ufw.ts';
import { enterUfw, shellLine, type Sight, type World } from './world.ts';

const RANGE: PortRange = [49152, 65534];
const BOTH: Question = { range: RANGE, families: ['ipv4', 'ipv6'] };
const V4: Question = { range: RANGE, families: ['ipv4'] };
const V6: Question = { range: RANGE, families: ['ipv6'] };
const NO_IPV6 = "sed -i 's/^IPV6=yes/IPV6=no/' /etc/default/ufw; ufw reload";
const OURS = '-p tcp -m multiport --dports 49152:65534 -j ACCEPT';
const WIDE = '-p tcp --dport 40000:65535 -j ACCEPT';
const V4_ONLY = 'proto tcp to 0.0.0.0/0 port';

type Command = Extract<Deed, { kind: 'command' }>;

const theDeed = (deeds: readonly Deed[]): Command => {
  const [deed, ...more] = deeds;
  assert.ok(deed?.kind === 'command' && more.length === 0, JSON.stringify(deeds));
  return deed;
};

const userRules = ({ facts }: Sight, chain: string): string[] =>
  facts.chains.find((each) => each.chain === chain)?.rules.map(({ text }) => text) ?? [];

const findingIds = ({ facts }: Sight, question: Question): string[] =>
  ufw.findings(facts, question).map(({ id }) => id);

/** A line that writes a rule by hand into the file that ufw puts before its own rules. */
const early = (six: '' | '6', rule: string): string =>
  `sed -i '/^# End required/a -A ufw${six}-before-input ${rule}' /etc/ufw/before${six}.rules`;

describe('the real ufw', function () {
  this.timeout(60_000);
  let world: World;
  before(async () => {
    world = await enterUfw();
  });
  after(() => world.leave());

  /** Opens as the engine does, and undoes that. */
  async function open(
    question: Question,
    ...lines: string[]
  ): Promise<{ was: Sight; done: Sight; undone: Sight; deed: Command }> {
    const was = await world.afresh(...lines);
    const deed = theDeed(ufw.open(was.facts, question, true).deeds);
    const done = await world.run(shellLine(deed.command));
    return { was, done, undone: await world.run(shellLine(deed.undo)), deed };
  }

  it('takes the command with its comment, and the command back, and is then as before', async () => {
    const { was, done, undone, deed } = await open(BOTH);
    assert.deepEqual(deed.command.slice(1), ['allow', '49152:65534/tcp', 'comment', 'ftp-passive:managed']);
    assert.equal(done.said, 'Rule added\nRule added (v6)\n');
    assert.equal(userRules(done, 'ufw-user-input').at(-1), OURS);
    assert.equal(userRules(done, 'ufw6-user-input').at(-1), OURS);
    assert.equal(undone.said, 'Rule deleted\nRule deleted (v6)\n');
    assert.deepEqual(undone.save, was.save);
    for (const path of ['/etc/ufw/user.rules', '/etc/ufw/user6.rules'])
      assert.equal(undone.facts.files.get(path)?.text, was.facts.files.get(path)?.text);
  });

  it('opens one port by itself as well, and closes it', async () => {
    const one: Question = { range: [20871, 20871], families: ['ipv4', 'ipv6'] };
    const { was, done, undone, deed } = await open(one);
    assert.deepEqual(deed.command.slice(1, 3), ['allow', '20871/tcp']);
    assert.deepEqual(ufw.opened(done.facts), [[20871, 20871]]);
    assert.equal(ufw.keeps(done.facts, one), true);
    assert.deepEqual(undone.save, was.save);
    await world.afresh(shellLine(deed.command));
    const closed = await world.run(shellLine(theDeed(ufw.close(done.facts, [[20871, 20871]], BOTH)).command));
    assert.deepEqual(closed.save, was.save);
  });

  it('shows in its files what was opened, so that nothing is left to do', async () => {
    const { was, done, undone } = await open(BOTH);
    assert.equal(ufw.keeps(was.facts, BOTH), false);
    assert.equal(ufw.keeps(done.facts, BOTH), true);
    assert.deepEqual(ufw.opened(done.facts), [RANGE]);
    assert.deepEqual(ufw.open(done.facts, BOTH, true), { trial: [], deeds: [] });
    assert.deepEqual(ufw.opened(undone.facts), []);
  });

  it('takes the rule back also when it was cut off before the rule was in force', async () => {
    const was = await world.afresh();
    const { command, undo } = theDeed(ufw.open(was.facts, BOTH, true).deeds);
    await world.run(`${shellLine(command)}; iptables -D ufw-user-input ${OURS}`);
    const undone = await world.run(shellLine(undo));
    assert.deepEqual(undone.save, was.save);
    assert.equal((await world.run(`${shellLine(undo)}; echo $?`)).said.split('\n').at(-2), '0');
  });

  it('would keep the rule in force if its files were put back first, which is why they are not', async () => {
    const was = await world.afresh('cp -a /etc/ufw /run/ufw');
    const { command, undo } = theDeed(ufw.open(was.facts, BOTH, true).deeds);
    assert.equal('touches' in theDeed(ufw.open(was.facts, BOTH, true).deeds), false);
    const undone = await world.run(`${shellLine(command)}; cp -a /run/ufw/. /etc/ufw; ${shellLine(undo)}`);
    assert.match(undone.said, /Could not delete non-existent rule/);
    assert.ok(userRules(undone, 'ufw-user-input').includes(OURS));
  });

  it('makes of the command the very rules that were tried in a copy', async () => {
    for (const question of [BOTH, V4, V6]) {
      const { facts } = await world.afresh();
      const { trial, deeds } = ufw.open(facts, question, true);
      const words = trial.map(({ family, chain, text, tool, table, before: place }) => {
        assert.deepEqual([tool, table, place], ['iptables', 'filter', null]);
        return `${family === 'ip' ? 'iptables' : 'ip6tables'} -A ${chain} ${text}`;
      });
      assert.equal(words.length, question.families.length);
      const tried = await world.run(words.join('; '));
      const done = await world.afresh(shellLine(theDeed(deeds).command));
      assert.deepEqual(tried.save, done.save);
      assert.deepEqual(ufw.open(facts, question, false).trial, []);
    }
  });

  it('is told of one family where only that is asked for, or only that lacks the rule', async () => {
    const v4 = await open(V4);
    assert.equal(v4.done.save[1], v4.was.save[1]);
    assert.equal(userRules(v4.done, 'ufw-user-input').at(-1), OURS);
    assert.deepEqual(v4.undone.save, v4.was.save);
    const v6 = await open(BOTH, `ufw allow ${V4_ONLY} 49152:65534 comment mine`);
    assert.equal(v6.done.save[0], v6.was.save[0]);
    assert.equal(userRules(v6.done, 'ufw6-user-input').at(-1), OURS);
    assert.deepEqual(v6.undone.save, v6.was.save);
    assert.match(v6.undone.facts.files.get('/etc/ufw/user.rules')?.text ?? '', /comment=6d696e65/);
  });

  it('opens for IPv4 only while it makes no rules for IPv6, and says so', async () => {
    const { was, done, undone, deed } = await open(BOTH, NO_IPV6);
    assert.equal(deed.command[2], '49152:65534/tcp');
    assert.equal(done.said, 'Rule added\n');
    assert.equal(done.save[1], was.save[1]);
    assert.match(done.save[1], /^:INPUT DROP/m);
    assert.equal(ufw.keeps(done.facts, BOTH), true);
    assert.deepEqual(findingIds(done, BOTH), ['ufw-without-ipv6']);
    assert.deepEqual(findingIds(done, V4), []);
    assert.deepEqual(undone.save, was.save);
  });

  it('is not in force after it was disabled, though chains stay', async () => {
    const on = await world.afresh();
    assert.equal(ufw.standing(on.facts), 'active');
    assert.equal(ufw.standing({ ...on.facts, chains: [] }), 'inactive');
    assert.equal(ufw.standing({ ...on.facts, files: new Map() }), 'absent');
    const off = await world.run('ufw disable');
    assert.equal(ufw.standing(off.facts), 'inactive');
    assert.ok(off.facts.chains.some(({ chain }) => chain === 'ufw-before-input'));
  });

  it('would replace a rule that differs in its action only, so it is not asked to', async () => {
    for (const action of ['deny', 'reject', 'limit']) {
      const { facts } = await world.afresh(`ufw ${action} 49152:65534/tcp`);
      const why = new RegExp(`on purpose, and stays: ${action} tcp 49152:65534 `);
      assert.match(ufw.refusal(facts, BOTH) ?? '', why);
      assert.deepEqual(ufw.open(facts, BOTH, true).deeds, []);
      assert.equal(ufw.keeps(facts, BOTH), false);
      assert.match((await world.run('ufw allow 49152:65534/tcp')).said, /^Rule updated\n/);
    }
  });

  it('lets the range in by rules of any shape, which are then left alone', async () => {
    for (const rule of [
      'ufw allow 49152:65534/tcp',
      'ufw allow log 49152:65534/tcp',
      'ufw allow proto tcp from any to any port 50000:65535,49152:49999',
      'ufw allow 49152:60000/tcp; ufw allow 60001:65535/tcp',
      'ufw allow proto tcp from any',
      'ufw default allow incoming',
      `${early('', WIDE)}; ${early('6', WIDE)}; ufw reload`,
    ]) {
      const { facts } = await world.afresh(rule);
      assert.equal(ufw.keeps(facts, BOTH), true, rule);
      assert.equal(ufw.refusal(facts, BOTH), null, rule);
      assert.deepEqual(ufw.open(facts, BOTH, true), { trial: [], deeds: [] }, rule);
      assert.deepEqual(ufw.opened(facts), [], rule);
    }
  });

  it('keeps bans above our rule, and nothing is refused for them', async () => {
    const ban = 'ufw deny from 203.0.113.9; ufw deny proto tcp from 203.0.113.8 to any port 49152:65534';
    const { was, done } = await open(BOTH, ban);
    const rules = userRules(done, 'ufw-user-input');
    assert.ok(rules.includes('-s 203.0.113.9/32 -j DROP'));
    assert.equal(rules.indexOf(OURS), rules.length - 1);
    assert.equal(ufw.refusal(was.facts, BOTH), null);
  });

  it('closes a range of ours and no other, and takes that back', async () => {
    const ours = 'ufw allow 50000:50100/tcp comment ftp-passive:managed; ufw allow 50200:50300/tcp';
    const was = await world.afresh(ours);
    assert.deepEqual(ufw.opened(was.facts), [[50000, 50100]]);
    const ranges: PortRange[] = [
      [50000, 50100],
      [50200, 50300],
    ];
    const deed = theDeed(ufw.close(was.facts, ranges, BOTH));
    const closed = await world.run(shellLine(deed.command));
    assert.doesNotMatch(closed.save.join(''), /50000:50100/);
    assert.match(closed.save.join(''), /50200:50300/);
    const again = await world.run(shellLine(deed.undo));
    assert.deepEqual(ufw.opened(again.facts), [[50000, 50100]]);
    assert.deepEqual(again.save[0].split('\n').sort(), was.save[0].split('\n').sort());
  });

  it('closes in one family where the rule of the other is someone else’s', async () => {
    const mixed = `ufw allow 50000:50100/tcp; ufw allow ${V4_ONLY} 50000:50100 comment ftp-passive:managed`;
    const was = await world.afresh(mixed);
    const deed = theDeed(ufw.close(was.facts, [[50000, 50100]], BOTH));
    const closed = await world.run(shellLine(deed.command));
    assert.doesNotMatch(closed.save[0], /50000:50100/);
    assert.match(closed.save[1], /50000:50100/);
  });

  it('does not put a rule in force that is in its files already: they are to be loaded', async () => {
    const stale = await world.afresh('ufw allow 49152:65534/tcp; iptables -F ufw-user-input');
    assert.match(
      ufw.refusal(stale.facts, BOTH) ?? '',
      /but the rules in force are others: run "ufw reload"\.$/,
    );
    const again = await world.run('ufw allow 49152:65534/tcp');
    assert.match(again.said, /Skipping adding existing rule/);
    assert.deepEqual(again.save, stale.save);
    assert.equal(ufw.refusal((await world.run('ufw reload')).facts, BOTH), null);
  });

  it('loses rules that it does not know when it deletes one, which is a finding', async () => {
    const foreign = await world.afresh('iptables -I ufw-user-input 1 -s 203.0.113.7 -j DROP');
    assert.deepEqual(findingIds(foreign, BOTH), ['ufw-strangers']);
    const gone = await world.run('ufw allow 1000/tcp; ufw delete allow 1000/tcp');
    assert.doesNotMatch(gone.save[0], /203\.0\.113\.7/);
    assert.deepEqual(findingIds(gone, BOTH), []);
  });

  it('does nothing without its files of rules, which is refused', async () => {
    const { facts } = await world.afresh('rm /etc/ufw/user6.rules');
    assert.match(ufw.refusal(facts, BOTH) ?? '', /^\/etc\/ufw\/user6\.rules is missing/);
    assert.equal(ufw.refusal(facts, V4), null);
    assert.equal(ufw.keeps(facts, BOTH), null);
    assert.match((await world.run('ufw allow 1000/tcp')).said, /ERROR/);
  });
});
