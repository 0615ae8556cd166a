import type { Entry } from '../entry.ts';
import { CSF } from './csf.ts';
import { FIREWALLD } from './firewalld.ts';
import { IPTABLES_DENIES } from './iptables-denies.ts';
import { IPTABLES_MATCHES } from './iptables-matches.ts';
import { IPTABLES_OTHERS } from './iptables-others.ts';
import { IPTABLES_WRITTEN } from './iptables-written.ts';
import { LEGACY } from './legacy.ts';
import { NFT_DENIES } from './nft-denies.ts';
import { NFT_MATCHES } from './nft-matches.ts';
import { NFT_MOODS } from './nft-moods.ts';
import { NFT_OPEN } from './nft-open.ts';
import { NFT_REFUSES } from './nft-refuses.ts';
import { NFT_WRITTEN } from './nft-written.ts';
import { UFW } from './ufw.ts';

/** The table: every kind of firewall, in every shape that is known of servers. */
export const TABLE: readonly Entry[] = [
  ...NFT_DENIES,
  ...NFT_WRITTEN,
  ...NFT_MATCHES,
  ...NFT_MOODS,
  ...NFT_OPEN,
  ...NFT_REFUSES,
  ...IPTABLES_DENIES,
  ...IPTABLES_OTHERS,
  ...IPTABLES_WRITTEN,
  ...IPTABLES_MATCHES,
  ...LEGACY,
  ...FIREWALLD,
  ...UFW,
  ...CSF,
];
