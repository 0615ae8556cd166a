import { phrase } from '../../core/phrase.ts';
import { formatRange } from '../../core/range.ts';
import { allOpen, familyName, type Family, type Reach, type Reaches } from '../../core/reach.ts';
import type { ReachQuestion } from '../../engine/asked.ts';

/** A rule on the way of a packet. `stops`: the one that is known to have decided against it. */
interface Step {
  readonly table: string;
  readonly chain: string;
  readonly rule: string;
  readonly stops: boolean;
}

/** Ports that share one fate, and the rules that they went through; no rules where it is not told. */
interface Part {
  readonly ports: string;
  readonly level: 'good' | 'bad';
  readonly word: string;
  readonly sentence: string;
  readonly steps: readonly Step[];
}

const HOW = {
  drop: phrase`They are thrown away without an answer, so a client waits in vain.`,
  reject: phrase`They are refused with an answer, so a client gives up at once.`,
  unknown: phrase`What became of them could not be told.`,
} as const;

/** The answer to a question about ports, one section a family. */
export function reachView({ ports, from }: ReachQuestion, reaches: Reaches): Record<string, unknown> {
  return {
    question: phrase`${formatRange(ports)} from ${from ?? phrase`an address that no rule names`}`,
    families: Object.entries(reaches).map(([family, reach]) => familyView(family as Family, reach)),
  };
}

function familyView(family: Family, reach: Reach): Record<string, unknown> {
  const open = reach.open.map((range): Part => ({
    ports: formatRange(range),
    level: 'good',
    word: phrase`Open`,
    sentence: phrase`Connections get through this server’s firewall, and its answers get out.`,
    steps: (reach.path ?? []).map((step) => stepOf(step, false)),
  }));
  const blocked = reach.blocked.map(({ range, how, path, rule }): Part => ({
    ports: formatRange(range),
    level: 'bad',
    word: phrase`Blocked`,
    sentence: `${HOW[how]}${rule === null ? phrase` No rule is known to decide it.` : ''}`,
    steps: path.map((step, index) => stepOf(step, rule !== null && index === path.length - 1)),
  }));
  return {
    name: familyName(family),
    id: family,
    told: allOpen(reach) !== null,
    reason: reach.reason ?? phrase`no reason is known`,
    parts: [...blocked, ...open],
  };
}

/** Reads `FAMILY TABLE CHAIN: RULE`, as the twin names places. */
function stepOf(text: string, stops: boolean): Step {
  const [, table = '', chain = '', rule = text] = /^(\S+ \S+) (.+?): ([^]*)$/.exec(text) ?? [];
  return { table, chain, rule, stops };
}
