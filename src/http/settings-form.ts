import { formatRange } from '../core/range.ts';
import { parseSettings, type Settings } from '../core/settings.ts';
import { field } from './guard.ts';

/** The settings' fields as the pages' forms name and show them. */
export interface SettingsForm {
  readonly range: string;
  readonly address: string;
  readonly ipv6: boolean;
  readonly firewall: string;
}

export function formOf(settings: Settings): SettingsForm {
  const { range, passiveAddress, ipv6, firewall } = settings;
  return { range: formatRange(range), address: passiveAddress, ipv6, firewall };
}

/** What a query or a form says, as it was typed; what it leaves out is as in `base`. */
export function typedForm(form: unknown, base: Settings): SettingsForm {
  const saved = formOf(base);
  return {
    range: field(form, 'range').trim() || saved.range,
    address: field(form, 'address').trim() || saved.address,
    ipv6: field(form, 'ipv6') === '' ? saved.ipv6 : field(form, 'ipv6') === '1',
    firewall: field(form, 'firewall').trim() || saved.firewall,
  };
}

/** @throws Problem `invalid`, with one sentence that says what is wrong and what is right */
export function readForm({ range, address, ipv6, firewall }: SettingsForm, base: Settings): Settings {
  return parseSettings({ range, passiveAddress: address, ipv6, firewall }, base);
}
