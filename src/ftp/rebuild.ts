import type { FtpChange, FtpServer } from './server.ts';

const SETUP = '/usr/local/cpanel/scripts/setupftpserver';
const SYSTEMCTL = '/usr/bin/systemctl';
const RESTART = '/usr/local/cpanel/scripts/restartsrv_ftpd';

/** Files that cPanel's command makes and removes beside the settings (reported), so that undo puts them back too. */
export const FLAGS: readonly string[] = [
  '/var/cpanel/ftpd_service_auth_check_disabled',
  '/etc/ftpddisable',
  '/etc/ftpserverdisable',
  '/etc/pure-ftpddisable',
  '/etc/proftpddisable',
];

/** cPanel's own way from stores to a running server. @param written the server's files that it may rewrite */
export function rebuild(
  server: FtpServer['name'],
  written: readonly string[],
): Pick<FtpChange, 'render' | 'restart' | 'enable'> {
  return {
    render: { command: [SETUP, server, '--force'], touches: [...written, ...FLAGS] },
    restart: [RESTART],
    enable: [SYSTEMCTL, 'enable', `${server}.service`],
  };
}
