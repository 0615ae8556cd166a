import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ChainName } from '../../../src/firewall/nftables/bootfile.ts';
import { fixture, FOLDER, MARK, nameOf, NAMES, place, placesOf, rulesByChain } from './bootfiles.ts';

interface Listed {
  readonly chain?: { readonly family: string; readonly table: string; readonly name: string };
  readonly rule?: ChainName & { readonly comment?: string };
}

describe('boot file on the real nft', () => {
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'boot-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  /** Loads a text in an empty network namespace of its own; the comments of the rules that are then live, by chain. */
  function load(text: string): Map<string, (string | undefined)[]> {
    const file = join(folder, 'boot.nft');
    writeFileSync(file, text);
    const script = 'system("nft", "-f", shift) == 0 or exit 1; exec "nft", "-j", "list", "ruleset"';
    const output = execFileSync('unshare', ['-n', 'perl', '-e', script, file], { encoding: 'utf8' });
    const live = new Map<string, (string | undefined)[]>();
    for (const { chain, rule } of (JSON.parse(output) as { nftables: Listed[] }).nftables) {
      if (chain) live.set(nameOf({ ...chain, chain: chain.name }), []);
      if (rule) live.get(nameOf(rule))?.push(rule.comment);
    }
    return live;
  }

  for (const name of NAMES) {
    it(`loads ${name} and has exactly the rules that the text shows`, () => {
      execFileSync('unshare', ['-n', 'nft', '-c', '-f', new URL(name, FOLDER).pathname]);
      const counts = (rules: ReadonlyMap<string, unknown[]>): object =>
        Object.fromEntries([...rules].map(([chain, each]) => [chain, each.length]));
      assert.deepEqual(counts(load(fixture(name))), counts(rulesByChain(fixture(name))));
    });

    it(`finds the rule live at its place, wherever it is put in ${name}`, () => {
      const text = fixture(name);
      const places = placesOf(text);
      assert.ok(places.length >= 3);
      for (const where of places) {
        const live = load(place(text, where));
        const expected = where.before ?? rulesByChain(text).get(nameOf(where))?.length;
        assert.equal(live.get(nameOf(where))?.indexOf(MARK), expected, JSON.stringify(where));
        const marked = [...live.values()].flat().filter((comment) => comment === MARK);
        assert.equal(marked.length, 1);
      }
    }).timeout(30_000);
  }
});
