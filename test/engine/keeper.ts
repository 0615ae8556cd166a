import type { PlacedRule } from '../../src/core/plan.ts';
import { formatRange, type PortRange } from '../../src/core/range.ts';
import type { FirewallFacts, Keeper } from '../../src/firewall/firewall.ts';

export const SETTINGS = '/etc/keeper.conf';
export const RELOAD = '/usr/sbin/keeper';
/** What it says while another one of it is at work. */
export const BUSY = 7;

/** What the program does in a copy of an empty chain for the default range. */
export const TRIAL: PlacedRule = trial([49152, 65534], 0);

function trial(range: PortRange, before: number): PlacedRule {
  const place = { family: 'inet', table: 'filter', chain: 'keeper' };
  return { ...place, before, text: `tcp dport ${formatRange(range)} accept` };
}

/** A program that makes the rules of one chain, the last of which drops, out of one file: a range of ports a line. */
export function fakeKeeper(some: { readonly refusal?: string } = {}): Keeper {
  const line = (range: PortRange): string => `${formatRange(range)}\n`;
  const textOf = ({ files }: FirewallFacts): string => files.get(SETTINGS)?.text ?? '';
  const reload = {
    kind: 'command',
    command: [RELOAD, '--reload'],
    undo: [RELOAD, '--reload'],
    title: 'Let the program make its rules anew',
    why: 'It reads its settings only then.',
    timeoutSeconds: 60,
    busyCode: BUSY,
  } as const;
  const write = (after: string) =>
    ({
      kind: 'write',
      path: SETTINGS,
      after,
      title: 'Write the range into the settings',
      why: 'The program makes its rules out of them.',
    }) as const;
  return {
    name: 'csf',
    files: [SETTINGS],
    units: ['keeper.service'],
    standing: ({ files }) => (files.get(SETTINGS) == null ? 'absent' : 'active'),
    findings: () => [],
    owns: ({ chain }) => chain === 'keeper',
    refusal: () => some.refusal ?? null,
    keeps: (facts, { range }) => textOf(facts).includes(line(range)),
    open(facts, { range }, live) {
      const last = (facts.chains.find(({ chain }) => chain === 'keeper')?.rules.length ?? 1) - 1;
      return {
        trial: live ? [trial(range, last)] : [],
        deeds: [write(textOf(facts) + line(range)), ...(live ? [reload] : [])],
      };
    },
    opened: (facts) =>
      [...textOf(facts).matchAll(/^(\d+)-(\d+)$/gm)].map(([, low, high]) => [Number(low), Number(high)]),
    close(facts, ranges, { range }) {
      const opened = textOf(facts).replace(line(range), '') + line(range);
      return [write(ranges.reduce((text, each) => text.replace(line(each), ''), opened)), reload];
    },
  };
}
