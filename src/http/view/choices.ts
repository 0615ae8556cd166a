import { phrase } from '../../core/phrase.ts';
import { FIREWALLS } from '../../core/settings.ts';
import { parseRange } from '../../core/range.ts';
import type { SettingsForm } from '../settings-form.ts';

/** What the fields of the settings need beside what was typed. */
export function choicesView(form: SettingsForm): Record<string, unknown> {
  return {
    form,
    chosen: chosenWords(form),
    size: sizeWords(form.range),
    firewalls: FIREWALLS.map((value) => ({
      value,
      name: value === 'auto' ? phrase`find it (auto)` : value,
      selected: value === form.firewall,
    })),
  };
}

/** The settings in one line, for people. */
export function chosenWords({ range, address, ipv6, firewall }: SettingsForm): string {
  const told =
    { auto: phrase`the right address, found by itself`, none: phrase`the server’s own address` }[address] ??
    address;
  const keeper =
    firewall === 'auto' ? phrase`the firewall in charge, found by itself` : phrase`the firewall ${firewall}`;
  return phrase`ports ${range}; clients are told ${told}; IPv6 ${ipv6 ? phrase`too` : phrase`left as it is`}; ${keeper}`;
}

/** How many clients a range is enough for; empty for what is no range. Two ports a client, as the findings advise. */
export function sizeWords(range: string): string {
  try {
    const [low, high] = parseRange(range);
    const ports = high - low + 1;
    const clients = Math.floor(ports / 2);
    return phrase`${range} are ${ports} ports, enough for ${clients} ${clients === 1 ? phrase`client` : phrase`clients`} at the same time: each transfer takes one port, and the one before it may still be held.`;
  } catch {
    return '';
  }
}
