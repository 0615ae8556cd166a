import { ADDRESSES } from './address.ts';
import { CSF } from './csf.ts';
import type { Fault } from './fault.ts';
import { FIREWALL } from './firewall.ts';
import { PROFTPD } from './proftpd.ts';
import { SERVER } from './server.ts';

/** The rows of docs/diagnosis.md that are produced by real daemons, by the FTP server that they are produced on. */
export const ROWS: Readonly<Record<'pure-ftpd' | 'proftpd', readonly Fault[]>> = {
  'pure-ftpd': [...FIREWALL, ...ADDRESSES, ...SERVER, ...CSF],
  proftpd: PROFTPD,
};
