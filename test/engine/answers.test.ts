import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import sinon from 'sinon';
import { Problem } from '../../src/core/problem.ts';
import { unknownReach, type Reach, type Reaches } from '../../src/core/reach.ts';
import {
  askTwins,
  rememberAnswers,
  type AskRules,
  type Inquiry,
  type TwinQuestion,
} from '../../src/engine/answers.ts';
import type { RulesNow } from '../../src/engine/rules.ts';
import { NO_RULES, type Ruleset } from '../../src/firewall/ruleset.ts';
import { startServer } from './server.ts';

const NOW = Date.UTC(2026, 10, 22, 10);
const HOUR = 60 * 60 * 1000;
const LINKS = [{ name: 'eth0', addresses: ['203.0.113.10/24'] }];
const QUESTION: TwinQuestion = { range: [49152, 65534], families: ['ipv4', 'ipv6'] };
const OPEN: Reach = { method: 'twin', open: [[49152, 65534]], blocked: [], ms: 12 };
const rules = (some: Partial<Ruleset> = {}): RulesNow => ({
  ruleset: { ...NO_RULES, ...some },
  trouble: null,
});
const saved = (text: string): Partial<Ruleset> => ({ saved: [{ family: 'ip', tool: 'iptables', text }] });
const FILTER =
  '*filter\n:INPUT DROP [5:300]\n-A INPUT -p tcp --dport 21 -j ACCEPT\nCOMMIT\n# Completed on Sun\n';

type Ask = (rules: RulesNow, links: typeof LINKS, questions: readonly TwinQuestion[]) => ReturnType<AskRules>;

/** All of it known. */
function inquiry(...[rules, links, questions]: Parameters<Ask>): Inquiry {
  return {
    reading: { listing: Promise.resolve(null), rules: Promise.resolve(rules) },
    links: Promise.resolve(links),
    questions: Promise.resolve(questions),
  };
}

describe('a twin that cannot be made', () => {
  const { clock, twin } = startServer().ports;
  const failing = askTwins({
    ...twin,
    clock,
    openNamespaces: () => Promise.reject(new Problem('unsupported', 'No namespaces here.')),
  });
  const told = async (asked: Inquiry): Promise<unknown> =>
    (await failing(asked)).map(({ ipv4 }) => [ipv4?.method, ipv4?.reason]);

  it('is told with its reason', async () => {
    assert.deepEqual(await told(inquiry(rules(), LINKS, [QUESTION])), [['unknown', 'No namespaces here.']]);
  });

  it('is told with why the rules cannot be told, where that is the reason too', async () => {
    const untold = { ...rules(), trouble: 'nft is not installed here.' };
    assert.deepEqual(await told(inquiry(untold, LINKS, [QUESTION])), [
      ['unknown', 'nft is not installed here.'],
    ]);
  });

  it('is told where the rules cannot even be read', async () => {
    const unread = { ...inquiry(rules(), LINKS, [QUESTION]) };
    const reading = { ...unread.reading, rules: Promise.reject<RulesNow>(new Error('no file')) };
    reading.rules.catch(() => undefined);
    assert.deepEqual(await told({ ...unread, reading }), [['unknown', 'No namespaces here.']]);
  });
});

describe('an answer of a twin that is remembered', () => {
  let note: string | null;
  let clock: { ms: number };
  let asked: sinon.SinonStub<Parameters<AskRules>, ReturnType<AskRules>>;
  beforeEach(() => {
    note = null;
    clock = { ms: NOW };
    asked = sinon
      .stub<Parameters<AskRules>, ReturnType<AskRules>>()
      .callsFake(async ({ questions }) => (await questions).map((): Reaches => ({ ipv4: OPEN })));
  });
  afterEach(() => sinon.restore());

  /** A process of its own: nothing but the note is known to it. */
  const product = (): AskRules =>
    rememberAnswers({
      note: {
        read: () => Promise.resolve(note),
        async write(text) {
          await new Promise((resolve) => setTimeout(resolve, 1));
          note = text;
        },
      },
      clock: { now: () => clock.ms },
      hash: (text) => createHash('sha256').update(text).digest('hex'),
    })(asked);
  const daemon = (): Ask => {
    const ask = product();
    return (...given) => ask(inquiry(...given));
  };

  it('is given again by the next process, with the time of its question', async () => {
    assert.deepEqual(await daemon()(rules(), LINKS, [QUESTION]), [{ ipv4: OPEN }]);
    clock.ms += 1000;
    assert.deepEqual(await daemon()(rules(), LINKS, [QUESTION]), [{ ipv4: { ...OPEN, asked: NOW } }]);
    assert.equal(asked.callCount, 1);
  });

  const changes: Readonly<Record<string, Parameters<Ask>>> = {
    'a rule of nft': [rules({ nft: 'table inet filter {\n}\n' }), LINKS, [QUESTION]],
    'a rule of iptables': [rules(saved(FILTER)), LINKS, [QUESTION]],
    'a set of addresses': [
      rules({ ipsets: 'create banned hash:ip\nadd banned 198.51.100.66\n' }),
      LINKS,
      [QUESTION],
    ],
    'an address of the server': [rules(), [{ name: 'eth0', addresses: ['203.0.113.11/24'] }], [QUESTION]],
    'the range': [rules(), LINKS, [{ ...QUESTION, range: [50000, 50100] }]],
    'another question with it': [rules(), LINKS, [QUESTION, { range: [21, 21], families: ['ipv4'] }]],
  };
  for (const [what, question] of Object.entries(changes)) {
    it(`does not hold when this has changed: ${what}`, async () => {
      await daemon()(rules(), LINKS, [QUESTION]);
      await daemon()(...question);
      assert.equal(asked.callCount, 2);
    });
  }

  it('holds while packets come in and bans run off', async () => {
    const bans = (left: number): string =>
      `create banned hash:ip timeout 600 counters\nadd banned 198.51.100.66 timeout ${left} packets ${left} bytes ${left} comment "a"\n`;
    await daemon()(rules({ ...saved(FILTER), ipsets: bans(599) }), LINKS, [QUESTION]);
    const later = FILTER.replace('[5:300]', '[6:360]').replace('Sun', 'Mon');
    await daemon()(rules({ ...saved(later), ipsets: bans(598) }), LINKS, [QUESTION]);
    assert.equal(asked.callCount, 1);
    await daemon()(rules({ ...saved(later), ipsets: bans(598).replace('.66', '.67') }), LINKS, [QUESTION]);
    assert.equal(asked.callCount, 2);
  });

  it('is asked for anew after an hour, and when the clock was set back', async () => {
    await daemon()(rules(), LINKS, [QUESTION]);
    clock.ms = NOW + HOUR;
    await daemon()(rules(), LINKS, [QUESTION]);
    clock.ms = NOW;
    await daemon()(rules(), LINKS, [QUESTION]);
    assert.equal(asked.callCount, 3);
  });

  it('is not kept when it could not tell', async () => {
    asked.resolves([{ ipv4: unknownReach('no twin'), ipv6: unknownReach('no twin') }]);
    await daemon()(rules(), LINKS, [QUESTION]);
    await daemon()(rules(), LINKS, [QUESTION]);
    assert.equal(asked.callCount, 2);
  });

  it('is kept where the kernel has no IPv6', async () => {
    asked.resolves([{ ipv4: OPEN, ipv6: unknownReach('IPv6 is switched off in this kernel.') }]);
    await daemon()(rules(), LINKS, [QUESTION]);
    await daemon()(rules(), LINKS, [QUESTION]);
    assert.equal(asked.callCount, 1);
  });

  it('is kept for a minute when nothing is known to have stopped what did not arrive', async () => {
    const blocked = [
      { range: OPEN.open[0] ?? [1, 1], how: 'unknown', rule: null, decision: null, path: [] },
    ] as const;
    asked.resolves([{ ipv4: OPEN, ipv6: { ...OPEN, open: [], blocked } }]);
    await daemon()(rules(), LINKS, [QUESTION]);
    clock.ms = NOW + 59_000;
    await daemon()(rules(), LINKS, [QUESTION]);
    assert.equal(asked.callCount, 1);
    clock.ms = NOW + 60_000;
    await daemon()(rules(), LINKS, [QUESTION]);
    assert.equal(asked.callCount, 2);
  });

  const elsewhere: Readonly<Record<string, Partial<Ruleset>>> = {
    'another file': { nft: 'flush ruleset\ninclude "/etc/nftables/main.nft"\n' },
    'the hour': { nft: 'table inet f {\n\tchain i {\n\t\tmeta hour "18:00"-"23:00" drop\n\t}\n}\n' },
    'the time, by iptables': saved('*filter\n-A INPUT -m time --timestart 18:00 -j DROP\nCOMMIT\n'),
    'a list of countries': saved('*filter\n-A INPUT -m geoip --src-cc XX -j DROP\nCOMMIT\n'),
  };
  for (const [what, some] of Object.entries(elsewhere)) {
    it(`is not kept where something decides that is not in the rules: ${what}`, async () => {
      await daemon()(rules(some), LINKS, [QUESTION]);
      await daemon()(rules(some), LINKS, [QUESTION]);
      assert.equal(asked.callCount, 2);
    });
  }

  it('is kept beside another of the same moment', async () => {
    const ask = daemon();
    await Promise.all([ask(rules(), LINKS, [QUESTION]), ask(rules(saved(FILTER)), LINKS, [QUESTION])]);
    assert.equal((JSON.parse(note ?? '') as unknown[]).length, 2);
  });

  it('is shared by all who ask at the same moment', async () => {
    const ask = daemon();
    const all = await Promise.all([1, 2, 3].map(() => ask(rules(), LINKS, [QUESTION])));
    assert.equal(asked.callCount, 1);
    assert.deepEqual(all[2], all[0]);
  });

  describe('while the rules are being read', () => {
    /** An inquiry whose rules come when they are told. */
    function open(): { inquiry: Inquiry; tell: (rules: RulesNow) => void; fail: (error: Error) => void } {
      let tell: (rules: RulesNow) => void = () => undefined;
      let fail: (error: Error) => void = () => undefined;
      const later = new Promise<RulesNow>((resolve, reject) => ([tell, fail] = [resolve, reject]));
      const known = inquiry(rules(), LINKS, [QUESTION]);
      return { inquiry: { ...known, reading: { ...known.reading, rules: later } }, tell, fail };
    }
    const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

    it('is asked for already where nothing is remembered', async () => {
      const { inquiry: given, tell } = open();
      const answer = product()(given);
      await turn();
      assert.equal(asked.callCount, 1);
      tell(rules());
      assert.deepEqual(await answer, [{ ipv4: OPEN }]);
      await daemon()(rules(), LINKS, [QUESTION]);
      assert.equal(asked.callCount, 1);
    });

    it('is not asked for where one is remembered that may hold', async () => {
      await daemon()(rules(), LINKS, [QUESTION]);
      const { inquiry: given, tell } = open();
      const answer = product()(given);
      await turn();
      assert.equal(asked.callCount, 1);
      tell(rules());
      assert.deepEqual(await answer, [{ ipv4: { ...OPEN, asked: NOW } }]);
      assert.equal(asked.callCount, 1);
    });

    it('is shared with who comes meanwhile', async () => {
      const ask = product();
      const first = open();
      const answers = [ask(first.inquiry)];
      await turn();
      answers.push(ask(inquiry(rules(), LINKS, [QUESTION])));
      await turn();
      first.tell(rules());
      assert.deepEqual(await Promise.all(answers), [[{ ipv4: OPEN }], [{ ipv4: OPEN }]]);
      assert.equal(asked.callCount, 1);
    });

    it('keeps nobody else from one when they cannot be read', async () => {
      const ask = product();
      const first = open();
      const failed = assert.rejects(ask(first.inquiry), /No rules/);
      await turn();
      const other = ask(inquiry(rules(), LINKS, [QUESTION]));
      first.fail(new Error('No rules.'));
      await failed;
      assert.deepEqual(await other, [{ ipv4: OPEN }]);
      assert.equal(asked.callCount, 2);
    });
  });

  for (const [what, text] of Object.entries({
    'no JSON': '{',
    'another shape': '{"a": 1}',
    'a list of something else': '[null, 3]',
  })) {
    it(`is asked for anew when the note is ${what}`, async () => {
      note = text;
      assert.deepEqual(await daemon()(rules(), LINKS, [QUESTION]), [{ ipv4: OPEN }]);
      clock.ms += 1;
      assert.equal((await daemon()(rules(), LINKS, [QUESTION]))[0]?.ipv4?.asked, NOW);
    });
  }

  it('takes the place of the oldest of four', async () => {
    for (let port = 50000; port < 50005; port++)
      await daemon()(rules(), LINKS, [{ ...QUESTION, range: [port, port] }]);
    assert.equal((JSON.parse(note ?? '') as unknown[]).length, 4);
    await daemon()(rules(), LINKS, [{ ...QUESTION, range: [50004, 50004] }]);
    assert.equal(asked.callCount, 5);
    await daemon()(rules(), LINKS, [{ ...QUESTION, range: [50000, 50000] }]);
    assert.equal(asked.callCount, 6);
  });
});
