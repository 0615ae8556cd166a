import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import {
  findChains,
  placeRule,
  type ChainName,
  type RulePlace,
} from '../../../src/firewall/nftables/bootfile.ts';

export const MARK = 'ftp-passive:managed';
export const RULE = `tcp dport 49152-65534 accept comment "${MARK}"`;
export const FOLDER = new URL('../../fixtures/nftables-boot/', import.meta.url);
export const NAMES = readdirSync(FOLDER).filter((name) => name.endsWith('.nft'));
export const INPUT = { family: 'inet', table: 'filter', chain: 'INPUT' };

export const fixture = (name: string): string => readFileSync(new URL(name, FOLDER), 'utf8');
export const isOurs = (text: string): boolean => text === RULE;
export const place = (text: string, where: RulePlace): string =>
  placeRule(text, where, RULE) ?? assert.fail('no such place');
export const nameOf = ({ family, table, chain }: ChainName): string => `${family} ${table} ${chain}`;

/** The rules of every chain of a text, by the chain's name, all blocks together. */
export function rulesByChain(text: string): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const chain of findChains(text)) {
    const rules = chain.rules.map((rule) => rule.text);
    found.set(nameOf(chain), [...(found.get(nameOf(chain)) ?? []), ...rules]);
  }
  return found;
}

/** Every place of every chain: before each of its rules, and behind the last. */
export function placesOf(text: string): RulePlace[] {
  const chains = new Map(findChains(text).map((chain) => [nameOf(chain), chain]));
  return [...chains].flatMap(([name, { family, table, chain }]) =>
    [...(rulesByChain(text).get(name) ?? []).keys(), null].map((before) => ({
      family,
      table,
      chain,
      before,
    })),
  );
}
