import type { RunRecord } from '../../runs/record.ts';

/** The page that plans anew what a run wanted that failed and was put back; empty for any other run. */
export function againOf({ verb, state, settings }: RunRecord): string {
  if (verb !== 'apply' || state !== 'undone') return '';
  if (settings.only === 'live') return 'live-port';
  // The page always plans both halves.
  if ((settings.only ?? null) !== null) return '';
  const { range = '', passiveAddress: address = '', ipv6, firewall = '' } = settings;
  const fields = { range, address, ipv6: ipv6 === undefined ? '' : ipv6 ? '1' : '0', firewall };
  return `plan&${new URLSearchParams(fields).toString()}`;
}
