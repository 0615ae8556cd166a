import type { FileFact } from '../core/file.ts';
import type { Charge } from '../firewall/charge.ts';
import type { FirewallFacts, Rulebook, SavedRules } from '../firewall/firewall.ts';
import { NO_RULES, type Ruleset } from '../firewall/ruleset.ts';

/** What a firewall of plain rules has saved. */
export interface Source extends SavedRules {
  readonly rulebook: Rulebook;
}

/** A file's text as it is or as it will be. */
export type Text = Pick<FileFact, 'path' | 'text'>;

/**
 * What plain firewalls load at boot. Of one that is not in charge only what a unit really loads, so that the unused
 * file of another firewall is left alone.
 */
export function savedSources(
  rulebooks: readonly Rulebook[],
  facts: FirewallFacts,
  { active }: Charge,
): Source[] {
  return rulebooks.flatMap((rulebook) => {
    const saved = rulebook.saved(facts);
    if (saved === null) return [];
    const loaded = saved.enabled && (active === 'none' || rulebook.standing(facts) === 'active');
    const used = rulebook.name === active || loaded;
    return used ? [{ ...saved, rulebook }] : [];
  });
}

/** What the kernel will hold after the next boot; null where nothing is saved. `texts`: files that will be others. */
export function savedRuleset(
  sources: readonly Source[],
  live: Ruleset,
  texts: ReadonlyMap<string, string> = new Map(),
): Ruleset | null {
  if (sources.length === 0) return null;
  const each = sources.map(({ rulebook, files }) =>
    rulebook.rulesetOf(
      files.map(({ path, text }) => ({ path, text: texts.get(path) ?? text })),
      live,
    ),
  );
  return {
    ...NO_RULES,
    nft: each.map(({ nft }) => nft).join('\n'),
    ipsets: live.ipsets,
    saved: each.flatMap(({ saved }) => saved),
  };
}
