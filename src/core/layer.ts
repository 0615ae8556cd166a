import type { Finding } from './finding.ts';
import { DEFAULT_RANGE, sameRange } from './range.ts';
import type { Settings } from './settings.ts';
import type { Status } from './status.ts';

/**
 * What passive FTP rests on, the lowest first: each is made from those before it, or is asked after them. Where several
 * disagree with what is wanted, the first is where to look.
 */
export const LAYERS = [
  'address',
  'stores',
  'rendered file',
  'daemon',
  'firewall now',
  'firewall after boot',
] as const;
export type Layer = (typeof LAYERS)[number];

/** A layer that is not as wanted, and the finding that shows it. */
export interface Disagreement {
  readonly layer: Layer;
  readonly finding: Finding;
}

/** Findings by the beginning of their id; the first that fits counts. */
const BY_ID: readonly (readonly [Layer, RegExp])[] = [
  ['firewall after boot', /^boot-|^keeper-forgets$|-comes-back$|^ufw-not-at-boot$|^firewalld-waits$/],
  ['address', /^nat-|^address-former$|^mainip-|^dedicated-|^container$|^host-address$/],
  ['stores', /^store-|-not-kept$|^address-(null|quoted-tilde|host-name|not-ipv4)$|^main-edited$/],
  ['rendered file', /^conf-|^(range|address)-wrong$|^range-(unreadable|small)$|^host-range$|^tls-/],
  ['daemon', /^daemon-|^ftp-|^server-full$|^range-taken$|^broken-clients$|^no-cpanel$/],
  [
    'firewall now',
    /^range-blocked-|^reach-|^control-port-|^firewall-|^csf-|^ufw-|^apf-|^imunify-|^nft?-|^node-|^virtual-/,
  ],
];

/** The layer that a finding is about; null for what is about none, a run that was cut off for example. */
export function layerOf({ id }: Finding, { ftp }: Pick<Status, 'ftp'>, settings: Settings): Layer | null {
  const [layer] = BY_ID.find(([, pattern]) => pattern.test(id)) ?? [null];
  if (id === 'range-wrong')
    return sameRange(ftp.range.configured ?? DEFAULT_RANGE, settings.range) ? layer : 'stores';
  if (id === 'address-wrong') {
    const { configured, rendered } = ftp.passiveAddress;
    if (configured !== rendered) return layer;
    // Stores and file agree on an address that was right once: what it was made from is another.
    return configured !== null && settings.passiveAddress === 'auto' ? 'address' : 'stores';
  }
  return layer;
}

/** The layers that are not as wanted, the lowest first, each with its worst finding. */
export function disagreements(
  status: Pick<Status, 'ftp' | 'findings'>,
  settings: Settings,
  level: 'bad' | 'warn',
): Disagreement[] {
  const found = status.findings.filter((finding) => finding.level === level);
  return LAYERS.flatMap((layer) => {
    const finding = found.find((each) => layerOf(each, status, settings) === layer);
    return finding === undefined ? [] : [{ layer, finding }];
  });
}
