import assert from 'node:assert/strict';
import { readChains } from '../../src/firewall/chains.ts';
import { inCharge } from '../../src/firewall/charge.ts';
import { addRange, allows, portsOf, readConf, removeToken } from '../../src/firewall/csf/conf.ts';
import { csf } from '../../src/firewall/csf/csf.ts';
import { MARK, type Keeper, type Question, type Rulebook } from '../../src/firewall/firewall.ts';
import { firewalld } from '../../src/firewall/firewalld/firewalld.ts';
import { readRule } from '../../src/firewall/firewalld/rule.ts';
import { readXml } from '../../src/firewall/firewalld/xml.ts';
import { iptables } from '../../src/firewall/iptables/iptables.ts';
import * as saved from '../../src/firewall/iptables/saved.ts';
import { nftables } from '../../src/firewall/nftables/nftables.ts';
import * as bootfile from '../../src/firewall/nftables/bootfile.ts';
import { parseListing, withoutTables } from '../../src/firewall/nftables/listing.ts';
import { NO_RULES } from '../../src/firewall/ruleset.ts';
import { canStop, isClosed } from '../../src/firewall/strict.ts';
import { incomingLines } from '../../src/firewall/ufw/lines.ts';
import { incomingTuples, judge, readTuples } from '../../src/firewall/ufw/rules.ts';
import { ufw } from '../../src/firewall/ufw/ufw.ts';
import { factsOf } from '../firewall/rulesets.ts';
import { fuzz } from './fuzzing.ts';
import { damaged, fixtures } from './mutation.ts';

const KEEPERS: readonly Keeper[] = [csf, firewalld, ufw];
const BOOKS: readonly Rulebook[] = [iptables, nftables];
const QUESTION: Question = { range: [50000, 50100], families: ['ipv4', 'ipv6'] };
const RULE = `tcp dport 50000-50100 accept comment "${MARK}"`;
const SAVED_RULE = `-p tcp -m tcp --dport 50000:50100 -m comment --comment "${MARK}" -j ACCEPT`;

describe('a damaged text of a firewall', function () {
  this.timeout(120_000);

  it('of csf.conf is read, edited or refused', () => {
    const confs = [...fixtures('csf'), 'TCP_IN = "20,21,22,30000:35000"\nTCP6_IN = ""\nIPV6 = "1"\n'];
    fuzz(
      'csf',
      (random) => damaged(confs, random),
      (text) => {
        for (const key of ['TCP_IN', 'TCP6_IN'] as const) portsOf(key, readConf(text).get(key) ?? '');
        const after = addRange(text, 'TCP_IN', [50000, 50100]);
        assert.ok(allows(readConf(after), 'TCP_IN', [50000, 50100]));
        removeToken(after, 'TCP_IN', '50000:50100');
      },
    );
  });

  it('of a listing of nft is read', () => {
    const listings = fixtures('nftables-listing', 'firewall-layouts', 'nftables-boot');
    fuzz(
      'listings',
      (random) => damaged(listings, random),
      (text) => {
        const chains = parseListing(text);
        for (const chain of chains) {
          canStop(chains, chain);
          isClosed(chains, chain);
        }
        nftables.ours(chains);
        withoutTables(text, [{ family: 'inet', table: 'filter' }]);
      },
    );
  });

  it('of an nft boot file is edited at the right place, or not at all', () => {
    const files = fixtures('nftables-boot', 'firewall-layouts');
    fuzz(
      'bootfiles',
      (random) => damaged(files, random),
      (text) => {
        const [chain] = bootfile.findChains(text);
        if (chain === undefined) return;
        const { family, table, chain: name } = chain;
        const place = { family, table, chain: name, before: chain.rules.length > 0 ? 0 : null };
        const after = bootfile.placeRule(text, place, RULE);
        if (after !== null) bootfile.removeRules(after, (rule) => rule === RULE);
        bootfile.markedRules(text, MARK);
      },
    );
  });

  it('of iptables-save is edited at the right place, or not at all', () => {
    const texts = fixtures('iptables-save');
    fuzz(
      'saved',
      (random) => damaged(texts, random),
      (text) => {
        for (const family of ['ip', 'ip6'] as const) saved.parseSaved({ family, tool: 'iptables', text });
        const place = { family: 'ip', table: 'filter', chain: 'INPUT' };
        for (const before of [null, 0]) {
          const after = saved.placeRule(text, place, before, SAVED_RULE);
          if (after !== null) saved.removeRules(after, 'filter', 'INPUT', SAVED_RULE);
        }
        iptables.oursInText(text, '/etc/sysconfig/iptables');
      },
    );
  });

  it('of ufw is judged', () => {
    const texts = fixtures('ufw');
    fuzz(
      'ufw',
      (random) => damaged(texts, random),
      (text) => {
        judge(incomingTuples(readTuples(text)), QUESTION.range, true);
        judge(incomingLines(text.split('\n')), QUESTION.range, false);
      },
    );
  });

  it('of firewalld is read', () => {
    const texts = [
      ...fixtures('firewalld/zones/etc', 'firewalld/denied/etc', 'firewalld/covered/etc'),
      'rule priority="-5" family="ipv6" port port="60000" protocol="tcp" drop',
    ];
    fuzz(
      'firewalld',
      (random) => damaged(texts, random),
      (text) => {
        readXml(text);
        readRule(text);
      },
    );
  });

  it('of a whole ruleset leaves it clear who is in charge, and what would open the range', () => {
    const listings = fixtures('firewalld/zones', 'nftables-listing');
    const tables = fixtures('iptables-save');
    const own = fixtures('csf', 'ufw', 'firewalld/zones/etc');
    const split = '\x01';
    fuzz(
      'charge',
      (random) => [damaged(listings, random), damaged(tables, random), damaged(own, random)].join(split),
      (texts) => {
        const [nft = '', text = '', settings = ''] = texts.split(split);
        const ruleset = { ...NO_RULES, nft, saved: [{ family: 'ip', tool: 'iptables', text }] as const };
        const names = [...KEEPERS, ...BOOKS].flatMap(({ files }) => files);
        const units = [...KEEPERS, ...BOOKS].flatMap((each) => each.units);
        const facts = factsOf(ruleset, {
          files: {
            ...Object.fromEntries(names.map((name) => [name, settings])),
            '/etc/firewalld/zones/public.xml': settings,
          },
          active: units,
          enabled: units,
        });
        readChains(ruleset);
        inCharge(KEEPERS, BOOKS, facts);
        for (const keeper of KEEPERS) {
          keeper.standing(facts);
          keeper.findings(facts, QUESTION);
          keeper.opened(facts);
          if (keeper.refusal(facts, QUESTION) === null && keeper.keeps(facts, QUESTION) === false)
            keeper.open(facts, QUESTION, true);
        }
        for (const book of BOOKS) {
          book.standing(facts);
          book.findings(facts, QUESTION);
          book.ours(facts.chains);
          book.saved(facts);
        }
      },
    );
  });
});
