/** Files that cPanel's command makes and removes beside the settings (reported), so that undo puts them back too. */
export const FLAGS: readonly string[] = [
  '/var/cpanel/ftpd_service_auth_check_disabled',
  '/etc/ftpddisable',
  '/etc/ftpserverdisable',
  '/etc/pure-ftpddisable',
  '/etc/proftpddisable',
];
