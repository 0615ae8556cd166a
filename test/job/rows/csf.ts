import { writeFiles } from '../../sandbox/files.ts';
import { csfFiles } from '../../sandbox/firewalls/csf/csf.ts';
import { lftp } from './client.ts';
import type { Fault } from './fault.ts';

/** The row of CSF, which takes the place of the firewall that was there. */
export const CSF: readonly Fault[] = [
  {
    row: 4,
    what: 'CSF’s button opened its ports, and a rebuild took the former ones',
    before: async ({ server, client, onServer, edit }) => {
      await writeFiles(server, csfFiles());
      await onServer(`nft flush ruleset; systemctl -q disable nftables; systemctl -q enable csf lfd
        sed -i -E 's/^(TCP6?_IN = "[^"]*)"/\\1,30000:35000"/' /etc/csf/csf.conf; csf -r >/dev/null`);
      await edit('s/^PassivePortRange.*/PassivePortRange 30000 35000/');
      return lftp(client);
    },
    make: ({ onServer }) =>
      onServer('/usr/local/cpanel/bin/build_ftp_conf; /usr/local/cpanel/scripts/restartsrv_ftpd >/dev/null'),
    log: ({ client }) => lftp(client),
    cause: 'csf-drift',
    fact: /firewall here \(csf\) drops 49152-65534/,
    status: ['range-blocked-ipv4'],
  },
];
